"""Where messages of TLS, HTTP/1 and DNS over TCP begin and end in the bytes of one direction.

TLS: RFC 8446 section 5.1 and RFC 5246 section 6.2.1. HTTP/1: RFC 9112 sections 2 to 6. DNS over TCP: RFC 7766
section 8. A protocol is only supposed here; it is named after its parser has read the message.
"""

from typing import Final

from sensors.capture.compiled import Octets, be16, be32, compiled, inlined, octet
from sensors.capture.protocols.model import SIGN_OCTETS
from sensors.capture.recognising import NEITHER, PARTIAL, WHOLE
from sensors.capture.table import MODE_CLOSED, MODE_DNS, MODE_HTTP, MODE_TLS, SLOT_BYTES

LEAST: Final = SIGN_OCTETS
"""How many octets of a stream it takes to suppose a protocol."""

_KNOWN: Final = (
    0x47455420,  # "GET "
    0x504F5354,  # "POST"
    0x48454144,  # "HEAD"
    0x50555420,  # "PUT "
    0x44454C45,  # "DELE"
    0x4F505449,  # "OPTI"
    0x434F4E4E,  # "CONN"
    0x50415443,  # "PATC"
    0x50524F50,  # "PROP"
)
_HTTP: Final = 0x48545450
_LONGEST_RECORD: Final = 16_384 + 2_048


@compiled
def _request(data: Octets, at: int, end: int) -> bool:
    """Whether a request line may begin here: a method, a blank, and HTTP/1 at the line's end if the end is there."""
    stop = min(end, at + 24)
    q = at
    while q < stop and (65 <= data[q] <= 90 or data[q] == 45 or data[q] == 95):
        q += 1
    if q - at < 3 or q >= stop or data[q] != 32:
        return False
    stop = min(end, at + SLOT_BYTES)
    q += 1
    while q < stop and data[q] != 10:
        q += 1
    if q >= stop:
        return be32(data, at) in _KNOWN
    if data[q - 1] == 13:
        q -= 1
    return q - at >= 12 and be32(data, q - 8) == _HTTP and data[q - 4] == 47 and data[q - 3] == 49


@compiled
def classify(data: Octets, at: int, end: int, port_a: int, port_b: int) -> int:
    """The mode of a direction whose message begins here; at least `LEAST` octets are there."""
    if data[at] == 22 and data[at + 1] == 3 and data[at + 2] <= 4:
        length = be16(data, at + 3)
        if 4 <= length <= _LONGEST_RECORD and (data[at + 5] == 1 or data[at + 5] == 2) and data[at + 6] == 0:
            return MODE_TLS
        # A server may warn about the name before its hello (RFC 6066 section 3).
    elif data[at] == 21 and data[at + 1] == 3 and data[at + 2] <= 4 and be16(data, at + 3) == 2 and data[at + 5] == 1:
        return MODE_TLS
    if 65 <= data[at] <= 90:
        if be32(data, at) == _HTTP and data[at + 4] == 47 and data[at + 5] == 49 and data[at + 6] == 46:
            return MODE_HTTP
        if _request(data, at, end):
            return MODE_HTTP
    if port_a == 53 or port_b == 53:
        opcode = (octet(data, at + 4) >> 3) & 15
        if be16(data, at) >= 12 and opcode in (0, 4, 5) and be16(data, at + 6) <= 1:
            return MODE_DNS
    return MODE_CLOSED


@compiled
def certificate(data: Octets, at: int, end: int) -> bool:
    """Whether a server's certificates begin here in a record of their own (RFC 5246 section 7.4.2).

    They are told by their nesting: the lengths of message, list and first certificate contain each other, and that one
    begins with a sequence as X.690 says.
    """
    if end - at < 19 or data[at] != 22 or data[at + 1] != 3 or data[at + 2] > 3 or data[at + 5] != 11 or data[at + 6]:
        return False
    message, listed = be16(data, at + 7), octet(data, at + 9) << 16 | be16(data, at + 10)
    first = octet(data, at + 12) << 16 | be16(data, at + 13)
    inside = data[at + 15] == 0x30 and data[at + 16] == 0x82
    return bool(inside and listed == message - 3 and first <= listed - 3 and be16(data, at + 17) == first - 4)


@inlined
def blank(data: Octets, at: int, end: int) -> int:
    """Behind how many line ends a message of HTTP begins (RFC 9112 section 2.2: some clients send one more)."""
    place = at
    while place < end and (data[place] == 13 or data[place] == 10):
        place += 1
    return place - at


@compiled
def _header_is(data: Octets, at: int, end: int, first: int, length: int) -> bool:
    """Whether a header name of this length stands here, told by its length, colon, first letter and hyphen."""
    return at + length < end and data[at + length] == 58 and (octet(data, at) | 32) == first


@compiled
def _body(data: Octets, at: int, end: int) -> int:
    """How many octets follow this HTTP head, by its headers; -1 where only the body itself tells."""
    answer = be32(data, at) == _HTTP
    if answer and at + 12 <= end:
        code = (octet(data, at + 9) - 48) * 100 + (octet(data, at + 10) - 48) * 10 + octet(data, at + 11) - 48
        if 100 <= code < 200 or code in (204, 304):
            return 0
    length = -1
    q = at
    while q < end:
        while q < end and data[q] != 10:
            q += 1
        q += 1
        # Content-Length (14 letters) and Transfer-Encoding (17) are told apart from others by a letter more.
        if _header_is(data, q, end, 99, 14) and data[q + 7] == 45 and (octet(data, q + 8) | 32) == 108:
            p = q + 15
            while p < end and (data[p] == 32 or data[p] == 9):
                p += 1
            length = 0
            while p < end and 48 <= data[p] <= 57 and length < 1 << 40:
                length = length * 10 + octet(data, p) - 48
                p += 1
        elif _header_is(data, q, end, 116, 17) and data[q + 8] == 45 and (octet(data, q + 9) | 32) == 101:
            return -1
    if length >= 0:
        return length
    return -1 if answer else 0


@compiled
def frame(data: Octets, at: int, end: int, mode: int, seen: int) -> tuple[int, int, int, int]:
    """Look for the end of the message that begins at `at`.

    Args:
        data: the direction's bytes.
        at: where the message begins.
        end: where the bytes end.
        mode: MODE_TLS, MODE_HTTP or MODE_DNS.
        seen: how far behind `at` an earlier call came.

    Returns:
        PARTIAL, WHOLE or NEITHER; the message's length; how far behind `at` the next one begins (-1: not known); how
        far the search came.
    """
    if mode == MODE_DNS:
        if at + 2 > end:
            return PARTIAL, 0, 0, 0
        length = be16(data, at) + 2
        if length < 14:
            return NEITHER, 0, 0, 0
        return (WHOLE if at + length <= end else PARTIAL), length, length, 0
    if mode == MODE_TLS:
        q = at + seen
        while q + 5 <= end:
            kind = octet(data, q)
            length = be16(data, q + 3)
            if kind < 20 or kind > 23 or data[q + 1] != 3 or length > _LONGEST_RECORD:
                return (WHOLE if q > at else NEITHER), q - at, -1, 0
            if kind == 21 and q == at and length == 2 and q + 7 <= end and data[q + 5] == 1:
                q += 7
                continue
            if kind != 22:
                # What follows is encrypted, or an alert ends it: the hello's side of the story is told.
                return WHOLE, min(q + 5 + (length if kind == 21 else 0), end) - at, -1, 0
            if q + 5 + length > end:
                break
            q += 5 + length
        return PARTIAL, 0, 0, q - at
    stop = min(end, at + SLOT_BYTES)
    q = at + seen
    while q < stop:
        if data[q] == 10 and q > at:
            p = q + 1
            if p < stop and data[p] == 13:
                p += 1
            if p < stop and data[p] == 10:
                p += 1
                body = _body(data, at, p)
                return WHOLE, p - at, (p - at + body if 0 <= body < 1 << 30 else -1), 0
        q += 1
    return PARTIAL, 0, 0, max(stop - at - 2, 0)

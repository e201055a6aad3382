"""The octets of each message, freed of what is new every time, so that what is equal is read once.

Programs send the same hello again and again but for its random, its session and its key shares, and the same query but
for its id. Without these a hello is still a hello (RFC 8446 section 4.1), with the same fields and fingerprints. What
is left out of HTTP stands in sensors.capture.heads; of other protocols, in the registry of sensors.capture.protocols.
"""

from typing import Final

from sensors.capture.compiled import Octets, Words, be16, compiled, copy, octet
from sensors.capture.heads import head
from sensors.capture.known import N_OCTETS, Known, enter
from sensors.capture.protocols.tables import RULES, W_LITTLE, W_NUMBER_AT, W_NUMBER_SIZE
from sensors.capture.table import (
    BROKEN,
    KIND_DATAGRAM,
    M_AT,
    M_CUT,
    M_FROM,
    M_KEY,
    M_KIND,
    M_LENGTH,
    M_ORIGIN,
    M_SLOT,
    MODE_DNS,
    MODE_GENERAL,
    MODE_TLS,
)

# A message's row of numbers beside its octets.
O_TEXT: Final = 0        # its octets, a place in the texts that are known; the first octet says what it is (IS_)
O_NUMBER: Final = 1      # the transaction's number, of DNS and of framings that have one
O_SESSION: Final = 2     # TLS: length of the session id; -1: the hello was left as it is
O_WORDS: Final = 3       # five numbers, seven octets of the session id in each
O_COLUMNS: Final = 8

IS_DNS: Final = 0
IS_HTTP: Final = 1
IS_TLS: Final = 2
IS_BROKEN: Final = 4     # of TLS, and octets behind its beginning are missing
IS_GENERAL: Final = 3    # the framing, how it was said (SAID_), both ports and the octets follow

SAID_ANSWERING: Final = 1
SAID_CUT: Final = 2
HEAD_BYTES: Final = 6
"""Of a general message, before its octets."""
CLIENT_PORTS: Final = 32_768
"""From here on ports are what a client happened to get: Linux begins here, IANA at 49,152 (RFC 6335 section 6)."""

ROOM: Final = 16
"""How many octets a message may grow by."""
SESSION_BYTES: Final = 32
_RETRY: Final = 0xCF21
_GREASE: Final = 0x0A0A


@compiled
def _put16(out: Octets, at: int, value: int) -> int:
    out[at] = (value >> 8) & 255
    out[at + 1] = value & 255
    return at + 2


@compiled
def _meant(value: int) -> int:
    """The number, or one for all those that only test tolerance (RFC 8701)."""
    return _GREASE if value & 0x0F0F == _GREASE and value >> 8 == value & 255 else value


@compiled
def _numbers(source: Octets, at: int, end: int, out: Octets, to: int) -> int:
    """Copy numbers of two octets, GREASE made equal."""
    while at + 2 <= end:
        to = _put16(out, to, _meant(be16(source, at)))
        at += 2
    return copy(source, at, end, out, to)


@compiled
def _flight(data: Octets, at: int, end: int, flight: Octets) -> tuple[int, int]:
    """Join the handshake octets of the leading records; how many there are, and 1 where encrypted records follow."""
    begin, size = at, 0
    while at + 5 <= end:
        kind, length = data[at], be16(data, at + 3)
        if kind == 21 and at == begin and at + 5 < end and data[at + 5] == 1:
            at += 5 + length
            continue
        if kind != 22:
            return size, (1 if kind == 20 or kind == 23 else 0)
        size = copy(data, at + 5, min(at + 5 + length, end), flight, size)
        at += 5 + length
    return size, 0


@compiled
def _extensions(flight: Octets, at: int, end: int, client: bool, out: Octets, to: int) -> int:
    """Copy the list of extensions that begins at `at`, with the contents of those that are read."""
    if at + 2 > end:
        return to
    end = min(at + 2 + be16(flight, at), end)
    head = to
    at, to = at + 2, to + 2
    while at + 4 <= end:
        kind, length = be16(flight, at), be16(flight, at + 2)
        to = _put16(out, to, _meant(kind) if client else kind)
        place = to
        to += 2
        first, last = at + 4, min(at + 4 + length, end)
        if kind == 16 or (client and (kind == 0 or kind == 11)) or (kind == 43 and not client):
            to = copy(flight, first, last, out, to)
        elif client and (kind == 10 or kind == 13 or kind == 43):
            lists = min(first + (1 if kind == 43 else 2), last)
            to = _numbers(flight, lists, last, out, copy(flight, first, lists, out, to))
        _put16(out, place, to - place - 2)
        at += 4 + length
    _put16(out, head, to - head - 2)
    return to


@compiled
def _hello(flight: Octets, size: int, sealed: int, out: Octets, to: int, row: Words) -> int:
    """Write the hello in `flight` as a record of its own, without what is new each time; -1 where it is none."""
    if size < 42 or (flight[0] != 1 and flight[0] != 2) or flight[4] != 3:
        return -1
    client = flight[0] == 1
    end = 4 + ((octet(flight, 1) << 16) | be16(flight, 2))
    session = octet(flight, 38)
    at = 39 + session
    # The random of a retry says so by itself and is left to the parser, as are session ids that are too long.
    if end > size or end < 42 or at + 3 > end or session > SESSION_BYTES or be16(flight, 6) == _RETRY:
        return -1
    row[O_SESSION] = session
    for word in range(5):
        value = 0
        for place in range(7 * word, min(7 * word + 7, session)):
            value = (value << 8) | octet(flight, 39 + place)
        row[O_WORDS + word] = value
    begin = to
    out[to], out[to + 1], out[to + 2] = 22, 3, 1
    to += 5
    out[to] = flight[0]
    message = to
    to = copy(flight, 4, 6, out, to + 4)
    for _ in range(33):
        out[to] = 0
        to += 1
    if client:
        length = be16(flight, at)
        if at + 2 + length >= end:
            return -1
        to = _numbers(flight, at + 2, at + 2 + length, out, _put16(out, to, length))
        at += 2 + length
        methods = at + 1 + octet(flight, at)
        if methods > end:
            return -1
        to = copy(flight, at, methods, out, to)
        at = methods
    else:
        to = copy(flight, at, at + 3, out, to)
        at += 3
    to = _extensions(flight, at, end, client, out, to)
    out[message + 1] = 0
    _put16(out, message + 2, to - message - 4)
    at = end
    while not client and at + 4 <= size:
        end = at + 4 + ((octet(flight, at + 1) << 16) | be16(flight, at + 2))
        if end > size:
            break
        if flight[at] == 11:
            to = copy(flight, at, end, out, to)
            break
        at = end
    if to - begin - 5 > 0xFFFF:
        return -1
    _put16(out, begin + 3, to - begin - 5)
    if sealed:
        out[to], out[to + 1], out[to + 2], out[to + 3], out[to + 4] = 20, 3, 3, 0, 0
        to += 5
    return to


@compiled
def _general(source: Octets, at: int, end: int, message: Words, row: Words, out: Octets, to: int) -> int:
    """Write how a message of a general kind was said and its octets, without the number of its transaction."""
    kind = message[M_KIND] - MODE_GENERAL
    low, high = (message[M_KEY + 4] >> 32) & 0xFFFF, (message[M_KEY + 4] >> 16) & 0xFFFF
    # The key's lower address is the originator's where M_ORIGIN is 0.
    if message[M_FROM] != message[M_ORIGIN]:
        low, high = high, low
    out[to] = kind
    out[to + 1] = (SAID_ANSWERING if message[M_FROM] else 0) | (SAID_CUT if message[M_CUT] else 0)
    to = _put16(out, to + 2, low if low < CLIENT_PORTS else 0)
    to = _put16(out, to, high if high < CLIENT_PORTS else 0)
    size, first = RULES[kind, W_NUMBER_SIZE], to + RULES[kind, W_NUMBER_AT]
    to = copy(source, at, end, out, to)
    if size > 0 and first + size <= to:
        number = 0
        for place in range(size):
            part = octet(out, first + place)
            number = number | part << 8 * place if RULES[kind, W_LITTLE] else number << 8 | part
            out[first + place] = 0
        row[O_NUMBER] = number
    return to


@compiled
def gather(messages: Words, data: Octets, arena: Octets, flight: Octets, known: Known, rows: Words) -> None:
    """Find each message among the texts that are known, or know it from now on.

    Args:
        messages: rows of the flow table (M_).
        data: the capture's octets.
        arena: the octets that were put together.
        flight: room for one message and `ROOM` more.
        known: with room for all messages and `ROOM` octets more for each.
        rows: one for each message (O_), filled here.
    """
    out = known.octets
    for place in range(messages.shape[0]):
        message, row = messages[place], rows[place]
        source = data if message[M_SLOT] < 0 else arena
        at, end = message[M_AT], message[M_AT] + message[M_LENGTH]
        kind = message[M_KIND]
        to = known.numbers[N_OCTETS] + 1
        row[O_NUMBER] = 0
        row[O_SESSION] = -1
        if kind == KIND_DATAGRAM or kind == MODE_DNS:
            out[to - 1] = IS_DNS
            at = min(at + 2, end) if kind == MODE_DNS else at
            if at + 2 <= end:
                row[O_NUMBER] = be16(source, at)
            to = copy(source, min(at + 2, end), end, out, to)
        elif kind == MODE_TLS:
            out[to - 1] = IS_BROKEN if message[M_CUT] == BROKEN else IS_TLS
            size, sealed = _flight(source, at, end, flight)
            done = _hello(flight, size, sealed, out, to, row)
            if done < 0:
                row[O_SESSION] = -1
                done = copy(source, at, end, out, to)
            to = done
        elif kind >= MODE_GENERAL:
            out[to - 1] = IS_GENERAL
            to = _general(source, at, end, message, row, out, to)
        else:
            out[to - 1] = IS_HTTP
            to = head(source, at, end, out, to)
        row[O_TEXT] = enter(known, to, place)

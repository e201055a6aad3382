"""Where a command or a reply of text begins and ends, and where a mail's header ends, in protocols like SMTP and FTP.

RFC 5321 sections 2.3.8 and 4.2.1, RFC 959 section 4.2: a reply of several lines has a hyphen behind its code in all but
the last, which has a blank there. What follows a mail's header is passed over until a command stands at the beginning
of a segment; behind BDAT it is passed over by the chunk's size (RFC 3030 section 2), whose beginning belongs to the
command as far as it is a header.
"""

from typing import Final

from sensors.capture.compiled import Octets, compiled, octet
from sensors.capture.table import SLOT_BYTES

LONGEST: Final = 1_024
"""The longest line that is believed: RFC 5321 section 4.5.3.1 allows 512 octets, servers more."""
_COMMANDS: Final = tuple(
    int.from_bytes(name, "big")
    for name in (
        b"EHLO", b"HELO", b"MAIL", b"RCPT", b"DATA", b"QUIT", b"RSET", b"USER", b"PASS", b"AUTH", b"RETR", b"STOR",
    )
)
_CHUNK: Final = int.from_bytes(b"BDAT", "big")
_LAST: Final = int.from_bytes(b"LAST", "big")
_MOST_DIGITS: Final = 9
"""Of a chunk's size; more than a gigabyte is not believed."""
_NAME_WITHIN: Final = 64
_PARTIAL: Final = 0
_WHOLE: Final = 1
_NEITHER: Final = -1


@compiled
def _digits(data: Octets, at: int) -> bool:
    """Whether three digits stand here, the first of them from 1 to 6."""
    return bool(49 <= data[at] <= 54 and 48 <= data[at + 1] <= 57 and 48 <= data[at + 2] <= 57)


@compiled
def _name(data: Octets, at: int, end: int) -> bool:
    """Whether a mail header's name with its colon stands here (RFC 5322 section 2.2)."""
    place = at
    stop = min(end, at + _NAME_WITHIN)
    while place < stop and (65 <= octet(data, place) & 0xDF <= 90 or data[place] == 45 or 48 <= data[place] <= 57):
        place += 1
    return bool(place < stop and place > at + 1 and data[place] == 58)


@compiled
def command(data: Octets, at: int, end: int) -> bool:
    """Whether a command, a reply or a mail's header may begin here: four octets or more are there."""
    if end - at < 4:
        return False
    if 48 <= data[at] <= 57:
        return bool(_digits(data, at) and (data[at + 3] == 32 or data[at + 3] == 45 or data[at + 3] == 13))
    letters = 0
    capitals = True
    while letters < 8 and at + letters < end and 65 <= octet(data, at + letters) & 0xDF <= 90:
        capitals = capitals and octet(data, at + letters) <= 90
        letters += 1
    if 3 <= letters <= 8 and at + letters < end:
        behind = octet(data, at + letters)
        if capitals and (behind == 32 or behind == 13 or behind == 10):
            return True
        if letters == 4 and (behind == 32 or behind == 13) and octet(data, at + 1) >= 97:
            # Some clients write commands in small letters; prose does too, so the line has to end within it.
            return _known(data, at)
    return _name(data, at, end)


@compiled
def _known(data: Octets, at: int) -> bool:
    """Whether the four letters here are one of the commands that begin a dialogue, in any case."""
    return _word(data, at) in _COMMANDS


@compiled
def _word(data: Octets, at: int) -> int:
    """The four letters here, as capitals."""
    word = 0
    for place in range(at, at + 4):
        word = word << 8 | (octet(data, place) & 0xDF)
    return word


@compiled
def _chunk(data: Octets, at: int, stop: int, line: int, seen: int) -> tuple[int, int, int, int]:
    """Go on from the line of BDAT, which is `line` octets long, to the end of a header at its chunk's beginning."""
    size, digits, place = 0, 0, at + 5
    while place < at + line and 48 <= data[place] <= 57:
        size = size * 10 + octet(data, place) - 48
        digits += 1
        place += 1
    if place + 6 <= at + line and data[place] == 32 and _word(data, place + 1) == _LAST:
        place += 5
    if digits == 0 or digits > _MOST_DIGITS or (data[place] != 13 and data[place] != 10):
        # A server refuses it, and reads commands from the next line on.
        return _WHOLE, line, line, 0
    first, last = at + line, at + line + size
    limit = min(stop, last)
    if limit < last and limit - first < _NAME_WITHIN:
        return _PARTIAL, 0, 0, 0
    if not _name(data, first, limit):
        return _WHOLE, line, line + size, 0
    for place in range(max(first, at + seen), limit - 1):
        if data[place] == 10:
            if data[place + 1] == 10:
                return _WHOLE, place + 2 - at, line + size, 0
            if data[place + 1] == 13 and place + 2 < limit and data[place + 2] == 10:
                return _WHOLE, place + 3 - at, line + size, 0
    if limit == last or stop - at == SLOT_BYTES:
        return _WHOLE, limit - at, line + size, 0
    return _PARTIAL, 0, 0, max(limit - at - 4, 0)


@compiled
def line_end(data: Octets, at: int, end: int, seen: int) -> tuple[int, int, int, int]:
    """Look for the end of the message that begins at `at`, as `sensors.capture.framing.frame` does."""
    stop = min(end, at + SLOT_BYTES)
    if stop - at < 4:
        return _PARTIAL, 0, 0, 0
    # A reply of several lines may look like a header: "211-Features:".
    reply = _digits(data, at) and (data[at + 3] == 32 or data[at + 3] == 45)
    header = not reply and _name(data, at, end)
    several = reply and data[at + 3] == 45
    chunk = _word(data, at) == _CHUNK
    last = at
    place = at if chunk else at + seen
    while place < stop:
        if data[place] != 10:
            place += 1
            continue
        following = place + 1
        if header:
            if following + 1 < stop and data[following] == 13 and data[following + 1] == 10:
                return _WHOLE, following + 2 - at, -1, 0
            if following < stop and data[following] == 10:
                return _WHOLE, following + 1 - at, -1, 0
        elif several:
            if following + 4 > stop:
                return _PARTIAL, 0, 0, place - at
            if data[following + 3] == 32 and data[following] == data[at] and data[following + 1] == data[at + 1] and (
                data[following + 2] == data[at + 2]
            ):
                several = False
                last = place
        elif chunk:
            return _chunk(data, at, stop, following - at, seen)
        else:
            return _WHOLE, following - at, following - at, 0
        place += 1
    if not header and not several and stop - at > LONGEST + seen:
        return _NEITHER, 0, 0, 0
    if several:
        return _PARTIAL, 0, 0, 0
    # The last octets are looked at again, since what they begin may go on; so is what showed a reply's last line.
    return _PARTIAL, 0, 0, max(stop - at - 4, 0) if last == at else last - at

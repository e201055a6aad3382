"""The headers of most BSD syslog lines, found by compiled code: `<34>Oct 11 22:14:15 host program[123]: message`.

Only lines of exactly this form are looked at, with or without the priority and the number; whatever has anything else
in its header is left to the expression of sensors.parsers.syslog_rfc3164, which says the same of these.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, Words, compiled, inlined, octet

HOST, HOST_END, TAG, TAG_END, TIME, TIME_END, PRIORITY, NUMBER, MESSAGE = range(9)
"""What is said of a line. Of the three texts the number among the distinct ones, and where it ends; the priority, the
number in brackets behind the tag, and where in the line the message begins.
"""
COLUMNS: Final = 9
KINDS: Final = 3
LEFT: Final = -1
"""The message of a line that has another form begins here."""
NONE: Final = -1
"""There is no priority, or no number."""

_TIME_OCTETS: Final = 15
_HIGHEST_PRIORITY: Final = 191
_MOST_HOST: Final = 256
_MOST_TAG: Final = 128
_MOST_DIGITS: Final = 18
_BLANK: Final = 0x20
_DELETE: Final = 0x7F
_PERCENT: Final = 0x25
_PRIME: Final = 0x100000001B3


@inlined
def _digit(character: int) -> bool:
    return 0x30 <= character <= 0x39


@inlined
def _small(character: int) -> bool:
    return 0x61 <= character <= 0x7A


@inlined
def _is_time(data: Octets, at: int) -> bool:
    """Whether `Oct 11 22:14:15` or `Oct  1 22:14:15` stands there."""
    first = octet(data, at)
    if not (0x41 <= first <= 0x5A and _small(octet(data, at + 1)) and _small(octet(data, at + 2))):
        return False
    tens = octet(data, at + 4)
    if octet(data, at + 3) != _BLANK or not (tens == _BLANK or _digit(tens)) or octet(data, at + 6) != _BLANK:
        return False
    if octet(data, at + 9) != 0x3A or octet(data, at + 12) != 0x3A:
        return False
    digits = 0
    for place in (5, 7, 8, 10, 11, 13, 14):
        digits += _digit(octet(data, at + place))
    return digits == 7


@inlined
def _is_year(data: Octets, at: int, end: int) -> bool:
    """Whether what stands where a host does is the year, as some devices write it."""
    if end - at != 4:
        return False
    century = 10 * (octet(data, at) - 0x30) + octet(data, at + 1) - 0x30
    return (century == 19 or century == 20) and _digit(octet(data, at + 2)) and _digit(octet(data, at + 3))


@compiled
def _head(data: Octets, at: int, end: int, found: Words) -> bool:
    """Find one line's head: where its texts and its message stand in the data; whether it has the form."""
    found[PRIORITY] = found[NUMBER] = NONE
    if at < end and octet(data, at) == 0x3C:
        begin = at + 1
        at = begin
        value = 0
        while at < end and at < begin + 3 and _digit(octet(data, at)):
            value = 10 * value + octet(data, at) - 0x30
            at += 1
        if at == begin or at >= end or octet(data, at) != 0x3E or value > _HIGHEST_PRIORITY:
            return False
        found[PRIORITY] = value
        at += 1
    if end - at < _TIME_OCTETS + 2 or not _is_time(data, at) or octet(data, at + _TIME_OCTETS) != _BLANK:
        return False
    found[TIME], found[TIME_END] = at, at + _TIME_OCTETS
    at += _TIME_OCTETS + 1
    found[HOST] = at
    first = octet(data, at)
    # A bracket, a device's own header, or the zone of the time.
    if first == 0x5B or first == _PERCENT or first == 0x2B or first == 0x2D or first == 0x5A:
        return False
    while at < end and _BLANK < octet(data, at) < _DELETE:
        at += 1
    if at == found[HOST] or at - found[HOST] > _MOST_HOST or at >= end or octet(data, at) != _BLANK:
        return False
    if octet(data, at - 1) == 0x3A or _is_year(data, found[HOST], at):
        return False
    found[HOST_END] = at
    at += 1
    found[TAG] = at
    while at < end and _BLANK < octet(data, at) < _DELETE and octet(data, at) != 0x3A and octet(data, at) != 0x5B:
        at += 1
    if at == found[TAG] or at - found[TAG] > _MOST_TAG or at >= end or octet(data, found[TAG]) == _PERCENT:
        return False
    found[TAG_END] = at
    if octet(data, at) == 0x5B:
        begin = at + 1
        at = begin
        number = 0
        while at < end and at - begin < _MOST_DIGITS and _digit(octet(data, at)):
            number = 10 * number + octet(data, at) - 0x30
            at += 1
        if at == begin or at >= end or octet(data, at) != 0x5D:
            return False
        found[NUMBER] = number
        at += 1
    if at >= end or octet(data, at) != 0x3A or (at + 1 < end and octet(data, at + 1) == 0x3A):
        return False
    at += 1
    if at < end and octet(data, at) == _BLANK:
        at += 1
    found[MESSAGE] = at
    return True


@inlined
def _mixed(data: Octets, at: int, end: int, digest: np.uint64) -> np.uint64:
    for place in range(at, end):
        digest = (digest ^ np.uint64(octet(data, place))) * np.uint64(_PRIME)
    return digest ^ (digest >> np.uint64(29))


@inlined
def _same(data: Octets, at: int, other: int, size: int) -> bool:
    place = 0
    while place < size and octet(data, at + place) == octet(data, other + place):
        place += 1
    return place == size


@compiled
def _number(data: Octets, at: int, end: int, texts: Words, table: Words, known: int, secret: np.uint64) -> int:
    """The number of a text, new or seen before."""
    slot: int = np.int64(_mixed(data, at, end, secret) % np.uint64(len(table)))  # type: ignore[assignment]
    while table[slot] >= 0:
        begin = texts[table[slot], 0]
        if texts[table[slot], 1] - begin == end - at and _same(data, begin, at, end - at):
            return np.int64(table[slot])  # type: ignore[return-value]
        slot = slot + 1 if slot + 1 < len(table) else 0
    texts[known, 0], texts[known, 1] = at, end
    table[slot] = known
    return known


@compiled
def find_heads(
    data: Octets, starts: Words, lines: Words, texts: Words, tables: Words, counts: Words, secret: np.uint64
) -> None:
    """Find the heads of lines.

    Args:
        data: the lines.
        starts: where each begins, and where one behind the last would.
        lines: takes the `COLUMNS` of each line.
        texts: takes of hosts, of tags and of times where each distinct one begins and ends; each as long as there are
            lines.
        tables: room to find each of the three, filled with -1; longer than there are lines.
        counts: takes how many of each there are; filled with 0.
        secret: what digests begin with, so that nobody can make texts that are hard to tell apart.
    """
    for line in range(len(lines)):
        said = lines[line]
        if not _head(data, starts[line], starts[line + 1] - 1, said):
            said[MESSAGE] = LEFT
            continue
        said[MESSAGE] -= starts[line]
        for kind in range(KINDS):
            begin, end = said[2 * kind], said[2 * kind + 1]
            number = _number(data, begin, end, texts[kind], tables[kind], counts[kind], secret)
            counts[kind] = max(counts[kind], number + 1)
            said[2 * kind] = number

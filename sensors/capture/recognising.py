"""Whether a message of a framing may begin at a place, and where it ends.

The compiled side of sensors.capture.protocols: it knows the registry's tables and no protocol.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, Words, be32, compiled, octet
from sensors.capture.lines import command, line_end
from sensors.capture.protocols.tables import (
    BEGIN_WORDS,
    HEADS,
    LINES,
    OPENING,
    RULES,
    VARINT,
    W_ADD,
    W_AT,
    W_BEGINS,
    W_BLOCK,
    W_KEEP,
    W_LAST,
    W_LEAST,
    W_LITTLE,
    W_MOST,
    W_SHAPE,
    W_SIZE,
)
from sensors.capture.table import MODE_GENERAL, SLOT_BYTES

PARTIAL: Final = 0
WHOLE: Final = 1
NEITHER: Final = -1

_LONGEST_PACKET: Final = 35_000
"""RFC 4253 section 6.1."""


@compiled
def word(data: Octets, at: int, size: int) -> np.uint64:
    """Up to eight octets as a number; the caller has checked that they are there."""
    number = np.uint64(0)
    for place in range(at, at + size):
        number = (number << np.uint64(8)) | np.uint64(octet(data, place))
    return number


@compiled
def enough(mode: int, size: int) -> bool:
    """Whether so many octets are enough to look at a message of a general mode."""
    return bool(size >= RULES[mode - MODE_GENERAL, W_LEAST])


@compiled
def begins(data: Octets, at: int, end: int, mode: int) -> bool:
    """Whether a message of a flow known to be of a general mode may begin here; `enough` octets are there."""
    framing = mode - MODE_GENERAL
    if RULES[framing, W_SHAPE] == LINES:
        return command(data, at, end)
    if RULES[framing, W_SHAPE] == VARINT:
        head = HEADS[256 * framing + octet(data, at)]
        status, number, _ = _varint(data, at + RULES[framing, W_AT], end)
        return bool(head[1] >= 0 and (status == PARTIAL or (status == WHOLE and head[0] <= number <= head[1])))
    size = RULES[framing, W_BEGINS]
    return bool(word(data, at, size) & BEGIN_WORDS[framing, 0] == BEGIN_WORDS[framing, 1])


@compiled
def once(mode: int) -> bool:
    """Whether a direction of this mode has one message only."""
    return bool(mode >= MODE_GENERAL and RULES[mode - MODE_GENERAL, W_SHAPE] == OPENING)


@compiled
def lined(mode: int) -> bool:
    """Whether messages of a mode are lines of text."""
    return bool(mode >= MODE_GENERAL and RULES[mode - MODE_GENERAL, W_SHAPE] == LINES)


@compiled
def worth(mode: int) -> bool:
    """Whether a message of a general mode says something without its end."""
    rule = RULES[mode - MODE_GENERAL]
    return bool(rule[W_SHAPE] == OPENING or rule[W_SHAPE] == LINES or rule[W_LAST] > 0)


@compiled
def _varint(data: Octets, at: int, end: int) -> tuple[int, int, int]:
    """A number of seven bits in each octet, the lowest first: PARTIAL, WHOLE or NEITHER, it, and where it ends."""
    number = 0
    for place in range(4):
        if at + place >= end:
            return PARTIAL, 0, end
        number |= (octet(data, at + place) & 127) << 7 * place
        if not data[at + place] & 128:
            return WHOLE, number, at + place + 1
    return NEITHER, 0, at + 4


@compiled
def _said(data: Octets, at: int, rule: Words) -> int:
    """How many octets the number in a frame says that it has, with its checksums; -1: none can have so few."""
    total = 0
    first = at + rule[W_AT]
    for place in range(rule[W_SIZE]):
        part = octet(data, first + place)
        total = total | part << 8 * place if rule[W_LITTLE] else total << 8 | part
    if rule[W_BLOCK]:
        said = total - 5
        if said < 0:
            return -1
        total += 2 * ((said + rule[W_BLOCK] - 1) // rule[W_BLOCK])
    return int(total + rule[W_ADD])


@compiled
def _further(data: Octets, at: int, end: int, mode: int, size: int) -> int:
    """How many octets a message has whose first frame has `size`, with the frames that go on with it; -1: not all came.

    It ends also before a frame that begins a message, or is none, or with which it would be too long.
    """
    rule = RULES[mode - MODE_GENERAL]
    total = size
    while True:
        following = at + total
        if following > end:
            return -1
        if data[following - size + rule[W_LAST]] & 128:
            return total
        if end - following < rule[W_LEAST]:
            return -1
        if not begins(data, following, end, mode):
            return total
        size = _said(data, following, rule)
        if size <= rule[W_LAST] or total + size > rule[W_MOST]:
            return total
        if following + rule[W_LAST] >= end:
            return -1
        if data[following + rule[W_LAST]] & 64:
            return total
        total += size


@compiled
def bounds(data: Octets, at: int, end: int, mode: int, seen: int) -> tuple[int, int, int, int]:
    """Look for the end of a message of a general mode, as `sensors.capture.framing.frame` does for the others."""
    rule = RULES[mode - MODE_GENERAL]
    if rule[W_SHAPE] == LINES:
        return line_end(data, at, end, seen)
    if end - at < rule[W_LEAST]:
        return PARTIAL, 0, 0, 0
    if rule[W_SHAPE] == OPENING:
        return _opening(data, at, end, seen)
    if rule[W_SHAPE] == VARINT:
        status, total, place = _varint(data, at + rule[W_AT], end)
        if status != WHOLE:
            return status, 0, 0, 0
        total += place - at
    else:
        total = _said(data, at, rule)
        if rule[W_LAST] and total > rule[W_LAST]:
            total = _further(data, at, end, mode, total)
            if total < 0:
                return PARTIAL, 0, 0, 0
    if total < rule[W_LEAST] or total > rule[W_MOST]:
        return NEITHER, 0, 0, 0
    kept = min(total, rule[W_KEEP])
    return (WHOLE if at + kept <= end else PARTIAL), kept, total, 0


@compiled
def _opening(data: Octets, at: int, end: int, seen: int) -> tuple[int, int, int, int]:
    """A line and the binary packet behind it (RFC 4253 sections 4.2 and 6)."""
    stop = min(end, at + SLOT_BYTES)
    place = at + seen
    while place < stop and data[place] != 10:
        place += 1
    if place >= stop:
        return PARTIAL, 0, 0, max(place - at - 1, 0)
    if place + 5 > end:
        return PARTIAL, 0, 0, place - at
    length = be32(data, place + 1)
    if length > _LONGEST_PACKET or length < 2:
        # What follows is no packet; the line alone says enough.
        return WHOLE, place + 1 - at, -1, 0
    whole = place + 5 + length - at
    if whole > SLOT_BYTES:
        return WHOLE, place + 1 - at, -1, 0
    return (WHOLE if at + whole <= end else PARTIAL), whole, -1, place - at

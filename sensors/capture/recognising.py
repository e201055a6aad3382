"""Which framing a direction's first bytes or a datagram may have, and where a message of one ends.

The compiled side of sensors.capture.protocols: it knows the registry's tables and no protocol.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, Words, be32, compiled, octet
from sensors.capture.lines import command, line_end
from sensors.capture.protocols.tables import (
    BEGIN_WORDS,
    FIRSTS,
    G_AT,
    G_FRAMING,
    G_LEAST,
    G_PORTS,
    G_PORTS_END,
    G_SIZE,
    LINES,
    OPENING,
    ORDER,
    PORTS,
    RULES,
    SIGN_WORDS,
    SIGNS,
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
from sensors.capture.table import MODE_CLOSED, MODE_GENERAL, SLOT_BYTES

TCP: Final = 0
UDP: Final = 1

PARTIAL: Final = 0
WHOLE: Final = 1
NEITHER: Final = -1

_LONGEST_PACKET: Final = 35_000
"""RFC 4253 section 6.1."""


@compiled
def _word(data: Octets, at: int, size: int) -> np.uint64:
    """Up to eight octets as a number; the caller has checked that they are there."""
    word = np.uint64(0)
    for place in range(at, at + size):
        word = (word << np.uint64(8)) | np.uint64(octet(data, place))
    return word


@compiled
def suppose(data: Octets, at: int, end: int, transport: int, port_a: int, port_b: int) -> int:
    """The mode of a direction or datagram that begins here, of the first sign in order that fits; MODE_CLOSED: none."""
    if at >= end:
        return MODE_CLOSED
    row = 256 * transport + octet(data, at)
    for place in range(FIRSTS[row], FIRSTS[row + 1]):
        number = ORDER[place]
        sign = SIGNS[number]
        if end - at < sign[G_LEAST]:
            continue
        word = _word(data, at + sign[G_AT], sign[G_SIZE])
        if word & SIGN_WORDS[number, 0] != SIGN_WORDS[number, 1]:
            continue
        if sign[G_PORTS] == sign[G_PORTS_END]:
            return int(MODE_GENERAL + sign[G_FRAMING])
        for port in range(sign[G_PORTS], sign[G_PORTS_END]):
            if PORTS[port] == port_a or PORTS[port] == port_b:
                return int(MODE_GENERAL + sign[G_FRAMING])
    return MODE_CLOSED


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
    size = RULES[framing, W_BEGINS]
    return bool(_word(data, at, size) & BEGIN_WORDS[framing, 0] == BEGIN_WORDS[framing, 1])


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
        total = 0
        place = at + rule[W_AT]
        for shift in (0, 7, 14, 21):
            if place >= end:
                return PARTIAL, 0, 0, 0
            total |= (octet(data, place) & 127) << shift
            place += 1
            if not data[place - 1] & 128:
                break
            if shift == 21:
                return NEITHER, 0, 0, 0
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

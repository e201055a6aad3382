"""Scanning pcapng files: several sections in either byte order, several interfaces each with its own link and clock.

The format: draft-ietf-opsawg-pcapng, section 3 (general block), 4.1 section header, 4.2 interface description,
4.3 enhanced packet, 4.4 simple packet, and the obsolete packet block of appendix A.
"""

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Octets, Words, be32, compiled, either16, either32, octet
from sensors.event.times import LATEST, SECOND

_SECTION = 0x0A0D0D0A
_ORDER = 0x1A2B3C4D
_INTERFACE = 1
_OBSOLETE = 2
_SIMPLE = 3
_ENHANCED = 6
_LAST_KNOWN = 10
NEEDED = frozenset({_SECTION, _INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED})
"""Kinds of blocks that cannot be passed over unread."""
_LONGEST = 4 * ix.MOST
"""Blocks that are longer hold no packet that is believed, and are not brought into memory."""

_OPTION_RESOLUTION = 9
_OPTION_OFFSET = 14

INTERFACES = 4_096
"""How many interfaces of one section are known; packets of later ones are malformed."""

# Columns of the interface table.
I_LINK = 0
I_UNITS = 1     # units of a time stamp in one second
I_OFFSET = 2    # seconds to add
I_SNAP = 3      # the most octets of a packet; 0: all
I_COLUMNS = 4


def recognises(head: bytes) -> bool:
    """Whether a file that begins so is pcapng."""
    order = head[8:12]
    return head[:4] == b"\x0a\x0d\x0d\x0a" and order in {b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"}


def begin() -> tuple[Words, Words]:
    """The scanner's state at the file's beginning, and the empty table of interfaces."""
    return np.zeros(ix.S_SIZE, np.int64), np.zeros((INTERFACES, I_COLUMNS), np.int64)


@compiled
def _describe(data: Octets, state: Words, interfaces: Words, body: int, stop: int) -> None:
    """Enter an interface description block; `body` follows the block's length, `stop` is where its trailer begins."""
    number = state[ix.S_INTERFACES]
    state[ix.S_INTERFACES] += 1
    if number >= interfaces.shape[0] or body + 8 > stop:
        return
    big = state[ix.S_BIG]
    row = interfaces[number]
    row[I_LINK] = either16(data, body, big)
    row[I_SNAP] = either32(data, body + 4, big)
    row[I_UNITS] = 1_000_000
    row[I_OFFSET] = 0
    at = body + 8
    while at + 4 <= stop:
        code = either16(data, at, big)
        length = either16(data, at + 2, big)
        if code == 0 or at + 4 + length > stop:
            break
        if code == _OPTION_RESOLUTION and length >= 1:
            exponent = octet(data, at + 4)
            if exponent & 0x80:
                # Powers of two up to 2^62 fit; a finer clock is not believed and read as microseconds.
                if exponent & 0x7F <= 62:
                    row[I_UNITS] = 1 << (exponent & 0x7F)
            elif exponent <= 18:
                row[I_UNITS] = 10 ** exponent
        elif code == _OPTION_OFFSET and length >= 8:
            high = either32(data, at + 4 + (0 if big else 4), big)
            low = either32(data, at + 4 + (4 if big else 0), big)
            if high >= 1 << 31:
                high -= 1 << 32
            row[I_OFFSET] = high * (1 << 32) + low
        at += 4 + ((length + 3) & ~3)


@compiled
def _moment(state: Words, interface: Words, high: int, low: int) -> int:
    """Nanoseconds since 1970 of a time stamp of this interface; the last good time where they cannot be."""
    units = interface[I_UNITS]
    moment = -1
    if high < 1 << 31 and units > 0:
        ticks = (high << 32) | low
        seconds = ticks // units + interface[I_OFFSET]
        if 0 <= seconds < LATEST // SECOND:
            part = ticks % units
            # The product must fit 63 bits: finer clocks than nanoseconds are brought down first.
            while units > SECOND * 4:
                part //= 2
                units //= 2
            moment = seconds * SECOND + part * SECOND // units
    if moment < 0:
        state[ix.S_UNTIMED] += 1
        return int(state[ix.S_LAST])
    state[ix.S_LAST] = moment
    return moment


@compiled
def scan(data: Octets, state: Words, interfaces: Words, index: Words, stop: int, size: int) -> tuple[int, int]:
    """Fill the index from the state's place until it is full, `stop` is passed or the blocks end.

    Args:
        data: the file's octets as far as they were read.
        state: the scanner's state; its place counts from the beginning of `data`.
        interfaces: what this section described so far.
        index: where to enter packets.
        stop: where to end, in `data`.
        size: where the file ends, counted from the beginning of `data`.

    Returns:
        The number of packets indexed, and why it returned (sensors.capture.index).
    """
    there = data.shape[0]
    at = state[ix.S_AT]
    count = 0
    why = ix.MORE
    while count < index.shape[0] and at < stop:
        if at + 12 > size:
            why = ix.END if at == size else ix.CUT
            break
        if at + 12 > there:
            why = ix.WAIT
            break
        if be32(data, at) == _SECTION:
            order = be32(data, at + 8)
            if order == _ORDER:
                state[ix.S_BIG] = 1
            elif order == 0x4D3C2B1A:
                state[ix.S_BIG] = 0
            else:
                why = ix.LENGTH
                break
            state[ix.S_INTERFACES] = 0
        big = state[ix.S_BIG]
        kind = either32(data, at, big)
        length = either32(data, at + 4, big)
        if length < 12 or length & 3:
            why = ix.LENGTH
            break
        if at + length > size:
            why = ix.CUT if length <= ix.MOST * 2 else ix.LENGTH
            break
        if length > _LONGEST:
            why = ix.LONG
            break
        if at + length > there:
            why = ix.WAIT
            break
        if either32(data, at + length - 4, big) != length:
            why = ix.LENGTH
            break
        body, trailer = at + 8, at + length - 4
        at += length
        if kind == _INTERFACE:
            _describe(data, state, interfaces, body, trailer)
            continue
        interface, first, captured, wire = -1, 0, 0, 0
        if (kind == _ENHANCED or kind == _OBSOLETE) and body + 20 <= trailer:
            interface = either32(data, body, big) if kind == _ENHANCED else either16(data, body, big)
            first, captured, wire = body + 20, either32(data, body + 12, big), either32(data, body + 16, big)
        elif kind == _SIMPLE and body + 4 <= trailer:
            interface, first, wire = 0, body + 4, either32(data, body, big)
            captured = min(wire, trailer - first)
            snap = interfaces[0, I_SNAP]
            if snap > 0:
                captured = min(captured, snap)
        elif kind != _ENHANCED and kind != _OBSOLETE and kind != _SIMPLE:
            continue
        # From here on the block is a packet, and it is counted whatever its fields say.
        captured = max(min(captured, trailer - first), 0) if first else 0
        known = 0 <= interface < min(state[ix.S_INTERFACES], interfaces.shape[0])
        if wire < captured:
            wire = captured
        elif wire > ix.MOST:
            wire = captured
            state[ix.S_CLAMPED] += 1
        if known and kind != _SIMPLE:
            moment = _moment(
                state, interfaces[interface], either32(data, body + 4, big), either32(data, body + 8, big),
            )
        else:
            moment = state[ix.S_LAST]
            state[ix.S_UNTIMED] += 1
        if not known:
            state[ix.S_SKIPPED] += 1
        index[count, ix.AT] = first if first else body
        index[count, ix.CAPTURED] = captured
        index[count, ix.WIRE] = wire
        index[count, ix.TIME] = moment
        index[count, ix.LINK] = interfaces[interface, I_LINK] if known else -1
        count += 1
    if why == ix.MORE and at >= size:
        why = ix.END
    state[ix.S_AT] = at
    return count, why


@compiled
def resynchronise(data: Octets, state: Words, reach: int) -> int:
    """Where the next believable block begins after the state's place, looking at most `reach` octets on, or -1.

    Believable is a block of a known kind whose two lengths agree.
    """
    size = data.shape[0]
    big = state[ix.S_BIG]
    last = min(size - 11, state[ix.S_AT] + reach)
    for at in range(state[ix.S_AT] + 1, last):
        kind = either32(data, at, big)
        if kind == 0 or (kind > _LAST_KNOWN and kind != _SECTION):
            continue
        length = either32(data, at + 4, big)
        if length < 12 or length & 3 or at + length > size:
            continue
        if either32(data, at + length - 4, big) == length:
            return at
    return -1

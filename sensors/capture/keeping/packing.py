"""Packets as pcapng blocks, and who spoke in them, by compiled code.

The format: draft-ietf-opsawg-pcapng section 4.3, enhanced packet block; little-endian, times in nanoseconds.
"""

from typing import Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Longs, Octets, Words, be32, be64, compiled, copy, inlined, le32, mix
from sensors.capture.links import link_layer

BLOCK_HEAD_BYTES: Final = 28
_TRAILER_BYTES: Final = 4
_ENHANCED: Final = 6
NOBODY: Final = np.uint64(0)
"""The key of packets that are not IP."""


@inlined
def _put32(out: Octets, at: int, value: int) -> None:
    out[at], out[at + 1] = value & 255, value >> 8 & 255
    out[at + 2], out[at + 3] = value >> 16 & 255, value >> 24 & 255


@compiled
def pack(data: Octets, index: Words, interface: int, out: Octets, at: int) -> int:
    """Write the indexed packets as enhanced packet blocks of an interface into `out` from `at` on; where they end.

    Nothing is written, and -1 returned, where they have no room.
    """
    needed = 0
    for place in range(index.shape[0]):
        needed += BLOCK_HEAD_BYTES + _TRAILER_BYTES + (index[place, ix.CAPTURED] + 3) // 4 * 4
    if at + needed > out.shape[0]:
        return -1
    for place in range(index.shape[0]):
        begin, captured, time = index[place, ix.AT], index[place, ix.CAPTURED], index[place, ix.TIME]
        length = BLOCK_HEAD_BYTES + _TRAILER_BYTES + (captured + 3) // 4 * 4
        _put32(out, at, _ENHANCED)
        _put32(out, at + 4, length)
        _put32(out, at + 8, interface)
        _put32(out, at + 12, time >> 32)
        _put32(out, at + 16, time & 0xFFFFFFFF)
        _put32(out, at + 20, captured)
        _put32(out, at + 24, index[place, ix.WIRE])
        end = at + length - _TRAILER_BYTES
        for pad in range(at + BLOCK_HEAD_BYTES + captured, end):
            out[pad] = 0
        copy(data, begin, begin + captured, out, at + BLOCK_HEAD_BYTES)
        _put32(out, end, length)
        at += length
    return int(at)


@compiled
def pair(first_high: np.uint64, first_low: np.uint64, second_high: np.uint64, second_low: np.uint64) -> np.uint64:
    """A key of two addresses, the same in both directions; for finding again, not against anybody."""
    if first_high > second_high or (first_high == second_high and first_low > second_low):
        first_high, first_low, second_high, second_low = second_high, second_low, first_high, first_low
    start = np.uint64(0x68616E77)
    return mix(mix(mix(mix(start, first_high), first_low), second_high), second_low) | np.uint64(1)


@compiled
def pair_of(data: Octets, at: int, end: int, link: int) -> np.uint64:
    """The key of the hosts of the outermost IP layer of a packet; 0 where there is none."""
    _, version, place, _ = link_layer(data, at, end, 0, link)
    zero = np.uint64(0)
    if version == 4 and place + 20 <= end:
        return pair(zero, np.uint64(be32(data, place + 12)), zero, np.uint64(be32(data, place + 16)))
    if version == 6 and place + 40 <= end:
        return pair(
            be64(data, place + 8), be64(data, place + 16), be64(data, place + 24), be64(data, place + 32),
        )
    return zero


@compiled
def pairs_of(packed: Octets, size: int, link: int, out: Longs) -> int:
    """The keys of the packets that `pack` wrote into the first `size` octets; how many there are."""
    at, count = 0, 0
    while at + BLOCK_HEAD_BYTES <= size and count < out.shape[0]:
        length = le32(packed, at + 4)
        if length < BLOCK_HEAD_BYTES + _TRAILER_BYTES or at + length > size:
            break
        begin = at + BLOCK_HEAD_BYTES
        out[count] = pair_of(packed, begin, begin + le32(packed, at + 20), link)
        count += 1
        at += length
    return count

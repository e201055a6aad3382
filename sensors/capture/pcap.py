"""Scanning pcap files, in both byte orders, with microseconds or nanoseconds, and the modified form of old Linux.

The format: draft-ietf-opsawg-pcap, sections 4 and 5.
"""

from typing import Literal

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Octets, Words, compiled, either32
from sensors.event.times import LATEST, SECOND

HEADER_BYTES = 24
_MODIFIED = 0xA1B2CD34
_TICKS = {0xA1B2C3D4: 1_000, 0xA1B23C4D: 1, _MODIFIED: 1_000}
_RECORD_BYTES = 16
_MODIFIED_RECORD_BYTES = 24


def recognises(head: bytes) -> bool:
    """Whether a file that begins so is pcap."""
    magic = head[:4]
    return int.from_bytes(magic, "big") in _TICKS or int.from_bytes(magic, "little") in _TICKS


def begin(head: bytes) -> Words:
    """The scanner's state from the file's header.

    Raises:
        ValueError: the header is cut or is none.
    """
    if len(head) < HEADER_BYTES or not recognises(head):
        raise ValueError("no pcap header")
    big = int.from_bytes(head[:4], "big") in _TICKS
    order: Literal["big", "little"] = "big" if big else "little"
    magic = int.from_bytes(head[:4], order)
    state = np.zeros(ix.S_SIZE, np.int64)
    state[ix.S_AT] = HEADER_BYTES
    state[ix.S_BIG] = big
    state[ix.S_TICK] = _TICKS[magic]
    # The upper bits say whether a frame check sequence follows each packet; lengths of the network layer cut it off.
    state[ix.S_LINK] = int.from_bytes(head[20:24], order) & 0x0FFF_FFFF
    state[ix.S_HEADER] = _MODIFIED_RECORD_BYTES if magic == _MODIFIED else _RECORD_BYTES
    return state


@compiled
def scan(data: Octets, state: Words, index: Words, stop: int, size: int) -> tuple[int, int]:
    """Fill the index from the state's place until it is full, `stop` is passed or the records end.

    Args:
        data: the file's octets as far as they were read.
        state: the scanner's state; its place counts from the beginning of `data`.
        index: where to enter packets.
        stop: where to end, in `data`.
        size: where the file ends, counted from the beginning of `data`.

    Returns:
        The number of packets indexed, and why it returned (sensors.capture.index).
    """
    there = data.shape[0]
    at = state[ix.S_AT]
    big, tick, header = state[ix.S_BIG], state[ix.S_TICK], state[ix.S_HEADER]
    count = 0
    why = ix.MORE
    while count < index.shape[0] and at < stop:
        if at + header > size:
            why = ix.END if at == size else ix.CUT
            break
        if at + header > there:
            why = ix.WAIT
            break
        captured = either32(data, at + 8, big)
        wire = either32(data, at + 12, big)
        if captured > ix.MOST:
            why = ix.LENGTH
            break
        if at + header + captured > there:
            why = ix.CUT if at + header + captured > size else ix.WAIT
            break
        if wire < captured:
            wire = captured
        elif wire > ix.MOST:
            wire = captured
            state[ix.S_CLAMPED] += 1
        moment = either32(data, at, big) * SECOND + either32(data, at + 4, big) * tick
        if moment >= LATEST:
            moment = state[ix.S_LAST]
            state[ix.S_UNTIMED] += 1
        state[ix.S_LAST] = moment
        index[count, ix.AT] = at + header
        index[count, ix.CAPTURED] = captured
        index[count, ix.WIRE] = wire
        index[count, ix.TIME] = moment
        index[count, ix.LINK] = state[ix.S_LINK]
        count += 1
        at += header + captured
    if why == ix.MORE and at >= size:
        why = ix.END
    state[ix.S_AT] = at
    return count, why


@compiled
def _plausible(data: Octets, state: Words, at: int) -> int:
    """Where the record that may begin here ends, or -1 if none can."""
    big, header = state[ix.S_BIG], state[ix.S_HEADER]
    if at + header > data.shape[0]:
        return -1
    captured = either32(data, at + 8, big)
    wire = either32(data, at + 12, big)
    if captured == 0 or captured > ix.MOST or wire < captured or wire > ix.MOST:
        return -1
    if either32(data, at + 4, big) * state[ix.S_TICK] >= SECOND:
        return -1
    apart = either32(data, at, big) - state[ix.S_LAST] // SECOND
    # A neighbour in the file is a neighbour in time: a day is far more than any capture pauses while it is written.
    if apart > 86_400 or apart < -86_400:
        return -1
    end = int(at + header + captured)
    return end if end <= data.shape[0] else -1


@compiled
def resynchronise(data: Octets, state: Words, reach: int) -> int:
    """Where the next believable record begins after the state's place, looking at most `reach` octets on, or -1.

    Believable is a record that another believable one or the file's end follows.
    """
    size = data.shape[0]
    last = min(size, state[ix.S_AT] + reach)
    for at in range(state[ix.S_AT] + 1, last):
        end = _plausible(data, state, at)
        if end == size or (end > 0 and _plausible(data, state, end) > 0):
            return at
    return -1

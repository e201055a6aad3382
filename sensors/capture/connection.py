"""What TCP's headers say about a connection: its state, and what was sent again, out of order, or never seen.

Sequence numbers are compared as RFC 9293 section 3.4 says. A direction's edge is the number behind the last octet that
was seen; a segment ahead of it leaves a gap, one behind it fills a gap that is remembered or has nothing new.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Words, compiled, inlined
from sensors.capture.table import (
    MOST_HOLES,
    R_AGAIN,
    R_CLOSED,
    R_EDGE,
    R_FLAGS,
    R_GAPS,
    R_HOLES,
    R_LATE,
    R_MISSING,
    R_NEXT,
    R_PACKETS,
    R_STATE,
    ST_FIN,
    ST_RST,
    ST_SYN,
    ST_SYN_ACK,
    Table,
)

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
ACK: Final = 16

_WINDOW: Final = 1 << 30
"""The greatest window (RFC 7323 section 2.3): what is farther off is no gap, but another numbering."""


@inlined
def note_state(row: Words, direction: int, flags: int, moment: int, sequence: int) -> None:
    """Note what the flags say about the connection's state."""
    row[R_FLAGS + direction] |= flags
    if flags & SYN:
        row[R_STATE] |= (ST_SYN_ACK if flags & ACK else ST_SYN) << direction
        row[R_NEXT + direction] = (sequence + 1) & 0xFFFFFFFF
    if flags & FIN:
        row[R_STATE] |= ST_FIN << direction
    if flags & RST and not row[R_STATE] & (ST_RST * 3):
        row[R_STATE] |= ST_RST << direction
    if row[R_CLOSED] == 0 and (row[R_STATE] & (ST_RST * 3) or row[R_STATE] & (ST_FIN * 3) == ST_FIN * 3):
        row[R_CLOSED] = moment + 1


@inlined
def half_open(row: Words) -> bool:
    """Whether a connection was asked for and the other side has not said a word."""
    return bool(
        row[R_STATE] & (ST_SYN * 3) != 0
        and row[R_STATE] & (ST_SYN_ACK * 3) == 0
        and (row[R_PACKETS] == 0 or row[R_PACKETS + 1] == 0),
    )


@inlined
def follow(t: Table, entry: int, direction: int, flags: int, sequence: int, length: int) -> None:
    """Compare a segment with what was seen of its direction.

    Args:
        t: the flow table.
        entry: the flow's row.
        direction: 0: from a, 1: from b.
        flags: of the segment.
        sequence: its sequence number.
        length: how many octets it carries.
    """
    if flags & (SYN | FIN):
        # Both have a sequence number of their own.
        length += (1 if flags & SYN else 0) + (1 if flags & FIN else 0)
    if length > 0 and not flags & RST:
        row = t.rows[entry]
        edge = row[R_EDGE + direction]
        if sequence == edge or edge < 0:
            row[R_EDGE + direction] = (sequence + length) & 0xFFFFFFFF
        else:
            _off_edge(t, entry, direction, flags, sequence, length)


@compiled
def _off_edge(t: Table, entry: int, direction: int, flags: int, sequence: int, length: int) -> None:
    """Take a segment that does not begin where the last one ended."""
    row = t.rows[entry]
    edge = row[R_EDGE + direction]
    ahead = (sequence - edge) & 0xFFFFFFFF
    if ahead >= 0x80000000:
        ahead -= 0x100000000
    following = (sequence + length) & 0xFFFFFFFF
    if ahead >= _WINDOW or ahead < -_WINDOW:
        row[R_EDGE + direction] = following
        row[R_GAPS + direction] += 1
        row[R_HOLES + direction] = 0
    elif ahead > 0:
        row[R_GAPS + direction] += 1
        row[R_MISSING + direction] += ahead
        row[R_EDGE + direction] = following
        _enter_hole(t, entry, direction, edge, sequence)
    elif ahead == -1 and length <= 1 and not flags & (SYN | FIN):
        # A probe that keeps the connection alive sends one old octet or none (RFC 9293 section 3.8.4).
        pass
    else:
        if _fill(t, entry, direction, sequence, length) > 0:
            row[R_LATE + direction] += 1
        else:
            row[R_AGAIN + direction] += 1
        if ahead + length > 0:
            row[R_EDGE + direction] = following


@compiled
def _enter_hole(t: Table, entry: int, direction: int, begin: int, end: int) -> None:
    """Remember a gap; when there are too many the oldest one is no longer expected to be filled."""
    row, first = t.rows[entry], direction * MOST_HOLES
    count = row[R_HOLES + direction]
    if count == MOST_HOLES:
        for place in range(1, MOST_HOLES):
            t.holes[entry, first + place - 1] = t.holes[entry, first + place]
        count -= 1
    t.holes[entry, first + count] = np.uint64(begin << 32 | end)
    row[R_HOLES + direction] = count + 1


@compiled
def _fill(t: Table, entry: int, direction: int, sequence: int, length: int) -> int:
    """Take a segment out of the gaps that it fills; how many octets of them it filled."""
    row, first = t.rows[entry], direction * MOST_HOLES
    filled = 0
    place = 0
    while place < row[R_HOLES + direction]:
        hole = t.holes[entry, first + place]
        begin, end = int(hole >> np.uint64(32)), int(hole & np.uint64(0xFFFFFFFF))
        size = (end - begin) & 0xFFFFFFFF
        # Counted from the gap's beginning.
        low = (sequence - begin) & 0xFFFFFFFF
        if low >= 0x80000000:
            low -= 0x100000000
        high = min(low + length, size)
        low = max(low, 0)
        if low >= high:
            place += 1
            continue
        filled += high - low
        count = row[R_HOLES + direction]
        if low == 0 and high == size:
            for behind in range(place + 1, count):
                t.holes[entry, first + behind - 1] = t.holes[entry, first + behind]
            row[R_HOLES + direction] = count - 1
            row[R_GAPS + direction] -= 1
            continue
        if low == 0:
            t.holes[entry, first + place] = np.uint64(((begin + high) & 0xFFFFFFFF) << 32 | end)
        elif high == size or count == MOST_HOLES:
            # What remains behind the segment is kept as well only where there is room to remember it.
            t.holes[entry, first + place] = np.uint64(begin << 32 | ((begin + low) & 0xFFFFFFFF))
            row[R_GAPS + direction] += 0 if high == size else 1
        else:
            for behind in range(count, place + 1, -1):
                t.holes[entry, first + behind] = t.holes[entry, first + behind - 1]
            t.holes[entry, first + place] = np.uint64(begin << 32 | ((begin + low) & 0xFFFFFFFF))
            t.holes[entry, first + place + 1] = np.uint64(((begin + high) & 0xFFFFFFFF) << 32 | end)
            row[R_HOLES + direction] = count + 1
            row[R_GAPS + direction] += 1
            place += 1
        place += 1
    row[R_MISSING + direction] -= filled
    return int(filled)

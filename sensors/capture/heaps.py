"""Heaps: where the octets of a datagram that came in fragments are put together, in any order.

There are a few, of the greatest size that a datagram can have; when all are in use the one in turn is taken from the
datagram that has it, which is then counted and never put together.
"""

from typing import Final

from sensors.capture.compiled import Octets, compiled, copy
from sensors.capture.table import (
    D_BROKEN,
    D_HEAP,
    H_DATAGRAM,
    H_FREE,
    H_RUN,
    H_RUNS,
    H_SPENT,
    HEAP_BYTES,
    MOST_PIECES,
    SLOT_BYTES,
    T_FREE_HEAPS,
    T_HEAP_HAND,
    T_SPENT_HEAPS,
    T_UNTOGETHER,
    Table,
)

FRESH: Final = 0        # nothing of it was there
REPEATED: Final = 1     # all of it was there, and the same
OVERLAPPING: Final = 2  # some of it was there, or other octets were
SCATTERED: Final = 3    # there are too many stretches with gaps in between


@compiled
def home_of(t: Table, heap: int) -> int:
    """Where in the arena a heap's octets begin."""
    return int(t.slots.shape[0] * SLOT_BYTES + heap * HEAP_BYTES)


@compiled
def take_heap(t: Table, datagram: int) -> int:
    """A heap for this datagram, or -1 where all of them wait to be read."""
    if t.numbers[T_FREE_HEAPS] == 0:
        count = t.heaps.shape[0]
        for _ in range(count):
            hand = t.numbers[T_HEAP_HAND]
            t.numbers[T_HEAP_HAND] = (hand + 1) % count
            owner = t.heaps[hand, H_DATAGRAM] - 1
            if owner >= 0:
                t.datagrams[owner, D_HEAP] = 0
                t.datagrams[owner, D_BROKEN] = 1
                t.numbers[T_UNTOGETHER] += 1
                give_back(t, hand)
                break
        if t.numbers[T_FREE_HEAPS] == 0:
            return -1
    t.numbers[T_FREE_HEAPS] -= 1
    heap = t.heaps[t.numbers[T_FREE_HEAPS], H_FREE]
    t.heaps[heap, H_DATAGRAM] = datagram + 1
    t.heaps[heap, H_RUNS] = 0
    return int(heap)


@compiled
def give_back(t: Table, heap: int) -> None:
    """Free a heap whose octets nobody needs."""
    t.heaps[heap, H_DATAGRAM] = 0
    t.heaps[t.numbers[T_FREE_HEAPS], H_FREE] = heap
    t.numbers[T_FREE_HEAPS] += 1


@compiled
def spend_heap(t: Table, heap: int) -> None:
    """Free a heap once the messages that stand in it have been read."""
    t.heaps[heap, H_DATAGRAM] = 0
    t.heaps[t.numbers[T_SPENT_HEAPS], H_SPENT] = heap
    t.numbers[T_SPENT_HEAPS] += 1


@compiled
def free_heaps(t: Table) -> None:
    """Free the heaps whose messages have been read."""
    while t.numbers[T_SPENT_HEAPS] > 0:
        t.numbers[T_SPENT_HEAPS] -= 1
        give_back(t, t.heaps[t.numbers[T_SPENT_HEAPS], H_SPENT])


@compiled
def lay(t: Table, heap: int, low: int, data: Octets, at: int, end: int) -> int:
    """Lay octets at the offset `low` of a heap; what is there already stays.

    Returns:
        What they met, one of `FRESH`, `REPEATED`, `OVERLAPPING`, `SCATTERED`.
    """
    line = t.heaps[heap]
    home = home_of(t, heap)
    high = low + end - at
    runs = line[H_RUNS]
    # The stretches that touch the new one or have octets of it; from `first` on up to but without `behind`.
    first = 0
    while first < runs and line[H_RUN + 2 * first + 1] < low:
        first += 1
    behind = first
    while behind < runs and line[H_RUN + 2 * behind] <= high:
        behind += 1
    if first == behind:
        if runs == MOST_PIECES:
            return SCATTERED
        copy(data, at, end, t.arena, home + low)
        for run in range(runs, first, -1):
            line[H_RUN + 2 * run] = line[H_RUN + 2 * run - 2]
            line[H_RUN + 2 * run + 1] = line[H_RUN + 2 * run - 1]
        line[H_RUN + 2 * first] = low
        line[H_RUN + 2 * first + 1] = high
        line[H_RUNS] = runs + 1
        return FRESH
    common, place = 0, low
    differs = False
    for run in range(first, behind):
        begins, ends = line[H_RUN + 2 * run], line[H_RUN + 2 * run + 1]
        stop = min(begins, high)
        copy(data, at + place - low, at + stop - low, t.arena, home + place)
        for shared in range(max(begins, low), min(ends, high)):
            common += 1
            if t.arena[home + shared] != data[at + shared - low]:
                differs = True
        place = max(place, ends)
    copy(data, at + place - low, at + high - low, t.arena, home + place)
    line[H_RUN + 2 * first] = min(low, line[H_RUN + 2 * first])
    line[H_RUN + 2 * first + 1] = max(high, line[H_RUN + 2 * behind - 1])
    gone = behind - first - 1
    for run in range(behind, runs):
        line[H_RUN + 2 * (run - gone)] = line[H_RUN + 2 * run]
        line[H_RUN + 2 * (run - gone) + 1] = line[H_RUN + 2 * run + 1]
    line[H_RUNS] = runs - gone
    if common == 0:
        return FRESH
    return REPEATED if common == high - low and not differs else OVERLAPPING

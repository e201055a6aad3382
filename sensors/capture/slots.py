"""Slots: octets of one TCP direction by their place in the sequence; and the list of messages that are handed out.

A slot is of fixed size, so that segments may come in any order and more than once; the copy that came first counts
(RFC 9293 section 3.4).
"""

from sensors.capture.carriers import free_carriers
from sensors.capture.compiled import Octets, compiled, copy, inlined
from sensors.capture.heaps import free_heaps
from sensors.capture.table import (
    KEY_WORDS,
    L_BASE,
    L_COLUMNS,
    L_DIRECTION,
    L_FLOW,
    L_ORDINAL,
    L_RUN,
    L_RUNS,
    L_TIME,
    L_USED,
    M_AT,
    M_CUT,
    M_FROM,
    M_KEY,
    M_KIND,
    M_LENGTH,
    M_ORDINAL,
    M_ORIGIN,
    M_SLOT,
    M_TALK,
    M_TIME,
    M_TURNED,
    MOST_RUNS,
    R_ORIGIN,
    R_SLOT,
    R_TALK,
    R_TURNED,
    SLOT_BYTES,
    T_FLOWS,
    T_FREE_SLOTS,
    T_FREE_TALKS,
    T_LOST_SEGMENTS,
    T_MESSAGES,
    T_SPENT_SLOTS,
    Table,
)


@compiled
def wrap(difference: int) -> int:
    """The difference of two sequence numbers as a signed number (RFC 9293 section 3.4)."""
    difference &= 0xFFFFFFFF
    return difference - 0x100000000 if difference >= 0x80000000 else difference


@inlined
def hand_out(
    t: Table, entry: int, direction: int, kind: int, slot: int, at: int, length: int, cut: int, time: int, ordinal: int,
) -> None:
    """Enter a message into the table's list; the caller of the kernel has left room."""
    row = t.rows[entry]
    message = t.messages[t.numbers[T_MESSAGES]]
    t.numbers[T_MESSAGES] += 1
    if row[R_TALK] == 0:
        t.numbers[T_FREE_TALKS] -= 1
        row[R_TALK] = t.free_talks[t.numbers[T_FREE_TALKS]] + 1
    message[M_KIND] = kind
    message[M_FROM] = direction ^ row[R_ORIGIN]
    message[M_TALK] = row[R_TALK] - 1
    message[M_TIME] = time
    message[M_ORDINAL] = ordinal
    message[M_SLOT] = slot
    message[M_AT] = at
    message[M_LENGTH] = length
    message[M_CUT] = cut
    message[M_ORIGIN] = row[R_ORIGIN]
    message[M_TURNED] = row[R_TURNED]
    for word in range(KEY_WORDS):
        message[M_KEY + word] = t.keys[entry, word]


@compiled
def take_slot(t: Table, entry: int, direction: int, base: int, time: int, ordinal: int) -> int:
    """Give a free slot to a direction of a flow; the caller of the kernel has seen to it that one is free."""
    t.numbers[T_FREE_SLOTS] -= 1
    slot = t.free_slots[t.numbers[T_FREE_SLOTS]]
    line = t.slots[slot]
    for column in range(L_COLUMNS):
        line[column] = 0
    line[L_FLOW] = entry
    line[L_DIRECTION] = direction
    line[L_BASE] = base
    line[L_TIME] = time
    line[L_ORDINAL] = ordinal
    line[L_USED] = 1
    t.rows[entry, R_SLOT + direction] = slot + 1
    return int(slot)


@compiled
def drop_slot(t: Table, slot: int, handed: bool) -> None:
    """Take a slot from its flow; one whose bytes were handed out is freed only after they have been read."""
    line = t.slots[slot]
    t.rows[line[L_FLOW], R_SLOT + line[L_DIRECTION]] = 0
    if handed:
        line[L_USED] = 2
        t.spent_slots[t.numbers[T_SPENT_SLOTS]] = slot
        t.numbers[T_SPENT_SLOTS] += 1
    else:
        line[L_USED] = 0
        t.free_slots[t.numbers[T_FREE_SLOTS]] = slot
        t.numbers[T_FREE_SLOTS] += 1


@compiled
def free_spent(t: Table) -> None:
    """Free the slots and heaps whose messages have been read, and talks and carriers of flows that were taken away."""
    for place in range(t.numbers[T_FLOWS]):
        talk = t.out_flows[place, R_TALK]
        if talk > 0:
            t.free_talks[t.numbers[T_FREE_TALKS]] = talk - 1
            t.numbers[T_FREE_TALKS] += 1
    while t.numbers[T_SPENT_SLOTS] > 0:
        t.numbers[T_SPENT_SLOTS] -= 1
        slot = t.spent_slots[t.numbers[T_SPENT_SLOTS]]
        t.slots[slot, L_USED] = 0
        t.free_slots[t.numbers[T_FREE_SLOTS]] = slot
        t.numbers[T_FREE_SLOTS] += 1
    free_heaps(t)
    free_carriers(t)


@inlined
def together(t: Table, slot: int) -> int:
    """How many octets from the slot's beginning are there without a gap."""
    line = t.slots[slot]
    return int(line[L_RUN + 1]) if line[L_RUNS] > 0 and line[L_RUN] == 0 else 0


@compiled
def add(t: Table, slot: int, low: int, data: Octets, at: int, end: int) -> None:
    """Lay octets at the offset `low` of a slot; what is there already stays."""
    line = t.slots[slot]
    if low < 0:
        at -= low
        low = 0
    high = min(low + end - at, SLOT_BYTES)
    if at >= end or low >= high:
        return
    runs = line[L_RUNS]
    first = 0
    while first < runs and line[L_RUN + 2 * first + 1] < low:
        first += 1
    behind = first
    while behind < runs and line[L_RUN + 2 * behind] <= high:
        behind += 1
    if first == behind and runs == MOST_RUNS:
        t.numbers[T_LOST_SEGMENTS] += 1
        return
    home = slot * SLOT_BYTES
    place = low
    for run in range(first, behind):
        begins = line[L_RUN + 2 * run]
        stop = min(begins, high)
        copy(data, at + place - low, at + stop - low, t.arena, home + place)
        place = max(place, line[L_RUN + 2 * run + 1])
    copy(data, at + place - low, at + high - low, t.arena, home + place)
    if first == behind:
        for run in range(runs, first, -1):
            line[L_RUN + 2 * run] = line[L_RUN + 2 * run - 2]
            line[L_RUN + 2 * run + 1] = line[L_RUN + 2 * run - 1]
        line[L_RUN + 2 * first] = low
        line[L_RUN + 2 * first + 1] = high
        line[L_RUNS] = runs + 1
        return
    line[L_RUN + 2 * first] = min(low, line[L_RUN + 2 * first])
    line[L_RUN + 2 * first + 1] = max(high, line[L_RUN + 2 * behind - 1])
    gone = behind - first - 1
    for run in range(behind, runs):
        line[L_RUN + 2 * (run - gone)] = line[L_RUN + 2 * run]
        line[L_RUN + 2 * (run - gone) + 1] = line[L_RUN + 2 * run + 1]
    line[L_RUNS] = runs - gone

"""Putting the first bytes of each TCP direction together, and the heads of the messages that follow in HTTP and DNS.

Octets are kept by their place in the sequence, in a slot of fixed size, so that segments may come in any order and more
than once; the copy that came first counts. A message that is whole in one segment is never copied (RFC 9293 section
3.4).
"""

from typing import Final

import numpy as np

from sensors.capture.carriers import free_carriers
from sensors.capture.compiled import Octets, compiled, copy, inlined
from sensors.capture.framing import LEAST, blank, classify, frame
from sensors.capture.heaps import free_heaps
from sensors.capture.recognising import PARTIAL, TCP, WHOLE, begins, bounds, enough, lined, once, suppose, worth
from sensors.capture.table import (
    KEY_WORDS,
    L_BASE,
    L_COLUMNS,
    L_DIRECTION,
    L_FLOW,
    L_GAP,
    L_ORDINAL,
    L_RUN,
    L_RUNS,
    L_SEEN,
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
    MODE_CLOSED,
    MODE_DNS,
    MODE_DONE,
    MODE_GENERAL,
    MODE_HTTP,
    MODE_OPEN,
    MODE_TLS,
    MOST_RUNS,
    R_HEAD,
    R_MODE,
    R_NEXT,
    R_ORIGIN,
    R_SLOT,
    R_TALK,
    R_TURNED,
    SLOT_BYTES,
    T_BEHIND,
    T_CUT_MESSAGES,
    T_FLOWS,
    T_FREE_SLOTS,
    T_FREE_TALKS,
    T_GAPS,
    T_LOST_SEGMENTS,
    T_MESSAGES,
    T_MISSING,
    T_SLOT_HAND,
    T_SPENT_SLOTS,
    Table,
)
from sensors.event.times import SECOND

_PATIENCE: Final = 5 * SECOND
"""For how long octets that are missing are waited for: a sender repeats them several times by then (RFC 6298)."""
_SPARED: Final = 48
"""Rows of messages that are left to slots which are finished together: `reclaim` takes 32 of them."""


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
def _take(t: Table, entry: int, direction: int, base: int, time: int, ordinal: int) -> int:
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
def _drop(t: Table, slot: int, handed: bool) -> None:
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
def _together(t: Table, slot: int) -> int:
    """How many octets from the slot's beginning are there without a gap."""
    line = t.slots[slot]
    return int(line[L_RUN + 1]) if line[L_RUNS] > 0 and line[L_RUN] == 0 else 0


@compiled
def _add(t: Table, slot: int, low: int, data: Octets, at: int, end: int) -> None:
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


@compiled
def _kind(data: Octets, at: int, end: int, mode: int, other: int, port_a: int, port_b: int) -> int:
    """The mode of a message that begins here in a direction of a mode, where the other direction has the mode `other`.

    MODE_OPEN: too few octets are there to say; MODE_CLOSED: it is of nothing that is known.
    """
    if mode >= MODE_GENERAL:
        if not enough(mode, end - at):
            return MODE_OPEN
        if begins(data, at, end, mode):
            return mode
        # TLS follows a command or a negotiation (STARTTLS, RDP).
        return MODE_TLS if end - at >= LEAST and classify(data, at, end, 0, 0) == MODE_TLS else MODE_CLOSED
    kind = classify(data, at, end, port_a, port_b) if end - at >= LEAST else MODE_CLOSED
    if mode == MODE_OPEN and kind == MODE_CLOSED:
        if other >= MODE_GENERAL and enough(other, end - at) and begins(data, at, end, other):
            return other
        kind = suppose(data, at, end, TCP, port_a, port_b)
    if kind == MODE_CLOSED and end - at < LEAST:
        return MODE_OPEN
    return kind


@compiled
def _end(data: Octets, at: int, end: int, mode: int, seen: int) -> tuple[int, int, int, int]:
    """Look for the end of a message of any mode (sensors.capture.framing)."""
    return bounds(data, at, end, mode, seen) if mode >= MODE_GENERAL else frame(data, at, end, mode, seen)


@compiled
def _resume_http(t: Table, slot: int) -> int:
    """Hand out the messages of HTTP that begin behind a gap which nothing filled.

    One begins where octets begin again, behind a line's end, or where the one before it ends, with a request or status
    line; what stood before it is lost. The caller of the kernel left room for one message of each slot; that room is
    spared here.

    Returns:
        How far behind the slot's beginning all that is there ends; 0: no message begins behind a gap.
    """
    line = t.slots[slot]
    home = slot * SLOT_BYTES
    handed = False
    for run in range(1 if line[L_RUN] == 0 else 0, line[L_RUNS]):
        begin, end = home + line[L_RUN + 2 * run], home + line[L_RUN + 2 * run + 1]
        place = expected = begin
        while place + LEAST <= end:
            if (place != expected and t.arena[place - 1] != 10) or classify(t.arena, place, end, 0, 0) != MODE_HTTP:
                place += 1
                continue
            if t.numbers[T_MESSAGES] + _SPARED > t.messages.shape[0]:
                t.numbers[T_CUT_MESSAGES] += 1
                break
            status, size, following, _ = frame(t.arena, place, end, MODE_HTTP, 0)
            whole = status == WHOLE
            hand_out(
                t, line[L_FLOW], line[L_DIRECTION], MODE_HTTP, slot, place, size if whole else end - place,
                0 if whole else 1, line[L_TIME], line[L_ORDINAL],
            )
            t.numbers[T_BEHIND] += 1
            handed = True
            if not whole:
                break
            expected = place + max(size, following)
            place = expected
    return int(line[L_RUN + 2 * line[L_RUNS] - 1]) if handed else 0


@compiled
def _begins(data: Octets, at: int, end: int, mode: int) -> bool:
    """Whether a message of this mode (MODE_DNS, MODE_GENERAL and above) may begin here."""
    if mode >= MODE_GENERAL:
        return bool(enough(mode, end - at) and begins(data, at, end, mode))
    return bool(end - at >= LEAST and classify(data, at, end, 53, 53) == MODE_DNS)


@compiled
def _confirmed(data: Octets, at: int, end: int, mode: int) -> bool:
    """Whether a message that begins within a segment is borne out: it ends with the octets, or before another one."""
    if lined(mode):
        return bool(data[at - 1] == 10)
    status, size, following, _ = _end(data, at, end, mode, 0)
    behind = at + max(size, following)
    return bool(status == WHOLE and (behind == end or (behind < end and _begins(data, behind, end, mode))))


@compiled
def _resume(t: Table, slot: int, mode: int) -> tuple[int, int]:
    """Hand out the messages of DNS or a general mode that begin behind a gap which nothing filled.

    One begins where a message before the gap said that it ends, where octets begin again, which is where a segment
    does, or where the one before it ends; anywhere else only if what follows bears it out. The octets before it are
    lost.

    Returns:
        How far behind the slot's beginning the last message ends (0: none begins behind a gap), and where a message
        begins that goes on behind all that is there (-1: none).
    """
    line = t.slots[slot]
    home = slot * SLOT_BYTES
    behind = 0
    expected = -1
    first = 0
    if line[L_RUN] == 0:
        first = 1
        if _begins(t.arena, home, home + line[L_RUN + 1], mode) and not lined(mode):
            _, _, following, _ = _end(t.arena, home, home + line[L_RUN + 1], mode, 0)
            expected = home + following if following > 0 else -1
    for run in range(first, line[L_RUNS]):
        begin, end = home + line[L_RUN + 2 * run], home + line[L_RUN + 2 * run + 1]
        place = max(begin, expected)
        expected = place
        while place < end:
            if not _begins(t.arena, place, end, mode) or (
                place != expected and not _confirmed(t.arena, place, end, mode)
            ):
                place += 1
                continue
            status, size, following, _ = _end(t.arena, place, end, mode, 0)
            if status == PARTIAL:
                if run == line[L_RUNS] - 1:
                    return behind, place - home
                expected = place + following if following > 0 else -1
                break
            if status != WHOLE:
                place += 1
                continue
            if t.numbers[T_MESSAGES] + _SPARED > t.messages.shape[0]:
                t.numbers[T_CUT_MESSAGES] += 1
                return behind, -1
            hand_out(
                t, line[L_FLOW], line[L_DIRECTION], mode, slot, place, size, 0, line[L_TIME], line[L_ORDINAL],
            )
            t.numbers[T_BEHIND] += 1
            place = expected = place + max(size, following)
            behind = place - home
    return int(behind), -1


@compiled
def _found(t: Table, slot: int) -> int:
    """The mode that the first octets behind a gap show, where those before it that would have shown it are missing."""
    line = t.slots[slot]
    entry = line[L_FLOW]
    run = L_RUN if line[L_RUN] > 0 else L_RUN + 2
    home = slot * SLOT_BYTES
    ports = int(np.int64(t.keys[entry, 4]))
    return _kind(
        t.arena, home + line[run], home + line[run + 1], MODE_OPEN, t.rows[entry, R_MODE + 1 - line[L_DIRECTION]],
        ports >> 32 & 0xFFFF, ports >> 16 & 0xFFFF,
    )


@compiled
def _note_gaps(t: Table, slot: int) -> None:
    """Count the gaps in a slot, none of which will be filled any more."""
    line = t.slots[slot]
    before = 0
    for run in range(line[L_RUNS]):
        if line[L_RUN + 2 * run] > before:
            t.numbers[T_GAPS] += 1
            t.numbers[T_MISSING] += line[L_RUN + 2 * run] - before
        before = line[L_RUN + 2 * run + 1]


@compiled
def finish_slot(t: Table, slot: int) -> int:
    """Hand out what a slot holds although its message has no end or octets are missing, and take it from its flow.

    Returns:
        Where a message begins in the slot that goes on behind all that is there (see `_resume`); -1: none.
    """
    line = t.slots[slot]
    entry, direction = line[L_FLOW], line[L_DIRECTION]
    mode = t.rows[entry, R_MODE + direction]
    length = _together(t, slot)
    gap = line[L_RUNS] > 1 or line[L_RUN] > 0
    tail = -1
    if gap:
        _note_gaps(t, slot)
        if mode == MODE_OPEN:
            found = _found(t, slot)
            if found != MODE_CLOSED and found != MODE_OPEN:
                mode = found
                length = 0
    handed = (
        worth(mode) if mode >= MODE_GENERAL and length > 0
        else length >= LEAST and (mode == MODE_TLS or mode == MODE_HTTP)
    )
    if handed:
        hand_out(
            t, entry, direction, mode, slot, slot * SLOT_BYTES, length, 1, line[L_TIME], line[L_ORDINAL],
        )
    if gap:
        behind = 0
        if mode == MODE_HTTP:
            behind = _resume_http(t, slot)
        elif mode == MODE_DNS or (mode >= MODE_GENERAL and not once(mode)):
            behind, tail = _resume(t, slot, mode)
        elif not handed and (mode == MODE_TLS or mode >= MODE_GENERAL):
            # The one message of its direction, if it begins where octets begin again.
            run = L_RUN if line[L_RUN] > 0 else L_RUN + 2
            at, end = slot * SLOT_BYTES + line[run], slot * SLOT_BYTES + line[run + 1]
            status, size, _, _ = _end(t.arena, at, end, mode, 0)
            hand_out(
                t, entry, direction, mode, slot, at, size if status == WHOLE else end - at,
                0 if status == WHOLE else 1, line[L_TIME], line[L_ORDINAL],
            )
            t.numbers[T_BEHIND] += 1
            behind = line[run + 1]
        if behind > 0:
            handed = True
            length = behind
    t.rows[entry, R_MODE + direction] = MODE_DONE if mode == MODE_TLS or once(mode) else mode
    t.rows[entry, R_NEXT + direction] = (line[L_BASE] + length) & 0xFFFFFFFF
    _drop(t, slot, handed=handed)
    return tail


@compiled
def _give_up_gap(t: Table, slot: int, sequence: int) -> None:
    """Go on behind the gaps of a slot: its messages are handed out, and one without its end stays in a slot of its own.

    Else the direction goes on with the segment of this number, or behind it where a message said so.
    """
    line = t.slots[slot]
    entry, direction, base, time, ordinal = line[L_FLOW], line[L_DIRECTION], line[L_BASE], line[L_TIME], line[L_ORDINAL]
    end = line[L_RUN + 2 * line[L_RUNS] - 1]
    tail = finish_slot(t, slot)
    if tail >= 0:
        # The octets stay where they are until the slot is given to somebody, at the earliest just now.
        other = _take(t, entry, direction, (base + tail) & 0xFFFFFFFF, time, ordinal)
        _add(t, other, 0, t.arena, slot * SLOT_BYTES + tail, slot * SLOT_BYTES + end)
    elif wrap(sequence - t.rows[entry, R_NEXT + direction]) > 0 or t.rows[entry, R_MODE + direction] == MODE_HTTP:
        t.rows[entry, R_NEXT + direction] = sequence


@compiled
def reclaim(t: Table, wanted: int) -> None:
    """Hand out what the next slots in turn hold, so that they can be freed: every slot is in use."""
    count = t.slots.shape[0]
    for _ in range(count):
        if wanted <= 0:
            return
        slot = t.numbers[T_SLOT_HAND]
        t.numbers[T_SLOT_HAND] = (slot + 1) % count
        if t.slots[slot, L_USED] == 1:
            t.numbers[T_CUT_MESSAGES] += 1
            finish_slot(t, slot)
            wanted -= 1


@compiled
def _pump(t: Table, slot: int, port_a: int, port_b: int) -> None:
    """Hand out the messages that are whole in a slot, and keep or move what is left."""
    line = t.slots[slot]
    entry, direction, base = line[L_FLOW], line[L_DIRECTION], line[L_BASE]
    row = t.rows[entry]
    home = slot * SLOT_BYTES
    length = _together(t, slot)
    start = 0
    handed = False
    while True:
        if length <= start:
            break
        mode = row[R_MODE + direction]
        if mode == MODE_HTTP and line[L_SEEN] == 0:
            start += blank(t.arena, home + start, home + length)
            if start == length:
                if line[L_RUNS] == 1 or handed:
                    row[R_NEXT + direction] = (base + length) & 0xFFFFFFFF
                    _drop(t, slot, handed=handed)
                return
        if mode == MODE_OPEN or start > 0 or line[L_SEEN] == 0:
            kind = _kind(t.arena, home + start, home + length, mode, row[R_MODE + 1 - direction], port_a, port_b)
            if kind == MODE_OPEN:
                break
            if kind == MODE_CLOSED:
                row[R_MODE + direction] = MODE_CLOSED if mode == MODE_OPEN else mode
                row[R_NEXT + direction] = (base + length) & 0xFFFFFFFF
                _drop(t, slot, handed=handed)
                return
            mode = kind
            row[R_MODE + direction] = mode
        status, size, following, seen = _end(t.arena, home + start, home + length, mode, line[L_SEEN])
        line[L_SEEN] = seen
        if status == PARTIAL:
            if length == SLOT_BYTES and start == 0:
                finish_slot(t, slot)
                return
            break
        if status != WHOLE:
            row[R_MODE + direction] = MODE_CLOSED
            _drop(t, slot, handed=handed)
            return
        hand_out(t, entry, direction, mode, slot, home + start, size, 0, line[L_TIME], line[L_ORDINAL])
        handed = True
        row[R_HEAD + direction] = (base + start + size) & 0xFFFFFFFF
        line[L_SEEN] = 0
        if mode == MODE_TLS or once(mode):
            row[R_MODE + direction] = MODE_DONE
            _drop(t, slot, handed=True)
            return
        crowded = t.numbers[T_MESSAGES] + 16 > t.messages.shape[0]
        if following < 0 or start + following >= length or crowded:
            if crowded and 0 <= following and start + following < length:
                t.numbers[T_CUT_MESSAGES] += 1
            row[R_NEXT + direction] = (base + (start + following if following >= 0 else length)) & 0xFFFFFFFF
            _drop(t, slot, handed=True)
            return
        start += following
    if start == 0:
        return
    # What is left begins a message without its end: it moves to the beginning of a slot of its own.
    time, ordinal = line[L_TIME], line[L_ORDINAL]
    _drop(t, slot, handed=True)
    other = _take(t, entry, direction, (base + start) & 0xFFFFFFFF, time, ordinal)
    _add(t, other, 0, t.arena, home + start, home + length)


@inlined
def _hopeless(t: Table, slot: int, offset: int, size: int, time: int) -> bool:
    """Whether octets are missing in a slot that will not come any more, when a segment comes behind what it holds."""
    line = t.slots[slot]
    if line[L_RUNS] == 0 or (line[L_RUNS] == 1 and line[L_RUN] == 0) or offset < line[L_RUN + 2 * line[L_RUNS] - 1]:
        return False
    return bool(offset + size > SLOT_BYTES or (line[L_GAP] > 0 and time - line[L_GAP] > _PATIENCE))


@inlined
def segment(
    t: Table, data: Octets, home: int, entry: int, direction: int, at: int, end: int, length: int, sequence: int,
    port_a: int, port_b: int, time: int, ordinal: int,
) -> None:
    """Take a TCP segment's payload, `data[at:end]` of `length` octets sent, into the messages of its direction.

    `home` is what a message says of where it stands (M_SLOT): -1 for the capture, else `data` is the arena.
    """
    row = t.rows[entry]
    mode = row[R_MODE + direction]
    if mode == MODE_DONE:
        return
    if mode == MODE_CLOSED:
        # TLS may begin later, after STARTTLS or a proxy's greeting.
        if end - at < LEAST or data[at] != 22 or classify(data, at, end, 0, 0) != MODE_TLS:
            return
        row[R_MODE + direction] = mode = MODE_OPEN
        row[R_NEXT + direction] = sequence
    held = row[R_SLOT + direction]
    if held > 0:
        slot = held - 1
        offset = wrap(sequence - t.slots[slot, L_BASE])
        before = _together(t, slot)
        if offset == 0 and mode == MODE_OPEN and t.slots[slot, L_RUNS] == 1 and 0 < before < LEAST <= end - at:
            # A few octets of padding, sent as if they were payload, must not stand before the true beginning.
            _drop(t, slot, handed=False)
            row[R_NEXT + direction] = sequence
            held = 0
        elif _hopeless(t, slot, offset, end - at, time):
            _give_up_gap(t, slot, sequence)
            mode = row[R_MODE + direction]
            if mode == MODE_DONE:
                return
            held = row[R_SLOT + direction]
            if held > 0:
                slot = held - 1
                offset = wrap(sequence - t.slots[slot, L_BASE])
                before = 0
        if held > 0 and offset < SLOT_BYTES:
            _add(t, slot, offset, data, at, end)
            if _together(t, slot) > before:
                _pump(t, slot, port_a, port_b)
            else:
                t.slots[slot, L_GAP] = time if t.slots[slot, L_GAP] == 0 else t.slots[slot, L_GAP]
            return
        if held > 0:
            finish_slot(t, slot)
            mode = row[R_MODE + direction]
            if mode == MODE_DONE:
                return
            row[R_NEXT + direction] = sequence
    if row[R_NEXT + direction] < 0:
        row[R_NEXT + direction] = sequence
    ahead = wrap(sequence - row[R_NEXT + direction])
    if ahead < 0:
        if ahead + end - at > 0:
            at -= ahead
            sequence = row[R_NEXT + direction]
            length += ahead
        elif not (
            # An answer to HEAD says a length and has no body: the next answer stands where the body would begin.
            mode == MODE_HTTP
            and sequence == row[R_HEAD + direction]
            and end - at >= LEAST
            and data[at] == 72
            and data[at + 1] == 84
            and classify(data, at, end, 0, 0) == MODE_HTTP
        ):
            return
    elif ahead > 0:
        if ahead < SLOT_BYTES:
            slot = _take(t, entry, direction, row[R_NEXT + direction], time, ordinal)
            _add(t, slot, ahead, data, at, end)
            t.slots[slot, L_GAP] = time
            return
        # More is missing than a slot would hold: what is here may begin a message all the same.
        t.numbers[T_GAPS] += 1
        t.numbers[T_MISSING] += ahead
    while at < end:
        mode = row[R_MODE + direction]
        if mode == MODE_HTTP:
            passed = blank(data, at, end)
            if passed > 0:
                at += passed
                length -= passed
                sequence = (sequence + passed) & 0xFFFFFFFF
                row[R_NEXT + direction] = sequence
                continue
        kind = _kind(data, at, end, mode, row[R_MODE + 1 - direction], port_a, port_b)
        if kind == MODE_OPEN:
            slot = _take(t, entry, direction, sequence, time, ordinal)
            _add(t, slot, 0, data, at, end)
            return
        if kind == MODE_CLOSED:
            if mode == MODE_OPEN:
                row[R_MODE + direction] = MODE_CLOSED
            row[R_NEXT + direction] = (sequence + length) & 0xFFFFFFFF
            return
        row[R_MODE + direction] = kind
        status, size, following, seen = _end(data, at, end, kind, 0)
        if status == PARTIAL:
            slot = _take(t, entry, direction, sequence, time, ordinal)
            _add(t, slot, 0, data, at, end)
            t.slots[slot, L_SEEN] = min(seen, SLOT_BYTES - LEAST)
            if _together(t, slot) == SLOT_BYTES:
                finish_slot(t, slot)
            return
        if status != WHOLE:
            row[R_MODE + direction] = MODE_CLOSED
            return
        hand_out(t, entry, direction, kind, home, at, size, 0, time, ordinal)
        row[R_HEAD + direction] = (sequence + size) & 0xFFFFFFFF
        if kind == MODE_TLS or once(kind):
            row[R_MODE + direction] = MODE_DONE
            return
        crowded = t.numbers[T_MESSAGES] + 16 > t.messages.shape[0]
        if following < 0 or crowded:
            if crowded and following >= 0 and at + following < end:
                t.numbers[T_CUT_MESSAGES] += 1
            row[R_NEXT + direction] = (sequence + length) & 0xFFFFFFFF
            return
        row[R_NEXT + direction] = (sequence + following) & 0xFFFFFFFF
        at += following
        length -= following
        sequence = row[R_NEXT + direction]

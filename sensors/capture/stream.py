"""Putting the first bytes of each TCP direction together, and the heads of the messages that follow.

A message that is whole in one segment is never copied; others are put together in slots (sensors.capture.slots).
"""

from typing import Final

from sensors.capture.beginnings import end_at, kind_at
from sensors.capture.compiled import Octets, Words, compiled, inlined
from sensors.capture.framing import LEAST, blank, classify
from sensors.capture.gaps import finish_slot, give_up_gap, hopeless
from sensors.capture.recognising import PARTIAL, WHOLE, once
from sensors.capture.slots import add, drop_slot, hand_out, take_slot, together, wrap
from sensors.capture.supposing import CERTAIN, LATER, UNSEEN
from sensors.capture.table import (
    L_BASE,
    L_DIRECTION,
    L_FLOW,
    L_GAP,
    L_ORDINAL,
    L_RUNS,
    L_SEEN,
    L_TIME,
    MODE_CLOSED,
    MODE_DONE,
    MODE_GENERAL,
    MODE_HTTP,
    MODE_LATER,
    MODE_OPEN,
    MODE_TLS,
    R_GAPS,
    R_HEAD,
    R_MODE,
    R_NEXT,
    R_SLOT,
    R_STATE,
    SLOT_BYTES,
    ST_SYN,
    ST_SYN_ACK,
    T_CUT_MESSAGES,
    T_GAPS,
    T_MESSAGES,
    T_MISSING,
    Table,
)

_FARTHEST: Final = 1 << 24
"""Of how many octets a gap is believed."""


@compiled
def _doubt(row: Words, direction: int) -> int:
    """Whether the first octets that are looked at may not be those that the stream begins with."""
    began = row[R_STATE] & (ST_SYN | ST_SYN_ACK) << direction
    return CERTAIN if began != 0 and row[R_GAPS + direction] == 0 else UNSEEN


@compiled
def _unknown(row: Words, direction: int) -> int:
    """The mode of a direction whose octets are of nothing that is known."""
    return MODE_CLOSED if _doubt(row, direction) == CERTAIN else MODE_LATER


@compiled
def _later(row: Words, data: Octets, direction: int, at: int, end: int, port_a: int, port_b: int) -> bool:
    """Whether something begins here in a direction that was given up; only what is certain."""
    other = row[R_MODE + 1 - direction]
    if row[R_MODE + direction] == MODE_CLOSED and other < MODE_GENERAL:
        # TLS may begin later, after STARTTLS or a proxy's greeting.
        return classify(data, at, end, 0, 0) == MODE_TLS
    # Where the other side was recognised only later, this one could not have been by itself.
    return bool(kind_at(data, at, end, MODE_OPEN, other, port_a, port_b, LATER) != MODE_CLOSED)


@compiled
def _pump(t: Table, slot: int, port_a: int, port_b: int) -> None:
    """Hand out the messages that are whole in a slot, and keep or move what is left."""
    line = t.slots[slot]
    entry, direction, base = line[L_FLOW], line[L_DIRECTION], line[L_BASE]
    row = t.rows[entry]
    home = slot * SLOT_BYTES
    length = together(t, slot)
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
                    drop_slot(t, slot, handed=handed)
                return
        if mode == MODE_OPEN or start > 0 or line[L_SEEN] == 0:
            other = row[R_MODE + 1 - direction]
            doubt = _doubt(row, direction) if mode == MODE_OPEN else CERTAIN
            kind = kind_at(t.arena, home + start, home + length, mode, other, port_a, port_b, doubt)
            if kind == MODE_OPEN:
                break
            if kind == MODE_CLOSED:
                row[R_MODE + direction] = _unknown(row, direction) if mode == MODE_OPEN else mode
                row[R_NEXT + direction] = (base + length) & 0xFFFFFFFF
                drop_slot(t, slot, handed=handed)
                return
            mode = kind
            row[R_MODE + direction] = mode
        status, size, following, seen = end_at(t.arena, home + start, home + length, mode, line[L_SEEN])
        line[L_SEEN] = seen
        if status == PARTIAL:
            if length == SLOT_BYTES and start == 0:
                finish_slot(t, slot)
                return
            break
        if status != WHOLE:
            row[R_MODE + direction] = _unknown(row, direction)
            drop_slot(t, slot, handed=handed)
            return
        hand_out(t, entry, direction, mode, slot, home + start, size, 0, line[L_TIME], line[L_ORDINAL])
        handed = True
        row[R_HEAD + direction] = (base + start + size) & 0xFFFFFFFF
        line[L_SEEN] = 0
        if mode == MODE_TLS or once(mode):
            row[R_MODE + direction] = MODE_DONE
            drop_slot(t, slot, handed=True)
            return
        crowded = t.numbers[T_MESSAGES] + 16 > t.messages.shape[0]
        if following < 0 or start + following >= length or crowded:
            if crowded and 0 <= following and start + following < length:
                t.numbers[T_CUT_MESSAGES] += 1
            row[R_NEXT + direction] = (base + (start + following if following >= 0 else length)) & 0xFFFFFFFF
            drop_slot(t, slot, handed=True)
            return
        start += following
    if start == 0:
        return
    # What is left begins a message without its end: it moves to the beginning of a slot of its own.
    time, ordinal = line[L_TIME], line[L_ORDINAL]
    drop_slot(t, slot, handed=True)
    other = take_slot(t, entry, direction, (base + start) & 0xFFFFFFFF, time, ordinal)
    add(t, other, 0, t.arena, home + start, home + length)


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
    if mode == MODE_CLOSED or mode == MODE_LATER:
        # Most segments of bulk data end here, so that no function is called for them.
        if mode == MODE_CLOSED and row[R_MODE + 1 - direction] < MODE_GENERAL and (end - at < LEAST or data[at] != 22):
            return
        if not _later(row, data, direction, at, end, port_a, port_b):
            return
        row[R_MODE + direction] = mode = MODE_OPEN
        row[R_NEXT + direction] = sequence
    held = row[R_SLOT + direction]
    if held > 0:
        slot = held - 1
        offset = wrap(sequence - t.slots[slot, L_BASE])
        before = together(t, slot)
        if offset == 0 and mode == MODE_OPEN and t.slots[slot, L_RUNS] == 1 and 0 < before < LEAST <= end - at:
            # A few octets of padding, sent as if they were payload, must not stand before the true beginning.
            drop_slot(t, slot, handed=False)
            row[R_NEXT + direction] = sequence
            held = 0
        elif hopeless(t, slot, offset, end - at, time):
            give_up_gap(t, slot, sequence)
            mode = row[R_MODE + direction]
            if mode == MODE_DONE:
                return
            held = row[R_SLOT + direction]
            if held > 0:
                slot = held - 1
                offset = wrap(sequence - t.slots[slot, L_BASE])
                before = 0
        if held > 0 and offset < SLOT_BYTES:
            add(t, slot, offset, data, at, end)
            if together(t, slot) > before:
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
            slot = take_slot(t, entry, direction, row[R_NEXT + direction], time, ordinal)
            add(t, slot, ahead, data, at, end)
            t.slots[slot, L_GAP] = time
            return
        # More is missing than a slot would hold: what is here may begin a message all the same.
        # A number that is far off is that of another connection, or none at all.
        if ahead <= _FARTHEST:
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
        doubt = _doubt(row, direction) if mode == MODE_OPEN else CERTAIN
        kind = kind_at(data, at, end, mode, row[R_MODE + 1 - direction], port_a, port_b, doubt)
        if kind == MODE_OPEN:
            slot = take_slot(t, entry, direction, sequence, time, ordinal)
            add(t, slot, 0, data, at, end)
            return
        if kind == MODE_CLOSED:
            if mode == MODE_OPEN:
                row[R_MODE + direction] = _unknown(row, direction)
            row[R_NEXT + direction] = (sequence + length) & 0xFFFFFFFF
            return
        row[R_MODE + direction] = kind
        status, size, following, seen = end_at(data, at, end, kind, 0)
        if status == PARTIAL:
            slot = take_slot(t, entry, direction, sequence, time, ordinal)
            add(t, slot, 0, data, at, end)
            t.slots[slot, L_SEEN] = min(seen, SLOT_BYTES - LEAST)
            if together(t, slot) == SLOT_BYTES:
                finish_slot(t, slot)
            return
        if status != WHOLE:
            row[R_MODE + direction] = _unknown(row, direction)
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

"""Going on behind octets of a TCP stream that are missing, and ending what has no end.

Octets are waited for while there is room and hope; then messages are looked for in what stands behind them, by what
detection asks as well.
"""

from typing import Final

import numpy as np

from sensors.capture.beginnings import end_at, kind_at
from sensors.capture.compiled import Octets, compiled, inlined
from sensors.capture.framing import LEAST, certificate, classify, frame
from sensors.capture.recognising import PARTIAL, WHOLE, begins, enough, lined, once, worth
from sensors.capture.slots import add, drop_slot, hand_out, take_slot, together, wrap
from sensors.capture.supposing import UNSEEN
from sensors.capture.table import (
    BROKEN,
    CUT,
    L_BASE,
    L_DIRECTION,
    L_FLOW,
    L_GAP,
    L_ORDINAL,
    L_RUN,
    L_RUNS,
    L_TIME,
    L_USED,
    MODE_CLOSED,
    MODE_DNS,
    MODE_DONE,
    MODE_GENERAL,
    MODE_HTTP,
    MODE_LATER,
    MODE_OPEN,
    MODE_TLS,
    R_MODE,
    R_NEXT,
    SLOT_BYTES,
    T_BEHIND,
    T_CUT_MESSAGES,
    T_GAPS,
    T_MESSAGES,
    T_MISSING,
    T_SLOT_HAND,
    Table,
)
from sensors.event.times import SECOND

_PATIENCE: Final = 5 * SECOND
"""For how long octets that are missing are waited for: a sender repeats them several times by then (RFC 6298)."""
_SPARED: Final = 48
"""Rows of messages that are left to slots which are finished together: `reclaim` takes 32 of them."""



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
                0 if whole else CUT, line[L_TIME], line[L_ORDINAL],
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
    status, size, following, _ = end_at(data, at, end, mode, 0)
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
            _, _, following, _ = end_at(t.arena, home, home + line[L_RUN + 1], mode, 0)
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
            status, size, following, _ = end_at(t.arena, place, end, mode, 0)
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
    return kind_at(
        t.arena, home + line[run], home + line[run + 1], MODE_OPEN, t.rows[entry, R_MODE + 1 - line[L_DIRECTION]],
        ports >> 32 & 0xFFFF, ports >> 16 & 0xFFFF, UNSEEN,
    )


@compiled
def _certificates(t: Table, slot: int) -> int:
    """Hand out a server's certificates whose hello is missing, wherever they begin, with what stands behind them.

    Returns:
        How far behind the slot's beginning that goes; 0: there are none.
    """
    line = t.slots[slot]
    home = slot * SLOT_BYTES
    for run in range(line[L_RUNS]):
        begin, end = home + line[L_RUN + 2 * run], home + line[L_RUN + 2 * run + 1]
        for place in range(begin, end - LEAST):
            if t.arena[place] == 22 and certificate(t.arena, place, end):
                status, size, _, _ = end_at(t.arena, place, end, MODE_TLS, 0)
                hand_out(
                    t, line[L_FLOW], line[L_DIRECTION], MODE_TLS, slot, place, size if status == WHOLE else end - place,
                    0 if status == WHOLE else BROKEN, line[L_TIME], line[L_ORDINAL],
                )
                t.numbers[T_BEHIND] += 1
                return int(line[L_RUN + 2 * run + 1])
    return 0


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
    length = together(t, slot)
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
            t, entry, direction, mode, slot, slot * SLOT_BYTES, length, BROKEN if gap else CUT, line[L_TIME],
            line[L_ORDINAL],
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
            status, size, _, _ = end_at(t.arena, at, end, mode, 0)
            hand_out(
                t, entry, direction, mode, slot, at, size if status == WHOLE else end - at,
                0 if status == WHOLE else CUT, line[L_TIME], line[L_ORDINAL],
            )
            t.numbers[T_BEHIND] += 1
            behind = line[run + 1]
        elif not handed and mode == MODE_OPEN:
            behind = _certificates(t, slot)
            mode = MODE_TLS if behind > 0 else MODE_LATER
        if behind > 0:
            handed = True
            length = behind
    t.rows[entry, R_MODE + direction] = MODE_DONE if mode == MODE_TLS or once(mode) else mode
    t.rows[entry, R_NEXT + direction] = (line[L_BASE] + length) & 0xFFFFFFFF
    drop_slot(t, slot, handed=handed)
    return tail


@compiled
def give_up_gap(t: Table, slot: int, sequence: int) -> None:
    """Go on behind the gaps of a slot: its messages are handed out, and one without its end stays in a slot of its own.

    Else the direction goes on with the segment of this number, or behind it where a message said so.
    """
    line = t.slots[slot]
    entry, direction, base, time, ordinal = line[L_FLOW], line[L_DIRECTION], line[L_BASE], line[L_TIME], line[L_ORDINAL]
    end = line[L_RUN + 2 * line[L_RUNS] - 1]
    tail = finish_slot(t, slot)
    if tail >= 0:
        # The octets stay where they are until the slot is given to somebody, at the earliest just now.
        other = take_slot(t, entry, direction, (base + tail) & 0xFFFFFFFF, time, ordinal)
        add(t, other, 0, t.arena, slot * SLOT_BYTES + tail, slot * SLOT_BYTES + end)
    elif wrap(sequence - t.rows[entry, R_NEXT + direction]) > 0 or t.rows[entry, R_MODE + direction] == MODE_HTTP:
        t.rows[entry, R_NEXT + direction] = sequence


@inlined
def hopeless(t: Table, slot: int, offset: int, size: int, time: int) -> bool:
    """Whether octets are missing in a slot that will not come any more, when a segment comes behind what it holds."""
    line = t.slots[slot]
    if line[L_RUNS] == 0 or (line[L_RUNS] == 1 and line[L_RUN] == 0) or offset < line[L_RUN + 2 * line[L_RUNS] - 1]:
        return False
    return bool(offset + size > SLOT_BYTES or (line[L_GAP] > 0 and time - line[L_GAP] > _PATIENCE))


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

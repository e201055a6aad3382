"""Batches of `network.flow` from the rows that the flow table hands out.

Rows of one layout go together: with ports or ICMP numbers or neither, with TCP's flags or not and its troubles or none,
with no VLAN, one or two, inside tunnels or outside, with a named protocol or not, with times of their own or without.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from sensors.capture import text
from sensors.capture.compiled import Longs, Words, compiled
from sensors.capture.endpoints import BITS, Endpoints, layouts
from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.capture.packet import FORM_PORTS, TCP
from sensors.capture.table import (
    R_AGAIN,
    R_BYTES,
    R_FIRST,
    R_FLAGS,
    R_FRAGMENTS,
    R_GAPS,
    R_LAST,
    R_LATE,
    R_MISSING,
    R_ORDINAL,
    R_ORIGIN,
    R_PACKETS,
    R_REASON,
    R_SERIAL,
    R_STATE,
    R_TURNED,
    REASONS,
    ST_FIN,
    ST_RST,
    ST_SYN,
    ST_SYN_ACK,
)
from sensors.capture.telling import PROTOCOLS
from sensors.event.model import BATCH_ROWS, Batch, Column, Source

_PROTOCOL_TEXT = np.array(PROTOCOLS, dtype=object)
_REASON_TEXT = np.array(REASONS, dtype=object)
_FLAG_LETTERS = "FSRPAUEC"
_FLAGS_TEXT = np.array(
    ["".join(letter for bit, letter in enumerate(_FLAG_LETTERS) if flags >> bit & 1) for flags in range(256)],
    dtype=object,
)

CONSTANTS: dict[str, Any] = {
    "event.module": "network",
    "event.kind": "event",
    "event.category": ["network"],
    "event.type": ["connection", "end"],
}

_TAG = np.uint64(int.from_bytes(b"flow", "little"))
_TROUBLES = {
    "hanwatch.tcp.retransmissions": R_AGAIN, "hanwatch.tcp.out_of_order": R_LATE, "hanwatch.tcp.gaps": R_GAPS,
    "hanwatch.tcp.missing_bytes": R_MISSING,
}
_TCP, _NAMED, _UNTIMED, _TROUBLED, _PIECES = 16, 17, 18, 19, 20
"""Bits of a layout's number, behind those of the endpoints."""
_ONLY_WITH = (
    (_TCP, ("hanwatch.tcp.flags.source", "hanwatch.tcp.flags.destination", "hanwatch.tcp.state")),
    (_NAMED, ("network.protocol",)),
)
"""Columns that a layout has only if this bit of its number is set."""

# Rows of what `_oriented` writes, one flow a column.
_O_FIRST, _O_LAST, _O_LASTED, _O_ORDINAL, _O_REASON, _O_ORIGIN, _O_TURNED, _O_STATE = range(8)
_O_FLAGS, _O_PACKETS, _O_BYTES = 8, 10, 13
_O_ROWS = 16


def state_text(state: int, origin: int) -> str:
    """The state of a TCP connection at its end, in the codes of Zeek's conn_state (base/protocols/conn/main.zeek)."""
    if origin:
        # Bits of a pair change places, so that the originator's come first.
        state = (state & 0x55) << 1 | (state & 0xAA) >> 1
    attempt, answer = state & ST_SYN, state & ST_SYN_ACK << 1
    if state & ST_RST:
        if attempt and answer:
            return "RSTO"
        return "RSTOS0" if attempt else "OTH"
    if state & ST_RST << 1:
        if attempt:
            return "RSTR" if answer else "REJ"
        return "RSTRH" if answer else "OTH"
    done, done_back = state & ST_FIN, state & ST_FIN << 1
    if attempt and answer:
        if done and done_back:
            return "SF"
        return "S2" if done else "S3" if done_back else "S1"
    if attempt:
        return "SH" if done else "S0"
    return "SHR" if answer and done_back else "OTH"


_STATE_TEXT = np.array([[state_text(state, origin) for state in range(256)] for origin in range(2)], dtype=object)


@compiled
def _traits(keys: Longs, rows: Words, protocols: Words, groups: Words) -> None:
    """Add to each flow's layout what its own columns depend on."""
    for place in range(rows.shape[0]):
        row, tail, found = rows[place], np.int64(keys[place, 4]), 0
        if tail >> 8 & 255 == TCP and tail >> 4 & 15 == FORM_PORTS:
            found = 1 << _TCP
        if protocols[place] > 0:
            found |= 1 << _NAMED
        if row[R_FIRST] == 0:
            found |= 1 << _UNTIMED
        if row[R_FRAGMENTS] > 0:
            found |= 1 << _PIECES
        for column in range(R_AGAIN, R_MISSING + 2):
            if row[column] != 0:
                found |= 1 << _TROUBLED
        groups[place] |= found


@compiled
def _oriented(rows: Words, out: Words) -> None:
    """Turn what every flow has into columns (_O_), the originator's side first."""
    for place in range(rows.shape[0]):
        row = rows[place]
        origin = row[R_ORIGIN]
        out[_O_FIRST, place], out[_O_LAST, place] = row[R_FIRST], row[R_LAST]
        out[_O_LASTED, place] = row[R_LAST] - row[R_FIRST]
        out[_O_ORDINAL, place], out[_O_REASON, place] = row[R_ORDINAL], row[R_REASON]
        out[_O_ORIGIN, place], out[_O_TURNED, place], out[_O_STATE, place] = origin, row[R_TURNED], row[R_STATE]
        out[_O_FLAGS, place], out[_O_FLAGS + 1, place] = row[R_FLAGS + origin], row[R_FLAGS + 1 - origin]
        sent, answered = row[R_PACKETS + origin], row[R_PACKETS + 1 - origin]
        out[_O_PACKETS, place], out[_O_PACKETS + 1, place], out[_O_PACKETS + 2, place] = sent, answered, sent + answered
        sent, answered = row[R_BYTES + origin], row[R_BYTES + 1 - origin]
        out[_O_BYTES, place], out[_O_BYTES + 1, place], out[_O_BYTES + 2, place] = sent, answered, sent + answered


def batches(
    keys: Longs, rows: Words, protocols: Words, carriers: Longs, source: Source, received: int,
) -> Iterator[Batch]:
    """Batches of flows.

    Args:
        keys: flow keys, one a row.
        rows: the flows' rows (sensors.capture.table).
        protocols: the protocol of each flow, a place in `sensors.capture.telling.PROTOCOLS`.
        carriers: the table's carriers by number.
        source: the capture.
        received: receipt time, ns; also the event time of flows whose packets carry none.

    Yields:
        Batches of `network.flow`, by layout, and in them in the order of the rows.
    """
    count = len(rows)
    if not count:
        return
    groups = layouts(keys, carriers)
    _traits(keys, rows, protocols, groups)
    # Rows of one layout are brought together first, so that every column is made once and then cut.
    order = np.argsort(groups, kind="stable")
    keys, rows, groups = keys[order], rows[order], groups[order]
    own = np.empty((_O_ROWS, count), np.int64)
    _oriented(rows, own)
    ends = Endpoints(keys, own[_O_ORIGIN], own[_O_TURNED], carriers)
    columns = ends.shared | _columns(own)
    columns["network.protocol"] = _PROTOCOL_TEXT[protocols[order]].tolist()
    contents = np.empty((count, CONTENT_WORDS), np.uint64)
    contents[:, 0] = _TAG
    contents[:, 1:7] = keys
    contents[:, 7] = own[_O_FIRST]
    contents[:, 8] = rows[:, R_SERIAL]
    ids = event_ids(source.id, own[_O_ORDINAL], contents)
    edges = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), count]
    for first, last in pairwise(edges):
        group = int(groups[first])
        left_out = {name for bit, absent in _ONLY_WITH for name in absent if not group >> bit & 1}
        if group >> _UNTIMED & 1:
            left_out |= {"event.start", "event.end"}
        layout = {name: column[first:last] for name, column in columns.items() if name not in left_out}
        layout.update(ends.of_layout(group & (1 << BITS) - 1, first, last))
        layout.update(_rare_columns(group, rows[first:last]))
        for begin in range(first, last, BATCH_ROWS):
            end = min(begin + BATCH_ROWS, last)
            part = layout
            if last - first > BATCH_ROWS:
                part = {name: column[begin - first : end - first] for name, column in layout.items()}
            times, constants = own[_O_FIRST, begin:end], CONSTANTS
            if group >> _UNTIMED & 1:
                times = np.full(end - begin, received, np.int64)
                constants = CONSTANTS | {"hanwatch.time.origin": "received"}
            yield Batch(
                dataset="network.flow",
                source=source,
                received=received,
                times=times,
                ids=ids[begin:end],
                ordinals=own[_O_ORDINAL, begin:end],
                constants=constants,
                columns=part,
            )


def _columns(own: Words) -> dict[str, Column]:
    """The columns that many layouts have, of all rows."""
    return {
        "source.packets": own[_O_PACKETS],
        "destination.packets": own[_O_PACKETS + 1],
        "network.packets": own[_O_PACKETS + 2],
        "source.bytes": own[_O_BYTES],
        "destination.bytes": own[_O_BYTES + 1],
        "network.bytes": own[_O_BYTES + 2],
        "event.duration": own[_O_LASTED],
        "event.reason": _REASON_TEXT[own[_O_REASON]].tolist(),
        "hanwatch.tcp.flags.source": _FLAGS_TEXT[own[_O_FLAGS]].tolist(),
        "hanwatch.tcp.flags.destination": _FLAGS_TEXT[own[_O_FLAGS + 1]].tolist(),
        "hanwatch.tcp.state": _STATE_TEXT[own[_O_ORIGIN], own[_O_STATE]].tolist(),
        "event.start": text.times(own[_O_FIRST]),
        "event.end": text.times(own[_O_LAST]),
    }


def _rare_columns(group: int, rows: Words) -> Iterator[tuple[str, Column]]:
    """The columns that only these rows of one layout have, as few have them."""
    if group >> _PIECES & 1:
        yield "hanwatch.ip.fragments", rows[:, R_FRAGMENTS].copy()
    if group >> _TROUBLED & 1:
        places, origin = np.arange(len(rows)), rows[:, R_ORIGIN]
        for name, column in _TROUBLES.items():
            yield f"{name}.source", rows[places, column + origin]
            yield f"{name}.destination", rows[places, column + 1 - origin]

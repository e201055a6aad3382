"""Batches of `network.flow` from the rows that the flow table hands out.

Rows of one layout go together: with ports or ICMP numbers or neither, with TCP's flags or not and its troubles or none,
with no VLAN, one or two, inside tunnels or outside, with a named protocol or not, with times of their own or without.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from sensors.capture import community, text, tunnelled
from sensors.capture.compiled import Longs, Words
from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.capture.packet import FORM_ICMP, FORM_ONE_WAY, FORM_PORTS
from sensors.capture.table import (
    PLACE_BITS,
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

TRANSPORTS: Mapping[int, str] = {
    1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 46: "rsvp", 47: "gre", 50: "esp",
    51: "ah", 58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp",
    136: "udplite", 137: "mpls-in-ip",
}
"""Names of IP protocols (IANA, protocol numbers) that network.transport uses; the others are left to their number."""

_TRANSPORT_TEXT = np.array([TRANSPORTS.get(number, str(number)) for number in range(256)], dtype=object)
_NUMBER_TEXT = np.array([str(number) for number in range(256)], dtype=object)
_TYPE_TEXT = np.array(["ipv4", "ipv6"], dtype=object)
_VLAN_TEXT = np.array([str(number) for number in range(4_096)], dtype=object)
_FORM_NAMES = {
    FORM_PORTS: ("source.port", "destination.port"),
    FORM_ICMP: ("hanwatch.icmp.type",),
    FORM_ONE_WAY: ("hanwatch.icmp.type", "hanwatch.icmp.code"),
}
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
"""Bits of a layout's number, beside those of `layouts`."""
_ONLY_WITH = (
    (_TCP, ("hanwatch.tcp.flags.source", "hanwatch.tcp.flags.destination", "hanwatch.tcp.state")),
    (_NAMED, ("network.protocol",)),
    (_TROUBLED, tuple(f"{name}.{side}" for name in _TROUBLES for side in ("source", "destination"))),
    (_PIECES, ("hanwatch.ip.fragments",)),
)
"""Columns that a layout has only if this bit of its number is set."""


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


def endpoints(keys: Longs, origin: Words) -> dict[str, Column]:
    """The columns that say between whom: addresses, transport, type and community id, from the originator's side.

    Args:
        keys: flow keys, one a row (sensors.capture.table).
        origin: 0 where the key's first address is the originator's, 1 where its second is.

    Returns:
        Columns by ECS name; ports and VLANs are left to `layout_columns`, since not every flow has them.
    """
    tail = keys[:, 4].astype(np.int64)
    six = (tail & 15 == 6).astype(np.int64)
    turned = origin.astype(bool)
    source_high, source_low = np.where(turned, keys[:, 2], keys[:, 0]), np.where(turned, keys[:, 3], keys[:, 1])
    target_high, target_low = np.where(turned, keys[:, 0], keys[:, 2]), np.where(turned, keys[:, 1], keys[:, 3])
    protocol = tail >> 8 & 255
    return {
        "source.ip": text.addresses(source_high, source_low, six),
        "destination.ip": text.addresses(target_high, target_low, six),
        "network.type": _TYPE_TEXT[six].tolist(),
        "network.transport": _TRANSPORT_TEXT[protocol].tolist(),
        "network.iana_number": _NUMBER_TEXT[protocol].tolist(),
        "network.community_id": community.community_ids(keys),
    }


def layout_columns(keys: Longs, origin: Words, turned: Words, carriers: Longs) -> dict[str, Column]:
    """The columns of ports, ICMP numbers, VLANs and tunnels for rows of any layout.

    `layout_names` says which ones a row has.

    Args:
        keys: flow keys, one a row (sensors.capture.table).
        origin: 0 where the key's first address is the originator's, 1 where its second is.
        turned: R_TURNED of each flow.
        carriers: the table's carriers by number.
    """
    tail, place = keys[:, 4].astype(np.int64), keys[:, 5].astype(np.int64)
    back = origin.astype(bool)
    low, high = tail >> 32 & 0xFFFF, tail >> 16 & 0xFFFF
    source, target = np.where(back, high, low), np.where(back, low, high)
    columns: dict[str, Column] = {
        "source.port": source,
        "destination.port": target,
        "hanwatch.icmp.type": np.where(tail >> 4 & 15 == FORM_ICMP, source, low),
        "hanwatch.icmp.code": high,
    }
    if place.any():
        columns["network.vlan.id"] = _VLAN_TEXT[place >> 12 & 0xFFF].tolist()
        columns["network.inner.vlan.id"] = _VLAN_TEXT[place & 0xFFF].tolist()
        columns |= tunnelled.columns(place >> PLACE_BITS, turned, carriers)
    return columns


def layout_names(layout: int) -> list[str]:
    """The names of `layout_columns` that rows of a layout have."""
    names = list(_FORM_NAMES.get(layout & 15, ()))
    if layout >> 4 & 1:
        names.append("network.vlan.id")
    if layout >> 5 & 1:
        names.append("network.inner.vlan.id")
    return names + tunnelled.names(layout >> 6 & 7)


def layouts(keys: Longs, carriers: Longs) -> Words:
    """A number for each key such that keys of one number have the same columns of ports, VLANs and tunnels.

    It has nine bits.
    """
    tail, place = keys[:, 4].astype(np.int64), keys[:, 5].astype(np.int64)
    found = (tail >> 4 & 15) | (place >> 12 & 0xFFF != 0) << 4 | (place & 0xFFF != 0) << 5
    return found | tunnelled.layouts(place >> PLACE_BITS, carriers) << 6  # type: ignore[no-any-return]


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
    if not len(rows):
        return
    tail = keys[:, 4].astype(np.int64)
    tcp = (tail >> 8 & 255 == 6) & (tail >> 4 & 15 == FORM_PORTS)
    groups = layouts(keys, carriers) | tcp << _TCP | (protocols > 0) << _NAMED | (rows[:, R_FIRST] == 0) << _UNTIMED
    groups |= rows[:, R_AGAIN : R_MISSING + 2].any(axis=1) << _TROUBLED | (rows[:, R_FRAGMENTS] > 0) << _PIECES
    # Rows of one layout are brought together first, so that every column is made once and then cut.
    order = np.argsort(groups, kind="stable")
    keys, rows, groups = keys[order], rows[order], groups[order]
    columns = _columns(keys, rows)
    columns["network.protocol"] = _PROTOCOL_TEXT[protocols[order]].tolist()
    some = layout_columns(keys, rows[:, R_ORIGIN], rows[:, R_TURNED], carriers)
    contents = np.empty((len(rows), CONTENT_WORDS), np.uint64)
    contents[:, 0] = _TAG
    contents[:, 1:7] = keys
    contents[:, 7] = rows[:, R_FIRST]
    contents[:, 8] = rows[:, R_SERIAL]
    ids = event_ids(source.id, np.ascontiguousarray(rows[:, R_ORDINAL]), contents)
    edges = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(rows)]
    for first, last in pairwise(edges):
        group = int(groups[first])
        left_out = {name for bit, absent in _ONLY_WITH for name in absent if not group >> bit & 1}
        if group >> _UNTIMED & 1:
            left_out |= {"event.start", "event.end"}
        layout = {name: column for name, column in columns.items() if name not in left_out}
        layout |= {name: some[name] for name in layout_names(group)}
        for begin in range(first, last, BATCH_ROWS):
            end = min(begin + BATCH_ROWS, last)
            part = {name: column[begin:end] for name, column in layout.items()}
            times, constants = rows[begin:end, R_FIRST].copy(), CONSTANTS
            if group >> _UNTIMED & 1:
                times = np.full(end - begin, received, np.int64)
                constants = CONSTANTS | {"hanwatch.time.origin": "received"}
            yield Batch(
                dataset="network.flow",
                source=source,
                received=received,
                times=times,
                ids=ids[begin:end],
                ordinals=rows[begin:end, R_ORDINAL].copy(),
                constants=constants,
                columns=part,
            )


def _columns(keys: Longs, rows: Words) -> dict[str, Column]:
    """Every column that some layout has, for rows of all layouts."""
    origin = rows[:, R_ORIGIN]
    own, back = np.arange(len(rows)), 1 - origin
    columns: dict[str, Column] = endpoints(keys, origin)
    for name, column in _TROUBLES.items():
        columns[f"{name}.source"] = rows[own, column + origin]
        columns[f"{name}.destination"] = rows[own, column + back]
    columns["hanwatch.ip.fragments"] = rows[:, R_FRAGMENTS].copy()
    for field, column in (("packets", R_PACKETS), ("bytes", R_BYTES)):
        sent, answered = rows[own, column + origin], rows[own, column + back]
        columns[f"source.{field}"] = sent
        columns[f"destination.{field}"] = answered
        columns[f"network.{field}"] = sent + answered
    columns["event.duration"] = rows[:, R_LAST] - rows[:, R_FIRST]
    columns["event.reason"] = _REASON_TEXT[rows[:, R_REASON]].tolist()
    columns["hanwatch.tcp.flags.source"] = _FLAGS_TEXT[rows[own, R_FLAGS + origin]].tolist()
    columns["hanwatch.tcp.flags.destination"] = _FLAGS_TEXT[rows[own, R_FLAGS + back]].tolist()
    columns["hanwatch.tcp.state"] = _STATE_TEXT[origin, rows[:, R_STATE]].tolist()
    columns["event.start"] = text.times(rows[:, R_FIRST])
    columns["event.end"] = text.times(rows[:, R_LAST])
    return columns

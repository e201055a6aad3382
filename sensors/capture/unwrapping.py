"""From what was captured to the innermost packet: tunnels are taken off and fragments put together, in any order.

A packet belongs to one flow, the innermost that can be read. Where the inside contradicts itself, or was not captured
so far, it belongs to the flow of the tunnel.
"""

from typing import Final

from sensors.capture.carriers import add_layer, carrier
from sensors.capture.compiled import Octets, compiled
from sensors.capture.fragments import BEGINS, BELONGS, WAITS, WHOLE, fragment, remember, wait
from sensors.capture.packet import (
    FLOW,
    P_COLUMNS,
    P_DEEP,
    P_END,
    P_FRAGMENT,
    P_LENGTH,
    P_MORE,
    P_PAYLOAD,
    P_PROTOCOL,
    P_SHORT,
    P_VERSION,
    P_WHOLE,
    TRUNCATED,
    UDP,
    network_layer,
)
from sensors.capture.table import (
    D_PLACE,
    D_TURNED,
    MOST_LAYERS,
    PLACE_BITS,
    T_OPENED,
    T_TOO_DEEP,
    T_UNOPENED,
    T_WEIGHT,
    Table,
)
from sensors.capture.tunnels import NO_TUNNEL, opened

# What is to be done with the packet whose row is there now.
MALFORMED_PIECE: Final = -1  # nothing: a fragment that contradicts itself
LATER: Final = 0             # nothing: it waits
COUNT: Final = 1             # it is counted; what it says is read when its datagram is whole
READ: Final = 2              # it is counted and read


@compiled
def _set_aside(t: Table) -> None:
    for column in range(P_COLUMNS):
        t.outer[column] = t.packet[column]
    for word in range(4):
        t.outer_address[word] = t.address[word]


@compiled
def _take_back(t: Table) -> None:
    for column in range(P_COLUMNS):
        t.packet[column] = t.outer[column]
    for word in range(4):
        t.address[word] = t.outer_address[word]


@compiled
def unwrap(
    t: Table, data: Octets, cut: int, vlan: int, moment: int, ordinal: int, wire: int,
) -> tuple[int, int, int]:
    """Go on from a decoded packet to the innermost one that can be read.

    Args:
        t: the flow table; the packet's row and addresses are filled.
        data: the octets that it stands in.
        cut: 1: the capture holds less of it than there was.
        vlan: its VLAN ids.
        moment: when it came, ns.
        ordinal: its number.
        wire: how long it was on the wire.

    Returns:
        What is to be done with it, where its flow is (the last word of the key), and R_TURNED. What it counts for is
        the table's weight; the octets that it stands in are the arena's where the table's numbers name a heap.
    """
    packet, numbers = t.packet, t.numbers
    numbers[T_WEIGHT], numbers[T_WEIGHT + 1] = 1, wire
    numbers[T_WEIGHT + 2], numbers[T_WEIGHT + 3] = moment, ordinal
    source = data
    layers, turned, place = 0, 0, vlan
    # Datagrams whose flow is what is inside of them: the one that is not whole, and the last that is.
    partial, whole = -1, -1
    while packet[P_DEEP]:
        if packet[P_FRAGMENT] or packet[P_MORE]:
            if partial >= 0:
                # What is inside of a part can be known only when it is whole.
                wait(t, partial)
                return LATER, place, turned
            place = vlan | carrier(t, layers) << PLACE_BITS if layers else vlan
            what, entry = fragment(t, source, place, turned, moment)
            if what == WAITS:
                return LATER, place, turned
            if what == BELONGS:
                return COUNT, t.datagrams[entry, D_PLACE], t.datagrams[entry, D_TURNED]
            if what == BEGINS:
                if packet[P_SHORT]:
                    wait(t, entry)
                    return LATER, place, turned
                partial = entry
            elif what == WHOLE:
                source = t.arena
                whole = entry
                cut = 0
                continue
            else:
                return MALFORMED_PIECE, place, turned
        lost = 1 if cut or partial >= 0 else 0
        kind, ident, version, at, vlan_inside = opened(source, packet, t.address, lost)
        if kind == NO_TUNNEL:
            break
        if layers == MOST_LAYERS:
            numbers[T_TOO_DEEP] += 1
            break
        _set_aside(t)
        limit = packet[P_PAYLOAD] + packet[P_LENGTH]
        bucket = network_layer(source, at, packet[P_END], lost, version, packet, t.address)
        if bucket == TRUNCATED and partial >= 0:
            _take_back(t)
            wait(t, partial)
            return LATER, place, turned
        # A tunnel inside UDP is recognised by what it holds, which must not be longer than the datagram.
        fits = t.outer[P_PROTOCOL] != UDP or packet[P_WHOLE] <= limit
        if bucket != FLOW or not fits:
            _take_back(t)
            numbers[T_UNOPENED] += 1
            break
        turned |= add_layer(t, layers, kind, ident, t.outer[P_VERSION], vlan, t.outer_address) << layers
        layers += 1
        numbers[T_OPENED] += 1
        vlan = vlan_inside
    place = vlan | carrier(t, layers) << PLACE_BITS if layers else vlan
    if whole >= 0:
        remember(t, whole, place, turned)
    if partial >= 0:
        remember(t, partial, place, turned)
        return COUNT, place, turned
    return READ, place, turned

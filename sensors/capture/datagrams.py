"""Handing out datagrams that may be of a protocol: DNS on its ports or by its shape, others by the registry's signs."""

from typing import Final

from sensors.capture.compiled import Octets, Words, be16, compiled, inlined, octet
from sensors.capture.packet import P_DESTINATION, P_END, P_HOPS, P_PAYLOAD, P_SOURCE, P_VERSION
from sensors.capture.protocols.tables import neighbours
from sensors.capture.recognising import begins, enough
from sensors.capture.slots import hand_out
from sensors.capture.supposing import CERTAIN, UDP, suppose
from sensors.capture.table import KIND_DATAGRAM, MODE_CLOSED, MODE_GENERAL, R_MODE, R_TRIED, Table

_TRIES: Final = 4
"""How many datagrams of a flow are looked at before it is given up."""
_NEIGHBOURS, _STRANGERS = (MODE_GENERAL + place for place in neighbours())
_FROM_THE_LINK: Final = 255
"""The hop limit that no router leaves as it is (RFC 4861 section 3.1)."""
_FIRST_NEIGHBOUR: Final = 133
_LAST_NEIGHBOUR: Final = 137


@compiled
def _looks_like_dns(data: Octets, at: int, end: int) -> bool:
    """Whether a datagram on any port has the shape of DNS (RFC 1035 section 4.1): one question that ends properly."""
    if end - at < 17 or end - at > 1_500:
        return False
    flags = be16(data, at + 2)
    if flags & 0x7870 or be16(data, at + 4) != 1 or be16(data, at + 6) > 32 or be16(data, at + 8) > 32:
        return False
    if be16(data, at + 10) > 32 or (not flags & 0x8000 and be16(data, at + 6) != 0):
        return False
    q = at + 12
    labels = 0
    while q < end and data[q] != 0:
        length = octet(data, q)
        if length > 63 or q + 1 + length >= end:
            return False
        for place in range(q + 1, q + 1 + length):
            letter = octet(data, place) | 32
            if not (97 <= letter <= 122 or 48 <= data[place] <= 57 or data[place] == 45 or data[place] == 95):
                return False
        labels += 1
        q += 1 + length
    if labels < 2 or q + 5 > end:
        return False
    kind = be16(data, q + 1)
    return be16(data, q + 3) == 1 and (0 < kind <= 65 or kind == 255) and (bool(flags & 0x8000) or q + 5 <= end)


@compiled
def _kind(data: Octets, at: int, end: int, port_a: int, port_b: int) -> int:
    """What a datagram may be that nothing is known about: a general mode, KIND_DATAGRAM for DNS, or MODE_CLOSED."""
    kind = suppose(data, at, end, UDP, port_a, port_b, CERTAIN)
    if kind == MODE_CLOSED and _looks_like_dns(data, at, end):
        return KIND_DATAGRAM
    return kind


@inlined
def datagram(
    t: Table, data: Octets, home: int, entry: int, direction: int, packet: Words, moment: int, ordinal: int,
) -> None:
    """Hand out a UDP payload that may be of a protocol: by DNS's ports, or what a flow's first ones look like.

    `home` is what a message says of where it stands (M_SLOT): -1 for the capture, else `data` is the arena.
    """
    at, end = packet[P_PAYLOAD], packet[P_END]
    source, destination = packet[P_SOURCE], packet[P_DESTINATION]
    if end <= at:
        return
    named = False
    for port in (53, 5353, 5355):
        if port in (source, destination):
            named = True
    row = t.rows[entry]
    kind = KIND_DATAGRAM
    if not named:
        mode = row[R_MODE]
        if mode >= MODE_GENERAL:
            if not enough(mode, end - at) or not begins(data, at, end, mode):
                return
            kind = mode
        else:
            if row[R_TRIED] >= _TRIES:
                return
            row[R_TRIED] += 1
            kind = _kind(data, at, end, source, destination)
            if kind == MODE_CLOSED:
                return
            # One message of the right shape is worth looking at every further one.
            row[R_TRIED] = 0
            if kind >= MODE_GENERAL:
                row[R_MODE] = kind
    if kind == KIND_DATAGRAM and end - at < 12:
        return
    hand_out(t, entry, direction, kind, home, at, end - at, 0, moment, ordinal)


@inlined
def neighbour(
    t: Table, data: Octets, home: int, entry: int, direction: int, packet: Words, moment: int, ordinal: int,
) -> None:
    """Hand out a message of ICMPv6 that routers and neighbours introduce themselves with (RFC 4861 section 4)."""
    at = packet[P_PAYLOAD] - 4
    if _FIRST_NEIGHBOUR <= octet(data, at) <= _LAST_NEIGHBOUR:
        near = packet[P_VERSION] == 6 and packet[P_HOPS] == _FROM_THE_LINK
        kind = _NEIGHBOURS if near else _STRANGERS
        hand_out(t, entry, direction, kind, home, at, packet[P_END] - at, 0, moment, ordinal)

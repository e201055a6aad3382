"""Between whom a flow or a message was: the columns of addresses, ports, VLANs and tunnels, for rows of flow keys.

Rows of one layout have the same ones: ports or ICMP numbers or neither, no VLAN, one or two, inside tunnels or outside.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from sensors.capture import community, text, tunnelled
from sensors.capture.compiled import Longs, Words, compiled
from sensors.capture.packet import FORM_ICMP, FORM_ONE_WAY, FORM_PORTS
from sensors.capture.table import PLACE_BITS
from sensors.event.model import Column

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
_ONE_WAY, _FORM = int(FORM_ONE_WAY), 15
_OUTER, _INNER, _TUNNELS = 4, 5, 6
"""Places of a layout's bits: the form stands below them, three bits of tunnels in the last place."""

BITS = 9
"""How many bits a layout's number has."""


@compiled
def _turned(keys: Longs, origin: Words, addresses: Longs, numbers: Words) -> None:
    """Take keys apart, from the originator's side.

    Args:
        keys: flow keys, one a row (sensors.capture.table).
        origin: 0 where the key's first address is the originator's, 1 where its second is.
        addresses: room for the source's two words, then the destination's, one row each.
        numbers: room for the source's port or the ICMP type, the destination's or the ICMP code, whether the addresses
            are IPv6, and the protocol, one row each.
    """
    for place in range(keys.shape[0]):
        key = keys[place]
        tail = np.int64(key[4])
        first, second = (2, 0) if origin[place] else (0, 2)
        addresses[0, place], addresses[1, place] = key[first], key[first + 1]
        addresses[2, place], addresses[3, place] = key[second], key[second + 1]
        low, high = tail >> 32 & 0xFFFF, tail >> 16 & 0xFFFF
        if origin[place] and tail >> 4 & 15 != _ONE_WAY:
            low, high = high, low
        numbers[0, place], numbers[1, place] = low, high
        numbers[2, place] = 1 if tail & 15 == 6 else 0
        numbers[3, place] = tail >> 8 & 255


class Endpoints:
    """The columns of rows of keys, which stand together by their layout.

    Attributes:
        shared: those that every row has: addresses, transport, type and community id.
    """

    def __init__(self, keys: Longs, origin: Words, turned: Words, carriers: Longs) -> None:
        """Take the keys apart.

        Args:
            keys: flow keys, one a row (sensors.capture.table).
            origin: 0 where the key's first address is the originator's, 1 where its second is.
            turned: R_TURNED of each flow.
            carriers: the table's carriers by number.
        """
        count = len(keys)
        addresses, numbers = np.empty((4, count), np.uint64), np.empty((4, count), np.int64)
        _turned(keys, origin, addresses, numbers)
        self._numbers = numbers
        self._places = keys[:, 5]
        self._turned = turned
        self._carriers = carriers
        six, protocol = numbers[2], numbers[3]
        self.shared: dict[str, Column] = {
            "source.ip": text.addresses(addresses[0], addresses[1], six),
            "destination.ip": text.addresses(addresses[2], addresses[3], six),
            "network.type": _TYPE_TEXT[six].tolist(),
            "network.transport": _TRANSPORT_TEXT[protocol].tolist(),
            "network.iana_number": _NUMBER_TEXT[protocol].tolist(),
            "network.community_id": community.community_ids(keys),
        }

    def of_layout(self, layout: int, first: int, last: int) -> Iterable[tuple[str, Column]]:
        """The columns that rows `first` to `last` have beside the shared ones; they are all of this layout."""
        yield from zip(_FORM_NAMES.get(layout & _FORM, ()), self._numbers[:2, first:last], strict=False)
        if layout >> _OUTER:
            place = self._places[first:last].astype(np.int64)
            if layout >> _OUTER & 1:
                yield "network.vlan.id", _VLAN_TEXT[place >> 12 & 0xFFF].tolist()
            if layout >> _INNER & 1:
                yield "network.inner.vlan.id", _VLAN_TEXT[place & 0xFFF].tolist()
            if layout >> _TUNNELS:
                columns = tunnelled.columns(place >> PLACE_BITS, self._turned[first:last], self._carriers)
                yield from ((name, columns[name]) for name in tunnelled.names(layout >> _TUNNELS))


def layouts(keys: Longs, carriers: Longs) -> Words:
    """A number for each key, of `BITS` bits, such that keys of one number have the same columns."""
    tail, place = keys[:, 4].astype(np.int64), keys[:, 5].astype(np.int64)
    found = tail >> 4 & _FORM
    if place.any():
        found |= (place >> 12 & 0xFFF != 0) << _OUTER | (place & 0xFFF != 0) << _INNER
        found |= tunnelled.layouts(place >> PLACE_BITS, carriers) << _TUNNELS
    return found

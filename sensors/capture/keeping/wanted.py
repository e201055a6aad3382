"""Which packets are wanted: those of a flow or between hosts, within a time, as an event says or a person does."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Longs, Octets, Words, compiled
from sensors.capture.endpoints import TRANSPORTS
from sensors.capture.keeping.packing import pair
from sensors.capture.links import link_layer
from sensors.capture.packet import (
    FLOW,
    FORM_PORTS,
    P_COLUMNS,
    P_DESTINATION,
    P_FORM,
    P_FRAGMENT,
    P_PROTOCOL,
    P_SOURCE,
    network_layer,
)
from sensors.event.times import LATEST, SECOND, from_iso

AROUND: Final = 300 * SECOND
"""How far around a message its conversation is looked for: as long as a silent connection stays one."""
_NUMBERS: Final = {name: number for number, name in TRANSPORTS.items()}
# The numbers of what is wanted.
_BEGIN, _END, _PROTOCOL, _PORT, _OTHER = range(5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted; what is not said is not asked for.

    Attributes:
        begin: the earliest time, ns.
        end: the latest time, ns.
        hosts: two addresses, whichever sent.
        ports: their ports, in the same order; only with hosts.
        protocol: IP protocol number.
        inside: addresses that must stand in the packet as octets, of a flow within a tunnel.
    """

    begin: int = 0
    end: int = LATEST
    hosts: tuple[str, str] | None = None
    ports: tuple[int, int] | None = None
    protocol: int | None = None
    inside: tuple[bytes, ...] = ()

    @property
    def addresses(self) -> Longs:
        """The two addresses as the decoder writes them."""
        assert self.hosts is not None
        words = [divmod(int(ip_address(host)), 1 << 64) for host in self.hosts]
        return np.array([word for both in words for word in both], np.uint64)

    @property
    def key(self) -> np.uint64 | None:
        """The key of the hosts in the indexes of segments."""
        return None if self.hosts is None else np.uint64(pair(*self.addresses))

    def choose(self, data: Octets, index: Words) -> Any:
        """Which of the indexed packets are wanted, a truth value for each.

        Fragments without ports count as packets of the flow when hosts and protocol agree: which of several flows they
        belong to their first fragment alone says, and evidence had better hold too much than too little.
        """
        numbers = np.full(5, -1, np.int64)
        numbers[_BEGIN], numbers[_END] = self.begin, self.end
        if self.protocol is not None:
            numbers[_PROTOCOL] = self.protocol
        if self.ports is not None:
            numbers[_PORT], numbers[_OTHER] = self.ports
        addresses = self.addresses if self.hosts is not None else np.zeros(0, np.uint64)
        chosen: Octets = np.zeros(len(index), np.uint8)
        _choose(data, index, numbers, addresses, np.zeros(P_COLUMNS, np.int64), np.zeros(4, np.uint64), chosen)
        for place in np.flatnonzero(chosen).tolist() if self.inside else ():
            at = int(index[place, ix.AT])
            octets = data[at : at + int(index[place, ix.CAPTURED])].tobytes()
            chosen[place] = all(part in octets for part in self.inside)
        return chosen.astype(np.bool_)


@compiled
def _choose(
    data: Octets, index: Words, numbers: Words, hosts: Longs, packet: Words, address: Longs, chosen: Octets,
) -> None:
    for place in range(index.shape[0]):
        moment = index[place, ix.TIME]
        if moment < numbers[_BEGIN] or moment > numbers[_END]:
            continue
        if hosts.shape[0] == 0:
            chosen[place] = 1
            continue
        at = index[place, ix.AT]
        end = at + index[place, ix.CAPTURED]
        bucket, version, at, _ = link_layer(data, at, end, 1, index[place, ix.LINK])
        if bucket != FLOW:
            continue
        network_layer(data, at, end, 1, version, packet, address)
        if end - at < (20 if version == 4 else 40):
            continue
        same = (
            address[0] == hosts[0] and address[1] == hosts[1] and address[2] == hosts[2] and address[3] == hosts[3]
        )
        back = (
            address[0] == hosts[2] and address[1] == hosts[3] and address[2] == hosts[0] and address[3] == hosts[1]
        )
        if not same and not back:
            continue
        # What is a fragment, or was cut before its ports, may be of the flow.
        if packet[P_FRAGMENT] == 0 and packet[P_FORM] == FORM_PORTS:
            if numbers[_PROTOCOL] >= 0 and packet[P_PROTOCOL] != numbers[_PROTOCOL]:
                continue
            source, target = packet[P_SOURCE], packet[P_DESTINATION]
            forth = source == numbers[_PORT] and target == numbers[_OTHER]
            reverse = source == numbers[_OTHER] and target == numbers[_PORT]
            if numbers[_PORT] >= 0 and not ((same and forth) or (back and reverse)):
                continue
        elif numbers[_PROTOCOL] >= 0 and packet[P_PROTOCOL] != numbers[_PROTOCOL]:
            continue
        chosen[place] = 1


def of_event(event: Mapping[str, Any]) -> Wanted | None:
    """The packets of an event of a capture; None where it names no two hosts.

    Of a flow they are those between its beginning and its end, of a message those of its conversation around it. A flow
    that ran in a tunnel is looked for between the ends of the outermost one.
    """
    source, destination = event.get("source.ip"), event.get("destination.ip")
    if not isinstance(source, str) or not isinstance(destination, str):
        return None
    time = from_iso(str(event["@timestamp"]))
    if "event.start" in event and "event.end" in event:
        begin, end = from_iso(str(event["event.start"])), from_iso(str(event["event.end"]))
    else:
        begin, end = time - AROUND, time + AROUND
    outer, far = _first(event.get("hanwatch.tunnel.source.ip")), _first(event.get("hanwatch.tunnel.destination.ip"))
    if outer and far:
        inside = tuple(ip_address(host).packed for host in (source, destination))
        return Wanted(begin, end, (outer, far), inside=inside)
    ports = event.get("source.port"), event.get("destination.port")
    number = event.get("network.iana_number")
    protocol = int(number) if number is not None else _NUMBERS.get(str(event.get("network.transport")))
    both = (int(ports[0]), int(ports[1])) if None not in ports else None  # type: ignore[arg-type]
    return Wanted(begin, end, (source, destination), both, protocol)


def _first(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""

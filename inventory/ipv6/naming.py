"""What DNS tells of a site: its names by every resolver, its zone, and the zone's servers, asked over IPv6."""

from collections.abc import Sequence
from typing import Final

from inventory.ipv6.model import NameServer, Site
from inventory.probing.model import RECORD_TYPES, Lookup, Transport
from inventory.probing.urls import literal, registrable
from inventory.probing.visiting import Visitor

_TRANSPORTS: Final[tuple[Transport, ...]] = ("udp", "tcp")
_ADDRESSES: Final = 2
"""Of each name server, that are asked."""


def names_of(site: Site, visitor: Visitor) -> tuple[Lookup, ...]:
    """AAAA and A of each name, by each resolver; the visitor goes by what they told."""
    asked = [
        visitor.network.ask(server, name, kind)
        for name in site.names
        for kind in RECORD_TYPES.values()
        for server in visitor.network.resolvers
    ]
    for family, kind in RECORD_TYPES.items():
        for name in site.names:
            told = [one for one in asked if one.name == name and one.type == kind]
            best = next((one for one in told if one.records), next((one for one in told if one.answered), None))
            if best or told:
                visitor.known[name, family] = best or told[0]
    return tuple(asked)


def zone_of(host: str, visitor: Visitor) -> tuple[str, Lookup | None]:
    """The closest zone with name servers, at most up to the registrable domain, and the answer that names them."""
    if literal(host):
        return "", None
    top, name = registrable(host), host
    while True:
        told = visitor.resolve(name, "NS")
        # The name servers behind an alias are those of somebody else's zone.
        if told.told == "found" and not told.chain:
            return name, told
        if name == top or "." not in name:
            return "", None
        name = name.partition(".")[2]


def servers_of(zone: str, names: Sequence[str], visitor: Visitor) -> tuple[NameServer, ...]:
    """Each name server, and whether it answers for the zone over IPv6, over UDP and over TCP."""
    found = []
    for name in names:
        addresses = visitor.look_up(name, 6)
        usable = [one for one in addresses.records if visitor.usable(one)][:_ADDRESSES]
        answers = []
        for address in usable:
            for transport in _TRANSPORTS:
                visitor.pace.take()
                answers.append(visitor.network.ask(address, zone, "SOA", transport, recursive=False))
        found.append(NameServer(name, addresses, tuple(answers)))
    return tuple(found)


def server_names(answer: Lookup | None, most: int) -> tuple[str, ...]:
    """The names in an answer of NS records, in order."""
    return tuple(sorted({one.rstrip(".").lower() for one in answer.records}))[:most] if answer else ()

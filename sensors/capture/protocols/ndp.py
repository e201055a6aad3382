"""Neighbour discovery: which routers and prefixes a segment is told of, and who claims which address.

RFC 4861 sections 4 (messages, options) and 6.1, 7.1 (what makes them valid), RFC 4191 section 2 (preference, routes),
RFC 8106 section 5 (name servers), RFC 6275 section 7.1 (home agents), RFC 8781 section 4 (NAT64), RFC 8910 section 2.3
(captive portals).

Each message is an event: what is asked goes to a group of addresses, and answers come without a question too
(RFC 9131). The link-layer addresses are what a message says, not what its frame came from.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sensors.capture.protocols.cursor import Cursor, mac, text
from sensors.capture.protocols.model import (
    MOST_VALUES,
    Context,
    Fields,
    Framing,
    Message,
    NotThis,
    Protocol,
    Sign,
    Transport,
)
from sensors.capture.protocols.names import domains, ipv6, ipv6_list, prefix6

_ROUTER_SOLICITATION, _ROUTER, _SOLICITATION, _NEIGHBOUR, _REDIRECT = range(133, 138)
TYPES: Final = {
    _ROUTER_SOLICITATION: "router_solicitation", _ROUTER: "router_advertisement",
    _SOLICITATION: "neighbor_solicitation", _NEIGHBOUR: "neighbor_advertisement", _REDIRECT: "redirect",
}
_PREFERENCES: Final = ("medium", "high", "reserved", "low")
_MULTICAST: Final = 0xFF
_NAT64: Final = (96, 64, 56, 48, 40, 32)

_FRAMING: Final = Framing("ndp", Transport.ICMPV6, least=8)
_FROM_AFAR: Final = Framing("ndp with another hop limit than 255", Transport.ICMPV6, least=8)


def _router(body: Cursor) -> Fields:
    hops, bits = body.u8(), body.u8()
    lifetime, reachable, again = body.u16(), body.u32(), body.u32()
    return {
        "ndp.hop_limit": hops, "ndp.managed": bool(bits & 0x80), "ndp.other": bool(bits & 0x40),
        "ndp.home_agent": bool(bits & 0x20), "ndp.preference": _PREFERENCES[bits >> 3 & 3],
        "ndp.router_lifetime": lifetime, "ndp.reachable_time": reachable, "ndp.retrans_timer": again,
    }


def _target(body: Cursor) -> str:
    octets = body.take(16)
    if octets[0] == _MULTICAST:
        raise NotThis("nobody has a group's address")
    return ipv6(octets)


def _message(kind: int, body: Cursor) -> Fields:
    """What stands before a message's options."""
    if kind == _ROUTER:
        return _router(body)
    bits = body.u32()
    if kind == _ROUTER_SOLICITATION:
        return {}
    fields: Fields = {"ndp.target": _target(body)}
    if kind == _NEIGHBOUR:
        fields |= {
            "ndp.router": bool(bits >> 31), "ndp.solicited": bool(bits >> 30 & 1), "ndp.override": bool(bits >> 29 & 1),
        }
    if kind == _REDIRECT:
        fields["ndp.destination"] = _target(body)
    return fields


def _link_layer(octets: bytes) -> str:
    """A hardware address; Ethernet's fills its option, longer ones are padded (RFC 4861 section 4.6.1)."""
    return mac(octets[:32])


def _prefix(octets: bytes) -> Fields:
    """A prefix under all names that it goes by, and its times."""
    body = Cursor(octets)
    length, bits, valid, preferred = body.u8(), body.u8(), body.u32(), body.u32()
    body.skip(4)
    said = prefix6(body.take(16), length)
    fields: Fields = {
        "ndp.prefixes": [said], "ndp.prefix_addresses": [said.partition("/")[0]], "ndp.valid_lifetime": valid,
        "ndp.preferred_lifetime": preferred,
    }
    if bits & 0x80:
        fields["ndp.on_link_prefixes"] = [said]
    if bits & 0x40:
        fields["ndp.autonomous_prefixes"] = [said]
    return fields


def _mtu(octets: bytes) -> int:
    body = Cursor(octets, 2)
    return body.u32()


def _route(octets: bytes) -> list[str]:
    return [prefix6(octets[6:22], octets[0])]


def _servers(octets: bytes) -> list[str]:
    return ipv6_list(octets[6:])


def _search(octets: bytes) -> list[str]:
    return domains(octets[6:])


def _nat64(octets: bytes) -> list[str]:
    """The prefix behind which IPv4 is reached; the code of its length stands below its lifetime."""
    code = octets[1] & 7
    if len(octets) != 14 or code >= len(_NAT64):
        raise NotThis("no prefix")
    return [prefix6(octets[2:], _NAT64[code])]


_OPTIONS: Final[dict[int, tuple[str, Callable[[bytes], Any]]]] = {
    1: ("source_mac", _link_layer), 2: ("target_mac", _link_layer), 3: ("prefixes", _prefix), 5: ("mtu", _mtu),
    24: ("routes", _route), 25: ("dns_servers", _servers), 31: ("domain_search", _search),
    37: ("captive_portal", lambda octets: text(octets.rstrip(b"\0"))), 38: ("nat64_prefixes", _nat64),
}
"""Options by their number: their field's name, and what reads them behind their length."""


def _options(body: Cursor) -> Iterator[tuple[int, bytes | None]]:
    """Options and what they hold; None for the last one if it was cut off."""
    while body.left:
        kind = body.u8()
        if not body.left:
            yield kind, None
            return
        size = 8 * body.u8() - 2
        if size < 0:
            # RFC 4861 section 4.6: whoever receives such a message discards it.
            raise NotThis("an option without length")
        if size > body.left:
            yield kind, None
            return
        yield kind, body.take(size)


def parse(octets: bytes, context: Context) -> Message:
    """Read a message from its type on.

    One whose hop limit is not 255 may have come from anywhere, and everybody has to discard it (RFC 4861 sections 6.1
    and 7.1): it is told as what it claims to be, not as what it is.

    Raises:
        NotThis: it is none, or one that nobody would accept.
    """
    body = Cursor(octets)
    kind, code = body.u8(), body.u8()
    body.skip(2)
    if kind not in TYPES or code:
        raise NotThis("none of neighbour discovery")
    fields: Fields = {"ndp.type": TYPES[kind]}
    if context.framing is _FROM_AFAR:
        fields = {"ndp.claimed_type": TYPES[kind], "ndp.invalid": "hop_limit"}
    fields |= _message(kind, body)
    whole = True
    for number, held in _options(body):
        if held is None:
            whole = False
        elif number in _OPTIONS:
            name, read = _OPTIONS[number]
            try:
                told = read(held)
                for place, value in told.items() if isinstance(told, dict) else [(f"ndp.{name}", told)]:
                    whole = _keep(fields, place, value) and whole
            except (NotThis, IndexError):
                whole = False
    if not whole:
        fields["ndp.incomplete"] = True
    return Message(fields)


def _keep(fields: Fields, name: str, said: Any) -> bool:
    """Add what an option says, to what others of its kind said: lists grow, and of times the longest counts.

    Returns:
        Whether all of it had room.
    """
    if isinstance(said, list):
        listed = fields.setdefault(name, [])
        room = MOST_VALUES - len(listed)
        listed += said[:room]
        return len(said) <= room
    fields[name] = max(said, fields[name]) if name.endswith("_lifetime") and name in fields else said
    return True


PROTOCOL: Final = Protocol("ndp", (Sign(_FRAMING, "8?"), Sign(_FROM_AFAR, "8?")), parse)

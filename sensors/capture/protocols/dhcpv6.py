"""DHCPv6: who asks for addresses or prefixes, which server gives which, and what else it tells the client to use.

RFC 8415 sections 8 and 9 (messages, relays) and 21 (options), RFC 3646 (name servers), RFC 4704 (full names), RFC 5908
(time servers), RFC 5970 (booting), RFC 4649, 4580 and 6939 (what relays add).

Each message is an event, as with DHCP: clients ask a group of addresses, servers answer one, and relays carry both.
What relays carry is told as the message that it is, with the relays beside it, the one next to the server first.
"""

from collections.abc import Iterator
from typing import Final

from sensors.capture.protocols.cursor import Cursor, mac
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
from sensors.capture.protocols.names import domains, duid, ipv6, ipv6_list, prefix6, told

PORTS: Final = (546, 547)

TYPES: Final = {
    1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST", 4: "CONFIRM", 5: "RENEW", 6: "REBIND", 7: "REPLY", 8: "RELEASE",
    9: "DECLINE", 10: "RECONFIGURE", 11: "INFORMATION-REQUEST", 12: "RELAY-FORW", 13: "RELAY-REPL",
    # RFC 5007, 6977, 7341, 7653, 9686.
    14: "LEASEQUERY", 15: "LEASEQUERY-REPLY", 18: "RECONFIGURE-REQUEST", 19: "RECONFIGURE-REPLY", 20: "DHCPV4-QUERY",
    21: "DHCPV4-RESPONSE", 22: "ACTIVELEASEQUERY", 36: "ADDR-REG-INFORM", 37: "ADDR-REG-REPLY",
}
_RELAYED: Final = (12, 13)
_DEEPEST: Final = 8
"""RFC 8415 section 7.6, HOP_COUNT_LIMIT."""

STATUS: Final = {
    0: "Success", 1: "UnspecFail", 2: "NoAddrsAvail", 3: "NoBinding", 4: "NotOnLink", 5: "UseMulticast",
    6: "NoPrefixAvail", 7: "UnknownQueryType", 8: "MalformedQuery", 9: "NotConfigured", 10: "NotAllowed",
    11: "QueryTerminated",
}

_CLIENT, _SERVER, _ASSOCIATION, _TEMPORARY, _ADDRESS, _REQUESTED = range(1, 7)
_RELAY_MESSAGE, _STATUS, _RAPID, _USER, _VENDOR, _VENDOR_OPTIONS, _INTERFACE = 9, 13, 14, 15, 16, 17, 18
_DNS, _SEARCH, _DELEGATION, _PREFIX, _REMOTE, _SUBSCRIBER, _NAME = 23, 24, 25, 26, 37, 38, 39
_TIME, _BOOT, _LINK = 56, 59, 79

_FRAMING: Final = Framing("dhcpv6", Transport.UDP, least=4)


class _Reading:
    """What a message has said so far."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.fields: Fields = {}
        self.whole = True

    def add(self, name: str, *values: object) -> None:
        """Add to a list, of which only the first values are kept."""
        listed = self.fields.setdefault(f"dhcpv6.{name}", [])
        room = MOST_VALUES - len(listed)
        listed += values[:room]
        if len(values) > room:
            self.whole = False

    def options(self, body: Cursor) -> Iterator[tuple[int, bytes]]:
        """Options that are whole, to the end or the first that is not."""
        while body.left:
            if body.left < 4:
                self.whole = False
                return
            number, size = body.u16(), body.u16()
            if not number:
                raise NotThis("no option has this number")
            if size > body.left:
                self.whole = False
                return
            yield number, body.take(size)


def _association(number: int, octets: bytes, reading: _Reading) -> None:
    """Addresses or prefixes of one association, and what became of it."""
    body = Cursor(octets)
    reading.add("iaids", body.u32())
    if number != _TEMPORARY:
        body.skip(8)
    for inner, held in reading.options(body):
        if inner in (_ADDRESS, _PREFIX):
            _leased(inner, held, reading)
        elif inner == _STATUS:
            _status(held, reading)


def _leased(number: int, octets: bytes, reading: _Reading) -> None:
    """An address or prefix with its times."""
    body = Cursor(octets)
    if number == _ADDRESS:
        reading.add("addresses", ipv6(body.take(16)))
        body.skip(4)
        lifetime = body.u32()
    else:
        body.skip(4)
        lifetime = body.u32()
        length = body.u8()
        reading.add("prefixes", prefix6(body.take(16), length))
    known = reading.fields.get("dhcpv6.valid_lifetime", 0)
    reading.fields["dhcpv6.valid_lifetime"] = max(known, lifetime)
    for inner, held in reading.options(body):
        if inner == _STATUS:
            _status(held, reading)


def _status(octets: bytes, reading: _Reading) -> None:
    body = Cursor(octets)
    code = body.u16()
    reading.add("status_codes", STATUS.get(code, f"unknown-{code}"))
    if body.left and "dhcpv6.status_message" not in reading.fields:
        reading.fields["dhcpv6.status_message"] = told(body.rest())


def _identity(who: str, octets: bytes, reading: _Reading) -> None:
    said, hardware = duid(octets)
    reading.fields[f"dhcpv6.{who}_duid"] = said
    if hardware:
        reading.fields[f"dhcpv6.{who}_mac"] = hardware


def _classes(body: Cursor) -> Iterator[bytes]:
    """Each stretch behind its length (RFC 8415 sections 21.15 and 21.16)."""
    while body.left:
        yield body.take(body.u16())


def _time_servers(octets: bytes, reading: _Reading) -> None:
    for number, held in reading.options(Cursor(octets)):
        if number in (1, 2):
            reading.add("ntp_servers", ipv6(held))
        elif number == 3:
            reading.add("ntp_servers", *domains(held))


def _option(number: int, octets: bytes, reading: _Reading) -> None:
    """Take what an option says.

    Raises:
        NotThis: it is not of its form.
    """
    fields = reading.fields
    if number in (_CLIENT, _SERVER):
        _identity("client" if number == _CLIENT else "server", octets, reading)
    elif number in (_ASSOCIATION, _TEMPORARY, _DELEGATION):
        _association(number, octets, reading)
    elif number == _REQUESTED:
        asked = Cursor(octets[: 4 * MOST_VALUES])
        fields["dhcpv6.fingerprint"] = ",".join(str(asked.u16()) for _ in range(asked.left // 2))
    elif number == _STATUS:
        _status(octets, reading)
    elif number == _RAPID:
        fields["dhcpv6.rapid_commit"] = True
    elif number == _USER:
        reading.add("user_classes", *(told(one) for one in _classes(Cursor(octets))))
    elif number == _VENDOR:
        body = Cursor(octets)
        fields["dhcpv6.vendor_enterprise"] = body.u32()
        reading.add("vendor_classes", *(told(one) for one in _classes(body)))
    elif number == _VENDOR_OPTIONS:
        fields.setdefault("dhcpv6.vendor_enterprise", Cursor(octets).u32())
    elif number == _DNS:
        reading.add("dns_servers", *ipv6_list(octets))
    elif number == _SEARCH:
        reading.add("domain_search", *domains(octets))
    elif number == _NAME:
        fields["dhcpv6.client_fqdn"] = next(iter(domains(octets[1:])), "")
    elif number == _TIME:
        _time_servers(octets, reading)
    elif number == _BOOT:
        fields["dhcpv6.boot_file"] = told(octets)


def _carried(body: Cursor, reading: _Reading) -> Cursor:
    """Take what a relay adds to a message, and find the message in it.

    Raises:
        NotThis: it carries none.
    """
    reading.fields["dhcpv6.hops"] = max(reading.fields.get("dhcpv6.hops", 0), body.u8())
    link, peer = ipv6(body.take(16)), ipv6(body.take(16))
    reading.add("relay_links", link)
    reading.add("relay_peers", peer)
    carried: bytes | None = None
    for number, held in reading.options(body):
        if number == _RELAY_MESSAGE:
            carried = held
        elif number == _INTERFACE:
            reading.add("interface_ids", told(held))
        elif number == _REMOTE and len(held) > 4:
            reading.add("remote_ids", told(held[4:]))
        elif number == _SUBSCRIBER:
            reading.add("subscriber_ids", told(held))
        elif number == _LINK and held[:2] == b"\0\1":
            reading.fields["dhcpv6.client_link_layer"] = mac(held[2:8])
    if carried is None:
        raise NotThis("a relay that carries nothing")
    return Cursor(carried)


def parse(octets: bytes, context: Context) -> Message:  # noqa: ARG001 - the message itself says who sent it
    """Read a message of a client, a server or relays.

    Raises:
        NotThis: it is none.
    """
    reading = _Reading()
    body = Cursor(octets)
    kind = body.u8()
    for _ in range(_DEEPEST + 1):
        if kind not in _RELAYED:
            break
        reading.fields["dhcpv6.relayed"] = TYPES[kind]
        body = _carried(body, reading)
        kind = body.u8()
    if kind not in TYPES or kind in _RELAYED:
        raise NotThis("no message type")
    fields = reading.fields
    fields |= {"dhcpv6.message_type": TYPES[kind], "dhcpv6.xid": body.number(3)}
    seen = 0
    for number, held in reading.options(body):
        seen += 1
        try:
            _option(number, held, reading)
        except NotThis:
            reading.whole = False
    if not seen:
        raise NotThis("no option")
    if not reading.whole:
        fields["dhcpv6.incomplete"] = True
    return Message(fields)


PROTOCOL: Final = Protocol(
    "dhcpv6",
    # The first octet alone would name too much.
    (Sign(_FRAMING, "", ports=PORTS, least=4),),
    parse,
)

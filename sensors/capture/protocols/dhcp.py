"""DHCP: who asks for an address, which server gives which, and what else it tells the client to use.

RFC 2131 section 2 (messages), RFC 2132 and the RFCs beside the options below, RFC 3396 (long options), RFC 3046 (relay
agents), RFC 4361 section 6.1 and RFC 6842 (client identifiers). Names are Zeek's.

Each message is an event: an exchange crosses several flows, from no address to all and from the server to all or to
one client, with relays between, so that no flow has it whole. `dhcp.xid` and `dhcp.mac` bring them together.
"""

from typing import Final

from sensors.capture.protocols.cursor import mac, text
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
from sensors.capture.protocols.names import domains, duid, ipv4, told

_COOKIE_AT: Final = 236
_OPTIONS_AT: Final = 240
_SERVER_AT: Final = 44
_FILE_AT: Final = 108
_ETHERNET: Final = 1
_LONGEST: Final = 256
"""How many octets of an option are told that is no text."""

TYPES: Final = {
    1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM",
    # RFC 3203, 4388, 6926, 7724.
    9: "FORCERENEW", 10: "LEASEQUERY", 11: "LEASEUNASSIGNED", 12: "LEASEUNKNOWN", 13: "LEASEACTIVE",
    14: "BULKLEASEQUERY", 15: "LEASEQUERYDONE", 16: "ACTIVELEASEQUERY", 17: "LEASEQUERYSTATUS", 18: "TLS",
}
_FROM_SERVERS: Final = (2, 5, 6, 9)

_PAD, _OVERLOAD, _MESSAGE_TYPE, _PARAMETERS, _CLIENT_ID, _NAME, _RELAY, _END = 0, 52, 53, 55, 61, 81, 82, 255
_ROUTES: Final = (121, 249)
_MESSAGE: Final = 56
_ADDRESS: Final = {1: "subnet_mask", 50: "requested_addr", 54: "server_addr"}
_ADDRESSES: Final = {3: "routers", 6: "dns_servers", 42: "ntp_servers", 44: "netbios_servers"}
_SECONDS: Final = {51: "lease_time", 58: "renewal_time", 59: "rebinding_time"}
_TEXTS: Final = {
    12: "host_name", 15: "domain", 60: "vendor_class", 66: "boot_server", 67: "boot_file", 77: "user_class",
    # RFC 8910; web proxies are told in 252, which no RFC describes (draft-ietf-wrec-wpad-01 section 4.4.1).
    114: "captive_portal", 252: "auto_proxy_config",
}
_SEARCH: Final = 119
_RELAY_TEXTS: Final = {1: "circuit_id", 2: "agent_remote_id", 6: "subscriber_id"}
_RELAY_LINK: Final = 5

_FRAMING: Final = Framing("dhcp", Transport.UDP, least=_OPTIONS_AT)


class _Options(dict[int, bytes]):
    """Options by their number; the parts of a long one are one (RFC 3396)."""

    LONG: Final = 1_024
    """How many octets of one are put together before no more are added, or ever longer copies would be made."""

    def __init__(self) -> None:
        """None yet."""
        super().__init__()
        self.whole = True
        self.overload = 0

    def read(self, octets: bytes) -> bool:
        """Add those of an area; whether an end was found there."""
        at = 0
        while at < len(octets):
            code = octets[at]
            if code == _PAD:
                at += 1
                continue
            if code == _END:
                return True
            stop = at + 2 + octets[at + 1] if at + 1 < len(octets) else len(octets) + 1
            if stop > len(octets):
                self.whole = False
                return False
            known = self.get(code, b"")
            if len(known) < self.LONG:
                self[code] = known + octets[at + 2 : stop]
            else:
                self.whole = False
            at = stop
        return False


def _sub_options(octets: bytes) -> dict[int, bytes]:
    """The sub-options of a relay agent (RFC 3046 section 2.0) that are whole."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(octets) and at + 2 + octets[at + 1] <= len(octets):
        found[octets[at]] = octets[at + 2 : at + 2 + octets[at + 1]]
        at += 2 + octets[at + 1]
    return found


def _routes(octets: bytes) -> list[str]:
    """Routes without classes (RFC 3442): a destination with its length, and the router to it."""
    routes: list[str] = []
    at = 0
    while at < len(octets) and len(routes) <= MOST_VALUES:
        length = octets[at]
        size = (length + 7) // 8
        if length > 32:
            raise NotThis("no route")
        network = ipv4(octets[at + 1 : at + 1 + size].ljust(4, b"\0"))
        routes.append(f"{network}/{length} via {ipv4(octets[at + 1 + size : at + 5 + size])}")
        at += 5 + size
    return routes


def _client_id(octets: bytes) -> Fields:
    """Who a client says it is: a hardware address, a DUID behind the number of an interface, or anything."""
    if len(octets) == 7 and octets[0] == _ETHERNET:
        return {"dhcp.client_id": mac(octets[1:])}
    if octets[:1] == b"\xff" and len(octets) > 7:
        return {"dhcp.client_id": octets.hex(), "dhcp.duid": duid(octets[5:])[0]}
    return {"dhcp.client_id": told(octets[1:]) if octets[:1] == b"\0" else octets[:_LONGEST].hex()}


def _full_name(octets: bytes) -> str:
    """A client's full name, with labels or as text (RFC 4702 section 2)."""
    if len(octets) < 3:
        raise NotThis("no name")
    if octets[0] & 4:
        return next(iter(domains(octets[3:])), "")
    return text(octets[3:].rstrip(b"\0"))


def _relay(octets: bytes) -> Fields:
    said = _sub_options(octets)
    fields: Fields = {f"dhcp.{name}": told(said[code]) for code, name in _RELAY_TEXTS.items() if code in said}
    if len(said.get(_RELAY_LINK, b"")) == 4:
        fields["dhcp.link_selection"] = ipv4(said[_RELAY_LINK])
    return fields


def _option(code: int, octets: bytes, *, server: bool) -> Fields:
    """What an option says; nothing where it is not told.

    Raises:
        NotThis: it is not of its form.
    """
    if code in _ADDRESS:
        return {f"dhcp.{_ADDRESS[code]}": ipv4(octets)}
    if code in _ADDRESSES:
        return {
            f"dhcp.{_ADDRESSES[code]}": [
                ipv4(octets[at : at + 4]) for at in range(0, min(len(octets), 4 * MOST_VALUES + 4), 4)
            ],
        }
    if code in _SECONDS:
        if len(octets) != 4:
            raise NotThis("no time")
        return {f"dhcp.{_SECONDS[code]}": int.from_bytes(octets, "big")}
    if code in _TEXTS:
        return {f"dhcp.{_TEXTS[code]}": told(octets)}
    if code == _PARAMETERS:
        return {"dhcp.fingerprint": ",".join(map(str, octets[:_LONGEST]))}
    if code == _CLIENT_ID:
        return _client_id(octets)
    if code == _NAME:
        return {"dhcp.client_fqdn": _full_name(octets)}
    if code == _RELAY:
        return _relay(octets)
    if code == _MESSAGE:
        return {f"dhcp.{'server' if server else 'client'}_message": told(octets)}
    if code == _SEARCH:
        return {"dhcp.domain_search": domains(octets)}
    if code in _ROUTES:
        return {"dhcp.static_routes": _routes(octets)}
    return {}


def _options(octets: bytes) -> _Options:
    """All options of a message, those in the fields for names too where it says so (RFC 2132 section 9.3)."""
    options = _Options()
    options.read(octets[_OPTIONS_AT:])
    options.overload = int.from_bytes(options.get(_OVERLOAD, b"")[:1], "big") & 3
    if options.overload & 1:
        options.read(octets[_FILE_AT:_COOKIE_AT])
    if options.overload & 2:
        options.read(octets[_SERVER_AT:_FILE_AT])
    return options


def _header(octets: bytes, overload: int) -> Fields:
    """What stands before the options."""
    op, xid = "request" if octets[0] == 1 else "reply", int.from_bytes(octets[4:8], "big")
    fields: Fields = {"dhcp.op": op, "dhcp.xid": xid}
    size = octets[2]
    if size and any(octets[28 : 28 + size]):
        fields["dhcp.mac"] = mac(octets[28 : 28 + size])
    for name, at in (("client_addr", 12), ("assigned_addr", 16), ("next_server", 20), ("relay_addr", 24)):
        if any(octets[at : at + 4]):
            fields[f"dhcp.{name}"] = ipv4(octets[at : at + 4])
    if not overload & 2 and octets[_SERVER_AT]:
        fields["dhcp.boot_server"] = told(octets[_SERVER_AT:_FILE_AT].partition(b"\0")[0])
    if not overload & 1 and octets[_FILE_AT]:
        fields["dhcp.boot_file"] = told(octets[_FILE_AT:_COOKIE_AT].partition(b"\0")[0])
    return fields


def parse(octets: bytes, context: Context) -> Message:  # noqa: ARG001 - the message itself says who sent it
    """Read a message of a client, a server or a relay.

    Raises:
        NotThis: it is none; BOOTP without a message type is none either.
    """
    if octets[_COOKIE_AT:_OPTIONS_AT] != b"\x63\x82\x53\x63" or octets[0] not in (1, 2) or octets[2] > 16:
        raise NotThis("not DHCP")
    options = _options(octets)
    kind = options.get(_MESSAGE_TYPE, b"")
    if len(kind) != 1 or kind[0] not in TYPES:
        raise NotThis("no message type")
    fields = _header(octets, options.overload) | {"dhcp.message_type": TYPES[kind[0]]}
    whole = options.whole
    for code, value in options.items():
        try:
            fields |= _option(code, value, server=kind[0] in _FROM_SERVERS)
        except NotThis:
            whole = False
    for name, said in fields.items():
        if isinstance(said, list) and len(said) > MOST_VALUES:
            fields[name] = said[:MOST_VALUES]
            whole = False
    if not whole:
        fields["dhcp.incomplete"] = True
    return Message(fields)


PROTOCOL: Final = Protocol("dhcp", (Sign(_FRAMING, "63 82 53 63", at=_COOKIE_AT, least=_OPTIONS_AT),), parse)

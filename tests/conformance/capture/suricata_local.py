"""suricata-verify's checks on DHCP, SNMP and NTP read as questions about our events, as `suricata` does for others."""

import re
from collections.abc import Callable, Iterable, Iterator

from tests.conformance.capture.suricata import Event, Says
from tests.conformance.capture.suricata import said as elsewhere

KINDS = {"dhcp": "network.dhcp", "snmp": "network.snmp", "ntp": "network.ntp"}
"""EVE's kinds of events and our datasets."""

_OPTIONS = {1: "subnet_mask", 3: "router", 6: "dns_server", 12: "hostname", 15: "domain"}
"""EVE's names for options that a client asks for, as far as a check names them."""


def _field(name: str) -> Says:
    return lambda event: (event[name],) if event.get(name) is not None else ()


def _item(name: str) -> Callable[[str], Says]:
    return lambda number: lambda event: (event.get(name) or ())[int(number) : int(number) + 1]


def _parameter(number: str) -> Says:
    def says(event: Event) -> Iterable[str]:
        asked = str(event.get("dhcp.fingerprint", "")).split(",")
        return [_OPTIONS.get(int(one or 0), one) for one in asked[int(number) : int(number) + 1]]

    return says


def _mac(event: Event) -> Iterable[str]:
    return (event["dhcp.mac"].replace("-", ":"),) if "dhcp.mac" in event else ()


def _reference(event: Event) -> Iterable[str]:
    """EVE writes the octets; we write an address, or the text of a primary clock, and nothing for zeros."""
    said = event.get("ntp.ref_id")
    if said is None:
        return ("00:00:00:00",)
    if re.fullmatch(r"(\d+\.){3}\d+", said):
        return (":".join(f"{int(part):02x}" for part in said.split(".")),)
    return (said.encode().ljust(4, b"\0").hex(":"),)


def _keys(event: Event) -> Iterable[str]:
    return ("community_id",) if event.get("network.community_id") else ()


FIELDS: dict[str, Says] = {
    "has-key": _keys,
    "dhcp.type": _field("dhcp.op"), "dhcp.dhcp_type": _field("dhcp.message_type"), "dhcp.id": _field("dhcp.xid"),
    "dhcp.client_mac": _mac, "dhcp.lease_time": _field("dhcp.lease_time"),
    "dhcp.vendor_class_identifier": _field("dhcp.vendor_class"), "dhcp.hostname": _field("dhcp.host_name"),
    "dhcp.assigned_ip": _field("dhcp.assigned_addr"), "dhcp.requested_ip": _field("dhcp.requested_addr"),
    "snmp.version": _field("snmp.version"), "snmp.pdu_type": _field("snmp.pdu_type"),
    "snmp.community": _field("snmp.community"), "snmp.usm": _field("user.name"),
    "ntp.version": _field("ntp.version"), "ntp.mode": _field("ntp.mode"), "ntp.stratum": _field("ntp.stratum"),
    "ntp.reference_id": _reference,
}
_LISTS: tuple[tuple[str, Callable[[str], Says]], ...] = (
    (r"dhcp\.dns_servers\[(\d+)\]", _item("dhcp.dns_servers")),
    (r"dhcp\.routers\[(\d+)\]", _item("dhcp.routers")),
    (r"dhcp\.params\[(\d+)\]", _parameter),
    (r"snmp\.vars\[(\d+)\]", _item("snmp.oids")),
)


def said(key: str) -> Says | None:
    """What our events say where EVE has this key; None where they say nothing."""
    if key in FIELDS:
        return FIELDS[key]
    for pattern, make in _LISTS:
        if match := re.fullmatch(pattern, key):
            return make(match[1])
    return elsewhere(key)


def halves(event: Event) -> Iterator[Event]:
    """What EVE writes for one of our events: a request and its answer are two of them."""
    if "event.duration" not in event:
        yield event
    elif event["event.dataset"] == "network.ntp" and event["ntp.mode"] != 4:
        yield from (event, event)
    elif event["event.dataset"] == "network.ntp":
        asked = {name: value for name, value in event.items() if name != "ntp.ref_id"}
        asked |= {"ntp.mode": 3, "ntp.stratum": event.get("ntp.client_stratum")}
        yield asked | ({"ntp.ref_id": event["ntp.client_ref_id"]} if "ntp.client_ref_id" in event else {})
        yield event
    else:
        yield event
        yield {**event, "snmp.pdu_type": event["snmp.response_type"]}

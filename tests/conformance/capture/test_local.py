"""Messages of DHCP, DHCPv6, NTP, SNMP and neighbour discovery against tshark and Zeek's baselines.

The list is every capture of tcpdump's, Zeek's, nDPI's, PcapPlusPlus', JA4's and ipfixprobe's sets that has dhcp, ntp,
snmp, icmp6, icmpv6 or nd in its name or its folder's; it was frozen before anything was compared. A message of DHCP,
DHCPv6 and neighbour discovery is one event of ours and is compared by its frame; of NTP and SNMP a request and its
answer are one event, so that messages are compared by what they say. Left out is what ICMP errors quote.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols import dhcp, dhcpv6, ndp, snmp
from tests.conformance.capture.suricata import Event, events
from tests.conformance.capture.suricata_local import halves
from tests.conformance.places import PACKETS

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="the second opinion is tshark: make engines"),
]

FROZEN = Path(__file__).with_name("local_captures.txt")
LEAST = 0.98

Says = Callable[[Event], Iterable[Any]]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What is compared of a protocol: the messages that tshark finds, its fields, and what we say in their place."""

    dataset: str
    messages: str
    fields: Mapping[str, Says]
    by_frame: bool = True


def _value(*names: str) -> Says:
    def says(event: Event) -> Iterable[Any]:
        for name in names:
            said = event.get(name)
            yield from said if isinstance(said, list) else [] if said is None else [said]

    return says


def _number(table: Mapping[int, str], name: str) -> Says:
    numbers = {text: number for number, text in table.items()}
    return lambda event: [numbers[event[name]]]


def _numbers(table: Mapping[int, str], name: str) -> Says:
    numbers = {text: number for number, text in table.items()}
    return lambda event: [numbers[one] for one in event.get(name, ())]


def _snmp_version(event: Event) -> Iterable[Any]:
    # Of version 3 tshark tells the number under another name.
    return [{"1": 0, "2c": 1}[event["snmp.version"]]] if event["snmp.version"] != "3" else []


def _snmp_pdu(event: Event) -> Iterable[Any]:
    numbers = {text: tag - 0xA0 for tag, text in snmp.PDUS.items()}
    return [numbers[event["snmp.pdu_type"]]] if event["snmp.pdu_type"] in numbers else []


def _snmp_objects(event: Event) -> Iterable[Any]:
    answers = event["snmp.pdu_type"] in ("response", "report")
    return event.get("snmp.response_oids" if answers and "snmp.response_oids" in event else "snmp.oids", ())


ASKED = (
    Asked("network.dhcp", "dhcp.option.dhcp && !icmp", {
        "dhcp.option.dhcp": _number(dhcp.TYPES, "dhcp.message_type"), "dhcp.id": _value("dhcp.xid"),
        "dhcp.hw.mac_addr": _value("dhcp.mac"), "dhcp.ip.your": _value("dhcp.assigned_addr"),
        "dhcp.option.hostname": _value("dhcp.host_name"), "dhcp.option.dhcp_server_id": _value("dhcp.server_addr"),
        "dhcp.option.requested_ip_address": _value("dhcp.requested_addr"),
        "dhcp.option.ip_address_lease_time": _value("dhcp.lease_time"),
        "dhcp.option.router": _value("dhcp.routers"), "dhcp.option.domain_name_server": _value("dhcp.dns_servers"),
    }),
    Asked("network.dhcpv6", "dhcpv6 && !icmpv6", {
        "dhcpv6.xid": _value("dhcpv6.xid"), "dhcpv6.duid.bytes": _value("dhcpv6.client_duid", "dhcpv6.server_duid"),
        "dhcpv6.iaaddr.ip": _value("dhcpv6.addresses"), "dhcpv6.dns_server": _value("dhcpv6.dns_servers"),
        "dhcpv6.status_code": _numbers(dhcpv6.STATUS, "dhcpv6.status_codes"),
        "dhcpv6.linkaddr": _value("dhcpv6.relay_links"),
    }),
    Asked("network.ndp", "icmpv6.type >= 133 && icmpv6.type <= 137 && icmpv6.code == 0", {
        "icmpv6.type": _number(ndp.TYPES, "ndp.type"),
        "icmpv6.nd.ra.router_lifetime": _value("ndp.router_lifetime"),
        "icmpv6.nd.ns.target_address": lambda event: _of(event, "neighbor_solicitation", "ndp.target"),
        "icmpv6.nd.na.target_address": lambda event: _of(event, "neighbor_advertisement", "ndp.target"),
        "icmpv6.nd.rd.target_address": lambda event: _of(event, "redirect", "ndp.target"),
        "icmpv6.opt.linkaddr": _value("ndp.source_mac", "ndp.target_mac"),
        "icmpv6.opt.prefix": _value("ndp.prefix_addresses"),
        "icmpv6.opt.mtu": _value("ndp.mtu"), "icmpv6.opt.rdnss": _value("ndp.dns_servers"),
    }),
    Asked("network.ntp", "ntp.flags.mode >= 1 && ntp.flags.mode <= 5 && !icmp && !icmpv6", {
        "ntp.flags.vn": _value("ntp.version"), "ntp.flags.mode": _value("ntp.mode"),
        "ntp.stratum": _value("ntp.stratum"),
    }, by_frame=False),
    Asked("network.snmp", "snmp && !icmp && !icmpv6", {
        "snmp.version": _snmp_version, "snmp.data": _snmp_pdu, "snmp.request_id": _value("snmp.request_id"),
        "snmp.name": _snmp_objects, "snmp.msgUserName": _value("user.name"),
    }, by_frame=False),
)


def _of(event: Event, kind: str, name: str) -> Iterable[Any]:
    return [event[name]] if event["ndp.type"] == kind else []


def plain(text: str) -> str:
    """One text for each value, however it is written; nothing for what stands for none."""
    try:
        return str(int(text, 0))
    except ValueError:
        pass
    try:
        return str(ip_address(text)) if text not in ("0.0.0.0", "00:00:00:00:00:00") else ""
    except ValueError:
        return text.lower().replace("-", "").replace(":", "") if text.strip("0:") else ""


def row(values: Iterable[Iterable[Any]]) -> Row:
    return tuple(" ".join(sorted({plain(str(one)) for one in some} - {""})) for some in values)


def theirs(capture: Path, asked: Asked) -> Counter[Row]:
    command = ["tshark", "-n", "-r", str(capture), "-Y", asked.messages, "-T", "fields", "-E", "aggregator=|"]
    for name in ("frame.number", *asked.fields):
        command += ["-e", name]
    answer = subprocess.run(command, capture_output=True, timeout=120, check=False)
    found: Counter[Row] = Counter()
    for line in answer.stdout.decode("utf-8", "replace").splitlines():
        frame, *texts = line.split("\t")
        found[(frame if asked.by_frame else "", *row(text.split("|") if text else [] for text in texts))] += 1
    return found


def ours(read: Iterable[Event], asked: Asked) -> Counter[Row]:
    found: Counter[Row] = Counter()
    for event in read:
        # tshark is asked for what clocks say; control and private messages of NTP are held against Zeek's.
        if event["event.dataset"] == asked.dataset and event.get("ntp.mode", 0) <= 5:
            for half in [event] if asked.by_frame else halves(event):
                frame = str(event["event.sequence"]) if asked.by_frame else ""
                found[(frame, *row(says(half) for says in asked.fields.values()))] += 1
    return found


def test_messages_are_those_of_tshark(record_property: Callable[[str, object], None]) -> None:
    agreed: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    more: Counter[str] = Counter()
    differing = []
    for name in FROZEN.read_text(encoding="utf-8").splitlines():
        read = events(PACKETS / name)
        for asked in ASKED:
            there, here = theirs(PACKETS / name, asked), ours(read, asked)
            agreed[asked.dataset] += (there & here).total()
            expected[asked.dataset] += there.total()
            more[asked.dataset] += (here - there).total()
            differing += [(name, asked.dataset, one) for one in (there - here)]
    record_property("agreed", f"{dict(agreed)} of {dict(expected)}, {dict(more)} of ours alone")
    assert all(expected[asked.dataset] > 20 for asked in ASKED)
    assert agreed.total() >= LEAST * expected.total(), (agreed, expected, more, differing)
    assert more.total() <= (1 - LEAST) * expected.total(), (agreed, expected, more, differing)

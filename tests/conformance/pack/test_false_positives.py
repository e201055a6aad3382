"""How often the pack fires on public logs and captures that were not made as attacks: docs/false-positives.md.

Some captures do hold attacks or the very thing a rule is about; they are named below and left out of the count, so that
what remains is held against the events that a rule looks at. With `--update-golden` the page is written anew.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from tests.conformance.pack.material import PACK, material

pytestmark = pytest.mark.conformance

TRUE: dict[str, set[str]] = {
    "bacnet_device_reinitialised": {"analyzer.services/bacnet_device_control.log"},  # calls every service once
    "controller_port_from_outside": {  # a scan from the Internet that was answered
        "scripts.base.protocols.modbus.modbus_and_non_modbus_on_port_502/conn.log",
        "modbus/modbus-and-non-modbus-p502.pcap",
    },
    "dhcp_gives_outside_resolver": {  # campuses and homes whose servers do hand out public resolvers or routers
        "dhcp/dhcp.pcap", "output-eve-ftp-data/input.pcap", "tests/dhcp-mud.pcap", "tests/dhcp-option-108.pcapng",
        "PacketExamples/Dhcp1.pcap",
    },
    "dnp3_application_stopped": {"scripts.base.protocols.dnp3.events/dnp3.log"},  # calls every function once
    "dnp3_control_from_outside": {  # a laboratory with public addresses
        "scripts.base.protocols.dnp3.dnp3_file_read/dnp3.log",
        "scripts.base.protocols.dnp3.dnp3_file_write/dnp3.log",
        "scripts.base.protocols.dnp3.dnp3_select_operate/dnp3.log",
        "scripts.base.protocols.dnp3.dnp3_write/dnp3.log",
    },
    "dnp3_outstation_restarted": {"scripts.base.protocols.dnp3.events/dnp3.log"},
    "dnp3_restart_in_capture": {"dnp3/dnp3.pcap", "pcap/dnp3.pcap"},  # cold and warm restarts that were asked for
    "dnp3_unsolicited_disabled": {"scripts.base.protocols.dnp3.events/dnp3.log"},
    "dns_tunnel_long_name": {"pcap/bad-dns-traffic.pcap"},  # dnscat2
    "docker_api_without_tls": {"http/docker-http-upgrade.pcap"},
    "http_basic_cleartext": {
        "scripts.base.protocols.http.http-basic-auth-colon/http.log",
        "scripts.base.protocols.http.http-basic-auth-extra-space/http.log",
    },
    "ipv6_transition_tunnel": {
        "core.tunnels.gtp.inner_teredo/tunnel.log", "core.tunnels.teredo/tunnel.log",
        "core.tunnels.teredo_bubble_with_payload/tunnel.log",
    },
    "kerberos_service_ticket_rc4": {  # tickets in RC4, of AFS in DES: a roasting, and Windows Server 2003
        "krb5-kerberoasting/kerberoast.pcap", "krb5-krb5_msg_type/input.pcap", "pcap/kerberos-login.pcap",
        "tests/afs.pcap",
    },
    "modbus_function_scan": {"scripts.base.protocols.modbus.exception_handling/modbus.log"},
    "modbus_write_in_capture": {"modbus/modbusSmall.pcap"},  # coils written from a public address
    "path_traversal_answered": {
        "tcp-fastopen-01/tfo.pcap", "tcp-fastopen-03/tfo.pcap", "tcp-fastopen-06/tfo-s1.pcap",
    },
    "rdp_without_tls": {  # sessions with RDP's own encryption, recorded for it
        "scripts.base.protocols.rdp.rdp-proprietary-encryption/rdp.log",
        "scripts.base.protocols.rdp.rdp-unknown-keyboard/rdp.log", "scripts.base.protocols.rdp.rdp-x509/rdp.log",
        "rdp/rdp-proprietary-encryption.pcap", "rdp/rdp-unknown-keyboard.pcap", "rdp/rdp-x509.pcap", "pcap/rdp3.pcap",
    },
    "router_advertisement_unknown_prefix": {  # prefixes that are none of the rule's network, of laboratories and homes
        "communityid/icmp6.pcap", "pcaps/icmp6.pcap", "icmp/icmp6-nd-options.pcap", "pcap/anyconnect-vpn.pcap",
        "tests/icmpv6-ra-pref64.pcap", "tests/icmpv6.pcap",
    },
    "s7_controller_stopped": {"analyzer.snap7/s7comm.log"},  # calls every function once
    "s7_program_uploaded": {"analyzer.s7ident/s7comm.log", "analyzer.snap7/s7comm.log"},
    "scanner_user_agent": {  # zgrab, nmap and Nikto at work
        "modbus/modbus-and-non-modbus-p502.pcap", "http-protocol-nodup/input.pcap", "pcap/WebattackRCE.pcap",
    },
    "smb_administrative_share_used": {  # C$ and ADMIN$, some by mimikatz and PsExec
        "bug-5133/input.pcap", "dcerpc-smb-test-01/input.pcap", "smb-filename/input.pcap",
        "smb-version-keyword/input.pcap", "smb2-05/20171220_smb_mimikatz_copy_to_host.pcap",
        "smb2-07/20171220_smb_psexec_add_user.pcap",
    },
    "snmp_default_community_read": {  # all of them with the community public
        "snmp/leak_test.pcapng", "snmp/snmpv1_get.pcap", "snmp/snmpv1_get_short.pcap", "snmp/snmpv2_get.pcap",
        "snmp/snmpwalk-short.pcap", "pcap/snmp.pcap",
    },
    "snmp_default_community_write": {"snmp/leak_test.pcapng", "snmp/snmpv1_get.pcap"},  # sets with public
    "sql_injection_attempt": {  # against DVWA
        "http/cooper-grill-dvwa.pcapng", "pcap/WebattackSQLinj.pcap", "pcap/sql_injection.pcap",
    },
}  # fmt: skip
"""Rules and the files on which they are right: attacks, or the function itself, called by a test of a protocol."""

PAGE = Path(__file__).parents[3] / "docs" / "false-positives.md"
TITLE = """# What the pack's rules fire on where there is nothing to be found

Written by `python -m pytest -m conformance tests/conformance/pack --update-golden`; do not edit. The rules of the pack
that look at one event each, on {events:,} events of public logs and captures that were not made as attacks. *Right* are
alerts in files that do hold what the rule is about, each of them named in the test; *others* are all that remain,
whether there was something to them or not. *Of* is how many events the rule looked at. Where none remain, the last
column says what can be said all the same: fewer than that in a million, with 95 %. It is a bound that shrinks with the
material, no estimate, and public captures are no city. Correlations and detectors: [conformance](conformance.md).

规则包各单事件规则在公开的非攻击日志与流量（{events:,} 条事件）上的告警情况；
“Right”为确含该情形的文件中的告警，“Others”为其余告警。

| rule | right | others | of | others in a million events |
| --- | --- | --- | --- | --- |
"""
MILLION = 1_000_000

LIMIT = 0.002
"""The share of the events a rule looks at on which it may fire outside the files above, rightly or not."""
LIMITS = {
    "unregistered_dns_resolver": 0.05,  # laboratories and homes do ask public resolvers: the rule is about an extranet
}
"""Rules with another limit, and why."""


@dataclass
class Tally:
    """Events by dataset; hits by rule, and of these by file."""

    events: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    files: dict[str, Counter[str]] = field(default_factory=dict)


@cache
def rules() -> dict[str, Rule]:
    return {Path(rule.path).stem: rule for rule in load_rules([PACK]).telling}


@cache
def tally() -> Tally:
    matcher, found = Matcher(list(rules().values())), Tally()
    for label, batches in material():
        for batch in batches:
            found.events[batch.dataset] += len(batch)
            for match in matcher.match(batch):
                for rule in match.rules:
                    name = Path(rule.path).stem
                    found.files.setdefault(name, Counter())[label] += 1
                    found.hits[name] += label not in TRUE.get(name, ())
    return found


def looked_at(rule: Rule) -> int:
    """The events of the datasets that a rule is routed to."""
    ways = routes(rule.logsource)
    return sum(count for dataset, count in tally().events.items() if any(way.takes(dataset) for way in ways))


def test_the_material_is_there() -> None:
    assert sum(tally().events.values()) > 50_000


def line(name: str) -> str:
    """A rule's line of the page."""
    others, total = tally().hits[name], looked_at(rules()[name])
    right = sum(tally().files.get(name, {}).values()) - others
    share = "-"
    if total:
        # The rule of three: what never happened in so many tries...
        share = f"{others / total * MILLION:,.0f}" if others else f"under {3 / total * MILLION:,.0f}"
    return f"| `{name}` | {right} | {others} | {total:,} | {share} |\n"


def test_the_page_has_what_is_counted(golden: Callable[[Path, str], None]) -> None:
    head = TITLE.format(events=sum(tally().events.values()))
    golden(PAGE, head + "".join(map(line, NAMES)))


NAMES = sorted(path.stem for path in PACK.rglob("*.yml") if path.parent.name != "correlated")
"""Of the rules that alert by themselves; correlations have a test of their own."""


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_fires_on_more_than_its_share(name: str) -> None:
    total = looked_at(rules()[name])
    assert tally().hits[name] <= LIMITS.get(name, LIMIT) * total


def test_what_is_called_true_does_fire() -> None:
    assert {(name, file) for name, files in TRUE.items() for file in files if not tally().files[name][file]} == set()

"""Flows against Zeek: every trace is read and balances, and flows that agreed with Zeek's go on agreeing.

Compared is every baseline whose conn.log has packet counts and whose name is that of exactly one trace, by addresses,
ports, protocol and packets each way: 42 traces with 136 flows, of which 50 flows agree, those of 27 traces wholly.
`AGREED` is a list against regression: it was drawn up after all of them had been compared, and holds those that agreed.
It is no sample, and how far we and Zeek agree is what the overall number says. `DIFFERENT` holds all the others with
the reason of each.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader, recognises
from sensors.delivery.ledger import EVENTS, PACKETS, balances
from sensors.event.codec import encode
from sensors.event.model import Source
from sensors.reading.model import Portion, Position
from tests.conformance import places
from tests.conformance.capture.zeek_logs import rows

pytestmark = pytest.mark.conformance

ZEEK = places.PACKETS / "zeek" / "testing" / "btest"

AGREED = (
    ("core.erspanI", "erspanI.pcap"),
    ("core.erspanII", "erspanII.pcap"),
    ("core.erspanIII", "erspanIII.pcap"),
    ("core.pppoe", "pppoe.pcap"),
    ("core.pppoe-over-qinq", "pppoe-over-qinq.pcap"),
    ("core.q-in-q", "q-in-q.pcap"),
    ("core.tcp.miss-end-data", "tcp/miss_end_data.pcap"),
    ("core.tcp.missing-syn", "tcp/missing-syn.pcap"),
    ("core.tunnels.geneve-arp", "tunnels/geneve-arp.pcap"),
    ("core.tunnels.geneve-truncated", "tunnels/geneve-truncated.pcapng"),
    ("core.tunnels.gre-pptp", "tunnels/gre-pptp.pcap"),
    ("scripts.base.protocols.ftp.cwd-navigation", "ftp/cwd-navigation.pcap"),
    ("scripts.base.protocols.ftp.ftp-auth-tls", "ftp/ftp-auth-tls.pcap"),
    ("scripts.base.protocols.ftp.ftp-invalid-reply-code", "ftp/ftp-invalid-reply-code.pcap"),
    ("scripts.base.protocols.ftp.ftp-missing-reply-code", "ftp/ftp-missing-reply-code.pcap"),
    ("scripts.base.protocols.ftp.ftp-missing-space-after-reply-code", "ftp/ftp-missing-space-after-reply-code.pcap"),
    ("scripts.base.protocols.ftp.ftp-password-pass-command", "ftp/ftp-password-pass-command.pcap"),
    ("scripts.base.protocols.http.concurrent-range-requests", "http/concurrent-range-requests.pcap"),
    ("scripts.base.protocols.ldap.sasl-ntlm", "ldap/sasl-ntlm.pcap"),
    ("scripts.base.protocols.ldap.sasl-scram-sha-512", "ldap/sasl-scram-sha-512.pcap"),
    ("scripts.base.protocols.ldap.sasl-srp-who-am-i", "ldap/sasl-srp-who-am-i.pcap"),
    ("scripts.base.protocols.mysql.encrypted", "mysql/encrypted.pcap"),
    ("scripts.base.protocols.pop3.bad-list-retr-crafted", "pop3/bad-list-retr-crafted.pcap"),
    ("scripts.base.protocols.rdp.rdpeudp-handshake-fail", "rdp/rdpeudp-handshake-fail.pcap"),
    ("scripts.base.protocols.rdp.rdpeudp-handshake-success", "rdp/rdpeudp-handshake-success.pcap"),
    ("scripts.base.protocols.rdp.rdpeudp2-handshake-success", "rdp/rdpeudp2-handshake-success.pcap"),
    ("scripts.base.protocols.redis.django-cloud", "redis/django-cloud.pcapng"),
)
"""Baseline and trace; all of their flows must agree in addresses, ports, protocol and packets each way."""

TUNNEL = "Zeek tells of the UDP flow that is the tunnel as well; here a packet belongs to one flow, the innermost"
WIRELESS = "frames of Wi-Fi are not taken off"
LINK = "an encapsulation of the link layer that is not decoded here: its packets are counted as unsupported or not IP"
TURNED = "Zeek takes the side with a server's port for the responder; here it is who sent first"

DIFFERENT = {
    "core.cisco-fabric-path": "each packet is there twice, bare and behind a FabricPath header, which is not decoded "
    "here; tshark reads UDP as we do, where the baseline says TCP",
    "core.mpls-in-vlan": TURNED,
    "core.pbb": "Zeek gives OSPF and VRRP no name and the ports 0",
    "core.radiotap": LINK,
    "core.tunnels.ayiya-large-identity": "AYIYA, a tunnel whose service ended in 2017, is not taken off",
    "core.tunnels.geneve": TUNNEL,
    "core.tunnels.geneve-47101": TUNNEL,
    "core.tunnels.geneve-ipv6": TUNNEL,
    "core.tunnels.geneve-many-options": TUNNEL,
    "core.tunnels.gre-aruba-amsdu": WIRELESS,
    "core.tunnels.teredo_bubble_with_payload": f"{TUNNEL}; a request through Teredo's server and its answer through a "
    "relay are in different tunnels, and so two flows",
    "core.tunnels.vxlan": TUNNEL,
    "core.vntag": "Zeek gives protocol 253 the ports 0",
    "core.wlanmon": LINK,
    "scripts.base.protocols.ntp.misordered-ntp": "Zeek's NTP analyser turns the flow round by the packets' modes",
}
"""Baselines that do not agree as a whole, and why."""

LEAST = 50
"""How many flows of all the compared traces must agree; it is what was measured."""


def portions(path: Path) -> Iterator[Portion]:
    return CaptureReader().portions(path, Source("00" * 16, "capture", str(path)), Position(), 0)


def compared() -> Iterator[tuple[str, Path]]:
    """Baselines with packet counts and the one trace of the same name, hyphens and underscores being the same."""
    traces: dict[str, list[Path]] = {}
    for trace in (ZEEK / "Traces").rglob("*"):
        if trace.is_file() and recognises(trace.read_bytes()[:12]):
            traces.setdefault(plain(trace.stem), []).append(trace)
    for log in sorted((ZEEK / "Baseline").glob("*/conn.log")):
        found = traces.get(plain(log.parent.name.rpartition(".")[2]), [])
        if len(found) == 1 and re.search(r"(?m)^(#fields\t)?ts\t.*\torig_pkts\t", log.read_text(errors="replace")):
            yield log.parent.name, found[0]


def plain(name: str) -> str:
    return name.replace("-", "_").lower()


def connections(log: Path) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows(log):
        ports = ("", "") if row["proto"] == "icmp" else (row["id.orig_p"], row["id.resp_p"])
        found[
            row["id.orig_h"], ports[0], row["id.resp_h"], ports[1], row["proto"], row["orig_pkts"], row["resp_pkts"]
        ] += 1
    return found


def flows(trace: Path) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for portion in portions(trace):
        for batch in portion.batches:
            for row in batch.rows() if batch.dataset == "network.flow" else ():
                found[
                    row["source.ip"],
                    str(row.get("source.port", "")),
                    row["destination.ip"],
                    str(row.get("destination.port", "")),
                    row["network.transport"].removeprefix("ipv6-"),
                    str(row["source.packets"]),
                    str(row["destination.packets"]),
                ] += 1
    return found


@pytest.mark.parametrize(("baseline", "trace"), AGREED)
def test_flows_are_those_of_zeek(baseline: str, trace: str) -> None:
    assert flows(ZEEK / "Traces" / trace) == connections(ZEEK / "Baseline" / baseline / "conn.log")


def test_so_many_flows_of_all_comparable_traces_agree(record_property: Callable[[str, object], None]) -> None:
    agreed, expected, others = 0, 0, set()
    for baseline, trace in compared():
        ours, theirs = flows(trace), connections(ZEEK / "Baseline" / baseline / "conn.log")
        agreed += (ours & theirs).total()
        expected += theirs.total()
        if ours != theirs:
            others.add(baseline)
    record_property("agreed", f"{agreed}/{expected}")
    assert expected == 136
    assert agreed >= LEAST, (agreed, expected)
    assert others == set(DIFFERENT), others ^ set(DIFFERENT)


def test_every_trace_is_read_and_balances() -> None:
    traces = 0
    for trace in sorted((ZEEK / "Traces").rglob("*")):
        if not trace.is_file() or not recognises(trace.read_bytes()[:12]):
            continue
        traces += 1
        counts: Counter[tuple[str, str]] = Counter()
        ids: list[str] = []
        for portion in portions(trace):
            counts.update(portion.counts)
            encode(portion.batches)
            ids += [one for batch in portion.batches for one in batch.ids]
        assert portion.done
        assert counts[EVENTS, "sensed"] == len(ids) == len(set(ids)), trace
        assert (PACKETS, "read") in counts, trace
        packets = next(balance for balance in balances("", counts, 0) if balance.name == "packets")
        assert not packets.missing, (trace, packets)
    assert traces > 400

"""Flows against Zeek: every trace is read and balances, and the flows of a frozen list of traces are Zeek's.

The list was frozen before it was measured: every baseline with packet counts whose name is the name of exactly one
trace, less those that Zeek reads differently by design. Those are: traffic in tunnels and on link layers that are not
taken off yet (GRE, VXLAN, Geneve, AYIYA, Teredo, ERSPAN, FabricPath, 802.1ah, VN-tag, 802.11), and traces that begin
with a packet from a port that Zeek takes for a server's, where it turns the connection round and we keep to who sent
first.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader, recognises
from sensors.delivery.ledger import EVENTS, PACKETS, balances
from sensors.event.codec import encode
from sensors.event.model import Source
from sensors.reading.model import Portion, Position

pytestmark = pytest.mark.conformance

ZEEK = Path(__file__).parents[3].parent / "shared" / "data" / "packets" / "zeek" / "testing" / "btest"

FROZEN = (
    ("core.pppoe", "pppoe.pcap"),
    ("core.pppoe-over-qinq", "pppoe-over-qinq.pcap"),
    ("core.q-in-q", "q-in-q.pcap"),
    ("core.tcp.miss-end-data", "tcp/miss_end_data.pcap"),
    ("core.tcp.missing-syn", "tcp/missing-syn.pcap"),
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


def portions(path: Path) -> Iterator[Portion]:
    return CaptureReader().portions(path, Source("00" * 16, "capture", str(path)), Position(), 0)


def connections(log: Path) -> Counter[tuple[str, ...]]:
    names: list[str] = []
    found: Counter[tuple[str, ...]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("#fields"):
            names = line.split("\t")[1:]
        elif not line.startswith("#"):
            row = dict(zip(names, line.split("\t"), strict=True))
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


@pytest.mark.parametrize(("baseline", "trace"), FROZEN)
def test_flows_are_those_of_zeek(baseline: str, trace: str) -> None:
    assert flows(ZEEK / "Traces" / trace) == connections(ZEEK / "Baseline" / baseline / "conn.log")


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

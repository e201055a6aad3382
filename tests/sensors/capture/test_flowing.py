from pathlib import Path
from typing import Any

import pytest

from sensors.capture.reader import CaptureReader
from sensors.capture.writing import pcap
from sensors.reading.model import Position
from tests.sensors.capture import frames as made


def test_both_directions_are_one_flow(tmp_path: Path) -> None:
    (flow,) = made.flows_of(tmp_path, made.udp4(1_000, 2_000, b"12345"), made.udp4(2_000, 1_000, b"1", back=True))
    assert (flow["source.ip"], flow["source.port"]) == (made.A, 1_000)
    assert (flow["destination.ip"], flow["destination.port"]) == (made.B, 2_000)
    assert (flow["source.packets"], flow["destination.packets"], flow["network.packets"]) == (1, 1, 2)
    assert (flow["source.bytes"], flow["destination.bytes"]) == (14 + 20 + 8 + 5, 14 + 20 + 8 + 1)
    assert flow["event.duration"] == 1_000_000
    assert flow["event.sequence"] == 1
    assert flow["event.start"] == "2025-10-09T08:53:20.000Z"
    assert flow["network.transport"] == "udp"


def test_a_syn_ack_that_comes_first_names_the_other_side_as_originator(tmp_path: Path) -> None:
    (flow,) = made.flows_of(tmp_path, made.tcp4(80, 5_000, made.SYN | made.ACK, back=True))
    assert (flow["source.ip"], flow["source.port"], flow["destination.packets"]) == (made.A, 5_000, 1)


@pytest.mark.parametrize(
    ("flags", "state", "reason"),
    [
        ([(0, 2)], "S0", "end of capture"),
        ([(0, 2), (1, 20)], "REJ", "rst"),
        ([(0, 2), (1, 18), (0, 16)], "S1", "end of capture"),
        ([(0, 2), (1, 18), (0, 17), (1, 17), (0, 16)], "SF", "fin"),
        ([(0, 2), (1, 18), (0, 4)], "RSTO", "rst"),
        ([(0, 2), (1, 18), (1, 4)], "RSTR", "rst"),
        ([(0, 2), (0, 4)], "RSTOS0", "rst"),
        ([(0, 2), (1, 18), (0, 17)], "S2", "end of capture"),
        ([(0, 2), (1, 18), (1, 17)], "S3", "end of capture"),
        ([(0, 2), (0, 17)], "SH", "end of capture"),
        ([(0, 16), (1, 16)], "OTH", "end of capture"),
    ],
)
def test_the_state_of_a_connection(tmp_path: Path, flags: Any, state: str, reason: str) -> None:
    packets = [made.tcp4(80, 5_000, flag, back=True) if back else made.tcp4(5_000, 80, flag) for back, flag in flags]
    (flow,) = made.flows_of(tmp_path, *packets)
    assert (flow["hanwatch.tcp.state"], flow["event.reason"]) == (state, reason)


def test_a_silent_flow_ends_and_a_new_one_begins(tmp_path: Path) -> None:
    first, second = made.flows_of(tmp_path, made.udp4(1, 2), made.udp4(1, 2), step=61 * made.SECOND)
    assert [first["event.reason"], second["event.reason"]] == ["idle timeout", "end of capture"]
    (kept,) = made.flows_of(tmp_path, made.udp4(1, 2), made.udp4(1, 2), step=60 * made.SECOND)
    assert kept["source.packets"] == 2


def test_tcp_waits_longer(tmp_path: Path) -> None:
    packets = [made.tcp4(1, 2, made.ACK), made.tcp4(1, 2, made.ACK)]
    assert len(made.flows_of(tmp_path, *packets, step=300 * made.SECOND)) == 1
    assert len(made.flows_of(tmp_path, *packets, step=301 * made.SECOND)) == 2


def test_a_long_flow_is_told_in_parts_and_keeps_its_originator(tmp_path: Path) -> None:
    packets = [made.udp4(1, 2, back=number > 0) for number in range(40)]
    packets = [made.udp4(1, 2), *[made.udp4(2, 1, back=True)] * 39]
    found = made.flows_of(tmp_path, *packets, step=59 * made.SECOND)
    assert [flow["event.reason"] for flow in found] == ["active timeout", "end of capture"]
    assert {flow["source.ip"] for flow in found} == {made.A}
    assert sum(flow["network.packets"] for flow in found) == 40


def test_a_port_used_again_is_a_new_flow_and_a_late_ack_is_not(tmp_path: Path) -> None:
    closed = [
        made.tcp4(5, 80, made.SYN),
        made.tcp4(80, 5, made.SYN | made.ACK, back=True),
        made.tcp4(5, 80, made.FIN | made.ACK),
        made.tcp4(80, 5, made.FIN | made.ACK, back=True),
        made.tcp4(5, 80, made.ACK),
    ]
    found = made.flows_of(tmp_path, *closed, made.tcp4(5, 80, made.SYN))
    assert [(flow["event.reason"], flow["network.packets"]) for flow in found] == [("fin", 5), ("end of capture", 1)]


def test_a_full_table_lets_the_longest_silent_flow_go(tmp_path: Path) -> None:
    found = made.flows_of(tmp_path, *[made.udp4(port, 53) for port in range(1, 101)], flow_limit=16)
    assert len(found) == 100
    reasons = [flow["event.reason"] for flow in found]
    assert reasons.count("table full") == 84
    assert reasons.count("end of capture") == 16


def test_icmp_pairs_requests_with_answers_and_leaves_errors_one_way(tmp_path: Path) -> None:
    def packet(kind: int, code: int, *, back: bool = False) -> bytes:
        ends = (made.B, made.A) if back else (made.A, made.B)
        return bytes(made.ethernet(made.ipv4(*ends, 1, made.icmp(kind, code))))

    echo, gone, back = made.flows_of(
        tmp_path, packet(8, 0), packet(0, 0, back=True), packet(3, 1), packet(3, 1, back=True)
    )
    assert (echo["hanwatch.icmp.type"], echo["network.packets"]) == (8, 2)
    assert "hanwatch.icmp.code" not in echo
    assert "source.port" not in echo
    assert (gone["hanwatch.icmp.type"], gone["hanwatch.icmp.code"], gone["source.ip"]) == (3, 1, made.A)
    assert back["source.ip"] == made.B


def test_later_fragments_get_the_ports_of_the_first(tmp_path: Path) -> None:
    whole = made.udp(7, 8, b"x" * 32, length=40)
    first = made.ethernet(made.ipv4(made.A, made.B, 17, whole[:24], fragment=0x2000))
    rest = made.ethernet(made.ipv4(made.A, made.B, 17, whole[24:], fragment=3))
    stray = made.ethernet(made.ipv4(made.A, made.B, 17, whole[24:], fragment=3, identity=8))
    known, unknown = made.flows_of(tmp_path, first, rest, stray)
    assert (known["source.port"], known["source.packets"]) == (7, 2)
    assert "source.port" not in unknown


def test_vlans_belong_to_the_key(tmp_path: Path) -> None:
    inside = made.ipv4(made.A, made.B, 17, made.udp(1, 2))
    plain, one, two = made.flows_of(
        tmp_path,
        made.ethernet(inside),
        made.ethernet(inside, vlans=(5,)),
        made.ethernet(inside, vlans=(5, 6)),
    )
    assert "network.vlan.id" not in plain
    assert (one["network.vlan.id"], "network.inner.vlan.id" in one) == ("5", False)
    assert (two["network.vlan.id"], two["network.inner.vlan.id"]) == ("5", "6")


def test_ipv6_extension_headers_are_passed(tmp_path: Path) -> None:
    inside = made.udp(1, 2, b"abc")
    options = b"\x3c\x00" + bytes(6) + b"\x11\x00" + bytes(6)
    (flow,) = made.flows_of(tmp_path, made.ethernet(made.ipv6(made.SIX_A, made.SIX_B, 0, options + inside), 0x86DD))
    assert (flow["source.ip"], flow["source.port"], flow["network.transport"]) == (made.SIX_A, 1, "udp")


def test_the_seed_changes_nothing_in_the_answers(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(made.frames(*[made.udp4(port, 53) for port in range(1, 300)])))
    one, other = (
        list(CaptureReader(flow_limit=32).portions(path, made.SOURCE, Position(), received)) for received in (1, 99)
    )
    assert [row["event.id"] for row in made.rows(one)] == [row["event.id"] for row in made.rows(other)]

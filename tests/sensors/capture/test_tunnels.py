import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.capture.handshakes import client_hello
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made

OUT_A, OUT_B = "203.0.113.1", "203.0.113.2"
SIX_OUT_A, SIX_OUT_B = "2001:db8:f::1", "2001:db8:f::2"


def inside() -> bytes:
    return made.ipv4(made.A, made.B, 17, made.udp(1_000, 2_000, b"inside"))


def inside6() -> bytes:
    return made.ipv6(made.SIX_A, made.SIX_B, 17, made.udp(1_000, 2_000, b"inside"))


def over4(protocol: int, payload: bytes, *, back: bool = False) -> bytes:
    ends = (OUT_B, OUT_A) if back else (OUT_A, OUT_B)
    return made.ethernet(made.ipv4(*ends, protocol, payload))


def over_udp(port: int, payload: bytes, *, back: bool = False) -> bytes:
    return over4(17, made.udp(50_000, port, payload), back=back)


def gre(flags: int, kind: int, payload: bytes, words: bytes = b"") -> bytes:
    return struct.pack(">HH", flags, kind) + words + payload


def vxlan(vni: int, payload: bytes, flags: int = 8) -> bytes:
    return struct.pack(">BBHI", flags, 0, 0, vni << 8) + payload


def geneve(vni: int, kind: int, payload: bytes, options: bytes = b"") -> bytes:
    return struct.pack(">BBHI", len(options) // 4, 0, kind, vni << 8) + options + payload


FRAME = made.ethernet(inside())
TAGGED = made.ethernet(inside(), vlans=(7,))

CASES: dict[str, tuple[bytes, str, list[str]]] = {
    "4 in 4": (over4(4, inside()), "ipip", []),
    "6 in 4": (over4(41, inside6()), "6in4", []),
    "4 in 6": (made.ethernet(made.ipv6(SIX_OUT_A, SIX_OUT_B, 4, inside()), 0x86DD), "4in6", []),
    "6 in 6": (made.ethernet(made.ipv6(SIX_OUT_A, SIX_OUT_B, 41, inside6()), 0x86DD), "6in6", []),
    "6 in 6 behind options": (
        made.ethernet(made.ipv6(SIX_OUT_A, SIX_OUT_B, 60, b"\x29\x00\x04\x01\x04\x01\x01\x00" + inside6()), 0x86DD),
        "6in6", [],
    ),
    "gre": (over4(47, gre(0, 0x0800, inside())), "gre", []),
    "gre with a checksum": (over4(47, gre(0x8000, 0x86DD, inside6(), bytes(4))), "gre", []),
    "gre with a key": (over4(47, gre(0x2000, 0x0800, inside(), b"\0\0\1\0")), "gre", ["256"]),
    "gre with everything": (over4(47, gre(0xB000, 0x0800, inside(), bytes(7) + b"\5" + bytes(4))), "gre", ["5"]),
    "gre of frames": (over4(47, gre(0x2000, 0x6558, FRAME, b"\0\x13\x88\x01")), "gre", ["1280001"]),
    "gre of PPP": (over4(47, gre(0, 0x880B, b"\xff\x03\x00\x21" + inside())), "gre", []),
    "gre behind Cisco's metadata": (over4(47, gre(0, 0x8909, b"\x08\x00\1\1\0\1\0\0" + inside())), "gre", []),
    "web cache redirection": (over4(47, gre(0, 0x883E, bytes(4) + inside())), "gre", []),
    "pptp": (over4(47, gre(0x3001, 0x880B, b"\x21" + inside(), b"\0\x2e\0\1" + bytes(4))), "pptp", []),
    "erspan I": (over4(47, gre(0, 0x88BE, FRAME)), "erspan", []),
    "erspan II": (over4(47, gre(0x1000, 0x88BE, b"\x10\0\0\x09" + bytes(4) + FRAME, bytes(4))), "erspan", ["9"]),
    "erspan III": (over4(47, gre(0x1000, 0x22EB, b"\x20\0\0\x09" + bytes(8) + FRAME, bytes(4))), "erspan", ["9"]),
    "mpls in ip": (over4(137, b"\0\1\1\x40" + inside()), "mpls", []),
    "vxlan": (over_udp(4789, vxlan(5_001, FRAME)), "vxlan", ["5001"]),
    "vxlan on the older port": (over_udp(8472, vxlan(0, FRAME)), "vxlan", ["0"]),
    "geneve": (over_udp(6081, geneve(77, 0x6558, FRAME, bytes(8))), "geneve", ["77"]),
    "geneve of ip": (over_udp(6081, geneve(77, 0x86DD, inside6())), "geneve", ["77"]),
    "gre in udp": (over_udp(4754, gre(0, 0x0800, inside())), "gre", []),
    "mpls in udp": (over_udp(6635, b"\0\1\1\x40" + inside()), "mpls", []),
}


def flow_of(tmp_path: Path, *packets: bytes) -> dict[str, Any]:
    (flow,) = made.flows_of(tmp_path, *packets)
    return flow


@pytest.mark.parametrize("name", CASES)
def test_each_tunnel_is_taken_off(tmp_path: Path, name: str) -> None:
    packet, kind, ids = CASES[name]
    flow = flow_of(tmp_path, packet)
    six = flow["network.type"] == "ipv6"
    assert (flow["source.ip"], flow["destination.ip"]) == ((made.SIX_A, made.SIX_B) if six else (made.A, made.B))
    assert (flow["source.port"], flow["destination.port"], flow["network.transport"]) == (1_000, 2_000, "udp")
    assert flow["network.bytes"] == len(packet)
    assert flow["hanwatch.tunnel.type"] == [kind]
    outer = [SIX_OUT_A, SIX_OUT_B] if kind in {"4in6", "6in6"} else [OUT_A, OUT_B]
    assert flow["hanwatch.tunnel.source.ip"] + flow["hanwatch.tunnel.destination.ip"] == outer
    assert flow.get("hanwatch.tunnel.id", []) == ids


@pytest.mark.parametrize("name", CASES)
def test_a_tunnel_that_ends_too_early_stays_what_it_is_outside(tmp_path: Path, name: str) -> None:
    packet = CASES[name][0]
    for size in range(len(packet)):
        data = bytearray(pcap(made.frames(packet[:size])))
        data[24 + 12 : 24 + 16] = len(packet).to_bytes(4, "little")
        portions = made.read(tmp_path / "made.pcap", bytes(data))
        found = made.counts(portions)
        assert found["packets", "read"] == 1
        assert sum(found.get(("packets", bucket), 0) for bucket in ("flow", "truncated")) == 1
        for flow in made.rows(portions):
            assert flow["network.packets"] == 1
            assert flow["source.ip"] in {made.A, made.SIX_A, OUT_A, SIX_OUT_A}


@pytest.mark.parametrize(
    "payload",
    [
        b"not a tunnel, as anybody may use this port for something else",
        vxlan(1, FRAME, flags=0),
        vxlan(1, made.ethernet(b"\0" * 40, 0x0806)),
        vxlan(1, made.ethernet(made.ipv4(made.A, made.B, 17, made.udp(1, 2), length=400))),
    ],
)
def test_what_only_has_the_port_of_a_tunnel_is_plain_udp(tmp_path: Path, payload: bytes) -> None:
    flow = flow_of(tmp_path, over_udp(4789, payload))
    assert (flow["source.ip"], flow["destination.port"]) == (OUT_A, 4_789)
    assert "hanwatch.tunnel.type" not in flow


def test_both_directions_of_a_tunnel_are_one_flow(tmp_path: Path) -> None:
    there, back = FRAME, made.ethernet(made.ipv4(made.B, made.A, 17, made.udp(2_000, 1_000)))
    flow = flow_of(tmp_path, over_udp(4789, vxlan(9, there)), over_udp(4789, vxlan(9, back), back=True))
    assert (flow["source.packets"], flow["destination.packets"]) == (1, 1)
    assert flow["hanwatch.tunnel.source.ip"] == [OUT_A]
    mirrored = flow_of(tmp_path, over_udp(4789, vxlan(9, there)), over_udp(4789, vxlan(9, back)))
    assert (mirrored["source.packets"], mirrored["destination.packets"]) == (1, 1)


def test_equal_addresses_in_other_tunnels_are_other_flows(tmp_path: Path) -> None:
    packets = [
        made.udp4(1_000, 2_000, b"inside"),
        over_udp(4789, vxlan(1, FRAME)),
        over_udp(4789, vxlan(2, FRAME)),
        over_udp(4789, vxlan(2, TAGGED)),
        over_udp(6081, geneve(2, 0x6558, FRAME)),
        made.ethernet(made.ipv4(OUT_A, "203.0.113.9", 17, made.udp(5, 4789, vxlan(2, FRAME)))),
        made.ethernet(made.ipv4(OUT_A, OUT_B, 17, made.udp(5, 4789, vxlan(2, FRAME))), vlans=(7,)),
    ]
    flows = made.flows_of(tmp_path, *packets, *packets)
    assert len(flows) == len(packets)
    assert {flow["network.packets"] for flow in flows} == {2}
    assert {flow["source.ip"] for flow in flows} == {made.A}
    assert len({flow["network.community_id"] for flow in flows}) == 1
    assert [flow.get("network.vlan.id") for flow in flows] == [None, None, None, "7", None, None, None]
    assert flows[-1]["hanwatch.tunnel.vlan.id"] == ["7"]


def test_tunnels_inside_tunnels_are_told_from_the_outermost_on(tmp_path: Path) -> None:
    inner = vxlan(2, FRAME)
    middle = made.ipv4("198.51.100.1", "198.51.100.2", 17, made.udp(5, 4789, inner))
    flow = flow_of(tmp_path, over4(47, gre(0x2000, 0x0800, middle, b"\0\0\0\x0b")))
    assert flow["hanwatch.tunnel.type"] == ["gre", "vxlan"]
    assert flow["hanwatch.tunnel.id"] == ["11", "2"]
    assert flow["hanwatch.tunnel.source.ip"] == [OUT_A, "198.51.100.1"]
    assert flow["hanwatch.tunnel.destination.ip"] == [OUT_B, "198.51.100.2"]


def test_no_more_than_four_are_taken_off(tmp_path: Path) -> None:
    packet = inside()
    for depth in range(6):
        packet = made.ipv4(f"198.51.100.{depth}", "198.51.100.99", 4, packet)
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(made.ethernet(packet))))
    (flow,) = made.rows(portions)
    assert flow["hanwatch.tunnel.type"] == ["ipip"] * 4
    assert (flow["network.transport"], flow["source.ip"]) == ("ipip", "198.51.100.1")
    assert made.counts(portions)["conversion", "tunnels_too_deep"] == 1


def test_what_is_said_inside_carries_both_addresses(tmp_path: Path) -> None:
    asked = made.ipv4(made.A, made.B, 17, made.udp(40_000, 53, made.dns(7, "www.synthetic.example")))
    hello = client_hello("synthetic.example")
    greeting = made.ipv4(made.A, made.B, 6, made.tcp(41_000, 443, made.ACK, 1, hello))
    packets = [over_udp(4789, vxlan(3, made.ethernet(packet))) for packet in (asked, greeting)]
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)))
    (query,), (handshake,) = made.rows(portions, "network.dns"), made.rows(portions, "network.tls")
    assert query["dns.question.name"] == "www.synthetic.example"
    assert handshake["tls.client.server_name"] == "synthetic.example"
    for event in (query, handshake):
        assert (event["source.ip"], event["hanwatch.tunnel.id"]) == (made.A, ["3"])
        assert event["hanwatch.tunnel.source.ip"] == [OUT_A]


def teredo_address(port: int, address: str) -> str:
    """The address of a Teredo client behind this port and address (RFC 4380 section 4)."""
    inverted = bytes(octet ^ 0xFF for octet in struct.pack(">H", port) + bytes(map(int, address.split("."))))
    packed = b"\x20\x01\0\0\xc0\0\x02\x62\0\0" + inverted
    return ":".join(f"{int.from_bytes(packed[at : at + 2]):x}" for at in range(0, 16, 2))


@pytest.mark.parametrize("head", [b"", b"\0\0" + bytes(6), b"\0\1\0\0" + bytes(9), b"\0\1\0\0" + bytes(17)])
def test_teredo_is_known_by_its_port_and_its_headers(tmp_path: Path, head: bytes) -> None:
    packet = made.ipv6(teredo_address(50_000, OUT_A), made.SIX_B, 17, made.udp(1, 2))
    flow = flow_of(tmp_path, over_udp(3544, head + packet))
    assert (flow["hanwatch.tunnel.type"], flow["destination.ip"]) == (["teredo"], made.SIX_B)


def test_teredo_between_hosts_is_known_by_its_addresses(tmp_path: Path) -> None:
    packet = made.ipv6(teredo_address(50_000, OUT_A), teredo_address(50_001, OUT_B), 17, made.udp(1, 2))
    assert flow_of(tmp_path, over_udp(50_001, packet))["hanwatch.tunnel.type"] == ["teredo"]
    forged = made.ipv6(teredo_address(50_000, OUT_B), teredo_address(50_001, OUT_A), 17, made.udp(1, 2))
    assert "hanwatch.tunnel.type" not in flow_of(tmp_path, over_udp(50_001, forged))


def test_frames_that_scapy_crafts_are_read_alike(tmp_path: Path) -> None:
    layers = pytest.importorskip("scapy.layers.all", reason="crafting needs scapy, an optional part")
    geneve_layer = pytest.importorskip("scapy.contrib.geneve", reason="crafting needs scapy, an optional part")
    inner = layers.Ether() / layers.IP(src=made.A, dst=made.B) / layers.UDP(sport=1_000, dport=2_000) / b"inside"
    outer = layers.Ether() / layers.IP(src=OUT_A, dst=OUT_B)
    packets = {
        "vxlan": outer / layers.UDP(dport=4789) / layers.VXLAN(vni=5, flags=8) / inner,
        "geneve": outer / layers.UDP(dport=6081) / geneve_layer.GENEVE(vni=5, proto=0x6558) / inner,
        "gre": outer / layers.GRE(key_present=1, key=5) / inner[layers.IP],
        "ipip": outer / inner[layers.IP],
        "6in4": outer / layers.IPv6(src=made.SIX_A, dst=made.SIX_B) / layers.UDP(sport=1_000, dport=2_000),
    }
    for kind, packet in packets.items():
        flow = flow_of(tmp_path, bytes(packet))
        assert (flow["hanwatch.tunnel.type"], flow["source.port"]) == ([kind], 1_000)
        assert flow.get("hanwatch.tunnel.id", ["5"]) == ["5"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    case=st.sampled_from(sorted(CASES)),
    changes=st.lists(st.tuples(st.integers(14, 120), st.integers(0, 255)), max_size=4),
    kept=st.integers(14, 200),
)
def test_every_packet_has_one_bucket_and_every_flow_packet_one_flow(
    tmp_path: Path, case: str, changes: list[tuple[int, int]], kept: int,
) -> None:
    packet = bytearray(CASES[case][0])
    for at, value in changes:
        packet[at % len(packet)] = value
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(bytes(packet[:kept]))))
    found = made.counts(portions)
    assert sum(count for (stage, bucket), count in found.items() if stage == "packets" and bucket != "read") == 1
    assert sum(flow["network.packets"] for flow in made.rows(portions)) == found.get(("packets", "flow"), 0)

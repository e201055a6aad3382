from pathlib import Path

import pytest

from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made


def bucket(tmp_path: Path, packet: bytes, link: int = 1) -> str:
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(packet), link=link))
    found = made.counts(portions)
    assert found["packets", "read"] == 1
    (name,) = [name for (stage, name), count in found.items() if stage == "packets" and name != "read" and count]
    return str(name)


def inner() -> bytes:
    return bytes(made.ipv4(made.A, made.B, 17, made.udp(1, 2)))


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (1, b"\x02" * 12 + b"\x08\x00"),
        (1, b"\x02" * 12 + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"),
        (1, b"\x02" * 12 + b"\x00\x2c\xaa\xaa\x03\x00\x00\x00\x08\x00"),
        (1, b"\x02" * 12 + b"\x88\x64\x11\x00\x00\x01\x00\x26\x00\x21"),
        (1, b"\x02" * 12 + b"\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40"),
        (12, b""),
        (101, b""),
        (228, b""),
        (113, b"\0\0\0\1\0\6" + bytes(8) + b"\x08\x00"),
        (276, b"\x08\x00" + bytes(18)),
        (0, b"\x02\0\0\0"),
        (0, b"\0\0\0\x02"),
        (108, b"\0\0\0\x02"),
    ],
)
def test_every_link_layer_is_taken_off(tmp_path: Path, link: int, head: bytes) -> None:
    packet = head + inner()
    assert bucket(tmp_path, packet, link) == "flow"
    for cut in range(len(head)):
        assert bucket(tmp_path, packet[:cut], link) in {"malformed", "non_ip"}


def test_ipv6_over_loopback_and_raw(tmp_path: Path) -> None:
    packet = made.ipv6(made.SIX_A, made.SIX_B, 17, made.udp(1, 2))
    assert bucket(tmp_path, packet, 229) == "flow"
    for family in (10, 24, 28, 30):
        assert bucket(tmp_path, family.to_bytes(4, "little") + packet, 0) == "flow"


def test_what_is_no_ip_is_no_flow(tmp_path: Path) -> None:
    assert bucket(tmp_path, made.ethernet(b"arp", 0x0806)) == "non_ip"
    assert bucket(tmp_path, b"\x77" * 60, 101) == "non_ip"
    assert bucket(tmp_path, made.ethernet(b"\0\0\x11\x40" + b"\x02" * 40, 0x8847)) == "unsupported"


@pytest.mark.parametrize(
    "payload",
    [
        b"\x65" + bytes(30),
        b"\x44" + bytes(30),
        b"\x45\0\0\x10" + bytes(30),
        b"\x4f\0\0\x28" + bytes(20),
    ],
)
def test_headers_that_contradict_themselves_are_malformed(tmp_path: Path, payload: bytes) -> None:
    assert bucket(tmp_path, made.ethernet(payload)) == "malformed"


@pytest.mark.parametrize("protocol", [6, 17, 132, 1])
def test_a_transport_header_that_has_no_room_is_malformed(tmp_path: Path, protocol: int) -> None:
    assert bucket(tmp_path, made.ethernet(made.ipv4(made.A, made.B, protocol, b"\0\1\2"))) == "malformed"


def test_a_header_that_was_not_captured_is_truncated(tmp_path: Path) -> None:
    whole = made.tcp4(1, 2, made.SYN)
    for kept in (20, 40, 53):
        data = bytearray(pcap(made.frames(whole[:kept])))
        data[24 + 12 : 24 + 16] = len(whole).to_bytes(4, "little")
        portions = made.read(tmp_path / "made.pcap", bytes(data))
        assert made.counts(portions)["packets", "truncated"] == 1


def test_other_protocols_are_flows_without_ports(tmp_path: Path) -> None:
    (flow,) = made.flows_of(tmp_path, made.ethernet(made.ipv4(made.A, made.B, 47, b"gre")))
    assert (flow["network.transport"], flow["network.iana_number"], "source.port" in flow) == ("gre", "47", False)
    (flow,) = made.flows_of(tmp_path, made.ethernet(made.ipv4(made.A, made.B, 253, b"x")))
    assert flow["network.transport"] == "253"


@pytest.mark.parametrize("protocol", [0, 43, 60, 135, 139, 140])
def test_every_extension_header_is_passed(tmp_path: Path, protocol: int) -> None:
    chain = b"\x33\x01" + bytes(14) + b"\x11\x04" + bytes(22)
    packet = made.ipv6(made.SIX_A, made.SIX_B, protocol, chain + made.udp(1, 2))
    (flow,) = made.flows_of(tmp_path, made.ethernet(packet, 0x86DD))
    assert (flow["network.transport"], flow["source.port"]) == ("udp", 1)


def test_headers_that_authenticate_are_passed_in_ipv4_too(tmp_path: Path) -> None:
    chain = b"\x11\x04" + bytes(22) + made.udp(1, 2)
    (flow,) = made.flows_of(tmp_path, made.ethernet(made.ipv4(made.A, made.B, 51, chain)))
    assert (flow["network.transport"], flow["source.port"]) == ("udp", 1)


def test_a_chain_of_headers_without_end_is_a_flow_without_ports(tmp_path: Path) -> None:
    chain = (b"\x3c\x00" + bytes(6)) * 40
    (flow,) = made.flows_of(tmp_path, made.ethernet(made.ipv6(made.SIX_A, made.SIX_B, 60, chain), 0x86DD))
    assert (flow["network.transport"], "source.port" in flow) == ("60", False)

import struct
from pathlib import Path

import pytest

from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made

IP4 = made.ipv4(made.A, made.B, 17, made.udp(1, 2))
IP6 = made.ipv6(made.SIX_A, made.SIX_B, 17, made.udp(1, 2))
MACS = b"\x02" * 12

HEADS: dict[str, tuple[int, bytes, bytes]] = {
    "PPP with address and control": (9, b"\xff\x03\x00\x21", IP4),
    "PPP without": (9, b"\x00\x57", IP6),
    "PPP with a protocol of one octet": (9, b"\x21", IP4),
    "PPP in HDLC": (50, b"\xff\x03\x00\x21", IP4),
    "Cisco HDLC in PPP's link type": (50, b"\x0f\x00\x08\x00", IP4),
    "Cisco HDLC": (104, b"\x8f\x00\x86\xdd", IP6),
    "Cisco HDLC in the other PPP's": (9, b"\x0f\x00\x08\x00", IP4),
    "per-packet information": (192, b"\0\0\x0c\0\1\0\0\0" + bytes(4) + MACS + b"\x08\x00", IP4),
    "PPPoE without Ethernet": (51, b"\x11\x00\x00\x01\x00\x1e\x00\x21", IP4),
    "PPPoE behind two tags": (1, MACS + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x88\x64\x11\0\0\1\0\x1e\0\x57", IP6),
    "MPLS in PPP": (9, b"\xff\x03\x02\x81\x00\x01\x01\x40", IP4),
    "backbone bridging": (1, MACS + b"\x88\xe7\0\0\1\0" + MACS + b"\x08\x00", IP4),
    "VN tag": (1, MACS + b"\x89\x26\x00\x04\x20\x00\x81\x00\x00\x07\x08\x00", IP4),
    "Cisco's metadata": (1, MACS + b"\x89\x09\1\1\0\1\0\x10\x08\x00", IP4),
    "a pseudowire with a control word": (1, MACS + b"\x88\x47\0\1\1\x40" + bytes(4) + MACS + b"\x08\x00", IP4),
    "a pseudowire without": (1, MACS + b"\x88\x47\0\1\1\x40" + MACS + b"\x81\x00\0\x07\x08\x00", IP4),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_link_layer_is_taken_off(tmp_path: Path, name: str) -> None:
    link, head, packet = HEADS[name]
    (flow,) = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(head + packet), link=link)))
    assert flow["source.ip"] in {made.A, made.SIX_A}
    assert (flow["source.port"], flow["destination.port"]) == (1, 2)
    for size in range(len(head)):
        counts = made.counts(made.read(tmp_path / "cut.pcap", pcap(made.frames(head[:size]), link=link)))
        assert counts.get(("packets", "flow"), 0) == 0


def test_of_many_tags_the_outermost_two_are_told(tmp_path: Path) -> None:
    (flow,) = made.flows_of(tmp_path, made.ethernet(IP4, vlans=(5, 6, 7)))
    assert (flow["network.vlan.id"], flow["network.inner.vlan.id"]) == ("5", "6")


def test_tags_without_end_are_not_followed(tmp_path: Path) -> None:
    packet = made.ethernet(IP4, vlans=tuple(range(1, 40)))
    counts = made.counts(made.read(tmp_path / "made.pcap", pcap(made.frames(packet))))
    assert counts["packets", "unsupported"] == 1


@pytest.mark.parametrize("protocol", [0xC021, 0x8021, 0x00FD])
def test_what_ppp_says_about_itself_is_no_flow(tmp_path: Path, protocol: int) -> None:
    packet = b"\xff\x03" + struct.pack(">H", protocol) + bytes(20)
    counts = made.counts(made.read(tmp_path / "made.pcap", pcap(made.frames(packet), link=9)))
    assert counts["packets", "non_ip"] == 1


@pytest.mark.parametrize("head", [b"\0\0\x07\0\1\0\0\0", b"\0\0\x08\0\xc0\0\0\0"])
def test_per_packet_information_that_contradicts_itself(tmp_path: Path, head: bytes) -> None:
    packet = head + MACS + b"\x08\x00" + IP4
    counts = made.counts(made.read(tmp_path / "made.pcap", pcap(made.frames(packet), link=192)))
    assert counts["packets", "malformed"] == 1

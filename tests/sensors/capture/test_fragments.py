import random
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.capture.writing import pcap
from sensors.reading.model import Portion
from tests.sensors.capture import frames as made

ANSWER = made.dns(9, "www.synthetic.example", reply=True, answers=tuple((1, bytes([10, 1, 0, n])) for n in range(90)))
WHOLE = made.udp(53, 40_000, ANSWER)
REQUEST = b"GET /synthetic HTTP/1.1\r\nHost: portal.gov.example\r\n" + b"X-A: b\r\n" * 20 + b"\r\n"


def pieces4(payload: bytes, size: int, *, protocol: int = 17, identity: int = 7) -> list[bytes]:
    """The payload as an IPv4 datagram in fragments of `size` octets, a multiple of 8."""
    return [
        made.ethernet(
            made.ipv4(
                made.A, made.B, protocol, payload[at : at + size], identity=identity,
                fragment=at // 8 | (0x2000 if at + size < len(payload) else 0),
            )
        )
        for at in range(0, len(payload), size)
    ]


def piece6(payload: bytes, at: int, *, more: bool, identity: int = 7, following: int = 17) -> bytes:
    header = struct.pack(">BBHI", following, 0, at | more, identity)
    return made.ethernet(made.ipv6(made.SIX_A, made.SIX_B, 44, header + payload), 0x86DD)


def pieces6(payload: bytes, size: int, *, following: int = 17) -> list[bytes]:
    return [
        piece6(payload[at : at + size], at, more=at + size < len(payload), following=following)
        for at in range(0, len(payload), size)
    ]


def read(tmp_path: Path, *packets: bytes, step: int = 1_000_000, **limits: int) -> list[Portion]:
    return made.read(tmp_path / "made.pcap", pcap(made.frames(*packets, step=step)), start=None, **limits)


def conversion(portions: list[Portion], name: str) -> int:
    return made.counts(portions).get(("conversion", name), 0)


@pytest.mark.parametrize("make", [pieces4, pieces6])
@pytest.mark.parametrize("order", ["as sent", "backwards", "shuffled", "each twice"])
def test_a_whole_datagram_reaches_the_parsers_in_any_order(tmp_path: Path, make: Any, order: str) -> None:
    packets = make(WHOLE, 256)
    if order == "backwards":
        packets.reverse()
    elif order == "shuffled":
        random.Random(4).shuffle(packets)
    elif order == "each twice":
        packets = [packet for packet in packets for _ in range(2)]
    portions = read(tmp_path, *packets)
    (flow,), (event,) = made.rows(portions), made.rows(portions, "network.dns")
    assert (flow["source.port"], flow["destination.port"]) == (53, 40_000)
    assert flow["network.packets"] == flow["hanwatch.ip.fragments"] == len(packets)
    assert flow["network.bytes"] == sum(map(len, packets))
    assert flow["event.sequence"] == 1
    assert flow["event.duration"] == (len(packets) - 1) * 1_000_000
    assert len(event["dns.answers"]) == 90
    assert conversion(portions, "datagrams_reassembled") == 1
    assert conversion(portions, "fragments_orphaned") == 0


def test_a_tcp_segment_in_fragments_is_read_and_counted_once(tmp_path: Path) -> None:
    packets = pieces4(made.tcp(40_000, 8_080, made.PSH | made.ACK, 1, REQUEST), 64, protocol=6)
    portions = read(tmp_path, *reversed(packets))
    (flow,), (event,) = made.rows(portions), made.rows(portions, "network.http")
    assert event["url.path"] == "/synthetic"
    assert (flow["network.packets"], flow["hanwatch.tcp.flags.source"]) == (len(packets), "PA")
    assert "hanwatch.tcp.retransmissions.source" not in flow


def test_a_transport_header_in_pieces_is_waited_for(tmp_path: Path) -> None:
    packets = pieces4(made.tcp(40_000, 80, made.SYN, 1), 8, protocol=6)
    (flow,) = made.rows(read(tmp_path, *packets))
    assert (flow["source.port"], flow["network.packets"], flow["hanwatch.tcp.state"]) == (40_000, 3, "S0")


def test_extension_headers_may_stand_in_what_is_in_fragments(tmp_path: Path) -> None:
    packets = pieces6(b"\x11\x00" + bytes(6) + WHOLE, 256, following=60)
    (event,) = made.rows(read(tmp_path, *packets), "network.dns")
    assert event["dns.question.name"] == "www.synthetic.example"


def test_without_the_first_fragment_there_are_no_ports(tmp_path: Path) -> None:
    portions = read(tmp_path, *pieces4(WHOLE, 256)[1:])
    (flow,) = made.rows(portions)
    assert "source.port" not in flow
    assert flow["network.packets"] == conversion(portions, "fragments_orphaned") == len(pieces4(WHOLE, 256)) - 1
    assert conversion(portions, "datagrams_incomplete") == 1


def test_fragments_are_waited_for_sixty_seconds(tmp_path: Path) -> None:
    late = pieces4(WHOLE, 1_024)
    within = read(tmp_path, *reversed(late), step=60 * made.SECOND)
    assert conversion(within, "datagrams_reassembled") == 1
    beyond = read(tmp_path, *reversed(late), step=61 * made.SECOND)
    assert conversion(beyond, "datagrams_reassembled") == 0
    assert conversion(beyond, "datagrams_incomplete") == 2
    assert sum(flow["network.packets"] for flow in made.rows(beyond)) == len(late)


def test_overlapping_fragments_end_an_ipv6_datagram(tmp_path: Path) -> None:
    packets = pieces6(WHOLE, 256)
    overlap = piece6(b"\xff" * 256, 128, more=True)
    portions = read(tmp_path, packets[0], overlap, *packets[1:])
    assert not made.rows(portions, "network.dns")
    assert (conversion(portions, "fragments_overlapping"), conversion(portions, "datagrams_given_up")) == (1, 1)
    (flow,) = made.rows(portions)
    assert flow["network.packets"] == len(packets) + 1


def test_of_overlapping_fragments_of_ipv4_the_first_stay(tmp_path: Path) -> None:
    packets = pieces4(WHOLE, 256)
    forged = made.ethernet(made.ipv4(made.A, made.B, 17, b"\xff" * 256, fragment=16 | 0x2000))
    portions = read(tmp_path, packets[0], packets[1], forged, *packets[2:])
    (event,) = made.rows(portions, "network.dns")
    assert len(event["dns.answers"]) == 90
    assert conversion(portions, "fragments_overlapping") == 1


@pytest.mark.parametrize(
    ("offset", "size"),
    [
        (8_190, 64),
        (0, 12),
        (1, 0),
    ],
)
def test_fragments_that_no_datagram_can_have_are_malformed(tmp_path: Path, offset: int, size: int) -> None:
    packet = made.ethernet(made.ipv4(made.A, made.B, 17, bytes(size), fragment=offset | 0x2000))
    assert made.counts(read(tmp_path, packet))["packets", "malformed"] == 1


def test_datagrams_that_disagree_about_their_end_are_given_up(tmp_path: Path) -> None:
    packets = pieces4(WHOLE, 512)
    other_end = made.ethernet(made.ipv4(made.A, made.B, 17, bytes(64), fragment=64))
    portions = read(tmp_path, packets[0], packets[-1], other_end, *packets[1:-1])
    assert not made.rows(portions, "network.dns")
    assert conversion(portions, "datagrams_given_up") == 1


def test_a_flood_of_fragments_is_bounded_and_every_packet_is_told(tmp_path: Path) -> None:
    flood = [pieces4(WHOLE, 256, identity=number)[1] for number in range(400)]
    portions = read(tmp_path, *flood, *pieces4(WHOLE, 256, identity=500), datagram_limit=32, heap_limit=16)
    assert conversion(portions, "datagrams_evicted") > 300
    assert conversion(portions, "datagrams_given_up") > 300
    assert sum(flow["network.packets"] for flow in made.rows(portions)) == 400 + len(pieces4(WHOLE, 256))
    (event,) = made.rows(portions, "network.dns")
    assert len(event["dns.answers"]) == 90


def test_an_identification_that_is_used_again_is_a_new_datagram(tmp_path: Path) -> None:
    portions = read(tmp_path, *(pieces4(WHOLE, 256) * 3))
    assert conversion(portions, "datagrams_reassembled") == 3
    assert len(made.rows(portions, "network.dns")) == 3


def test_a_tunnel_in_fragments_is_taken_off_when_it_is_whole(tmp_path: Path) -> None:
    inner = made.ipv4("10.9.0.1", "10.9.0.2", 17, made.udp(40_000, 53, made.dns(3, "inside.synthetic.example")))
    payload = struct.pack(">HH", 0, 0x0800) + inner
    for packets in (pieces4(payload, 32, protocol=47), pieces4(payload, 32, protocol=47)[::-1]):
        portions = read(tmp_path, *packets)
        (flow,), (event,) = made.rows(portions), made.rows(portions, "network.dns")
        assert (flow["source.ip"], flow["network.packets"]) == ("10.9.0.1", len(packets))
        assert flow["hanwatch.tunnel.type"] == event["hanwatch.tunnel.type"] == ["gre"]
        assert event["dns.question.name"] == "inside.synthetic.example"


def test_fragments_inside_a_tunnel_are_put_together(tmp_path: Path) -> None:
    inner = [packet[14:] for packet in pieces4(WHOLE, 256)]
    gre = [made.ethernet(made.ipv4("203.0.113.1", "203.0.113.2", 47, b"\0\0\x08\0" + packet)) for packet in inner]
    plain = pieces4(WHOLE, 256)[1:]
    portions = read(tmp_path, *plain, *gre)
    (event,) = made.rows(portions, "network.dns")
    assert (event["hanwatch.tunnel.type"], len(event["dns.answers"])) == (["gre"], 90)
    packets = {flow.get("source.port"): flow["network.packets"] for flow in made.rows(portions)}
    assert packets == {53: len(gre), None: len(plain)}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 300), st.booleans(), st.integers(0, 2), st.booleans()),
        max_size=30,
    ),
    kept=st.integers(14, 400),
)
def test_any_fragments_balance(tmp_path: Path, cuts: list[tuple[int, int, bool, int, bool]], kept: int) -> None:
    packets = [
        piece6(WHOLE[at * 8 : at * 8 + size], at * 8, more=more, identity=identity)
        if six
        else made.ethernet(
            made.ipv4(
                made.A, made.B, 17, WHOLE[at * 8 : at * 8 + size], identity=identity, fragment=at | (0x2000 * more)
            )
        )
        for at, size, more, identity, six in cuts
    ]
    portions = read(tmp_path, *[packet[:kept] for packet in packets], datagram_limit=12, heap_limit=12)
    found = made.counts(portions)
    assert sum(n for (stage, bucket), n in found.items() if stage == "packets" and bucket != "read") == len(packets)
    assert sum(flow["network.packets"] for flow in made.rows(portions)) == found.get(("packets", "flow"), 0)

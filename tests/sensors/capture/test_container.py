import struct
from pathlib import Path
from typing import Any

import pytest

from sensors.capture.container import recognises
from sensors.capture.writing import pcap, pcapng
from sensors.errors import UnreadableInput
from tests.sensors.capture import frames as made


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_every_magic_of_pcap(tmp_path: Path, big: bool, nanoseconds: bool) -> None:
    data = pcap(made.frames(made.udp4(1, 2), step=1), big=big, nanoseconds=nanoseconds)
    assert recognises(data[:12])
    (flow,) = made.rows(made.read(tmp_path / "a.pcap", data))
    assert flow["@timestamp"] == "2025-10-09T08:53:20.000Z"


def test_nanoseconds_are_kept(tmp_path: Path) -> None:
    frames = [type(frame)(frame.time + 7, frame.octets) for frame in made.frames(made.udp4(1, 2))]
    (flow,) = made.rows(made.read(tmp_path / "a.pcap", pcap(frames, nanoseconds=True)))
    assert flow["event.start"] == "2025-10-09T08:53:20.000000007Z"


def test_the_modified_pcap_of_old_linux(tmp_path: Path) -> None:
    packet = made.udp4(1, 2)
    data = bytearray(pcap([])[:24])
    data[:4] = (0xA1B2CD34).to_bytes(4, "little")
    data += struct.pack("<IIII", 1_760_000_000, 5, len(packet), len(packet)) + bytes(8) + packet
    (flow,) = made.rows(made.read(tmp_path / "a.pcap", bytes(data)))
    assert flow["event.start"].endswith(".000005Z")


@pytest.mark.parametrize("big", [False, True])
def test_pcapng_with_several_sections(tmp_path: Path, big: bool) -> None:
    first = pcapng(made.frames(made.udp4(1, 2)), big=big, comment="synthetic")
    second = pcapng(made.frames(made.ipv4(made.A, made.B, 17, made.udp(3, 4))), link=101, big=not big)
    portions = made.read(tmp_path / "a.pcapng", first + second)
    assert sorted(flow["source.port"] for flow in made.rows(portions)) == [1, 3]
    assert made.counts(portions)["packets", "flow"] == 2


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


HEAD = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(link: int, *options: tuple[int, bytes]) -> bytes:
    packed = b"".join(struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options)
    return block(1, struct.pack("<HHI", link, 0, 0) + packed)


def enhanced(number: int, ticks: int, packet: bytes) -> bytes:
    return block(6, struct.pack("<IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet)) + packet)


def test_each_interface_has_its_own_link_and_clock(tmp_path: Path) -> None:
    raw = made.ipv4(made.A, made.B, 17, made.udp(3, 4))
    offset = struct.pack("<q", 1_000_000_000)
    data = b"".join(
        [
            HEAD,
            interface(1),
            interface(101, (9, b"\x03"), (14, offset)),
            interface(101, (9, b"\x8a")),
            enhanced(0, 1_760_000_000_000_001, made.udp4(1, 2)),
            enhanced(1, 760_000_000_002, raw),
            enhanced(2, (1_760_000_000 << 10) + 512, made.ipv4(made.A, made.B, 17, made.udp(5, 6))),
        ]
    )
    flows = sorted(made.rows(made.read(tmp_path / "a.pcapng", data)), key=lambda flow: flow["source.port"])
    assert [flow["event.start"] for flow in flows] == [
        "2025-10-09T08:53:20.000001Z",
        "2025-10-09T08:53:20.002Z",
        "2025-10-09T08:53:20.500Z",
    ]


def test_simple_and_obsolete_packet_blocks(tmp_path: Path) -> None:
    one, other = made.udp4(1, 2), made.udp4(3, 4)
    ticks = 1_760_000_000_000_000
    obsolete = struct.pack("<HHIIII", 0, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(other), len(other)) + other
    data = HEAD + interface(1) + block(2, obsolete) + block(3, struct.pack("<I", len(one)) + one)
    portions = made.read(tmp_path / "a.pcapng", data)
    assert made.counts(portions)["packets", "flow"] == 2
    assert made.counts(portions)["conversion", "time_missing"] == 1


def test_a_packet_without_any_time_takes_the_receipt_time(tmp_path: Path) -> None:
    packet = made.udp4(1, 2)
    data = HEAD + interface(1) + block(3, struct.pack("<I", len(packet)) + packet)
    (flow,) = made.rows(made.read(tmp_path / "a.pcapng", data))
    assert flow["hanwatch.time.origin"] == "received"
    assert flow["@timestamp"] == "2025-10-09T08:53:20.000Z"
    assert "event.start" not in flow


def test_a_packet_of_an_unknown_interface_is_rejected_with_its_reason(tmp_path: Path) -> None:
    portions = made.read(tmp_path / "a.pcapng", HEAD + interface(1) + enhanced(5, 1, made.udp4(1, 2)))
    assert [reject.reason for portion in portions for reject in portion.rejects] == ["capture-interface-unknown"]
    assert made.counts(portions)["packets", "malformed"] == 1


@pytest.mark.parametrize("data", [b"", b"\xd4\xc3\xb2\xa1", b"text that is no capture at all"])
def test_what_is_no_capture_cannot_be_read(tmp_path: Path, data: bytes) -> None:
    assert not recognises(data[:12]) or len(data) < 24
    with pytest.raises(UnreadableInput):
        made.read(tmp_path / "a.pcap", data)


def test_a_record_that_the_file_cuts_off_is_a_truncated_packet(tmp_path: Path) -> None:
    data = pcap(made.frames(made.udp4(1, 2), made.udp4(3, 4)))
    for missing in (1, 30, 57):
        portions = made.read(tmp_path / "a.pcap", data[:-missing])
        found = made.counts(portions)
        assert (found["packets", "read"], found["packets", "flow"], found["packets", "truncated"]) == (2, 1, 1)
        (reject,) = [reject for portion in portions for reject in portion.rejects]
        assert (reject.reason, reject.ordinal, len(reject.raw)) == ("capture-truncated", 2, reject.size)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_a_lying_length_is_passed_over_and_reading_goes_on(tmp_path: Path, make: Any) -> None:
    frames = made.frames(*[made.udp4(port, 2, b"payload") for port in range(1, 6)])
    parts = [make(frames[: number + 1]) for number in range(5)]
    data = bytearray(parts[-1])
    at = len(parts[0]) + (8 if make is pcap else 4)
    data[at : at + 4] = b"\xff\xff\xff\x7f"
    portions = made.read(tmp_path / "a.cap", bytes(data))
    assert sorted(flow["source.port"] for flow in made.rows(portions)) == [1, 3, 4, 5]
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.reason, reject.offset) == ("capture-record-length", len(parts[0]))
    assert reject.size == len(parts[1]) - len(parts[0])


def test_a_length_on_the_wire_that_cannot_be_true_is_clamped(tmp_path: Path) -> None:
    data = bytearray(pcap(made.frames(made.udp4(1, 2))))
    data[36:40] = b"\xff\xff\xff\xff"
    portions = made.read(tmp_path / "a.pcap", bytes(data))
    assert made.counts(portions)["conversion", "length_clamped"] == 1
    assert made.rows(portions)[0]["source.bytes"] == 42


def test_a_block_longer_than_any_packet_is_passed_over(tmp_path: Path) -> None:
    long, packet = bytes(3 << 20), enhanced(0, 1, made.udp4(1, 2))
    portions = made.read(tmp_path / "a.pcapng", HEAD + interface(1) + block(0x0BAD, long) + packet)
    assert made.counts(portions)["packets", "flow"] == 1
    assert not [reject for portion in portions for reject in portion.rejects]


def test_a_packet_longer_than_any_is_rejected(tmp_path: Path) -> None:
    packet = enhanced(0, 1, made.udp4(1, 2))
    portions = made.read(tmp_path / "a.pcapng", HEAD + interface(1) + enhanced(0, 1, b"\xee" * (3 << 20)) + packet)
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.reason, reject.size > 3 << 20) == ("capture-record-length", True)
    assert made.counts(portions)["packets", "flow"] == 1


@pytest.mark.parametrize("gap", [1_000, 300 << 10, 9 << 20])
def test_reading_goes_on_behind_a_gap_of_any_length(tmp_path: Path, gap: int) -> None:
    frames = made.frames(*[made.udp4(port, 2) for port in range(1, 6)])
    first, rest = pcap(frames[:1]), pcap(frames[1:])[24:]
    portions = made.read(tmp_path / "a.pcap", first + b"\xff" * gap + rest)
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.offset, reject.size) == (len(first), gap)
    assert made.counts(portions)["packets", "flow"] == 5

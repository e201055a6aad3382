"""Frames made by hand, octet by octet, for the tests of the capture room; none of it needs scapy."""

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Octets, Words
from sensors.capture.reader import CaptureReader
from sensors.capture.writing import Frame, pcap
from sensors.event.model import Source
from sensors.reading.model import Portion, Position

START = 1_760_000_000_000_000_000
SECOND = 1_000_000_000
A, B = "10.0.0.1", "192.0.2.9"
SIX_A, SIX_B = "2001:db8::1", "2001:db8::2"
SOURCE = Source("0123456789abcdef" * 2, "capture", "made.pcap")

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def ethernet(payload: bytes, kind: int = 0x0800, *, vlans: tuple[int, ...] = ()) -> bytes:
    tags = b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in vlans)
    return b"\x02" * 6 + b"\x04" * 6 + tags + struct.pack(">H", kind) + payload


def ipv4(
    source: str,
    destination: str,
    protocol: int,
    payload: bytes,
    *,
    fragment: int = 0,
    identity: int = 7,
    length: int | None = None,
) -> bytes:
    total = 20 + len(payload) if length is None else length
    head = struct.pack(">BBHHHBBH", 0x45, 0, total, identity, fragment, 64, protocol, 0)
    return head + ip_address(source).packed + ip_address(destination).packed + payload


def ipv6(source: str, destination: str, protocol: int, payload: bytes, *, hops: int | None = None) -> bytes:
    """A packet of IPv6; those of ICMPv6 have the hop limit that neighbour discovery demands."""
    hops = (255 if protocol == 58 else 64) if hops is None else hops
    head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, hops)
    return head + ip_address(source).packed + ip_address(destination).packed + payload


def tcp(sport: int, dport: int, flags: int, sequence: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">HHIIBBHHH", sport, dport, sequence & 0xFFFFFFFF, 0, 0x50, flags, 1_024, 0, 0) + payload


def udp(sport: int, dport: int, payload: bytes = b"", *, length: int | None = None) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload) if length is None else length, 0) + payload


def icmp(kind: int, code: int, payload: bytes = b"\0\0\0\0") -> bytes:
    return struct.pack(">BBH", kind, code, 0) + payload


def tcp4(sport: int, dport: int, flags: int, sequence: int = 0, payload: bytes = b"", *, back: bool = False) -> bytes:
    ends = (B, A) if back else (A, B)
    return ethernet(ipv4(*ends, 6, tcp(sport, dport, flags, sequence, payload)))


def udp4(sport: int, dport: int, payload: bytes = b"", *, back: bool = False) -> bytes:
    ends = (B, A) if back else (A, B)
    return ethernet(ipv4(*ends, 17, udp(sport, dport, payload)))


def frames(*packets: bytes, step: int = 1_000_000) -> list[Frame]:
    return [Frame(START + number * step, packet) for number, packet in enumerate(packets)]


def indexed(*packets: bytes) -> tuple[Octets, Words]:
    """Packets of one moment as the flow table takes them: their octets, and a row for each (sensors.capture.index)."""
    data = np.frombuffer(b"".join(packets), np.uint8).copy()
    index = np.zeros((len(packets), ix.COLUMNS), np.int64)
    at = 0
    for row, packet in zip(index, packets, strict=True):
        row[:] = at, len(packet), len(packet), START, 1
        at += len(packet)
    return data, index


def conversation(*segments: tuple[bool, int, bytes], sport: int = 40_000, dport: int = 8_080) -> list[bytes]:
    """A handshake and segments: (from the client, offset in its stream, octets)."""
    packets = [
        tcp4(sport, dport, SYN, 999),
        tcp4(dport, sport, SYN | ACK, 4_999, back=True),
        tcp4(sport, dport, ACK, 1_000),
    ]
    for mine, offset, octets in segments:
        packets.append(
            tcp4(sport, dport, PSH | ACK, 1_000 + offset, octets)
            if mine
            else tcp4(dport, sport, PSH | ACK, 5_000 + offset, octets, back=True),
        )
    return packets


def read(path: Path, data: bytes, *, start: Position | None = None, **limits: int) -> list[Portion]:
    path.write_bytes(data)
    return list(CaptureReader(**limits).portions(path, SOURCE, start or Position(), START))


def rows(portions: list[Portion], dataset: str = "network.flow") -> list[dict[str, Any]]:
    return [
        row for portion in portions for batch in portion.batches if batch.dataset == dataset for row in batch.rows()
    ]


def counts(portions: list[Portion]) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = {}
    for portion in portions:
        for name, count in portion.counts.items():
            total[name] = total.get(name, 0) + count
    return total


def flows_of(tmp_path: Path, *packets: bytes, step: int = 1_000_000, **limits: int) -> list[dict[str, Any]]:
    found = rows(read(tmp_path / "made.pcap", pcap(frames(*packets, step=step)), start=None, **limits))
    return sorted(found, key=lambda row: (row["event.sequence"], row["event.id"]))


def dns(
    identity: int, name: str, *, answers: tuple[tuple[int, bytes], ...] = (), reply: bool = False, code: int = 0
) -> bytes:
    flags = (0x8180 if reply else 0x0100) | code
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\x01\0\x01"
    records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for kind, data in answers)
    return struct.pack(">HHHHHH", identity, flags, 1, len(answers), 0, 0) + question + records


def pieces(data: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    for at in range(0, len(data), size):
        yield at, data[at : at + size]

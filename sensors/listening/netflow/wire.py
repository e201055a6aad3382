"""Packets of NetFlow v5 (Cisco, "NetFlow Export Datagram Format"), v9 (RFC 3954) and IPFIX (RFC 7011) taken apart.

Lengths lie: nothing is read beyond the packet, and a set that does not fit ends the packet with a fault.
"""

import struct
from typing import NamedTuple

from sensors.event.times import SECOND

MILLISECOND = 1_000_000

_V5 = struct.Struct(">HHIIIIBBH")
_V9 = struct.Struct(">HHIIII")
_IPFIX = struct.Struct(">HHIII")
_SET = struct.Struct(">HH")
V5_RECORD = 48
V5_SET = 0
"""Version 5 has no sets; its records are given as one with this id, which no other version uses for data."""
FIRST_DATA_SET = 256


class Packet(NamedTuple):
    """A packet; a tuple, since a frozen dataclass takes longer to make than a packet to be taken apart.

    Attributes:
        version: 5, 9 or 10 (IPFIX).
        domain: source id (v9), observation domain (IPFIX), engine type and id (v5).
        sequence: what the header counts: flows (v5), packets (v9), data records (IPFIX).
        announced: how many flows a v5 packet holds; what a v9 header says; 0 for IPFIX.
        exported: when it was sent, ns since 1970 by the exporter's clock.
        uptime: milliseconds since the exporter began, None where the header has none (IPFIX).
        sampling: every so manieth packet was looked at (v5), 0 where the header says nothing.
        sets: id and content of each set, in order.
        fault: why the rest could not be taken apart, empty where all could.
    """

    version: int
    domain: int
    sequence: int
    announced: int
    exported: int
    uptime: int | None
    sampling: int
    sets: tuple[tuple[int, bytes], ...]
    fault: str = ""


def read_packet(data: bytes) -> Packet | None:
    """A packet; None where it is none of the three."""
    version = int.from_bytes(data[:2], "big")
    if version == 5 and len(data) >= _V5.size:
        return _version_5(data)
    if version == 9 and len(data) >= _V9.size:
        _, count, uptime, seconds, sequence, domain = _V9.unpack_from(data)
        sets, fault = _sets(data, _V9.size, len(data))
        return Packet(9, domain, sequence, count, seconds * SECOND, uptime, 0, sets, fault)
    if version == 10 and len(data) >= _IPFIX.size:
        _, length, seconds, sequence, domain = _IPFIX.unpack_from(data)
        sets, fault = _sets(data, _IPFIX.size, min(length, len(data)))
        if length != len(data) and not fault:
            fault = "netflow-length"
        return Packet(10, domain, sequence, 0, seconds * SECOND, None, 0, sets, fault)
    return None


def _version_5(data: bytes) -> Packet:
    _, count, uptime, seconds, nanos, sequence, kind, engine, sampling = _V5.unpack_from(data)
    records = data[_V5.size : _V5.size + count * V5_RECORD]
    whole = len(records) // V5_RECORD
    # The upper two bits of the last field are the sampling's mode, the rest its interval.
    return Packet(
        5, kind << 8 | engine, sequence, whole, seconds * SECOND + nanos, uptime, sampling & 0x3FFF,
        ((V5_SET, records[: whole * V5_RECORD]),), "" if whole == count else "netflow-length",
    )  # fmt: skip


def _sets(data: bytes, at: int, end: int) -> tuple[tuple[tuple[int, bytes], ...], str]:
    found: list[tuple[int, bytes]] = []
    while at + _SET.size <= end:
        number, length = _SET.unpack_from(data, at)
        if length < _SET.size:
            # A few exporters fill the packet up with zeros.
            return tuple(found), "" if not any(data[at:end]) else "netflow-length"
        if at + length > end:
            return tuple(found), "netflow-length"
        found.append((number, data[at + _SET.size : at + length]))
        at += length
    return tuple(found), "" if not any(data[at:end]) else "netflow-length"

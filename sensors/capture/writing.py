"""Writing capture files: pcap in every form of its header, and pcapng with an interface and a comment.

The formats: draft-ietf-opsawg-pcap sections 4 and 5, draft-ietf-opsawg-pcapng sections 3 and 4.
"""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

ETHERNET: Final = 1
_SNAP: Final = 262_144


class Frame(NamedTuple):
    """A packet as it is written: when, ns since 1970, and its octets from the link layer on."""

    time: int
    octets: bytes


def pcap(frames: Iterable[Frame], *, link: int = ETHERNET, big: bool = False, nanoseconds: bool = False) -> bytes:
    """A pcap file of these frames."""
    order = ">" if big else "<"
    parts = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, _SNAP, link)]
    for time, octets in frames:
        seconds, part = divmod(time, 1_000_000_000)
        size = len(octets)
        parts.append(struct.pack(order + "IIII", seconds, part if nanoseconds else part // 1_000, size, size))
        parts.append(octets)
    return b"".join(parts)


def _option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(order: str, kind: int, body: bytes) -> bytes:
    length = 12 + len(body) + (-len(body) % 4)
    return struct.pack(order + "II", kind, length) + body + bytes(-len(body) % 4) + struct.pack(order + "I", length)


def pcapng(frames: Iterable[Frame], *, link: int = ETHERNET, big: bool = False, comment: str = "") -> bytes:
    """A pcapng section of these frames: one interface that counts nanoseconds, enhanced packet blocks."""
    order = ">" if big else "<"
    options = _option(order, 1, comment.encode()) + _option(order, 0, b"") if comment else b""
    parts = [
        _block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options),
        _block(order, 1, struct.pack(order + "HHI", link, 0, _SNAP) + _option(order, 9, b"\x09") + bytes(4)),
    ]
    for time, octets in frames:
        head = struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(octets), len(octets))
        parts.append(_block(order, 6, head + octets))
    return b"".join(parts)


def write(path: Path, frames: Iterable[Frame], *, comment: str = "") -> None:
    """Write frames as pcapng where the name ends so, else as pcap."""
    path.write_bytes(pcapng(frames, comment=comment) if path.suffix == ".pcapng" else pcap(frames))

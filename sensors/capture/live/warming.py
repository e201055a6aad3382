"""Compiling what a capture runs before the first ring is opened: a ring does not wait half a minute for it."""

import struct
from collections.abc import Iterable
from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, Words, announce
from sensors.capture.keeping.packing import pack, pairs_of
from sensors.capture.live import block
from sensors.capture.live.session import Session, source_of
from sensors.capture.writing import Frame
from sensors.event.times import SECOND
from sensors.reading.model import Portion

_DATA_PLACE: Final = 96
"""Where a packet's octets begin behind its header: header, address and the room for a VLAN tag, aligned."""
_QUESTION: Final = bytes.fromhex("000101000001000000000000") + b"\x04warm\x07example\0\0\x01\0\x01"


def made_block(frames: Iterable[Frame], size: int, *, status: int = 0, tag: int = 0, kind: int = 0x8100) -> bytes:
    """A block as the kernel would hand it over, `size` octets long, with these frames.

    `status` is every packet's tp_status beside what says that it is ours, `tag` and `kind` its VLAN tag.
    """
    parts = []
    for time, octets in frames:
        onward = _DATA_PLACE + (len(octets) + 15) // 16 * 16
        seconds, part = divmod(time, SECOND)
        numbers = (onward, seconds, part, len(octets), len(octets), status | 1, _DATA_PLACE, _DATA_PLACE + 14)
        head = struct.pack("<6I2H", *numbers) + struct.pack("<IIHH8x", 0, tag, kind, 0)
        parts.append(head.ljust(_DATA_PLACE, b"\0") + octets.ljust(onward - _DATA_PLACE, b"\0"))
    head = struct.pack("<5I", 3, 0, 1, len(parts), block.BLOCK_HEAD_BYTES).ljust(block.BLOCK_HEAD_BYTES, b"\0")
    return (head + b"".join(parts)).ljust(size, b"\0")


def warm() -> Portion:
    """Run a session of one made packet from its block to its events; what it gives."""
    announce()
    udp = struct.pack(">HHHH", 40_000, 53, 8 + len(_QUESTION), 0) + _QUESTION
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\2")
    frame = Frame(SECOND, bytes(12) + b"\x08\0" + ip + udp)
    ring: Octets = np.frombuffer(bytearray(made_block([frame], 4_096)), np.uint8)
    packed, keys = np.empty(8_192, np.uint8), np.empty(16, np.uint64)

    def keep(index: Words, _ordinal: int) -> None:
        pairs_of(packed, pack(ring, index, 0, packed, 0), 1, keys)

    session = Session(source_of("warm", "", 0), ring, 1, 0, flow_limit=64, slot_limit=16, keep=keep)
    session.take(0, 4_096)
    session.let_go()
    session.sweep(0)
    session.finish()
    return session.portion(0, None, {}, done=True)

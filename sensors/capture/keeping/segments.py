"""The files of the ring of packets: pcapng segments, each with an index of times and of the hosts that spoke in it.

A segment that is being written has no index yet and is locked by who writes it; one whose writer has died gets its
index from whoever looks next. `NAME.pcapng` holds packets, `NAME.pairs` four numbers and the sorted keys of pairs.
"""

import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from sensors.capture import index as ix
from sensors.capture.compiled import Longs
from sensors.capture.container import Container
from sensors.capture.keeping.packing import pair_of
from sensors.errors import Problem

PACKETS: Final = ".pcapng"
PAIRS: Final = ".pairs"
_HEAD: Final = struct.Struct("<4q")
_SECTION: Final = 0x0A0D0D0A
_ROWS: Final = 32_768


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment with its index: which session it is of, its first and last time, how many packets, whose."""

    path: Path
    source: str
    begin: int
    end: int
    packets: int
    pairs: Longs

    def has(self, key: np.uint64) -> bool:
        """Whether a pair of hosts spoke in it."""
        place = int(np.searchsorted(self.pairs, key))
        return place < len(self.pairs) and self.pairs[place] == key


def head(source: str, interface: str, link: int, snap: int, text: str) -> bytes:
    """The beginning of a segment: a section whose comment says whose it is, and its one interface."""
    comment = orjson.dumps({"hanwatch.source.id": source})
    section = _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options((1, comment)))
    # Options: name of the interface, resolution of times, and the filter where there is one (draft section 4.2).
    named = [(2, interface.encode()), (9, b"\x09")] + ([(11, b"\0" + text.encode())] if text else [])
    return section + _block(1, struct.pack("<HHI", link, 0, snap) + _options(*named))


def _options(*options: tuple[int, bytes]) -> bytes:
    parts = [struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options]
    return b"".join(parts) + bytes(4)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def name_of(begin: int, source: str) -> str:
    """The name of a segment: names in order are segments in order."""
    return f"{begin:020d}-{source}"


def save_index(path: Path, begin: int, end: int, packets: int, pairs: Longs) -> None:
    """Write a segment's index; it is there as a whole or not at all."""
    temporary = path.with_suffix(".part")
    temporary.write_bytes(_HEAD.pack(begin, end, packets, 0) + np.unique(pairs).astype("<u8").tobytes())
    temporary.replace(path.with_suffix(PAIRS))


def segments(folder: Path) -> list[Segment]:
    """All segments in the order of their beginnings; those that are being written are indexed as far as they are."""
    found = []
    for path in sorted(folder.glob(f"*{PACKETS}")):
        segment = _indexed(path) or _scanned(path)
        if segment is not None:
            found.append(segment)
    return found


def _indexed(path: Path) -> Segment | None:
    try:
        data = path.with_suffix(PAIRS).read_bytes()
        begin, end, packets, _ = _HEAD.unpack_from(data)
    except (OSError, struct.error):
        return None
    return Segment(path, path.stem.partition("-")[2], begin, end, packets, np.frombuffer(data, "<u8", -1, _HEAD.size))


def _scanned(path: Path) -> Segment | None:
    """A segment without index, read through; its index is kept if nobody writes to it any more."""
    keys, times = [], []
    index = np.zeros((_ROWS, ix.COLUMNS), np.int64)
    try:
        with Container(path) as capture:
            ended = False
            while not ended:
                count, _, ended = capture.scan(index, capture.at + (8 << 20))
                for row in index[:count].tolist():
                    at = row[ix.AT]
                    keys.append(pair_of(capture.data, at, at + row[ix.CAPTURED], row[ix.LINK]))
                    times.append(row[ix.TIME])
                capture.forget()
    except Problem:
        return None
    pairs = np.unique(np.array(keys, np.uint64))
    begin, end = (min(times), max(times)) if times else (0, 0)
    if _abandoned(path):
        save_index(path, begin, end, len(times), pairs)
    return Segment(path, path.stem.partition("-")[2], begin, end, len(times), pairs)


def _abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make_room(folder: Path, needed: int, *, most: int, before: int, segment_bytes: int) -> int:
    """Remove the oldest segments until `needed` bytes more fit into `most`, and those that end before `before`, ns.

    Segments that are being written stay, and count as if they were full.

    Returns:
        How many segments were removed.
    """
    sizes: dict[Path, int] = {}
    for path in sorted(folder.glob(f"*{PACKETS}")):
        closed = path.with_suffix(PAIRS).exists()
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            continue
        sizes[path] = size if closed else max(size, segment_bytes)
    total, removed = sum(sizes.values()) + needed, 0
    for path, size in sizes.items():
        index = path.with_suffix(PAIRS)
        segment = _indexed(path) if index.exists() else None
        if segment is None or (total <= most and segment.end >= before):
            continue
        path.unlink(missing_ok=True)
        index.unlink(missing_ok=True)
        total -= size
        removed += 1
    return removed


def free_bytes(folder: Path) -> int:
    """How much of the folder's disk is free to this process."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize

"""Slices: wanted packets out of captures or the ring of packets, octet by octet as they were, as one pcapng file."""

import ctypes
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.compiled import Octets, Words
from sensors.capture.container import Container
from sensors.capture.errors import FilterCompilerMissing
from sensors.capture.keeping.packing import pack
from sensors.capture.keeping.segments import segments
from sensors.capture.keeping.wanted import Wanted
from sensors.capture.live.filter import REMEDY, compile_filter, library, packed
from sensors.errors import Problem, UnreadableInput

MOST_PACKETS: Final = 1_000_000
MOST_BYTES: Final = 1 << 30
_ROWS: Final = 16_384
_STEP: Final = 8 << 20
_SNAP: Final = 262_144


@dataclass(frozen=True, slots=True)
class Cut:
    """What became of a slice: packets, octets, and which bound ended it early (packets, bytes), if one did.

    `problems` are captures that could not be read.
    """

    packets: int
    octets: int
    bound: str
    problems: tuple[Problem, ...]


def kept(folder: Path, wanted: Wanted, source: str = "") -> list[Path]:
    """The segments of the ring of packets that may hold what is wanted, in the order of time."""
    key = wanted.key
    return [
        one.path
        for one in segments(folder)
        if one.begin <= wanted.end and one.end >= wanted.begin and (not source or one.source == source)
        and (key is None or one.has(key))
    ]


def cut(
    parts: Sequence[tuple[Sequence[Path], Wanted]], target: BinaryIO, *, text: str = "", comment: str = "",
    most_packets: int = MOST_PACKETS, most_bytes: int = MOST_BYTES,
) -> Cut:
    """Write wanted packets to `target` as pcapng.

    Args:
        parts: captures (pcap and pcapng), each list in the order in which its packets shall stand, and which of their
            packets are wanted; what several parts want of one capture is written once.
        target: where to write.
        text: a filter in the language of pcap-filter(7), asked of each packet beside what is wanted.
        comment: what the slice is of, for whoever opens it.
        most_packets: after so many packets it ends.
        most_bytes: after so many octets it ends.

    Raises:
        FilterUnusable, FilterCompilerMissing: the filter cannot be used.
    """
    writer = _Writer(target, comment, most_packets, most_bytes)
    programs = _Programs(text)
    by_path: dict[Path, list[Wanted]] = {}
    for captures, wanted in parts:
        for path in captures:
            by_path.setdefault(path, []).append(wanted)
    problems: list[Problem] = []
    for path, all_wanted in by_path.items():
        if writer.bound:
            break
        try:
            _cut_one(path, all_wanted, programs, writer)
        except UnreadableInput as problem:
            problems.append(problem)
    return Cut(writer.packets, writer.octets, writer.bound, tuple(problems))


def _cut_one(path: Path, all_wanted: Sequence[Wanted], programs: "_Programs", writer: "_Writer") -> None:
    index = np.zeros((_ROWS, ix.COLUMNS), np.int64)
    with Container(path, portion=_STEP) as capture:
        ended = False
        while not ended and not writer.bound:
            count, _, ended = capture.scan(index, capture.at + _STEP)
            rows = index[:count]
            rows = rows[np.logical_or.reduce([wanted.choose(capture.data, rows) for wanted in all_wanted])]
            for link in np.unique(rows[:, ix.LINK]).tolist():
                mine = rows[rows[:, ix.LINK] == link]
                writer.write(capture.data, mine[programs.take(capture.data, mine, link)], link)
            capture.forget()


class _Programs:
    """A filter on stored packets, compiled for each link type that comes up, and run by libpcap."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._programs: dict[int, Any] = {}
        self._run: Any = None
        if text:
            found = library()
            if found is None:
                raise FilterCompilerMissing(remedy=REMEDY)
            self._run = found.bpf_filter
            self._run.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)
            self._run.restype = ctypes.c_uint
            # A filter that nobody understands is told even where there is no packet to ask.
            self._program(1)

    def _program(self, link: int) -> Any:
        if link not in self._programs:
            octets = packed(compile_filter(self._text, link=link, snap=_SNAP))
            self._programs[link] = ctypes.create_string_buffer(octets)
        return self._programs[link]

    def take(self, data: Octets, rows: Words, link: int) -> Any:
        """Which of these packets of one link type the filter takes, a truth value for each."""
        if not self._text:
            return np.ones(len(rows), np.bool_)
        program, base = ctypes.addressof(self._program(link)), data.ctypes.data
        places = rows[:, [ix.AT, ix.WIRE, ix.CAPTURED]].tolist()
        return np.array(
            [bool(self._run(program, base + at, wire, size)) for at, wire, size in places], np.bool_
        )


class _Writer:
    """A pcapng section with one interface for each link type."""

    def __init__(self, target: BinaryIO, comment: str, most_packets: int, most_bytes: int) -> None:
        self._target = target
        self._left = most_packets
        self._most = most_bytes
        self._interfaces: dict[int, int] = {}
        self.packets = 0
        self.octets = 0
        self.bound = ""
        words = comment.encode()[:0xFFFF]
        options = struct.pack("<HH", 1, len(words)) + words + bytes(-len(words) % 4) + bytes(4) if words else b""
        self._block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)

    def _block(self, kind: int, body: bytes) -> None:
        length = struct.pack("<I", 12 + len(body))
        self._target.write(struct.pack("<I", kind) + length + body + length)

    def write(self, data: Octets, rows: Words, link: int) -> None:
        """Write packets of one link type, up to the bounds."""
        if self.bound or not len(rows):
            return
        if len(rows) > self._left:
            rows, self.bound = rows[: self._left], "packets"
        sizes = np.cumsum(rows[:, ix.CAPTURED]) + self.octets
        if sizes[-1] > self._most:
            rows, self.bound = rows[: int(np.searchsorted(sizes, self._most, "right"))], "bytes"
            if not len(rows):
                return
        if link not in self._interfaces:
            self._interfaces[link] = len(self._interfaces)
            # Times in nanoseconds (option 9).
            self._block(1, struct.pack("<HHI", link, 0, _SNAP) + b"\x09\x00\x01\x00\x09\x00\x00\x00" + bytes(4))
        out: Any = np.empty(int(rows[:, ix.CAPTURED].sum()) + 36 * len(rows), np.uint8)
        end = int(pack(data, np.ascontiguousarray(rows), self._interfaces[link], out, 0))
        self._target.write(out[:end].tobytes())
        self._left -= len(rows)
        self.packets += len(rows)
        self.octets += int(rows[:, ix.CAPTURED].sum())

"""How fast captures are read, and the capture to measure it with: many small ones put together.

Compilation is left out: the reader runs once over the file's first packets before the clock starts. Making the events'
columns is in, writing them anywhere is not. Each pass begins with a new reader that knows nothing; the median counts,
since single passes over the same file differ by a quarter and more.
"""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.choosing import Choice
from sensors.capture.container import Container, recognises
from sensors.capture.reader import CaptureReader
from sensors.delivery.ledger import CONVERSION, PACKETS
from sensors.errors import SensorProblem
from sensors.event.model import Source
from sensors.reading.model import Position

_ETHERNET: Final = 1
_WARM_BYTES: Final = 8 << 20
_SPAN: Final = 900 * 1_000_000_000
_PASSES: Final = 5


def bench(path: Path, protocols: Sequence[str] = ()) -> dict[str, Any]:
    """Read a capture with everything that ingest does with it, and say what it took.

    Args:
        path: the capture.
        protocols: whose messages are read; of all where none is named.

    Returns:
        Packets, flows, events by dataset, seconds of CPU and wall, packets a CPU second, bytes, and the greatest
        resident memory in bytes.
    """
    source = Source("00" * 16, "capture", str(path))
    choice = Choice.of(protocols)
    for _ in CaptureReader().portions(path, source, Position(state=_first_bytes(path)), 0):
        pass
    passes = sorted((_pass(path, source, choice) for _ in range(_PASSES)), key=lambda one: one[0])
    cpu, wall, totals = passes[_PASSES // 2]
    packets = totals[PACKETS, "read"]
    return {
        "packets": packets,
        "bytes": path.stat().st_size,
        "events": {bucket: count for (stage, bucket), count in sorted(totals.items()) if stage == CONVERSION},
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "packets_per_cpu_second": packets / cpu,
        "resident_bytes": _resident(),
    }


def _pass(path: Path, source: Source, choice: Choice | None) -> tuple[float, float, dict[tuple[str, str], int]]:
    """Seconds of CPU and wall for reading the capture once, and its counts."""
    totals: dict[tuple[str, str], int] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    for portion in CaptureReader(choice=choice).portions(path, source, Position(), 0):
        for name, count in portion.counts.items():
            totals[name] = totals.get(name, 0) + count
    return time.process_time() - cpu, time.perf_counter() - wall, totals


def _first_bytes(path: Path) -> dict[str, Any]:
    """A state that lets the reader read the file's beginning only."""
    size = min(path.stat().st_size, _WARM_BYTES)
    return {"portions": 0, "begin": 0, "ordinal": 1, "size": size, "next": 0, "finished": False}


def _resident() -> int:
    """The greatest resident memory of this process so far, bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1_024
    return 0


def combine(captures: Iterable[Path], target: Path, repeats: int) -> int:
    """Put the Ethernet packets of many captures together in one pcap file, for measuring.

    Each capture is laid over the same 900 seconds; each repetition has other addresses (the second octet of IPv4
    addresses and the second group of IPv6 ones are shifted), so that its flows are its own. Checksums are left as they
    were.

    Returns:
        How many packets were written.
    """
    pieces = [piece for path in sorted(captures) if (piece := _piece(path)) is not None]
    times = np.concatenate([moments for moments, _ in pieces])
    packets = [packet for _, packets in pieces for packet in packets]
    order = np.argsort(times, kind="stable")
    count = 0
    temporary = target.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(8) + (262_144).to_bytes(4, "little") + b"\x01\0\0\0")
        for place in order.tolist():
            second, part = divmod(int(times[place]) // 1_000, 1_000_000)
            for repeat in range(repeats):
                packet = _shifted(packets[place], repeat)
                size = len(packet).to_bytes(4, "little")
                file.write((1_700_000_000 + second).to_bytes(4, "little") + part.to_bytes(4, "little") + size + size)
                file.write(packet)
                count += 1
    os.replace(temporary, target)  # noqa: PTH105 - the atomic step, named as such
    return count


def _piece(path: Path) -> tuple[Any, list[bytes]] | None:
    """The Ethernet packets of a capture and their times from 0 to 900 seconds; None where it has none."""
    with path.open("rb") as file:
        if not recognises(file.read(12)):
            return None
    moments: list[int] = []
    packets: list[bytes] = []
    index = np.zeros((10_000, ix.COLUMNS), np.int64)
    try:
        with Container(path) as capture:
            fault, ended = None, False
            while fault is None and not ended:
                count, fault, ended = capture.scan(index, capture.at + (1 << 20))
                for row in index[:count].tolist():
                    if row[ix.LINK] == _ETHERNET:
                        moments.append(row[ix.TIME])
                        packets.append(capture.data[row[ix.AT] : row[ix.AT] + row[ix.CAPTURED]].tobytes())
                capture.forget()
    except SensorProblem:
        return None
    if not moments:
        return None
    times = np.array(moments) - min(moments)
    last = int(times.max())
    if last > _SPAN:
        times = (times * (_SPAN / last)).astype(np.int64)
    return times, packets


def _shifted(packet: bytes, by: int) -> bytes:
    """The packet with other addresses, where it is plain IPv4 or IPv6 over Ethernet, or with one VLAN tag."""
    if not by:
        return packet
    at = 18 if packet[12:14] == b"\x81\x00" else 14
    kind = packet[at - 2 : at]
    changed = bytearray(packet)
    places = (at + 13, at + 17) if kind == b"\x08\x00" else (at + 11, at + 27) if kind == b"\x86\xdd" else ()
    for place in places:
        if place < len(changed):
            changed[place] = (changed[place] + 31 * by) & 0xFF
    return bytes(changed)

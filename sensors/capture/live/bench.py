"""How fast an interface is captured: a capture replayed through a veth pair in a network of its own, and what arrives.

The sender is a process of its own on another core (AF_PACKET, sendmmsg(2)); the receiving side is what `hanwatch
capture` runs, from the ring to the spool's disk. It needs root, and two cores to mean anything.
"""

import ctypes
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.container import Container
from sensors.capture.live.service import FOLDER, Capturing, open_rings
from sensors.capture.live.warming import warm
from sensors.capture.settings import CaptureSettings, InterfaceSettings
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.times import Clock
from sensors.settings import SpoolSettings

RATES: Final = (250_000, 500_000, 0)
"""Packets a second that the sender keeps to; 0: as fast as it can."""
RING_BYTES: Final = 256 << 20
_NEW_NETWORK: Final = 0x4000_0000
_VECTOR: Final = 256
_LONGEST: Final = 1_514
_SECONDS: Final = 60.0


def bench(capture: Path, clock: Clock) -> Iterator[dict[str, Any]]:
    """Replay a capture at each of the rates, and say what was captured, dropped and spent.

    Yields:
        Packets sent and captured, drops, packets a second on the wire, seconds of CPU of the receiving process.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if shutil.which("ip") is None or libc.unshare(_NEW_NETWORK):
        yield {"bench": "live", "skipped": "a network of its own needs root and the program ip"}
        return
    # Nothing else may be on the wire.
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    for words in ("link add near type veth peer name far", "link set near up", "link set far up"):
        if subprocess.run(["ip", *words.split()], capture_output=True, check=False).returncode:  # noqa: S603, S607
            yield {"bench": "live", "skipped": "this kernel makes no veth pair"}
            return
    warm()
    for rate in RATES:
        yield _measured(capture, rate, clock)


def _measured(capture: Path, rate: int, clock: Clock) -> dict[str, Any]:
    rings = open_rings([InterfaceSettings("near", ring_bytes=RING_BYTES)])
    with tempfile.TemporaryDirectory(prefix="hanwatch-live-") as folder:
        spool = EmbeddedSpool(Path(folder, "spool"), SpoolSettings(min_free_bytes=0), clock)
        with spool, Capturing(rings, spool, Path(folder, FOLDER), CaptureSettings(), clock, host="bench") as capturing:
            before = resource.getrusage(resource.RUSAGE_SELF)
            # No shell, and words of our own.
            sent = subprocess.run(  # noqa: S603
                [sys.executable, "-m", __name__, str(capture), str(rate)], capture_output=True, check=True,
            )
            number, seconds, spent = sent.stdout.split()
            capturing.end()
            after = resource.getrusage(resource.RUSAGE_SELF)
            (captured,) = capturing.captured()
            events = capturing.deliverer.events
    return {
        "bench": "live" if not rate else f"live.{rate}",
        "packets": captured.packets,
        "sent": int(number),
        "dropped": captured.drops,
        "sent_per_second": int(number) / float(seconds),
        "sender_cpu_seconds": float(spent),
        "events_persisted": events,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall_seconds": float(seconds),
    }


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p), ("name_length", ctypes.c_uint), ("vectors", ctypes.POINTER(_Vector)),
        ("count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Sent(ctypes.Structure):
    """A message of sendmmsg(2), and how much of it was sent."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint))


def _packets(capture: Path) -> tuple[Any, Any]:
    """The octets of a capture's packets one behind the other, and where each begins and how long it is."""
    places, parts, at = [], [], 0
    index = np.zeros((32_768, ix.COLUMNS), np.int64)
    with Container(capture) as file:
        ended = False
        while not ended:
            count, _, ended = file.scan(index, file.at + (8 << 20))
            for row in index[:count].tolist():
                if row[ix.LINK] == 1 and 14 <= row[ix.CAPTURED] <= _LONGEST:
                    parts.append(file.data[row[ix.AT] : row[ix.AT] + row[ix.CAPTURED]].tobytes())
                    places.append((at, row[ix.CAPTURED]))
                    at += row[ix.CAPTURED]
            file.forget()
    return np.frombuffer(b"".join(parts), np.uint8).copy(), places


def send(capture: Path, rate: int) -> tuple[int, float, float]:
    """Send a capture's Ethernet packets on the interface `far`, `rate` a second.

    Returns:
        How many were sent, in how many seconds, and of these how many of CPU: the kernel's way into the ring is there.
    """
    octets, places = _packets(capture)
    base = octets.ctypes.data
    vectors = (_Vector * len(places))(*[_Vector(base + at, size) for at, size in places])
    messages = (_Sent * len(places))()
    for number in range(len(places)):
        messages[number].message.vectors = ctypes.pointer(vectors[number])
        messages[number].message.count = 1
    libc = ctypes.CDLL(None, use_errno=True)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as one:
        one.setsockopt(263, 20, 1)  # PACKET_QDISC_BYPASS
        one.bind(("far", 0))
        begun, done, spent = time.perf_counter(), 0, time.process_time()
        while done < len(places):
            if rate and done > (time.perf_counter() - begun) * rate:
                continue
            step = min(_VECTOR, len(places) - done)
            sent = libc.sendmmsg(one.fileno(), ctypes.byref(messages, done * ctypes.sizeof(_Sent)), step, 0)
            done += max(sent, 0)
            if time.perf_counter() - begun > _SECONDS:
                break
        return done, time.perf_counter() - begun, time.process_time() - spent


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    print(*send(Path(sys.argv[1]), int(sys.argv[2])))  # noqa: T201 - the answer of this process

"""How much comes through the listeners: received, parsed and spooled on one core, sent by a process on another.

Seconds of CPU are the listener's alone; the disk is waited for. What the kernel dropped is part of the result.
"""

import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from sensors.delivery.spool import EmbeddedSpool
from sensors.listening.sending import BULK_DOCUMENTS, CHUNK_LINES, RECORDS, TOKEN
from sensors.listening.service import Listening
from sensors.parsers.bench_inputs import START, write_inputs
from sensors.settings import ListenerKind, ListenerSettings, SpoolSettings

Result: TypeAlias = dict[str, Any]

EVENT_COUNT: Final = 1_000_000
INPUT_LINES: Final = 20_000
SEED: Final = 1
UDP_RATES: Final = (100_000, 150_000, 200_000)
FLOW_RATES: Final = (300_000, 600_000, 1_000_000)
PATIENCE_SECONDS: Final = 120.0
QUIET_SECONDS: Final = 3.0
_RSYSLOG = """\
module(load="imtcp")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="json" type="list" option.jsonf="on") {{
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}}
action(type="omfile" file="{file}" template="json")
"""


def bench(folder: Path, events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure every listener over a spool made in (and left to the owner of) a folder, then a peer.

    Yields:
        One result each for syslog over UDP at some rates, over TCP, NetFlow at some rates, and bulk requests: messages
        that were sent, became events, and were lost by the kernel; seconds of CPU and wall.
    """
    inputs = folder / "inputs"
    inputs.mkdir()
    files = dict(write_inputs(inputs, min(events, INPUT_LINES), SEED))
    syslog, documents = files["syslog.rfc3164"], files["ecs.json"]
    for rate in UDP_RATES:
        yield _measured(folder, "syslog.udp", syslog, events, rate)
    streamed = _whole(events, CHUNK_LINES)
    yield _measured(folder, "syslog.tcp", syslog, streamed)
    for rate in FLOW_RATES:
        yield _measured(folder, "netflow", syslog, -(-2 * events // RECORDS) * RECORDS, rate)
    yield _measured(folder, "http", documents, _whole(max(1, events // 2), BULK_DOCUMENTS))
    yield _rsyslog(folder, syslog, streamed)


def _whole(events: int, size: int) -> int:
    """As many as fill whole pieces of a size, which a sender makes smaller where there are fewer."""
    return events // min(size, events) * min(size, events)


def _measured(folder: Path, kind: ListenerKind, file: Path, count: int, rate: int = 0) -> Result:
    place = folder / f"{kind}-{rate}"
    settings = ListenerSettings(kind, 0, tokens=(TOKEN,) if kind == "http" else ())
    try:
        with (
            EmbeddedSpool(place, SpoolSettings(min_free_bytes=0, max_bytes=1 << 62), _clock) as spool,
            Listening([settings], spool, _clock) as listening,
        ):
            bound = listening.listeners[0].bound
            wall, cpu = time.perf_counter(), time.process_time()
            with _sender(kind, bound.socket.getsockname()[1], count, rate, file) as sender:
                done = _awaited(spool, count, sender)
                wall, cpu = done - wall, time.process_time() - cpu
                said = sender.communicate()[0]
            counts = spool.counts()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    result: Result = {"bench": f"listeners.{kind}"} | ({"rate": rate} if rate else {})
    result |= {"events": counts.get(("records", "event"), 0), "sent": count, "lost": _lost(counts)}
    if bound.granted is not None:
        result["receive_buffer"] = bound.granted
    return result | {"cpu_seconds": cpu, "wall_seconds": wall, "sending_seconds": float(said or 0)}


def _clock() -> int:
    """Receipt times of events that are thrown away: those of the inputs' day."""
    return START


def _sender(kind: str, port: int, count: int, rate: int, file: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sensors.listening.sending", kind, str(port), str(count), str(rate), str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves


def _awaited(spool: EmbeddedSpool, count: int, sender: "subprocess.Popen[str]") -> float:
    """The moment at which everything had become an event, or at which nothing more came."""
    until = time.perf_counter() + PATIENCE_SECONDS
    last, moved = 0, time.perf_counter()
    while (now := time.perf_counter()) < until:
        events = spool.counts().get(("records", "event"), 0)
        if events != last:
            last, moved = events, now
        if events >= count or (sender.poll() is not None and now - moved > QUIET_SECONDS):
            break
        time.sleep(0.05)
    return moved


def _lost(counts: Mapping[tuple[str, str], int]) -> int:
    return counts.get(("lost", "kernel"), 0)


def _rsyslog(folder: Path, file: Path, count: int) -> Result:
    """The peer on the same messages over TCP: parsed, and written as JSON to a file, which it does not wait for."""
    result: Result = {"bench": "peer.rsyslogd"}
    program = shutil.which("rsyslogd")
    if program is None:
        return result | {"skipped": "rsyslogd is not installed"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    written = folder / "rsyslog.json"
    config = folder / "rsyslog.conf"
    config.write_text(_RSYSLOG.format(port=port, file=written))
    command = [program, "-n", "-f", str(config), "-i", str(folder / "rsyslog.pid")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            if not _listens(port):
                return result | {"skipped": "rsyslogd did not begin to listen"}
            wall = time.perf_counter()
            with _sender("syslog.tcp", port, count, 0, file) as sender:
                sender.wait()
            lines = _lines(written, count)
            wall = time.perf_counter() - wall
            sent = resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            process.terminate()
            process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The sender's seconds are those of children that had ended when rsyslogd had not.
    cpu = _cpu(after) - _cpu(sent)
    return result | {"events": lines, "sent": count, "cpu_seconds": cpu, "wall_seconds": wall}


def _cpu(usage: "resource.struct_rusage") -> float:
    return usage.ru_utime + usage.ru_stime


def _listens(port: int) -> bool:
    until = time.perf_counter() + 10
    while time.perf_counter() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _lines(file: Path, count: int) -> int:
    """Lines of a file that grows, until it has as many as that or grows no more."""
    lines, at, quiet = 0, 0, time.perf_counter()
    while lines < count and time.perf_counter() - quiet < QUIET_SECONDS:
        size = file.stat().st_size if file.exists() else 0
        if size > at:
            with file.open("rb") as grown:
                grown.seek(at)
                while piece := grown.read(1 << 20):
                    lines += piece.count(b"\n")
                    at += len(piece)
            quiet = time.perf_counter()
        else:
            time.sleep(0.02)
    return lines


"""The benches by name: each room measures itself, here they are put together, each in a process of its own.

A bench gets a folder of its own on the disk that is measured, one core, and memory in which nothing ran before it.
`python -m cli.benches` is that process: what is asked comes as JSON on its standard input, results leave as lines.
"""
# ruff: noqa: PLC0415 - a bench imports what it measures by itself, so that its memory holds nothing else

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import orjson

from cli.elsewhere import elsewhere
from cli.pace import pace
from cli.steady import steady
from correlation.settings import ElasticsearchSettings
from sensors.errors import Problem

Result: TypeAlias = dict[str, Any]
CAPTURE_REPEATS = 8
SAMPLE_REPEATS = 400
"""How often the captures are laid over each other, with other addresses each time."""
_CAPTURE_PEERS = (
    ("softflowd", "-r", "{capture}", "-n", "127.0.0.1:9", "-m", "1000000"),
    ("tshark", "-n", "-r", "{capture}", "-q", "-z", "io,phs"),
)
"""Flows alone, sent to nobody; and every layer that Wireshark knows, counted."""
_UNITS = ("packets", "events", "rules", "entries")
"""What a rate counts, the first that a result has."""
_REPLACED = frozenset({"bench", "per_second", "resident_bytes"})


class BenchFailed(Problem):
    """A bench ended before it had measured everything."""

    code = "bench-failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure on: public data below `corpus` or the product's own, how many events, and which cluster."""

    corpus: str | None = None
    events: int | None = None
    """Of each measurement; None for each bench's own number."""
    elasticsearch: str | None = None

    @property
    def sigma(self) -> Path | None:
        """Where the corpus has its rules and event logs."""
        if self.corpus is None:
            return None
        inner = Path(self.corpus, "sigma")
        return inner if inner.is_dir() else Path(self.corpus)

    @property
    def made(self) -> dict[str, Any]:
        """The number of events as an argument, where one was said."""
        return {} if self.events is None else {"events": self.events}


def _matcher(asked: Asked, folder: Path) -> Iterator[Result]:
    from correlation.matcher.bench import bench

    yield from bench(_rules_and_logs(asked, folder), **asked.made)


def _rules_and_logs(asked: Asked, folder: Path) -> Path:
    """Where there are Sigma rules and event logs of Windows: those of the corpus, or the pack and made ones."""
    if asked.sigma is not None:
        return asked.sigma
    from sensors.parsers.bench_inputs import write_inputs

    for name, path in write_inputs(folder, asked.events or 2_000, seed=1):
        if name != "windows.evtx":
            path.unlink()
    shutil.copytree(str(files("correlation") / "pack"), folder / "rules")
    return folder


def _combined(asked: Asked, folder: Path) -> tuple[Path, Result] | None:
    """The captures of the corpus, or crafted ones, laid over each other; None where nothing can make them."""
    from sensors.capture.bench import combine

    repeats = 1 if asked.events else CAPTURE_REPEATS
    if asked.corpus is not None:
        kinds = {".pcap", ".pcapng", ".cap", ".trace"}
        found = Path(asked.corpus, "packets").rglob("*")
        captures = [path for path in found if path.suffix in kinds and path.is_file()]
    elif find_spec("scapy") is None:
        return None
    else:
        from sensors.capture.craft import save

        captures = [folder / "crafted.pcap"]
        save(captures[0], 0)
        repeats = 1 if asked.events else SAMPLE_REPEATS
    big = folder / "combined.pcap"
    # Putting the capture together takes memory that reading it does not.
    elsewhere(combine, captures, big, repeats)
    return big, {"captures": len(captures), "repeats": repeats}


_WEB = ("dns", "tls", "http")
"""What is read of captures in most places that count packets: names, servers, requests."""
_NO_CAPTURES = "scapy is not installed, and no corpus was named"


def _capture(asked: Asked, folder: Path) -> Iterator[Result]:
    from sensors.capture.bench import bench

    made = _combined(asked, folder)
    if made is None:
        yield {"bench": "capture", "skipped": _NO_CAPTURES}
        return
    big, of_what = made
    with steady():  # again, now that what reads is loaded: as in ingest, which is steady from then on
        own: Result = {"bench": "capture"} | of_what | bench(big)
        yield own
        yield {"bench": "capture.web", "protocols": _WEB} | of_what | bench(big, _WEB)
    for command in _CAPTURE_PEERS:
        yield _peer([part.format(capture=big) for part in command], own["packets"])


def _live(asked: Asked, folder: Path) -> Iterator[Result]:
    from sensors.capture.live.bench import bench

    made = _combined(asked, folder)
    if made is None:
        yield {"bench": "live", "skipped": _NO_CAPTURES}
        return
    yield from bench(made[0], time.time_ns)


def _peer(command: list[str], packets: int) -> Result:
    """Another program on the same capture: its own CPU seconds, whatever it makes of the packets."""
    result: Result = {"bench": f"peer.{command[0]}"}
    program = shutil.which(command[0])
    if program is None:
        return result | {"skipped": f"{command[0]} is not installed"}
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - programs named here, on a capture of our own
        [program, *command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return result | {"skipped": f"it ended with status {done.returncode}"}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result | {"packets": packets, "cpu_seconds": cpu, "wall_seconds": wall}


def _parsers(asked: Asked, folder: Path) -> Iterator[Result]:
    from sensors.parsers.bench import measure

    for one in measure(folder, **({} if asked.events is None else {"count": asked.events})):
        yield {"bench": f"parsers.{one.format}"} | {k: v for k, v in asdict(one).items() if k != "format"}


def _spool(asked: Asked, folder: Path) -> Iterator[Result]:
    from sensors.delivery.bench import bench

    yield from bench(folder, **asked.made)


def _context(asked: Asked, _folder: Path) -> Iterator[Result]:
    from correlation.context.bench import bench

    yield from bench(**asked.made)


def _intelligence(asked: Asked, folder: Path) -> Iterator[Result]:
    from correlation.intelligence.bench import bench

    few = {} if asked.events is None else {"indicators": asked.events}
    yield from bench(folder, _rules_and_logs(asked, folder), **few, **asked.made)


def _windows(asked: Asked, _folder: Path) -> Iterator[Result]:
    from correlation.windows.bench import bench

    yield from bench(**asked.made)


def _detectors(asked: Asked, _folder: Path) -> Iterator[Result]:
    from correlation.detectors.bench import EVENTS_OF_A_HOST, bench, bench_netflow

    hosts: dict[str, Any] = {} if asked.events is None else {"hosts": asked.events // EVENTS_OF_A_HOST + 10}
    yield from bench(**hosts)
    yield from bench_netflow(**hosts)


def _posture(asked: Asked, folder: Path) -> Iterator[Result]:
    from correlation.posture.bench import bench

    yield from bench(folder, **asked.made)


def _store(asked: Asked, folder: Path) -> Iterator[Result]:
    from correlation.store.bench import bench_elasticsearch, bench_embedded
    from correlation.store.errors import StoreProblem

    yield from bench_embedded(folder, **asked.made)
    name = "store.elasticsearch"
    if asked.elasticsearch is None:
        yield {"bench": name, "skipped": "no cluster was named (--elasticsearch URL)"}
        return
    settings = ElasticsearchSettings(url=(asked.elasticsearch,), namespace="bench", attempts=2)
    try:
        yield from bench_elasticsearch(settings, **asked.made)
    except StoreProblem as problem:
        yield {"bench": name, "skipped": f"{asked.elasticsearch}: {problem}"}


def _listeners(asked: Asked, folder: Path) -> Iterator[Result]:
    from sensors.listening.bench import bench

    yield from bench(folder, **asked.made)


def _path(asked: Asked, folder: Path) -> Iterator[Result]:
    from cli.bench_path import bench

    yield from bench(folder, asked.sigma, **asked.made)


BENCHES: Mapping[str, Callable[[Asked, Path], Iterator[Result]]] = {
    "parsers": _parsers,
    "live": _live,
    "capture": _capture,
    "listeners": _listeners,
    "spool": _spool,
    "context": _context,
    "intelligence": _intelligence,
    "matcher": _matcher,
    "windows": _windows,
    "detectors": _detectors,
    "store": _store,
    "posture": _posture,
    "path": _path,
}
"""In the order in which an event meets the parts, the whole last."""


def run(name: str, asked: Asked) -> Iterator[Result]:
    """Measure in a new process; yields its results as they come.

    Raises:
        BenchFailed: it ended with an error, which it has printed.
    """
    command = [sys.executable, "-m", "cli.benches", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - ourselves
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(orjson.dumps(asdict(asked)))
        process.stdin.close()
        try:
            yield from map(orjson.loads, process.stdout)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BenchFailed(name=name, status=process.returncode)


def measure(name: str, asked: Asked) -> Iterator[Result]:
    """Measure in this process, pinned to one core: what every result has comes first, under the same names.

    The machine's pace before and after comes last: what other hours gave is to be compared by it.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with TemporaryDirectory(prefix="hanwatch-bench-") as folder, steady():
        before = pace()
        for result in BENCHES[name](asked, Path(folder)):
            yield _uniform(result)
        yield {"name": f"{name}.pace", "before": round(before, 1), "after": round(pace(), 1)}


def _uniform(result: Result) -> Result:
    """A room's result under the names that all have; the benches keep theirs, since they may still need them."""
    uniform = {"name": result["bench"]} | {key: value for key, value in result.items() if key not in _REPLACED}
    if "cpu_seconds" in result:
        work = next((result[unit] for unit in _UNITS if unit in result), 0)
        uniform["per_cpu_second"] = work / result["cpu_seconds"] if result["cpu_seconds"] else 0.0
        if not result["bench"].startswith("peer."):
            uniform["peak_bytes"] = _peak()
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in uniform.items()}


def _peak() -> int:
    """The most memory that this process has had, bytes: `VmHWM`, which a parent's memory does not enter."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM:")), 0)


def machine() -> Result:
    """What the figures were measured on."""
    return {
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def main() -> None:
    """Measure the bench that the first argument names."""
    import structlog

    # Standard output holds results and nothing else; what a room has to say meanwhile stands beside them.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asked = Asked(**orjson.loads(sys.stdin.buffer.read()))
    emit = partial(os.write, sys.stdout.fileno())
    for result in measure(sys.argv[1], asked):
        emit(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY))


if __name__ == "__main__":
    main()

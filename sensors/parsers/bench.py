"""How fast the log formats become batches, from file to `Batch`, on inputs that this makes itself.

Declared formats are measured on their own samples, again and again with other ports and hosts.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sensors.event.times import SECOND
from sensors.parsers.bench_inputs import START, write_declared, write_inputs
from sensors.parsers.declared.model import Declaration
from sensors.parsers.declared.trying import parser_of
from sensors.parsers.registry import declarations, line_parsers
from sensors.parsers.unknown import DATASET
from sensors.reading.detection import reader_for
from sensors.reading.files import identify
from sensors.reading.model import Position

SEED = 20_260_513
_PROSE = [
    "job 50022 of user ops ended after 41000 ms on 10.8.1.20",
    "cache: 50023 entries dropped, 41001 kept",
    "cannot open /srv/data/50024: no such file or directory",
    "connection to 10.8.1.21 lost, trying again in 15000 ms",
]
"""Lines of no format."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one format took: events and bytes of input, CPU seconds of this process, wall seconds, batches made."""

    format: str
    events: int
    bytes: int
    batches: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def events_per_cpu_second(self) -> float:
        """The rate on one core."""
        return self.events / self.cpu_seconds if self.cpu_seconds else 0.0


def measure(folder: Path, count: int = 100_000, seed: int = SEED, rounds: int = 3) -> Iterator[Measurement]:
    """Measure every log format on `count` records written to `folder`: the fastest of `rounds` passes of each.

    Raises:
        RuntimeError: a format did not give as many events as records, so that its rate would mean nothing.
    """
    for name, path in write_inputs(folder, count, seed):
        yield _measured(name, name, path, count, rounds)
        path.unlink()
    readers = {f"{one.name}.{reader}": (reader, lines) for one in declarations() for reader, lines in _readers(one)}
    readers[f"{DATASET}.{DATASET}"] = (DATASET, _PROSE)
    samples = {name: lines for name, (_, lines) in readers.items()}
    for name, path in write_declared(folder, count, seed, samples):
        reader = readers[name][0]
        yield _measured(name.removesuffix(f".{reader}"), reader, path, count, rounds)
        path.unlink()


def _readers(one: Declaration) -> Iterator[tuple[str, list[str]]]:
    """The parser that a format's first sample is for, and all lines of samples that are for the same."""
    named = {parser.name: parser for parser in line_parsers()}
    lines: dict[str, list[str]] = {}
    for sample in one.samples:
        parser = parser_of(one, [line.encode() for line in sample.lines], named)
        lines.setdefault(parser.name, []).extend(sample.lines)
    yield next(iter(lines.items()))


def _measured(name: str, reader: str, path: Path, count: int, rounds: int) -> Measurement:
    passes = [_pass(name, reader, path) for _ in range(rounds)]
    if any(one.events != count for one in passes):
        raise RuntimeError(f"{name}: {passes[0].events} events of {count} records")
    return min(passes, key=lambda one: one.cpu_seconds)


def _pass(name: str, reader_name: str, path: Path) -> Measurement:
    reader = reader_for(reader_name)
    source = identify(path).source
    wall, cpu = time.perf_counter(), time.process_time()
    events = batches = 0
    for portion in reader.portions(path, source, Position(), START + 86_400 * SECOND):
        events += sum(map(len, portion.batches))
        batches += len(portion.batches)
    return Measurement(
        format=name,
        events=events,
        bytes=path.stat().st_size,
        batches=batches,
        cpu_seconds=time.process_time() - cpu,
        wall_seconds=time.perf_counter() - wall,
    )

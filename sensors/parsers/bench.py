"""How fast the log formats become batches, from file to `Batch`, on inputs that this makes itself."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sensors.event.times import SECOND
from sensors.parsers.bench_inputs import START, write_inputs
from sensors.reading.detection import reader_for
from sensors.reading.files import identify
from sensors.reading.model import Position

SEED = 20_260_513


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
        passes = [_pass(name, path) for _ in range(rounds)]
        if any(one.events != count for one in passes):
            raise RuntimeError(f"{name}: {passes[0].events} events of {count} records")
        yield min(passes, key=lambda one: one.cpu_seconds)
        path.unlink()


def _pass(name: str, path: Path) -> Measurement:
    reader = reader_for(name)
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

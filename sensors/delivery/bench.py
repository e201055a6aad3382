"""How fast the spool persists and gives back, on events that this makes itself; every append waits for the disk."""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeAlias

import numpy as np

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import STORE, Delivery, Outcome
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.identity import event_ids, fingerprint
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND
from sensors.reading.model import PORTION_EVENTS, Portion, Position
from sensors.settings import SpoolSettings

Result: TypeAlias = dict[str, Any]

EVENT_COUNT = 200_000
SMALL_PORTION = 100
"""Events that a followed file gives at a time."""
SMALL_EVENTS = 20_000
GROUP = 20
"""Portions of one group commit."""

_START = 1_767_225_600 * SECOND
_STEP = 20_000
_CHECK = fingerprint(b"")


def bench(folder: Path, events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure a spool made in (and removed from) a folder, on the disk that is to be measured.

    Yields:
        One result each for large portions, small ones, small ones in groups, reading back, and acknowledging: its name,
        events, seconds of CPU and wall, events a wall second (the disk counts), bytes on disk where they are written.
    """
    small = min(events, SMALL_EVENTS)
    large = list(_deliveries("large", events, PORTION_EVENTS))
    singles = list(_deliveries("small", small, SMALL_PORTION))
    grouped = list(_deliveries("grouped", small, SMALL_PORTION))
    place = folder / "spool-bench"
    settings = SpoolSettings(min_free_bytes=0, max_bytes=1 << 62)
    try:
        with EmbeddedSpool(place, settings, lambda: _START) as spool:

            def append(deliveries: Sequence[Delivery], group: int = 1) -> Callable[[], int]:
                def run() -> int:
                    for start in range(0, len(deliveries), group):
                        spool.append_many(deliveries[start : start + group])
                    return sum(len(batch) for delivery in deliveries for batch in delivery.portion.batches)

                return run

            yield _timed("spool.append", append(large)) | {"portion": PORTION_EVENTS, "bytes": _bytes(place)}
            yield _timed("spool.append.small", append(singles)) | {"portion": SMALL_PORTION}
            yield _timed("spool.append.grouped", append(grouped, GROUP)) | {"portion": SMALL_PORTION, "group": GROUP}
            yield _timed("spool.read", lambda: sum(record.events for record in spool.read(STORE, 1 << 62)))
            yield _timed("spool.consume", lambda: _consumed(spool))
    finally:
        rmtree(place, ignore_errors=True)


def _consumed(spool: EmbeddedSpool) -> int:
    """Everything, read and acknowledged in steps of two large portions, as the correlator does."""
    events = 0
    while records := list(spool.read(STORE, 2 * PORTION_EVENTS)):
        spool.acknowledge(
            STORE, [Outcome(record.sequence, {(EVENTS, "stored"): record.events}) for record in records]
        )
        events += sum(record.events for record in records)
    return events


def _deliveries(name: str, events: int, size: int) -> Iterator[Delivery]:
    """A source's portions of lines of a web server's log, each with its batches."""
    source = Source(fingerprint(name.encode()), "text", f"{name}.log")
    begun = Position()
    for first in range(0, events, size):
        count = min(size, events - first)
        batches = tuple(
            _batch(source, first + start, min(BATCH_ROWS, count - start)) for start in range(0, count, BATCH_ROWS)
        )
        counts = {(RECORDS, "read"): count, (RECORDS, "event"): count, (EVENTS, "sensed"): count}
        end = Position(100 * (first + count), 1 + first + count, None, _CHECK)
        yield Delivery(source, "web.access", Portion(batches, (), counts, end), begun)
        begun = end


def _batch(source: Source, first: int, count: int) -> Batch:
    numbers = range(first, first + count)
    lines = [
        f'10.{n % 5}.{n % 251}.{n % 241} - - [01/Jan/2026:00:00:00 +0800] "GET /item/{n} HTTP/1.1" 200 {n % 9_973} '
        '"-" "Mozilla/5.0 (X11; Linux x86_64)"'
        for n in numbers
    ]
    return Batch(
        dataset="web.access",
        source=source,
        received=_START,
        times=np.arange(first, first + count, dtype=np.int64) * _STEP + _START,
        ids=event_ids(source.id, (100 * n for n in numbers), [line.encode() for line in lines]),
        ordinals=np.arange(first + 1, first + count + 1, dtype=np.int64),
        constants={"event.module": "web", "event.kind": "event", "http.request.method": "GET", "http.version": "1.1"},
        columns={
            "source.ip": [f"10.{n % 5}.{n % 251}.{n % 241}" for n in numbers],
            "url.original": [f"/item/{n}" for n in numbers],
            "http.response.status_code": [200] * count,
            "http.response.body.bytes": [n % 9_973 for n in numbers],
            "user_agent.original": ["Mozilla/5.0 (X11; Linux x86_64)"] * count,
            "event.original": lines,
        },
    )


def _timed(name: str, run: Callable[[], int]) -> Result:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    events = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "bench": name,
        "events": events,
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "per_second": events / wall,
        "resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024,
    }


def _bytes(place: Path) -> int:
    return sum(file.stat().st_size for file in (place / "segments").iterdir())

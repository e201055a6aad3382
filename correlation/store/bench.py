"""How fast the stores take events and answer, on a mixture of its own: 60 % flows, 20 % web, 20 % Windows."""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.settings import ElasticsearchSettings, EmbeddedStoreSettings
from correlation.store.elasticsearch.store import ElasticsearchStore
from correlation.store.embedded.store import EmbeddedStore
from sensors.delivery.ports import Record
from sensors.event.identity import event_ids, fingerprint
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND, iso

Result: TypeAlias = dict[str, Any]

EVENT_COUNT: Final = 500_000
RECORD_BATCHES: Final = 10
APPEND_RECORDS: Final = 2
START: Final = 1_767_225_600 * SECOND
STEP: Final = 5_000_000
"""Between two events: 200 events a second."""
REPEATS: Final = 3

QUERIES: Final = (
    ("newest", ""),
    ("keyword", "host.name:ws-0007"),
    ("prefix", "source.ip:10.1.0.0/24"),
    ("rest", "winlog.event_data.Made3:value-17"),
    ("rest-wildcard", "winlog.event_data.Made3:*e-17"),
    ("word", "event.original:4711"),
    ("anywhere", "ws-0007"),
    ("both", "destination.port:443 AND network.transport:tcp AND NOT source.ip:10.0.0.0/16"),
)


def bench_embedded(folder: Path, events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure an embedded store made in (and removed from) a folder, on the disk that is to be measured.

    Yields:
        One result for appending, one for compaction, and one for each query before and after it.
    """
    place = folder / "store-bench"
    clock = START + 400 * 86_400 * SECOND
    store = EmbeddedStore(place, EmbeddedStoreSettings(min_free_bytes=0, keep_days=10_000), lambda: clock)
    try:
        yield _append("store.embedded.append", store, events) | {"bytes": _bytes(store)}
        yield from _queries("store.embedded.appended", store)

        def compact() -> int:
            before = None
            while (now := [one.id for one in store.manifest.segments()]) != before:
                before = now
                store.maintain()
            return events

        yield _timed("store.embedded.compact", compact) | {"bytes": _bytes(store)}
        yield from _queries("store.embedded.compacted", store)
    finally:
        store.close()
        rmtree(place, ignore_errors=True)


def bench_elasticsearch(settings: ElasticsearchSettings, events: int = EVENT_COUNT // 5) -> Iterator[Result]:
    """Measure an Elasticsearch store; the events stay in the data streams of the settings' namespace."""
    store = ElasticsearchStore(settings, sleep=time.sleep, jitter=lambda: 0.5)
    try:
        yield _append("store.elasticsearch.append", store, events)
        store.refresh()
        yield from _queries("store.elasticsearch", store)
    finally:
        store.close()


def _append(name: str, store: EventStore, events: int) -> Result:
    """Append all events; making them is not measured."""
    groups = list(_groups(events))

    def run() -> int:
        return sum(answer.stored for group in groups for answer in store.append(group))

    return _timed(name, run)


def _queries(name: str, store: EventStore) -> Iterator[Result]:
    asked: list[tuple[str, Callable[[], int]]] = [
        (label, lambda text=text: store.search(Query(parse(text))).total)  # type: ignore[misc]
        for label, text in QUERIES
    ]
    asked.append(("count", lambda: len(store.count_by(Query(), "source.ip", 10))))
    asked.append(("histogram", lambda: len(store.histogram(Query(), 60 * SECOND))))
    asked.append(("pages", lambda: _pages(store, 20)))
    some = store.search(Query(limit=1, descending=False)).events[0]["event.id"]
    asked.append(("one", lambda: int(store.get(some) is not None)))
    for label, ask in asked:
        walls = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            answer = ask()
            walls.append(time.perf_counter() - began)
        yield {
            "bench": f"{name}.{label}", "found": answer, "wall_seconds_first": walls[0],
            "wall_seconds": sorted(walls)[len(walls) // 2],
        }  # fmt: skip


def _pages(store: EventStore, count: int) -> int:
    after, found = None, 0
    for _ in range(count):
        page = store.search(Query(after=after))
        found += len(page.events)
        after = page.after
        if after is None:
            break
    return found


def _groups(events: int) -> Iterator[Sequence[Record]]:
    source = Source(fingerprint(b"store bench"), "file", "/var/log/made.log")
    kinds = (_flows, _flows, _flows, _web, _windows)
    group: list[Record] = []
    batches: list[Batch] = []
    sequence = 0
    for first in range(0, events, BATCH_ROWS):
        batches.append(kinds[first // BATCH_ROWS % len(kinds)](source, first, min(BATCH_ROWS, events - first)))
        if len(batches) == RECORD_BATCHES or first + BATCH_ROWS >= events:
            sequence += 1
            group.append(Record(sequence, source, tuple(batches)))
            batches = []
        if len(group) == APPEND_RECORDS or (group and first + BATCH_ROWS >= events):
            yield group
            group = []


def _batch(source: Source, first: int, constants: Result, columns: Result) -> Batch:
    """A batch of these columns; its dataset is among the constants, as in an event."""
    dataset = constants.pop("event.dataset")
    count = len(next(iter(columns.values())))
    numbers = np.arange(first, first + count, dtype=np.int64)
    return Batch(
        dataset=dataset, source=source, received=START + (first + count) * STEP, times=START + numbers * STEP,
        ids=event_ids(source.id, numbers.tolist(), [b"%d" % number for number in numbers]), ordinals=numbers + 1,
        constants={"event.kind": "event", **constants}, columns=columns,
    )  # fmt: skip


def _mixed(first: int, count: int) -> list[int]:
    """Numbers without order, the same in every run (Knuth's multiplicative hash)."""
    return [number * 2_654_435_761 % (1 << 32) for number in range(first, first + count)]


def _address(number: int) -> str:
    return f"10.{number % 4}.{number // 4 % 200}.{number // 800 % 5}"


def _flows(source: Source, first: int, count: int) -> Batch:
    mixed = _mixed(first, count)
    columns: Result = {
        "source.ip": [_address(n) for n in mixed],
        "destination.ip": [_address(n >> 7) for n in mixed],
        "source.port": np.array([1_024 + n % 60_000 for n in mixed]),
        "destination.port": np.array([(80, 443, 53, 22)[n >> 5 & 3] for n in mixed]),
        "network.transport": [("tcp", "udp")[n >> 3 & 1] for n in mixed],
        "network.bytes": np.array([n % 100_003 for n in mixed]),
        "network.packets": np.array([n % 101 for n in mixed]),
        "source.bytes": np.array([n % 50_021 for n in mixed]),
        "destination.bytes": np.array([n % 40_009 for n in mixed]),
        "network.community_id": [f"1:{n:027x}=" for n in mixed],
        "event.start": [iso(START + n * 1_000_000) for n in mixed],
        "event.duration": np.array([n % 1_000_003 for n in mixed]),
    }
    return _batch(source, first, {"event.dataset": "network.flow", "event.category": ["network"]}, columns)


def _web(source: Source, first: int, count: int) -> Batch:
    mixed = _mixed(first, count)
    columns: Result = {
        "source.ip": [_address(n) for n in mixed],
        "host.name": [f"web{n % 20}" for n in mixed],
        "url.original": [f"/item?id={n % 9_973}" for n in mixed],
        "url.path": ["/item"] * count,
        "http.request.method": ["GET"] * count,
        "http.response.status_code": [(200, 404, 500)[n % 3] for n in mixed],
        "http.response.body.bytes": [n % 100_003 for n in mixed],
        "user_agent.original": [f"Mozilla/5.0 (X11; Linux x86_64) {n % 41}" for n in mixed],
        "event.original": [
            f'{_address(n)} - - [01/Jan/2026:08:00:00 +0800] "GET /item?id={n % 9_973} HTTP/1.1" 200 {n % 100_003} "-"'
            for n in mixed
        ],
    }
    return _batch(source, first, {"event.dataset": "web.access", "event.category": ["web"]}, columns)


def _windows(source: Source, first: int, count: int) -> Batch:
    mixed = _mixed(first, count)
    columns: Result = {
        "host.name": [f"ws-{n % 900:04d}" for n in mixed],
        "process.pid": [n % 9_973 for n in mixed],
        "process.executable": [f"C:\\Windows\\System32\\made{n % 307}.exe" for n in mixed],
        "process.command_line": [f"made{n % 307}.exe -x {n}" for n in mixed],
        **{f"winlog.event_data.Made{k}": [f"value-{(n >> k) % 53}" for n in mixed] for k in range(15)},
    }
    channel = "Microsoft-Windows-Sysmon/Operational"
    constants = {"event.dataset": "windows.sysmon", "event.code": "1", "winlog.channel": channel}
    return _batch(source, first, constants, columns)


def _timed(name: str, run: Callable[[], int]) -> Result:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    events = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "bench": name, "events": events, "cpu_seconds": cpu, "wall_seconds": wall, "per_second": events / wall,
        "per_cpu_second": events / cpu, "resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024,
    }  # fmt: skip


def _bytes(store: EmbeddedStore) -> int:
    return sum(one.bytes for one in store.manifest.segments())

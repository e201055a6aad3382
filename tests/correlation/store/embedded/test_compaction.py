"""Compaction: the same answers from other files."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from correlation.query.model import Query
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded import compaction, segments
from correlation.store.embedded.compaction import MANY_SMALL, QUIET, compact, due
from correlation.store.embedded.manifest import Segment
from correlation.store.embedded.store import EmbeddedStore
from correlation.store.errors import StoreDiskFull
from correlation.store.memory import MemoryStore
from sensors.event.times import SECOND
from tests.correlation.store.events import START, found, record
from tests.correlation.store.test_contract import QUERIES, ROWS

DAY = 86_400 * SECOND
LATER = START + 3_600 * SECOND + QUIET


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = LATER

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[EmbeddedStore]:
    settings = EmbeddedStoreSettings(grace_seconds=60, min_free_bytes=0)
    with closing(EmbeddedStore(tmp_path / "store", settings, clock)) as opened:
        yield opened


def test_compacted_events_answer_as_before(store: EmbeddedStore) -> None:
    oracle = MemoryStore()
    for sequence in range(4):
        handed = [record(sequence + 1, ROWS, first=sequence * 100, dataset=f"d{sequence % 2}")]
        store.append(handed)
        oracle.append(handed)
    store.maintain()
    assert [(one.level, one.dataset, one.rows) for one in store.manifest.segments()] == [
        (1, "d0", 2 * len(ROWS)),
        (1, "d1", 2 * len(ROWS)),
    ]
    assert {text for text in QUERIES if found(store, text) != found(oracle, text)} == set()
    whole = store.search(Query(limit=1_000, descending=False))
    assert list(whole.events) == list(oracle.search(Query(limit=1_000, descending=False)).events)


def test_files_are_of_one_day_and_dataset_and_sorted(store: EmbeddedStore) -> None:
    times = [START + (n * 7919 % 50) * DAY // 20 for n in range(50)]
    store.append([record(1, [{"user.name": "a"}] * 50, times=times, dataset="../odd name")])
    store.maintain()
    made = store.manifest.segments()
    assert [one.path.split("/")[1] for one in made] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    for one in made:
        table = pq.read_table(store.root / one.path, partitioning=None)
        pairs = list(zip(table["@timestamp:date"].to_pylist(), table["event.id:id"].to_pylist(), strict=True))
        assert pairs == sorted(pairs)
        assert one.day is not None
        assert {moment // DAY for moment, _ in pairs} == {one.day}
        assert (one.min_time, one.max_time, one.rows) == (pairs[0][0], pairs[-1][0], len(pairs))
        assert one.path.split("/")[2].startswith("_odd_name-")


def test_replaced_files_stay_for_their_readers_and_then_go(store: EmbeddedStore, clock: Clock) -> None:
    store.append([record(1, [{"user.name": "a"}])])
    (before,) = (store.root / one.path for one in store.manifest.segments())
    store.maintain()
    assert before.exists()
    clock.now += 59 * SECOND
    store.maintain()
    assert before.exists()
    clock.now += SECOND
    store.maintain()
    assert not before.exists()
    assert found(store, "") == {0}


def test_an_interrupted_compaction_changes_nothing(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append([record(1, [{"user.name": "a"}]), record(2, [{"user.name": "b"}], first=3, dataset="other")])
    before = store.manifest.segments()
    written: list[Segment] = []
    write = segments.write

    def fail_at_the_second(*arguments: object, **more: object) -> Segment:
        if written:
            raise StoreDiskFull(path="somewhere")
        written.append(write(*arguments, **more))  # type: ignore[arg-type]
        return written[-1]

    monkeypatch.setattr(compaction, "write", fail_at_the_second)
    with pytest.raises(StoreDiskFull):
        compact(store.root, store.manifest, before, START)
    assert store.manifest.segments() == before
    assert not (store.root / written[0].path).exists()
    assert found(store, "") == {0, 3}


def test_a_reader_of_replaced_files_asks_again(store: EmbeddedStore, clock: Clock, tmp_path: Path) -> None:
    for sequence in range(3):
        store.append([record(sequence + 1, [{"user.name": "a"}], first=sequence)])
    with closing(EmbeddedStore(tmp_path / "store", EmbeddedStoreSettings(), clock)) as reader:
        stale = reader.manifest.segments()
        store.maintain()
        clock.now += 61 * SECOND
        store.maintain()
        answers = iter([stale])
        ask = reader.manifest.segments
        reader.manifest.segments = lambda *more: next(answers, None) or ask(*more)  # type: ignore[method-assign]
        assert reader.search(Query()).problems == ()
        assert found(reader, "") == {0, 1, 2}


def _segment(number: int, *, level: int, rows: int = 10, received: int = START) -> Segment:
    empty: frozenset[str] = frozenset()
    return Segment(
        number, f"{number}", level, 1 if level else None, "d" if level else None, 0, 1, received, rows, 5, empty, empty,
        empty,
    )  # fmt: skip


def test_what_is_due() -> None:
    few = [_segment(number, level=0) for number in range(3)]
    assert due(few, START + QUIET - 1) == []
    assert due(few, START + QUIET) == few
    many = [_segment(number, level=0) for number in range(compaction.ENOUGH_FILES)]
    assert due(many, START) == many
    large = [replace(one, rows=compaction.MOST_ROWS // 2) for one in many]
    assert due(large, START) == large[:2]
    small = [_segment(number, level=1) for number in range(MANY_SMALL)]
    assert due(small[1:], START) == []
    assert due(small, START) == small
    assert due([replace(one, rows=compaction.SMALL_ROWS) for one in small], START) == []


def test_small_files_of_late_events_are_merged(store: EmbeddedStore) -> None:
    for sequence in range(MANY_SMALL):
        store.append([record(sequence + 1, [{"user.name": "a"}], first=sequence)])
        store.maintain()
    assert len(store.manifest.segments()) == MANY_SMALL
    store.maintain()
    assert [one.rows for one in store.manifest.segments()] == [MANY_SMALL]
    assert found(store, "") == set(range(MANY_SMALL))



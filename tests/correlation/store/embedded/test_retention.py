"""Retention: whole days, oldest first, and every one on record."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from correlation.ports import Dropped, Stored
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded.compaction import QUIET
from correlation.store.embedded.retention import days, too_much, too_old
from correlation.store.embedded.store import EmbeddedStore
from sensors.event.times import SECOND
from tests.correlation.store.embedded.test_compaction import Clock, _segment
from tests.correlation.store.events import START, found, record

DAY = 86_400 * SECOND
FIRST = START // DAY


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


def _filled(folder: Path, clock: Clock, settings: EmbeddedStoreSettings) -> EmbeddedStore:
    """A store with four days of one event each, compacted."""
    store = EmbeddedStore(folder, settings, clock)
    clock.now = START + 5 * DAY
    times = [START + number * DAY for number in range(4)]
    store.append([record(1, [{"user.name": "a"}] * 4, times=times)])
    clock.now += QUIET
    assert store.maintain() == []
    return store


def test_days_are_dropped_by_age_and_recorded(tmp_path: Path) -> None:
    clock = Clock()
    with closing(_filled(tmp_path, clock, EmbeddedStoreSettings(keep_days=180, min_free_bytes=0))) as store:
        clock.now = START + 182 * DAY - 1
        assert [one.day for one in store.maintain()] == [FIRST]
        clock.now += 1
        (dropped,) = store.maintain()
        assert dropped == Dropped(clock.now, FIRST + 1, 1, dropped.bytes, "age")
        assert dropped.bytes > 0
        assert [one.day for one in store.dropped()] == [FIRST, FIRST + 1]
        assert found(store, "") == {2, 3}
        folders = {file.name for file in (store.root / "segments").iterdir()}
        assert folders == {"appended", "2026-01-03", "2026-01-04"}
        # Its key is forgotten with the event: what is sent once more after so long is stored once more.
        again = record(9, [{"user.name": "a"}] * 4, times=[START + number * DAY for number in range(4)])
        assert store.append([again]) == [Stored(9, 2, 2)]


def test_what_arrived_late_is_kept_as_long_as_what_is_new(tmp_path: Path) -> None:
    clock = Clock()
    with closing(EmbeddedStore(tmp_path, EmbeddedStoreSettings(keep_days=180, min_free_bytes=0), clock)) as store:
        store.append([record(1, [{"user.name": "a"}], times=[START - 1_000 * DAY])])
        clock.now = START + 179 * DAY
        assert store.maintain() == []
        assert found(store, "") == {0}
        clock.now = START + 181 * DAY
        assert [one.reason for one in store.maintain()] == ["age"]


def test_the_oldest_days_go_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    clock = Clock()
    settings = EmbeddedStoreSettings(min_free_bytes=0)
    with closing(_filled(tmp_path, clock, settings)) as store:
        sizes = [one.bytes for one in store.manifest.segments()]
    with closing(EmbeddedStore(tmp_path, replace(settings, max_bytes=sum(sizes[2:])), clock)) as store:
        dropped = store.maintain()
        assert [(one.day, one.events, one.bytes, one.reason) for one in dropped] == [
            (FIRST, 1, sizes[0], "disk"),
            (FIRST + 1, 1, sizes[1], "disk"),
        ]
        assert found(store, "") == {2, 3}
    with closing(EmbeddedStore(tmp_path, replace(settings, max_bytes=1), clock)) as store:
        store.maintain()
        assert found(store, "") == {3}  # the newest day always stays


def test_the_oldest_days_go_when_the_disk_runs_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    settings = EmbeddedStoreSettings(min_free_bytes=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 2_000_000))
    with closing(_filled(tmp_path, clock, settings)) as store:
        assert list(store.maintain()) == []
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 999_999))
        assert [(one.day, one.reason) for one in store.maintain()] == [(FIRST, "disk")]


def test_which_days_are_too_old_and_too_much() -> None:
    segments = [replace(_segment(day, level=1, received=START), day=day) for day in (7, 5, 6)]
    found_days = days([*segments, _segment(9, level=0)])
    assert [one.day for one in found_days] == [5, 6, 7]
    assert too_old(found_days, START + DAY - 1, 1) == []
    assert too_old(found_days, START + DAY, 1) == found_days
    assert [one.day for one in too_much(found_days, 6)] == [5, 6]
    assert [one.day for one in too_much(found_days, 600)] == [5, 6]
    assert too_much(found_days, 0) == []
    assert too_much([], 5) == []

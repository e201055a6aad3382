"""Windows that go on with other correlations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from correlation.alerts.database import open_database
from correlation.alerts.model import Evidence
from correlation.renewing import renew
from correlation.rules.model import Correlation, Threshold
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from correlation.windows.model import Signal
from correlation.windows.proofs import pack
from sensors.event.times import SECOND


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'alerts.db'}")
    yield made
    made.dispose()


def correlation(name: str, number: int) -> Correlation:
    return Correlation(
        id=name, title=name, type="event_count", rules=("rule",), group_by=(), timespan=3_600 * SECOND,
        threshold=Threshold("gte", number),
    )  # fmt: skip


def signal(second: int) -> Signal:
    proof = Evidence(f"{second:032x}", "test.events", second * SECOND, "00", "made", "line", second, {})
    return Signal("rule", second * SECOND, proof.event_id, {}, pack((proof,)))


def test_what_is_as_it_was_goes_on_and_what_is_new_begins_anew(engine: Engine) -> None:
    book = WindowBook(engine, Windows([correlation("same", 5), correlation("changed", 100)], 0))
    assert book.take(1, [signal(1), signal(2), signal(3)], 10 * SECOND) == []
    book.write()
    # Three events have been enough for it, but they were before its time.
    renewed = renew(engine, book, Windows([correlation("same", 5), correlation("changed", 3)], 0))
    assert renewed.sequence == 1
    found = renewed.take(2, [signal(11), signal(12)], 20 * SECOND)
    assert [one.correlation.id for one in found] == ["same"]
    assert len(found[0].evidence) == 5
    found = renewed.take(3, [signal(21)], 30 * SECOND)
    assert [one.correlation.id for one in found] == ["changed"]
    renewed.write()
    # A kill afterwards finds the same.
    again = WindowBook(engine, Windows([correlation("same", 5), correlation("changed", 3)], 0))
    assert again.sequence == 3
    assert again.take(4, [signal(31)], 40 * SECOND) == []


def test_what_still_waits_is_not_lost(engine: Engine) -> None:
    book = WindowBook(engine, Windows([correlation("same", 2)], 30 * SECOND))
    assert book.take(1, [signal(1), signal(2)], 10 * SECOND) == []
    book.write()
    renewed = renew(engine, book, Windows([correlation("same", 2), correlation("new", 9)], 30 * SECOND))
    assert [one.correlation.id for one in renewed.settle()] == ["same"]


def test_what_nobody_looks_at_any_more_is_dropped_when_its_time_comes(engine: Engine) -> None:
    book = WindowBook(engine, Windows([correlation("same", 2)], 30 * SECOND))
    assert book.take(1, [signal(1), signal(2)], 10 * SECOND) == []
    book.write()
    other = replace(correlation("other", 1), rules=("another",))
    renewed = renew(engine, book, Windows([other], 30 * SECOND))
    assert renewed.settle() == []

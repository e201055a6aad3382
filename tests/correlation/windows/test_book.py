"""Windows survive restarts: what was done is done again, and nothing else changes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from correlation.alerts.model import Evidence
from correlation.rules.model import Correlation, Threshold
from correlation.windows import book as module
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from correlation.windows.model import Signal
from correlation.windows.proofs import pack
from sensors.event.times import SECOND
from tests.correlation.matcher.making import NOON
from tests.correlation.windows.making import correlations, signal, told
from tests.databases import Databases

GROUPED: dict[str, Any] = {"group-by": ["ip"], "timespan": "10s"}
MADE = correlations(
    {"type": "event_count", "rules": ["a"], "condition": {"gte": 2}, **GROUPED},
    {"type": "value_count", "rules": ["a", "b"], "condition": {"field": "user", "gte": 3}, **GROUPED},
    {"type": "value_sum", "rules": ["b"], "condition": {"field": "bytes", "gte": 9}, **GROUPED},
    {"type": "temporal", "rules": ["a", "b"], **GROUPED},
    {"type": "temporal_ordered", "rules": ["a", "b", "c"], **GROUPED},
    {"type": "event_count", "rules": ["c"], "condition": {"lte": 2}, **GROUPED},
    {"title": "chained", "type": "event_count", "rules": ["correlation 0"], "condition": {"gte": 2}, **GROUPED},
)
NAMES = count(100)
SIGNALS = st.lists(
    st.builds(
        lambda rule, second, ip, user, size: signal(
            rule, second, f"{rule}{second}{ip}{user}{size}", ip=ip, user=user, bytes=size
        ),
        st.sampled_from("abc"),
        st.integers(0, 60),
        st.sampled_from("12"),
        st.sampled_from("xyz"),
        st.integers(0, 9),
    ),
    max_size=4,
)


@pytest.fixture
def opened(databases: Databases) -> Callable[[int], WindowBook]:
    def begin(number: int) -> WindowBook:
        return WindowBook(databases(str(number)), Windows(MADE, 5 * SECOND))

    return begin


@given(st.lists(st.tuples(SIGNALS, st.booleans(), st.booleans()), max_size=8), st.integers(1, 12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_a_restart_at_any_point_changes_nothing(
    opened: Callable[[int], WindowBook], steps: list[Any], between: int
) -> None:
    name = next(NAMES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SIGNALS_BETWEEN", between)
        calm, restless = opened(2 * name), opened(2 * name + 1)
        expected: list[Any] = []
        found: list[Any] = []
        newest = 0
        for sequence, (signals, settle, restart) in enumerate(steps, 1):
            newest = max([newest, *(one.time for one in signals)])
            expected += told(calm.take(sequence, signals, newest))
            found += told(restless.take(sequence, signals, newest))
            if settle:
                expected += told(calm.settle(newest))
                found += told(restless.settle(newest))
            restless.write()
            if restart:
                restless = opened(2 * name + 1)
                assert told(restless.take(sequence, signals, newest)) == []
        expected += told(calm.settle(NOON + 3_600 * SECOND))
        found += told(restless.settle(NOON + 3_600 * SECOND))
        assert found == expected
        assert restless.windows.late == calm.windows.late


def test_what_was_not_written_down_is_done_once_more(opened: Callable[[int], WindowBook]) -> None:
    signals = [signal("a", 0, ip="1"), signal("a", 1, ip="1"), signal("b", 90)]
    first = opened(7)
    told_first = told([*first.take(1, signals, NOON + 90 * SECOND)])
    again = opened(7)
    assert told([*again.take(1, signals, NOON + 90 * SECOND)]) == told_first != []
    again.write()
    assert opened(7).sequence == 1


@pytest.mark.parametrize("written", ["operations", "state"])
def test_records_of_a_spool_that_was_made_anew_are_not_taken_for_the_old_ones(
    opened: Callable[[int], WindowBook], monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setattr(module, "SIGNALS_BETWEEN", 0 if written == "state" else 10_000)
    before = opened(8)
    before.take(90, [signal("a", 0, ip="1")], NOON)
    before.write()
    same = opened(8)
    assert same.follow(90)
    assert same.sequence == 90
    other = opened(8)
    assert not other.follow(1)
    assert other.take(1, [signal("a", 1, ip="1"), signal("b", 90)], NOON + 90 * SECOND)
    other.write()
    again = opened(8)
    assert again.follow(2)
    assert again.sequence == 1


def test_that_the_spool_was_replaced_is_not_forgotten_by_a_kill(
    opened: Callable[[int], WindowBook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIGNALS_BETWEEN", 10_000)
    before = opened(10)
    before.take(500, [signal("a", 0, ip="1")], NOON)
    before.write()
    # Of the new spool's first 300 records none has a signal; when it is killed 250 more are waiting.
    assert not opened(10).follow(300)
    killed = opened(10)
    assert killed.follow(550)
    assert killed.take(301, [signal("a", 1, ip="1"), signal("b", 90)], NOON + 90 * SECOND)


def test_windows_of_a_correlation_that_changed_begin_anew(
    opened: Callable[[int], WindowBook], databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIGNALS_BETWEEN", 0)
    first = opened(9)
    first.take(1, [signal("a", 0, ip="1")], NOON + 12 * SECOND)
    first.write()
    assert first.windows.groups.watched == 3
    (changed,) = correlations({"type": "event_count", "rules": ["a"], "condition": {"gte": 3}, **GROUPED})
    fresh = WindowBook(databases("9"), Windows([changed], 0))
    assert fresh.windows.groups.watched == 0


@pytest.mark.parametrize("excepted", [True, False])
def test_a_restart_withholds_what_was_withheld_whatever_is_excepted_by_then(engine: Engine, *, excepted: bool) -> None:
    made = correlations(
        {"title": "below", "type": "event_count", "rules": ["a"], "condition": {"gte": 2}, **GROUPED},
        {"type": "event_count", "rules": ["below"], "group-by": ["ip"], "timespan": "5m", "condition": {"gte": 2}},
    )

    def pair(second: int) -> list[Signal]:
        return [signal("a", second, ip="1"), signal("a", second + 1, ip="1")]

    def names(book: WindowBook, sequence: int, second: int) -> list[str]:
        return [one.correlation.title for one in book.take(sequence, pair(second), NOON + (second + 9) * SECOND)]

    first = WindowBook(engine, Windows(made, 0))
    first.windows.except_by(lambda _: ("known",) if excepted else ())
    assert names(first, 1, 0) == ["below"]
    first.write()
    # Until the next one the exception has ended; or there is one that was not there.
    again = WindowBook(engine, Windows(made, 0))
    assert names(again, 2, 30) == (["below"] if excepted else ["below", "correlation 1"])
    later = WindowBook(engine, Windows(made, 0))
    assert later.sequence == 1, "the second was not written down"


def counted(name: str, number: int) -> Correlation:
    return Correlation(
        id=name, title=name, type="event_count", rules=("rule",), group_by=(), timespan=3_600 * SECOND,
        threshold=Threshold("gte", number),
    )  # fmt: skip


def plain_signal(second: int) -> Signal:
    proof = Evidence(f"{second:032x}", "test.events", second * SECOND, "00", "made", "line", second, {})
    return Signal("rule", second * SECOND, proof.event_id, {}, pack((proof,)))


def test_what_is_as_it_was_goes_on_and_what_is_new_begins_anew(engine: Engine) -> None:
    book = WindowBook(engine, Windows([counted("same", 5), counted("changed", 100)], 0))
    assert book.take(1, [plain_signal(1), plain_signal(2), plain_signal(3)], 10 * SECOND) == []
    book.write()
    # Three events have been enough for it, but they were before its time.
    renewed = book.renewed(Windows([counted("same", 5), counted("changed", 3)], 0))
    assert renewed.sequence == 1
    found = renewed.take(2, [plain_signal(11), plain_signal(12)], 20 * SECOND)
    assert [one.correlation.id for one in found] == ["same"]
    assert len(found[0].evidence) == 5
    found = renewed.take(3, [plain_signal(21)], 30 * SECOND)
    assert [one.correlation.id for one in found] == ["changed"]
    renewed.write()
    # A kill afterwards finds the same.
    again = WindowBook(engine, Windows([counted("same", 5), counted("changed", 3)], 0))
    assert again.sequence == 3
    assert again.take(4, [plain_signal(31)], 40 * SECOND) == []


def test_what_still_waits_is_not_lost(engine: Engine) -> None:
    book = WindowBook(engine, Windows([counted("same", 2)], 30 * SECOND))
    assert book.take(1, [plain_signal(1), plain_signal(2)], 10 * SECOND) == []
    book.write()
    renewed = book.renewed(Windows([counted("same", 2), counted("new", 9)], 30 * SECOND))
    assert [one.correlation.id for one in renewed.settle()] == ["same"]


def test_what_nobody_looks_at_any_more_is_dropped_when_its_time_comes(engine: Engine) -> None:
    book = WindowBook(engine, Windows([counted("same", 2)], 30 * SECOND))
    assert book.take(1, [plain_signal(1), plain_signal(2)], 10 * SECOND) == []
    book.write()
    other = replace(counted("other", 1), rules=("another",))
    renewed = book.renewed(Windows([other], 30 * SECOND))
    assert renewed.settle() == []

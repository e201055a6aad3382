"""Windows by event time: each type, and that neither order nor repetition nor batching changes an answer."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.rules.model import Correlation
from correlation.windows.engine import Windows
from correlation.windows.model import Finding, Signal
from sensors.event.times import SECOND
from tests.correlation.matcher.making import NOON
from tests.correlation.windows.making import correlations, signal, told

FAILURES = {"type": "event_count", "rules": ["a"], "group-by": ["ip"], "timespan": "1m", "condition": {"gte": 3}}


def run(made: Sequence[Correlation], signals: Sequence[Signal]) -> list[Finding]:
    windows = Windows(made, None)
    assert list(windows.take(signals, 0)) == []
    found = list(windows.settle(NOON + 86_400 * SECOND))
    assert windows.idle
    return found


def test_events_are_counted_within_the_timespan_and_by_group() -> None:
    found = run(correlations(FAILURES), [
        signal("a", 0, ip="1"), signal("a", 10, ip="2"), signal("a", 30, ip="1"), signal("a", 60, ip="1"),
        signal("a", 71, ip="2"), signal("a", 72, ip="2"), signal("a", 73, other="2"),
    ])  # fmt: skip
    assert told(found) == [("correlation 0", 60, ("1",), ["a0", "a30", "a60"])]


def test_a_flood_alerts_once_in_each_timespan() -> None:
    found = run(correlations(FAILURES), [signal("a", second, ip="1") for second in range(130)])
    assert [second for _, second, _, _ in told(found)] == [2, 63, 124]


def test_late_events_do_not_join_a_window_that_they_lie_outside_of() -> None:
    windows = Windows(correlations(FAILURES), None)
    found = [*windows.take([signal("a", second, ip="1") for second in (600, 0, 300)], 0), *windows.settle()]
    assert found == []


def test_values_are_counted_once_without_case_and_events_without_them_are_not() -> None:
    body = {**FAILURES, "type": "value_count", "condition": {"field": "user", "gt": 2}}
    found = run(correlations(body), [
        signal("a", 1, ip="1", user="x"), signal("a", 2, ip="1", user="X"), signal("a", 3, ip="1", user="y"),
        signal("a", 4, ip="1"), signal("a", 5, ip="1", user=None), signal("a", 6, ip="1", user=["z", "y"]),
    ])  # fmt: skip
    assert told(found) == [("correlation 0", 6, ("1",), ["a2", "a3", "a6"])]


def test_sums_averages_and_percentiles_take_numbers_only() -> None:
    bodies = [
        {**FAILURES, "type": kind, "condition": {"field": "bytes", **condition}}
        for kind, condition in (
            ("value_sum", {"gte": 60}), ("value_avg", {"lt": 31}), ("value_percentile", {"percentile": 50, "eq": 30}),
            ("value_avg", {"gte": 31}),
        )
    ]  # fmt: skip
    sent = [signal("a", second, ip="1", bytes=value) for second, value in ((0, 10), (1, "much"), (2, "50"), (3, 30.0))]
    assert told(run(correlations(*bodies), sent)) == [
        ("correlation 0", 2, ("1",), ["a0", "a2"]),
        ("correlation 1", 60, ("1",), ["a0", "a2", "a3"]),
        ("correlation 2", 60, ("1",), ["a0", "a2", "a3"]),
    ]


@pytest.mark.parametrize(("operator", "number", "fires"), [
    ("eq", 2, True), ("eq", 3, False), ("lt", 3, True), ("lt", 2, False), ("lte", 2, True), ("neq", 2, False),
])  # fmt: skip
def test_what_more_events_can_make_false_waits_for_the_end(operator: str, number: int, *, fires: bool) -> None:
    made = correlations({**FAILURES, "condition": {operator: number}})
    windows = Windows(made, 0)
    assert list(windows.take([signal("a", 0, ip="1"), signal("a", 60, ip="1")], NOON + 60 * SECOND)) == []
    assert [one.time for one in windows.take([], NOON + 61 * SECOND)] == [NOON + 60 * SECOND] * fires


def test_a_temporal_correlation_without_a_condition_needs_all_of_its_rules() -> None:
    body = {"type": "temporal", "rules": ["a", "b", "c"], "group-by": ["ip"], "timespan": "1m"}
    some = [signal("c", 0, ip="1"), signal("a", 30, ip="1"), signal("b", 61, ip="1")]
    assert run(correlations(body), some) == []
    assert told(run(correlations(body), [*some, signal("c", 62, ip="1")])) == [
        ("correlation 0", 62, ("1",), ["a30", "b61", "c62"])
    ]
    assert len(run(correlations({**body, "condition": {"gte": 2}}), some)) == 1


def test_a_condition_names_rules() -> None:
    body = {"type": "temporal", "rules": ["a", "b"], "group-by": ["ip"], "timespan": "1m", "condition": "a and not b"}
    made = correlations(body)
    assert [one.time for one in run(made, [signal("a", 0, ip="1")])] == [NOON + 60 * SECOND]
    assert run(made, [signal("a", 0, ip="1"), signal("b", 60, ip="1")]) == []


def test_order_counts_and_signals_of_one_moment_may_stand_in_any() -> None:
    made = correlations({"type": "temporal_ordered", "rules": ["a", "b", "c"], "group-by": ["ip"], "timespan": "1m"})
    assert run(made, [signal("b", 0, ip="1"), signal("a", 1, ip="1"), signal("c", 2, ip="1")]) == []
    late = [signal("a", 0, ip="1"), signal("b", 1, ip="1"), signal("a", 40, ip="1"), signal("c", 61, ip="1")]
    assert run(made, late) == []
    assert told(run(made, [*late, signal("b", 62, ip="1"), signal("c", 62, ip="1")])) == [
        ("correlation 0", 62, ("1",), ["a40", "b62", "c62"])
    ]


def test_aliases_give_one_name_to_what_rules_call_differently() -> None:
    body = {
        "type": "temporal", "rules": ["a", "b"], "group-by": ["who"], "timespan": "1m",
        "aliases": {"who": {"a": "user.name", "b": "dns.client"}},
    }  # fmt: skip
    sent = [signal("a", 0, **{"user.name": "Li"}), signal("b", 1, **{"dns.client": "li"})]
    assert told(run(correlations(body), sent)) == [("correlation 0", 1, ("li",), ["a0", "b1"])]


def test_a_chained_correlation_groups_by_its_own_fields() -> None:
    spray = {"title": "spray", **FAILURES, "group-by": ["ip", "user"]}
    many = {"title": "many", "type": "value_count", "rules": ["spray"], "group-by": ["ip"], "timespan": "5m",
            "condition": {"field": "user", "gte": 2}}  # fmt: skip
    sent = [
        signal("a", second, ip="1", user=user) for user, at in (("x", 0), ("y", 100)) for second in range(at, at + 3)
    ]
    assert told(run(correlations(spray, many), sent)) == [
        ("spray", 2, ("1", "x"), ["a0", "a1", "a2"]),
        ("spray", 102, ("1", "y"), ["a100", "a101", "a102"]),
        ("many", 102, ("1",), ["a0", "a1", "a2", "a100", "a101", "a102"]),
    ]


def test_what_is_excepted_is_told_as_such_and_feeds_no_correlation_above() -> None:
    spray = {"title": "spray", **FAILURES, "group-by": ["ip", "user"]}
    many = {"title": "many", "type": "value_count", "rules": ["spray"], "group-by": ["ip"], "timespan": "5m",
            "condition": {"field": "user", "gte": 2}}  # fmt: skip
    sent = [
        signal("a", second, ip="1", user=user)
        for user, at in (("x", 0), ("y", 50), ("z", 100)) for second in range(at, at + 3)
    ]  # fmt: skip
    windows = Windows(correlations(spray, many), None)
    windows.except_by(lambda finding: ("known",) if finding.shared.get("user") == "y" else ())
    found = [*windows.take(sent, NOON), *windows.settle()]
    assert [(one.correlation.title, one.time - NOON, one.excepted) for one in found] == [
        ("spray", 2 * SECOND, ()),
        ("spray", 52 * SECOND, ("known",)),
        ("spray", 102 * SECOND, ()),
        ("many", 102 * SECOND, ()),  # with y it would have been at 52
    ]


def test_an_old_recording_is_correlated_with_itself_and_counted_as_late() -> None:
    windows = Windows(correlations(FAILURES), 0)
    list(windows.take([signal("a", second, ip="1") for second in (1_000, 1_001)], NOON + 1_002 * SECOND))
    old = [signal("a", second, ip="1") for second in (500, 501, 502, 100, 101)]
    assert [one.time for one in windows.take(old, NOON + 1_001 * SECOND)] == [NOON + 502 * SECOND]
    assert windows.late == 5
    (found,) = windows.take([signal("a", 1_003, ip="1")], NOON + 1_004 * SECOND)
    assert [item.event_id for item in found.evidence] == ["a1000", "a1001", "a1003"]


SIGNALS = st.lists(
    st.builds(
        lambda rule, second, ip, user, size: signal(
            rule, second, f"{rule}{second}{ip}{user}{size}", ip=ip, user=user, bytes=size
        ),
        st.sampled_from("abc"), st.integers(0, 40), st.sampled_from("12"), st.sampled_from("xyz"), st.integers(0, 9),
    ),
    max_size=25, unique_by=lambda one: one.key,
)  # fmt: skip
BODIES: list[dict[str, Any]] = [
    {"type": "event_count", "rules": ["a", "b"], "condition": {"gte": 3}},
    {"type": "event_count", "rules": ["a"], "condition": {"gt": 1}},
    {"type": "value_count", "rules": ["a", "c"], "condition": {"field": "user", "gte": 2}},
    {"type": "value_sum", "rules": ["a"], "condition": {"field": "bytes", "gt": 10}},
    {"type": "temporal", "rules": ["a", "b", "c"]},
    {"type": "temporal", "rules": ["a", "b", "c"], "condition": "a and (b or c)"},
    {"type": "temporal_ordered", "rules": ["a", "b", "c"]},
]
SPAN = 10


@given(SIGNALS)
def test_every_type_answers_as_the_definition_read_aloud(signals: list[Signal]) -> None:
    made = correlations(*[{**body, "group-by": ["ip"], "timespan": f"{SPAN}s"} for body in BODIES])
    found = {(one.correlation.title, one.group[0], one.time) for one in run(made, signals)}
    expected = set()
    for correlation in made:
        for ip in "12":
            mine = [one for one in signals if one.values["ip"] == ip and one.rule in correlation.rules]
            silent = -1
            for now in sorted({one.time for one in mine}):
                there = [one for one in mine if now - SPAN * SECOND <= one.time <= now]
                if now > silent and _fulfilled(correlation, there, now):
                    expected.add((correlation.title, ip, now))
                    silent = now + SPAN * SECOND
    assert found == expected


def _fulfilled(correlation: Correlation, there: Sequence[Signal], now: int) -> bool:
    rules = {one.rule for one in there}
    threshold = correlation.threshold
    if correlation.type == "temporal":
        return "a" in rules and bool(rules & {"b", "c"}) if correlation.expression else rules == set("abc")
    if correlation.type == "temporal_ordered":
        ends = [one for one in there if one.rule == "c" and one.time == now]
        return any(
            one.time <= other.time <= end.time
            for one in there if one.rule == "a" for other in there if other.rule == "b" for end in ends
        )  # fmt: skip
    assert threshold is not None
    number = {
        "event_count": len(there),
        "value_count": len({one.values["user"] for one in there}),
        "value_sum": math.fsum(one.values["bytes"] for one in there),
    }[correlation.type]
    return threshold.holds(number)


@given(SIGNALS, st.data())
def test_order_repetition_and_batching_change_nothing_within_the_lateness(
    signals: list[Signal], data: st.DataObject
) -> None:
    closing = [
        {"type": "event_count", "rules": ["a"], "condition": {"lte": 2}},
        {"type": "value_avg", "rules": ["b"], "condition": {"field": "bytes", "gt": 4}},
        {"type": "temporal", "rules": ["a", "b"], "condition": "a and not b"},
    ]
    made = correlations(*[{**body, "group-by": ["ip"], "timespan": f"{SPAN}s"} for body in (*BODIES, *closing)])
    expected = sorted(told(run(made, signals)))
    lateness = data.draw(st.sampled_from([5, 40]))
    delays = {one.key: data.draw(st.integers(0, lateness)) * SECOND for one in signals}
    arriving = sorted(signals, key=lambda one: (one.time + delays[one.key], delays[one.key], one.key))
    windows, found, newest = Windows(made, lateness * SECOND), [], 0
    while arriving:
        size = data.draw(st.integers(1, 5))
        batch, arriving = arriving[:size], arriving[size:]
        newest = max([newest, *(one.time for one in batch)])
        again = [one for one in batch if data.draw(st.booleans())]
        found += windows.take([*batch, *again], newest)
    found += windows.settle(NOON + 86_400 * SECOND)
    assert windows.late == 0
    assert sorted(told(found)) == expected


def test_what_is_late_never_stands_in_another_order_than_it_happened() -> None:
    made = correlations({"type": "temporal_ordered", "rules": ["a", "b", "c"], "group-by": ["ip"], "timespan": "1m"})
    windows = Windows(made, 0)
    assert windows.take([signal("a", 1_000, ip="2")], NOON + 1_000 * SECOND) == []
    for second, rule in ((1, "a"), (0, "b"), (0, "c")):
        assert windows.take([signal(rule, second, ip="1")], NOON + 1_000 * SECOND) == []
    late = [signal("c", 12, ip="1"), signal("a", 10, ip="1"), signal("b", 11, ip="1")]
    assert told(windows.take(late, NOON + 1_000 * SECOND)) == [("correlation 0", 12, ("1",), ["a10", "b11", "c12"])]


def test_an_event_with_several_values_counts_for_each_of_them_at_the_end_too() -> None:
    made = correlations({**FAILURES, "type": "value_count", "condition": {"field": "user", "eq": 2}})
    sent = [signal("a", 0, ip="1", user=["x", "y"])]
    assert [one.time for one in run(made, [*sent, *sent])] == [NOON + 60 * SECOND]


def test_a_sum_is_exact_however_much_was_added_and_taken_away() -> None:
    made = correlations({**FAILURES, "type": "value_sum", "condition": {"field": "bytes", "gte": 0.3}})
    many = [signal("a", second, ip="1", bytes="0.1") for second in range(0, 31 * 400, 31)]
    assert run(made, many) == [], "two tenths in any minute, of which binary fractions never make three"
    assert len(run(made, [*many, signal("a", 12_401, ip="1", bytes=1e300)])) == 1

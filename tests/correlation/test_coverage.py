"""What rules can see, asked of a store."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from correlation.coverage import Coverage, Covered
from correlation.rules.model import Rule
from correlation.store.memory import MemoryStore
from sensors.delivery.ports import Record
from sensors.event.times import SECOND
from tests.correlation.matcher.making import NOON, make_batch, make_rule

DAY = 86_400 * SECOND


def stored(*kinds: tuple[str, dict[str, Any], int]) -> MemoryStore:
    """A store with an event of each dataset with these values, so many days before noon."""
    store = MemoryStore()
    for number, (dataset, values, age) in enumerate(kinds):
        batch = make_batch([values], dataset)
        times = np.array([NOON - age * DAY], dtype=np.int64)
        batch = replace(batch, times=times, ids=[f"{number:032x}"], constants={"event.dataset": dataset})
        store.append([Record(number + 1, batch.source, (batch,))])
    return store


def looked(store: MemoryStore, rule: Rule, days: int = 30) -> Covered:
    (found,) = Coverage(store, NOON - days * DAY).of([rule])
    return found


OURS = make_rule({"s": {"source.ip": "10.0.0.1"}, "condition": "s"}, product="hanwatch", service="network.flow")
FLOW = ("network.flow", {"source.ip": "10.0.0.2"}, 1)


@pytest.mark.parametrize(
    ("kinds", "sight"),
    [
        ((FLOW,), "sees"),
        ((), "never"),
        ((("network.dns", {"source.ip": "10.0.0.2"}, 1),), "never"),
        ((("network.flow", {"source.ip": "10.0.0.2"}, 40),), "gone"),
        ((("network.flow", {"source.port": 5}, 1),), "fields"),
        ((("network.flow", {"source.port": 5}, 1), ("network.dns", {"source.ip": "10.0.0.2"}, 1)), "fields"),
        ((("network.flow.other", {"source.ip": "10.0.0.2"}, 1),), "sees"),
    ],
)
def test_a_rule_sees_or_is_blind_for_a_reason(kinds: Sequence[tuple[str, dict[str, Any], int]], sight: str) -> None:
    found = looked(stored(*kinds), OURS)
    assert (found.sight, found.blind) == (sight, sight != "sees")


def test_a_log_source_that_nothing_of_ours_carries_is_told() -> None:
    rule = make_rule({"s": {"a": 1}, "condition": "s"}, product="zos")
    assert looked(stored(FLOW), rule).sight == "nowhere"


def test_when_the_newest_came_is_told() -> None:
    older = ("network.flow", {"source.port": 1}, 50)
    found = looked(stored(("network.flow", {"source.ip": "10.0.0.2"}, 40), older), OURS)
    assert (found.last, found.datasets) == (NOON - 40 * DAY, ("network.flow",))


@pytest.mark.parametrize(
    ("values", "sight"),
    [
        ({"winlog.channel": "Microsoft-Windows-Sysmon/Operational", "event.code": "1"}, "sees"),
        ({"winlog.channel": "Microsoft-Windows-Sysmon/Operational", "event.code": "3"}, "never"),
        ({"winlog.channel": "Security", "event.code": "1"}, "never"),
    ],
)
def test_a_dataset_is_not_enough_where_a_route_asks_for_values(values: dict[str, str], sight: str) -> None:
    rule = make_rule({"s": {"Image": "x"}, "condition": "s"}, product="windows", category="process_creation")
    event = {**values, "winlog.event_data.Image": "y"}
    other = {"winlog.channel": "System", "event.code": "7"}
    found = looked(stored(("windows.sysmon", event, 1), ("windows.system", other, 1)), rule)
    assert found.sight == sight
    assert found.datasets == (("windows.sysmon",) if sight == "sees" else ())


def test_a_rule_of_words_needs_no_field() -> None:
    rule = make_rule({"s": ["word"], "condition": "s"}, product="hanwatch", service="network.flow")
    assert looked(stored(("network.flow", {"source.port": 5}, 1)), rule).sight == "sees"

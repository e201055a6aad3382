"""From documents to correlations: what is read, and what is refused with its place."""

from typing import Any

import pytest
import yaml

from correlation.errors import RuleInvalid, RuleKeyUnknown, RuleProblem
from correlation.rules.condition import And, Not, Present
from correlation.rules.documents import parse
from correlation.rules.model import Correlation, Threshold
from sensors.event.times import SECOND

BODY: dict[str, Any] = {
    "type": "event_count",
    "rules": ["one"],
    "group-by": ["ip", "user"],
    "timespan": "5m",
    "condition": {"gte": 3},
}


def read(body: dict[str, Any], **more: Any) -> tuple[list[Any], list[RuleProblem]]:
    return parse(yaml.safe_dump({"title": "made", **more, "correlation": body}, sort_keys=False), "made.yml")


def correlation(**changed: Any) -> Correlation:
    (found,), problems = read({name: value for name, value in {**BODY, **changed}.items() if value is not None})
    assert not problems
    assert isinstance(found, Correlation)
    return found


def test_a_correlation_says_what_it_looks_at() -> None:
    found = correlation(generate=True)
    assert (found.type, found.rules, found.group_by) == ("event_count", ("one",), ("ip", "user"))
    assert (found.timespan, found.threshold, found.generate) == (300 * SECOND, Threshold("gte", 3.0), True)
    assert correlation(rules="one").rules == ("one",)


def test_conditions_of_each_type() -> None:
    several = {"field": ["a", "b"], "lt": 2}
    assert correlation(type="value_count", condition=several).threshold == Threshold("lt", 2.0, ("a", "b"))
    percentile = {"field": "a", "percentile": 95, "gt": 1.5}
    found = correlation(type="value_percentile", condition=percentile).threshold
    assert found == Threshold("gt", 1.5, ("a",), 95.0)
    median = correlation(type="value_median", condition={"field": "a", "eq": 1})
    assert (median.type, median.threshold) == ("value_percentile", Threshold("eq", 1.0, ("a",), 50.0))
    assert correlation(type="temporal", rules=["a", "b"], condition=None).threshold is None
    named = correlation(type="temporal", rules=None, condition="a and not b")
    assert (named.rules, named.expression) == (("a", "b"), And((Present("a"), Not(Present("b")))))
    ordered = correlation(type="temporal_ordered", rules=["b", "a"], condition="a and b")
    assert (ordered.rules, ordered.expression, ordered.threshold) == (("b", "a"), None, None)


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"type": "event_sum"}, "correlation.type", "event_sum"),
        ({"timespan": "5 minutes"}, "correlation.timespan", "5 minutes"),
        ({"rules": ["one", "one"]}, "correlation.rules", "each once"),
        ({"condition": {"gte": 3, "lt": 5}}, "correlation.condition", "exactly one"),
        ({"condition": {"gte": "many"}}, "correlation.condition", "many"),
        ({"condition": "one and two"}, "correlation", "temporal"),
        ({"type": "value_sum", "condition": {"field": ["a", "b"], "gt": 1}}, "correlation.condition.field", "one"),
        (
            {"type": "value_percentile", "condition": {"field": "a", "percentile": 101, "gt": 1}},
            "correlation.condition.percentile",
            "0 to 100",
        ),
        ({"aliases": {"x": {"two": "y"}}}, "correlation.aliases.x", "two"),
        ({"type": "temporal_ordered", "rules": ["a", "b"], "condition": {"gte": 1}}, "correlation.condition", "order"),
        ({"type": "temporal_ordered", "rules": ["a", "b"], "condition": "a or b"}, "correlation.condition", "order"),
    ],
)
def test_what_is_refused_is_told_with_its_place(body: dict[str, Any], field: str, reason: str) -> None:
    found, (problem,) = read({**BODY, **body})
    assert not found
    assert isinstance(problem, RuleInvalid)
    assert problem.place is not None
    assert problem.place.field == field
    assert problem.place.line is not None
    assert reason in str(problem.parameters["reason"])


def test_strangers_are_refused() -> None:
    _, (problem,) = read({**BODY, "groupby": ["x"]})
    assert isinstance(problem, RuleKeyUnknown)
    assert problem.parameters["key"] == "groupby"
    _, (problem,) = read(BODY, logsource={"product": "windows"})
    assert problem.place is not None
    assert problem.place.field == "logsource"

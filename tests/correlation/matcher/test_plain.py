"""The plain evaluator of benches says what the matcher says."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings

from correlation.matcher.engine import Matcher
from correlation.matcher.plain import checks
from correlation.matcher.values import flatten
from tests.correlation.matcher.making import make_rule
from tests.correlation.matcher.strategies import FIELDS, detections, events


def _is_plain(event: dict[str, Any]) -> bool:
    """Whether no name of the event stands for an object, which the plain evaluator does not look into."""
    return not any(name.startswith(f"{field}.") for field in FIELDS for name in event)


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(detections, events.map(flatten).filter(_is_plain))
@example({"one": {"A": "*"}, "condition": "one"}, {"A": {}})  # an object is there
def test_agreement(detection: dict[str, Any], event: dict[str, Any]) -> None:
    rule = make_rule(detection)
    assert checks(rule.condition)(event) == bool(Matcher([rule], mapping=False).match_document(event))

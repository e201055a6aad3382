"""Queries of rules: never narrower than the rule, and narrower than everything where that can be said."""

import pytest

from correlation.hunting.narrowing import MOST_RULES, narrowed
from correlation.query.tree import And, Exists, Node, Or, Phrase, Term
from tests.correlation.matcher.making import make_rule

FLOWS = Term("event.dataset", "network.flow")
BELOW = Term("event.dataset", "network.flow.*", wild=True)


@pytest.mark.parametrize(("detection", "wanted"), [
    ({"s": {"destination.port": 502}, "condition": "s"}, Phrase("destination.port", "502")),
    ({"s": {"user.name": "Li"}, "condition": "s"}, Exists("user.name")),
    ({"s": {"message|contains": "1"}, "condition": "s"}, Exists("message")),
    ({"s": {"source.ip": "FE80::1"}, "condition": "s"}, Phrase("source.ip", "fe80::1")),
    ({"s": {"source.ip|cidr": "10.0.0.0/8"}, "condition": "s"}, Exists("source.ip")),
    ({"s": {"destination.port": [1, 2]}, "condition": "s"},
     Or((Phrase("destination.port", "1"), Phrase("destination.port", "2")))),
    ({"s": {"destination.port": 1}, "f": {"user.name": "x"}, "condition": "s and not f"},
     Phrase("destination.port", "1")),
    ({"s": {"destination.port": 1}, "t": {"user.name": None}, "condition": "s or t"}, None),
    ({"s": {"user.name": ""}, "condition": "s"}, None),
    ({"s": ["word"], "condition": "s"}, None),
    ({"s": {"threat.indicator.confidence": "High"}, "condition": "s"}, None),
    ({"s": {"hanwatch.indicator.confidence": 70}, "condition": "s"}, None),
    ({"s": {"hanwatch.source.unit": "health", "destination.port": 1}, "condition": "s"},
     Phrase("destination.port", "1")),
    ({"s": {"user.name": "x"}, "condition": "not s"}, None),
])  # fmt: skip
def test_what_a_rule_needs_is_asked_for(detection: dict[str, object], wanted: Node | None) -> None:
    rule = make_rule(detection, "a rule", product="hanwatch", service="network.flow")
    places = [place if wanted is None else And((place, wanted)) for place in (FLOWS, BELOW)]
    assert narrowed([rule]) == Or(tuple(places))


def test_many_rules_ask_for_their_datasets_alone() -> None:
    rules = [
        make_rule({"s": {"destination.port": number}, "condition": "s"}, f"rule {number}", product="hanwatch",
                  service="network.flow")
        for number in range(MOST_RULES + 1)
    ]  # fmt: skip
    assert narrowed(rules) == Or((FLOWS, BELOW))


def test_a_rule_without_a_dataset_asks_nobody() -> None:
    assert narrowed([make_rule({"s": {"a": 1}, "condition": "s"}, "lost", product="nobody", service="here")]) is None

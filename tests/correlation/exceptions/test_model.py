"""Exceptions as values."""

import pytest

from correlation.exceptions.model import RuleException
from correlation.rules.condition import Equals
from correlation.rules.model import Correlation, Threshold
from sensors.errors import Place
from tests.correlation.matcher.making import make_rule

RULE = make_rule({"s": {"a": "b"}, "condition": "s"}, "made")


def made(**changed: object) -> RuleException:
    said = {
        "id": "x", "rules": frozenset({RULE.id}), "tags": frozenset(), "condition": Equals("a", "b"),
        "owner": "Li", "reason": "known", "end": 100, "place": Place("f", 1), **changed,
    }  # fmt: skip
    return RuleException(**said)  # type: ignore[arg-type]


def test_it_is_for_the_rules_it_names_and_those_with_its_tags() -> None:
    assert made().serves(RULE)
    assert not made(rules=frozenset({"another"})).serves(RULE)
    assert not made(rules=frozenset(), tags=frozenset({"attack.t1"})).serves(RULE)


def test_a_correlation_has_to_be_named() -> None:
    correlation = Correlation(
        id="c", title="many", name="many", tags=("attack.t1",), type="event_count", rules=("x",), group_by=(),
        timespan=1, threshold=Threshold("gte", 2),
    )  # fmt: skip
    assert made(rules=frozenset({"many"})).serves(correlation)
    assert made(rules=frozenset({"c"})).serves(correlation)
    assert not made(rules=frozenset(), tags=frozenset({"attack.t1"})).serves(correlation)


def test_it_works_before_its_end_only() -> None:
    assert [made().works(now) for now in (99, 100, 101)] == [True, False, False]


@pytest.mark.parametrize("lacking", ["id", "owner", "reason"])
def test_nobody_answers_for_one_without_owner_or_reason(lacking: str) -> None:
    with pytest.raises(ValueError, match="owner"):
        made(**{lacking: ""})


def test_an_exception_for_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="rules"):
        made(rules=frozenset())

"""Reasons: every part with its truth and its value, and never another answer than the matcher's."""

from typing import Any

import pytest

from correlation.matcher.engine import Matcher
from correlation.matcher.explaining import Reason, explain
from correlation.matcher.rows import flat
from correlation.matcher.values import MISSING
from tests.correlation.matcher.making import make_rule

RULE = make_rule({
    "s": {"Image|endswith": ["\\a.exe", "\\b.exe"], "User": "li"},
    "f": {"Host|startswith": "test"},
    "condition": "s and not f",
})  # fmt: skip
EVENTS: tuple[dict[str, Any], ...] = (
    {"Image": "c:\\A.exe", "User": "Li", "Host": "prod"},
    {"Image": "c:\\c.exe", "User": "Li", "Host": "prod"},
    {"Image": "c:\\b.exe", "User": "Li", "Host": "TEST1"},
    {"Image": "c:\\b.exe", "User": ["x", "LI"]},
    {"User": None},
    {},
)


def parts(reason: Reason) -> list[tuple[str, bool]]:
    found = [(type(reason.node).__name__, reason.holds)]
    for part in reason.parts:
        found += parts(part)
    return found


@pytest.mark.parametrize("event", EVENTS)
def test_the_answer_is_the_matchers(event: dict[str, Any]) -> None:
    matched = bool(Matcher([RULE], mapping=False).match_document(event))
    assert explain(RULE.condition, flat(event)).holds is matched


def test_every_part_is_told_though_one_decided_already() -> None:
    reason = explain(RULE.condition, EVENTS[1])
    assert parts(reason) == [
        ("And", False), ("Or", False), ("EndsWith", False), ("EndsWith", False), ("Equals", True), ("Not", True),
        ("StartsWith", False),
    ]  # fmt: skip
    assert reason.parts[0].parts[0].values == (("Image", "c:\\c.exe"),)


def test_what_is_absent_is_told_so() -> None:
    assert explain(RULE.condition, {}).parts[1].values == (("User", MISSING),)


def test_a_field_reference_tells_both_fields() -> None:
    rule = make_rule({"s": {"a|fieldref": "b"}, "condition": "s"})
    assert explain(rule.condition, {"a": "X", "b": "x"}) == Reason(
        rule.condition, holds=True, values=(("a", "X"), ("b", "x"))
    )


def test_a_word_is_found_in_the_log_and_not_in_what_we_say_of_it() -> None:
    rule = make_rule({"s": ["login"], "condition": "s"})
    assert explain(rule.condition, {"event.category": "login", "message": "a Login"}).values == (
        ("message", "a Login"),
    )
    assert not explain(rule.condition, {"event.category": "login", "message": "none"}).holds

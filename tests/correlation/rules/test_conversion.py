"""Which leaf each way of writing a value becomes."""

from typing import Any

import pytest

from correlation.rules.condition import (
    And,
    Cidr,
    Compare,
    Contains,
    EndsWith,
    Equals,
    Exists,
    FieldRef,
    Glob,
    Node,
    Not,
    Null,
    Or,
    Present,
    Regex,
    StartsWith,
    Wild,
)
from tests.correlation.matcher.making import make_rule

CASES: list[tuple[str, Any, Node]] = [
    ("A", "CMD.exe", Equals("A", "cmd.exe")),
    ("A|cased", "CMD.exe", Equals("A", "CMD.exe", cased=True)),
    ("A", "", Equals("A", "")),
    ("A", 4688, Equals("A", "4688")),
    ("A", 1.5, Equals("A", "1.5")),
    ("A", True, Equals("A", "true")),
    ("A", "*", Present("A")),
    ("A", "**", Present("A")),
    ("A", None, Null("A")),
    ("A|exists", False, Exists("A", wanted=False)),
    ("A|contains", "x", Contains("A", "x")),
    ("A|contains|cased", "X", Contains("A", "X", cased=True)),
    ("A", "*x*", Contains("A", "x")),
    ("A|startswith", "x", StartsWith("A", "x")),
    ("A|endswith", "\\x.exe", EndsWith("A", "\\x.exe")),
    ("A|contains", "a*b?c", Glob("A", (Wild.MANY, "a", Wild.MANY, "b", Wild.ONE, "c", Wild.MANY))),
    ("A", "a\\*b", Equals("A", "a*b")),
    ("A", "a\\\\*", StartsWith("A", "a\\")),
    ("A|re", "^[Aa]b", Regex("A", "^[Aa]b")),
    ("A|re|i|s", "a.b", Regex("A", "a.b", "is")),
    ("A|cidr", "10.0.0.0/8", Cidr("A", "10.0.0.0/8")),
    ("A|gte", 10, Compare("A", "gte", 10.0)),
    ("A|hour", 3, Compare("A", "eq", 3, "hour")),
    ("A|hour|lt", 6, Compare("A", "lt", 6.0, "hour")),
    ("A|fieldref", "B", FieldRef("A", "B")),
    ("A|fieldref|endswith", "B", FieldRef("A", "B", "endswith")),
    ("A", ["x", "y", "X"], Or((Equals("A", "x"), Equals("A", "y")))),
    ("A|contains|all", ["x", "y"], And((Contains("A", "x"), Contains("A", "y")))),
    ("A|neq", "x", Not(Equals("A", "x"))),
    ("A|windash", " -x", Or(tuple(Equals("A", f" {dash}x") for dash in "-/–—―"))),
    ("|all", ["one", "two"], And((Contains(None, "one"), Contains(None, "two")))),
    ("|re", "a+", Regex(None, "a+")),
]


@pytest.mark.parametrize(("key", "value", "expected"), CASES, ids=lambda part: str(part)[:40])
def test_values(key: str, value: Any, expected: Node) -> None:
    assert make_rule({"s": {key: value}, "condition": "s"}).condition == expected


def test_a_keyword_stands_anywhere() -> None:
    rule = make_rule({"k": ["one", "t*o", 3], "condition": "k"})
    glob = Glob(None, (Wild.MANY, "t", Wild.MANY, "o", Wild.MANY))
    assert rule.condition == Or((Contains(None, "one"), glob, Contains(None, "3")))


def test_several_conditions_are_alternatives() -> None:
    rule = make_rule({"a": {"A": 1}, "b": {"B": 2}, "condition": ["a", "b"]})
    assert rule.condition == Or((Equals("A", "1"), Equals("B", "2")))

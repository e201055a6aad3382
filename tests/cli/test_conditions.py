"""Conditions in words and as JSON."""

from cli.conditions import condition_document, lines_of, reason_document, reason_lines
from correlation.matcher.explaining import explain
from correlation.rules.condition import (
    And,
    Cidr,
    Compare,
    Equals,
    Exists,
    FieldRef,
    Glob,
    Not,
    Null,
    Present,
    Regex,
    Wild,
)

EVERYTHING = And((
    Equals("a", "x", cased=True),
    Not(Glob("b", ("c", Wild.MANY, "d", Wild.ONE))),
    Regex("e", "^f$", "i"),
    Cidr("g", "10.0.0.0/8"),
    Compare("h", "gte", 3.0),
    Compare("i", "eq", 8.0, "hour"),
    Null("j"),
    Exists("k", wanted=False),
    Present("l"),
    FieldRef("m", "n"),
    Equals(None, "word"),
))  # fmt: skip


def test_each_part_has_a_line_of_its_own() -> None:
    assert list(lines_of(EVERYTHING)) == [
        "all of",
        "  a is x (with case)",
        "  not",
        "    b fits c*d?",
        "  e fits the expression /^f$/i",
        "  g lies in 10.0.0.0/8",
        "  h ≥ 3",
        "  hour of i = 8",
        "  j is null or absent",
        "  k is absent",
        "  l has a value",
        "  m is n",
        "  any value is word",
    ]


def test_a_reason_says_what_stood_there() -> None:
    lines = list(reason_lines(explain(EVERYTHING, {"a": "x", "h": "y" * 300, "j": None})))
    assert lines[:2] == ["× all of", "  √ a is x (with case)    a = x"]
    assert any(line.startswith("  × h ≥ 3    h = yyy") and line.endswith("…") for line in lines)
    assert "  √ j is null or absent    j = null" in lines
    assert "  × l has a value    l = (absent)" in lines


def test_a_condition_is_json() -> None:
    said = condition_document(And((Equals("a", "x"), Not(Glob("b", (Wild.MANY, "c", Wild.MANY, "d"))))))
    assert said == {
        "all": [
            {"field": "a", "asks": "equals", "value": "x", "cased": False},
            {"not": {"field": "b", "asks": "glob", "parts": "*c*d", "cased": False}},
        ]
    }


def test_a_reason_is_json_too() -> None:
    said = reason_document(explain(And((Equals("a", "x"), Not(Present("b")))), {"a": "x"}))
    assert said == {
        "all": [
            {"field": "a", "asks": "equals", "value": "x", "cased": False, "holds": True, "values": {"a": "x"}},
            {"not": {"field": "b", "asks": "present", "holds": False, "values": {}}, "holds": True},
        ],
        "holds": True,
    }

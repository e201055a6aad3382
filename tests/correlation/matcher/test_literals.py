"""No text that matches lacks what its expression is said to require."""

import re

import pytest
from hypothesis import given, settings

from correlation.matcher.literals import is_odd, required
from tests.correlation.matcher.test_regexes import PATTERNS, TEXTS


@settings(max_examples=400)
@given(TEXTS)
def test_every_match_holds_one_of_the_literals(text: str) -> None:
    lower = text.lower()
    for pattern in PATTERNS:
        literals = required(pattern)
        if literals and pattern.search(text) and not is_odd(text):
            assert any(literal in lower for literal in literals), pattern


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"net\s+user", {"user"}), ("[Nn][Ee]T.*x", {"net"}), (r"\s-[FTd]\s", {"-f", "-t", "-d"}),
        (" [0-3]{7,13}x", {" 0", " 1", " 2", " 3"}), ("a+bc", {"abc"}), ("(?:ab)+c", {"ab"}), (r"\s-\s*<", {"<"}),
        ("[a-f0-9]{8}-", {"-"}), ("[a-b]{2}[ef]", {"ae", "af", "be", "bf"}), ("a[b-d]{2}e", {"ab", "ac", "ad"}),
        ("x[a-d][a-d]", {"xa", "xb", "xc", "xd"}), ("[%-/]", set()), ("a*b", {"b"}), ("[a-cé]d", {"d"}),
        ("[0-9]x", {"x"}), ("x[a-f][a-f]", {f"x{letter}" for letter in "abcdef"}),
        ("(?:foo|barbaz)q?", {"foo", "barbaz"}), ("(abc)+x", {"abc"}), ("^ab$|c", {"ab", "c"}), ("ab^c", {"abc"}),
        ("(?:ab)?c", {"c"}), ("(?:a|b*)", set()), (r"\d{4}", set()),
        ("[ab]c", {"ac", "bc"}), ("[^a]", set()), ("é", set()), ("(?!abc)d", {"d"}), ("(?=abc)d", {"d"}), ("", set()),
        ("(?>abc)d", {"abc"}), (r"(a)\1bc", {"bc"}), (".{1000,}", set()), ("[a-a]b", {"ab"}),
    ],
)
def test_what_is_required(pattern: str, literals: set[str]) -> None:
    assert required(re.compile(pattern)) == literals


def test_odd_texts() -> None:
    assert is_odd("\u212aiwi")
    assert not is_odd("kiwi")
    assert not is_odd("é登录")

"""A chain's answer is that of `re`."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.chains import chain

CHAINS = [
    re.compile(pattern, flags)
    for pattern in ("a.*b.*a", "a.+b", ".*a.{2,}b", r"\+.*\+.*\+", "ab.*?ba", ".{3,}b", "a.*", "a.+", "a.*.+b", "abc")
    for flags in (re.NOFLAG, re.DOTALL, re.MULTILINE)
]


@settings(max_examples=400)
@given(st.text(alphabet="ab+\n\r\u2028x", max_size=14))
def test_the_answer_is_that_of_re(text: str) -> None:
    for pattern in CHAINS:
        holds = chain(pattern)
        assert holds is not None, pattern
        assert holds(text) == bool(pattern.search(text)), pattern


@pytest.mark.parametrize(
    "pattern",
    ["(?i)a.*b", "a.*+b", "a.b", "a.{0,5}b", "a.*$", "(a).*b", "a[^b]*b", "a\n.*b", ".*", "", "a|b", r"a.*\bb"],
)
def test_what_is_no_chain(pattern: str) -> None:
    assert chain(re.compile(pattern)) is None


def test_many_gaps_take_no_time() -> None:
    holds = chain(re.compile("a.*" * 30 + "b"))
    assert holds is not None
    assert not holds("a" * 5_000)
    assert holds("a" * 5_000 + "b")

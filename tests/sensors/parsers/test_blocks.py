"""Expressions over blocks of lines: the same answers as line by line, whatever the lines hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.parsers.blocks import Expression

LINES = st.lists(st.text(alphabet="ab <>1\r\x0b\x85\u2028中", max_size=8), max_size=12)
PATTERNS = [r"<(\d+)>(?:(a+)|b)?(.*)", r"(a)?[^\s<]*", r"a b", r"(?:(a)|(?(1)x|b))*+"]


def line_by_line(pattern: str, texts: list[str]) -> list[tuple[str | None, ...]]:
    found = [re.compile(pattern, re.DOTALL).fullmatch(text) for text in texts]
    width = re.compile(pattern).groups
    return [(None,) * (width + 1) if match is None else (*match.groups(), "") for match in found]


def rows(expression: Expression, texts: list[str]) -> list[tuple[str | None, ...]]:
    return list(zip(*expression.columns(texts), strict=True))


@pytest.mark.parametrize("pattern", PATTERNS)
@given(LINES)
def test_a_block_is_answered_as_its_lines_are(pattern: str, texts: list[str]) -> None:
    assert rows(Expression(pattern), texts) == line_by_line(pattern, texts)


@given(st.lists(st.text(alphabet="a\n<1>", max_size=6), max_size=6))
def test_texts_of_several_lines_are_answered_one_by_one(texts: list[str]) -> None:
    assert rows(Expression(PATTERNS[0]), texts) == line_by_line(PATTERNS[0], texts)


def test_an_expression_that_reaches_over_a_newline_takes_no_line_for_two() -> None:
    assert rows(Expression(r"([^x]*)"), ["a", "b", "x"]) == [("a", ""), ("b", ""), (None, None)]


def test_a_comment_may_end_an_expression() -> None:
    assert Expression("(a)  # a letter\n", re.VERBOSE).columns(["a", "b"]) == [["a", None], ["", None]]

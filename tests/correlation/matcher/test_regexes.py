"""The guard never hides a match."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.regexes import Guards, literal_database, superset
from tests.correlation.matcher.strategies import REGEXES, WORDS

FLAGS = (re.NOFLAG, re.IGNORECASE, re.IGNORECASE | re.DOTALL | re.MULTILINE)
PATTERNS = [re.compile(pattern, flags) for pattern in REGEXES for flags in FLAGS]
GUARDS = Guards()
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=4).map("".join),
    st.text(alphabet="abkKiIsS xyé\u212a\u0130\u0131\u017f\n.0469é", max_size=45),
    st.text(max_size=20),
)


@settings(max_examples=400)
@given(TEXTS)
def test_the_answer_is_that_of_re(text: str) -> None:
    lower = text.lower()
    answers = [GUARDS[pattern](text, lower) for pattern in PATTERNS]
    assert answers == [bool(pattern.search(text)) for pattern in PATTERNS]


def test_a_text_that_would_keep_re_busy_is_turned_away_at_once() -> None:
    # `re` alone tries every choice of four words among thousands before it misses the fifth: 2,000 take it hours.
    guard = Guards()[re.compile("cut.+the.+red.+wire.+now")]
    assert not guard("now " + "cut the red wire " * 2_000, "")
    assert guard("cut the red wire right now", "")


def test_each_expression_is_compiled_once() -> None:
    guards = Guards()
    assert guards[re.compile("a.c")] is guards[re.compile("a.c")]
    assert len(guards) == 1


def test_what_may_match_nothing_has_no_guard() -> None:
    assert superset(re.compile("a*")) is None
    assert Guards()[re.compile("a*")]("", "")


@pytest.mark.parametrize(
    "pattern", ["(?:a{1,1000}){1,1000}b", "(" * 50 + "a" + ")" * 50, "(?:(?:a|b)+c){30,}", "[^\\w\\W]a"]
)
def test_patterns_that_are_too_much_are_still_found(pattern: str) -> None:
    compiled = re.compile(pattern)
    text = "aaab" * 20 + "abc" * 40
    assert Guards()[compiled](text, text) == bool(compiled.search(text))


def test_lone_surrogates_do_no_harm() -> None:
    assert Guards()[re.compile("a.c")]("\ud800abc", "\ud800abc")


def test_literals() -> None:
    found: list[int] = []
    literal_database(["é*", "b"]).scan(
        "xé*BB".encode(), match_event_handler=lambda i, *_: found.append(i), context=None
    )
    assert sorted(found) == [0, 1]

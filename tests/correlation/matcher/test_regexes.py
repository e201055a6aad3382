"""The prefilter never hides a match."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.regexes import RegexIndex, literal_database, superset
from tests.correlation.matcher.strategies import REGEXES, WORDS

FLAGS = (re.NOFLAG, re.IGNORECASE, re.IGNORECASE | re.DOTALL | re.MULTILINE)
PATTERNS = [re.compile(pattern, flags) for pattern in REGEXES for flags in FLAGS]
INDEX = RegexIndex(PATTERNS)
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=4).map("".join),
    st.text(alphabet="abkKiIsS xyé\u212a\u0130\u0131\u017f\n.0469é", max_size=45),
    st.text(max_size=20),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_every_match_is_a_candidate(text: str) -> None:
    matching = {position for position, pattern in enumerate(PATTERNS) if pattern.search(text)}
    assert matching <= set(INDEX.candidates(text))


def test_it_does_filter() -> None:
    index = RegexIndex([re.compile("powershell.*-enc", re.IGNORECASE), re.compile("[0-9]{8}"), re.compile("q|b(?=c)")])
    assert index.candidates("PowerShell -EncodedCommand") == [0]
    assert index.candidates("20251201") == [1]
    assert index.candidates("xyz") == []


def test_what_may_match_nothing_is_always_a_candidate() -> None:
    assert superset(re.compile("a*")) is None
    assert RegexIndex([re.compile("a*")]).candidates("") == [0]


@pytest.mark.parametrize(
    "pattern", ["(?:a{1,1000}){1,1000}b", "(" * 50 + "a" + ")" * 50, "(?:(?:a|b)+c){30,}", "[^\\w\\W]a"]
)
def test_patterns_that_are_too_much_are_still_found(pattern: str) -> None:
    compiled = re.compile(pattern)
    index = RegexIndex([compiled, re.compile("zz")])
    text = "aaab" * 20 + "abc" * 40
    assert (0 in index.candidates(text)) >= bool(compiled.search(text))
    assert 1 in index.candidates("zz")


def test_lone_surrogates_do_no_harm() -> None:
    assert RegexIndex([re.compile("a.c")]).candidates("\ud800abc") == [0]


def test_literals() -> None:
    found: list[int] = []
    literal_database(["é*", "b"]).scan(
        "xé*BB".encode(), match_event_handler=lambda i, *_: found.append(i), context=None
    )
    assert sorted(found) == [0, 1]

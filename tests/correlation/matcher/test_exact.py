"""Fields with few exact values answer as all others do, and remember nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.engine import Matcher
from correlation.matcher.exact import MAX_SPELLINGS, ExactPatterns, are_exact
from correlation.matcher.patterns import FieldPatterns
from correlation.rules.condition import Contains, Equals, Exists, Leaf, Null
from tests.correlation.matcher.making import make_batch, make_rule

ATOMS: dict[int, Leaf] = {
    2: Equals("f", "0x3e7"), 3: Equals("f", "3389"), 4: Equals("f", "0x3E7", cased=True), 5: Null("f"),
    6: Equals("f", ""), 7: Equals("f", "kiosk"),
}
VALUES = st.one_of(
    st.sampled_from(["0x3e7", "0X3E7", "0x3E7", "3389", 3389, 3389.0, None, "", "null", True, "\u212aiosk", "KIOSK"]),
    st.text(max_size=5), st.integers(), st.lists(st.sampled_from(["0x3E7", 3389, None]), max_size=3),
)


@settings(max_examples=300)
@given(st.lists(VALUES, min_size=1, max_size=6))
def test_the_answer_is_that_of_any_field(values: list[Any]) -> None:
    exact, usual = ExactPatterns(ATOMS), FieldPatterns(ATOMS)
    assert _sets(exact, values) == _sets(usual, values)


def _sets(patterns: FieldPatterns, values: Sequence[Any]) -> list[frozenset[int]]:
    found = patterns.texts(values)
    return [patterns.sets[number] for number in (patterns.column(values) if found is None else found)]


def test_texts_and_numbers_are_not_remembered() -> None:
    patterns = ExactPatterns(ATOMS)
    assert patterns.texts(["a", "0x3e7", "b"]) is not None
    assert len(patterns.column(np.arange(50))) == 50
    assert patterns.texts(["0x3e7", None]) is not None
    assert len(patterns.column([1, None, "x"])) == 3
    assert len(patterns) <= 3


@pytest.mark.parametrize(
    ("leaves", "exact"),
    [
        (list(ATOMS.values()), True), ([Equals("f", "a" * 10)], True), ([Equals("f", "a" * 11)], False),
        ([Equals("f", "b" * 40, cased=True)], True), ([Equals("f", "a" * 10), Equals("f", "1")], False),
        ([Equals("f", "é")], False), ([Null("f")], False), ([], False),
        ([Equals("f", "1"), Contains("f", "2")], False), ([Equals("f", "1"), Exists("f", wanted=True)], False),
    ],
)
def test_what_is_exact(leaves: list[Leaf], exact: bool) -> None:
    assert are_exact(leaves) is exact
    assert MAX_SPELLINGS == 2**10


def test_keywords_are_found_in_such_fields_too() -> None:
    rules = [
        make_rule({"s": {"A": "3389"}, "condition": "s"}, title="value"),
        make_rule({"k": ["mimikatz"], "condition": "k"}, title="keyword"),
    ]
    matcher = Matcher(rules, mapping=False)
    rows = [{"A": "3389"}, {"A": "x MimiKatz y"}, {"A": "1"}, {"A": 3389}, {"A": {"B": "mimikatz"}}]
    rows.append({"A": ["mimikatz", 3389]})
    found = [sorted(rule.title for rule in rules) for _, rules in sorted(matcher.match_documents(rows))]
    assert found == [["value"], ["keyword"], ["value"], ["keyword"], ["keyword", "value"]]
    assert [match.row for match in matcher.match(make_batch(rows[:4]))] == [0, 1, 3]


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.float64])
def test_columns_of_numbers_are_looked_up_as_they_are(kind: type) -> None:
    values = np.array([3_389, 22, 0]).astype(kind)
    assert _sets(ExactPatterns(ATOMS), values) == _sets(FieldPatterns(ATOMS), values)
    assert _sets(ExactPatterns({2: Equals("f", "03389"), 3: Equals("f", "-1")}), [3_389, -1, 1]) == [
        frozenset(), frozenset({3}), frozenset()
    ]  # fmt: skip

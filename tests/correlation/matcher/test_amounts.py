"""Fields that are compared with numbers answer as all others do, and remember no number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.amounts import AmountPatterns, are_amounts
from correlation.matcher.engine import Matcher
from correlation.matcher.patterns import FieldPatterns
from correlation.rules.condition import Compare, Equals, Exists, Leaf, Null, Present, StartsWith
from tests.correlation.matcher.making import make_batch, make_rule

BIG = 1 << 60
ATOMS: dict[int, Leaf] = {
    2: Compare("f", "gte", 400), 3: Compare("f", "lt", 400.5), 4: Compare("f", "gt", -3), 5: Compare("f", "lte", BIG),
    6: Equals("f", "404"), 7: Equals("f", "0"), 8: Null("f"), 9: Exists("f", wanted=True), 10: Present("f"),
    11: Exists("f", wanted=False), 12: Compare("f", "gt", BIG), 13: Equals("f", "007"),
}
NEAR = st.one_of(
    st.sampled_from([-4, -3, -2, 0, 1, 7, 399, 400, 401, 404, BIG - 1, BIG, BIG + 1, 1 << 63, -(1 << 70)]),
    st.integers(),
)
VALUES = st.one_of(NEAR, NEAR.map(str), st.sampled_from([None, "", "x", True, 400.5, 404.0, float("nan"), " 404 "]))


@settings(max_examples=300)
@given(st.one_of(st.lists(NEAR, min_size=1, max_size=6), st.lists(NEAR | st.none(), min_size=1), st.lists(VALUES)))
def test_the_answer_is_that_of_any_field(values: list[Any]) -> None:
    amounts, usual = AmountPatterns(ATOMS), FieldPatterns(ATOMS)
    assert _sets(amounts, values) == _sets(usual, values)


@pytest.mark.parametrize("kind", [np.int64, np.uint64, np.uint8, np.float64, np.bool_])
def test_arrays_are_answered_alike(kind: type) -> None:
    values = np.array([0, 1, 3, 7, 404 % 256, 400, 404]).astype(kind)
    assert _sets(AmountPatterns(ATOMS), values) == _sets(FieldPatterns(ATOMS), values)


def _sets(patterns: FieldPatterns, values: Sequence[Any]) -> list[frozenset[int]]:
    found = patterns.texts(values)
    return [patterns.sets[number] for number in (patterns.column(values) if found is None else found)]


def test_numbers_are_not_remembered_and_few_sets_are_made() -> None:
    patterns = AmountPatterns(ATOMS)
    assert patterns.texts(np.arange(100_000)) is not None
    assert patterns.texts([1, None, 3]) is not None
    assert not patterns
    assert len(patterns.sets) < 20


@pytest.mark.parametrize(
    ("leaves", "amounts"),
    [
        (list(ATOMS.values()), True), ([Compare("f", "gt", 1)], True), ([Compare("f", "gt", 1, "hour")], False),
        ([Equals("f", "1")], False), ([], False), ([Compare("f", "gt", 1), Equals("f", "x")], False),
        ([Compare("f", "gt", 1), Equals("f", "9" * 16)], False), ([Compare("f", "gt", 1), StartsWith("f", "1")], False),
        ([Compare("f", "gt", 1), Equals("f", "\u0661")], False),
    ],
)
def test_what_amounts_are(leaves: list[Leaf], amounts: bool) -> None:
    assert are_amounts(leaves) is amounts


def test_rules_compare_columns_of_any_kind() -> None:
    rule = make_rule({"s": {"A|gte": 10}, "f": {"A": 12}, "condition": "s and not f"})
    matcher = Matcher([rule])
    for rows in ([9, 10, 12, 13], ["9", "10", "12", "13"], [9, "10", 12, 13.5]):
        assert [match.row for match in matcher.match(make_batch([{"A": row} for row in rows]))] == [1, 3]


def test_keywords_are_found_in_such_fields_too() -> None:
    amount, key = make_rule({"s": {"A|gte": 10}, "condition": "s"}), make_rule({"k": ["77"], "condition": "k"})
    rows = [{"A": 5, "B": "x"}, {"A": 77, "B": "y"}, {"A": 3, "B": "77"}]
    found = Matcher([amount, key]).match(make_batch(rows))
    assert [(match.row, match.rules) for match in found] == [(1, (amount, key)), (2, (key,))]

"""What a sieve says of rows is what the rules' formulas say of them, or that they must be evaluated."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher import sieve as module
from correlation.matcher.evaluation import Evaluation
from correlation.matcher.patterns import FieldPatterns
from correlation.matcher.program import Atoms, Formula, fold
from correlation.matcher.sieve import EVENT, Sieve, clauses
from correlation.rules.condition import Equals, Exists, FieldRef, Leaf
from correlation.rules.model import Rule
from tests.correlation.matcher.making import make_rule

FIELDS = ("f", "g")
WORDS = ("a", "b", "c")
LEAVES: list[Leaf] = [
    *(Equals(field, word) for field in (*FIELDS, "shared") for word in WORDS),
    *(Exists(field, wanted=True) for field in FIELDS),
    FieldRef("f", "g", "equals"),
]
ATOMS = Atoms()
NUMBERS = [ATOMS.number(leaf) for leaf in LEAVES]
REFERENCE = NUMBERS[-1]
OWNERS = {
    number: EVENT if leaf.field == "shared" else FIELDS.index(str(leaf.field))
    for number, leaf in zip(NUMBERS[:-1], LEAVES, strict=False)
}
FORMULAS = st.recursive(
    st.sampled_from(NUMBERS),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: ("and", *parts)),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: ("or", *parts)),
    ),
    max_leaves=8,
).map(lambda formula: fold(formula, {}))
ROWS = st.lists(st.tuples(*[st.sampled_from([*WORDS, "z", None])] * 2), min_size=1, max_size=8)


def made(formulas: list[Formula]) -> tuple[Sieve | None, list[FieldPatterns], list[Rule], Evaluation]:
    rules = [make_rule({"s": {"A": "x"}, "condition": "s"}, f"rule {number}") for number in range(len(formulas))]
    patterns = [
        FieldPatterns({number: ATOMS.leaf(number) for number in OWNERS if OWNERS[number] == place})
        for place in range(len(FIELDS))
    ]
    evaluation = Evaluation(list(zip(rules, formulas, strict=True)), ATOMS)
    found = clauses(formulas, OWNERS)
    return None if found is None else Sieve(found, patterns, evaluation), patterns, rules, evaluation


@settings(max_examples=400, deadline=None)
@given(st.lists(FORMULAS, min_size=1, max_size=5), ROWS, st.sampled_from([*WORDS, "z"]))
def test_the_verdict_is_that_of_the_formulas(formulas: list[Formula], rows: list[Any], shared: str) -> None:
    sieve, patterns, _, evaluation = made(formulas)
    if sieve is None:
        return
    constant = frozenset(number for number in OWNERS if ATOMS.leaf(number) == Equals("shared", shared))
    columns = [own.column(list(values)) for own, values in zip(patterns, zip(*rows, strict=True), strict=True)]
    for _ in range(2):  # the second time as remembered
        sifted = sieve.sift(columns, constant)
        assert sifted is not None
        left = dict(zip(*sifted, strict=True))
        for row, (one, other) in enumerate(rows):
            true = constant.union(*(own.sets[column[row]] for own, column in zip(patterns, columns, strict=True)))
            reference = {REFERENCE} if one is not None and one == other else set()
            expected = evaluation.where(true | reference)
            assert left.get(row, ()) in (expected, None)


def numbered(leaf: Leaf) -> int:
    return ATOMS.number(leaf)


A, B, SHARED = numbered(Equals("f", "a")), numbered(Equals("g", "b")), numbered(Equals("shared", "a"))


def sifted(formulas: list[Formula], rows: list[Any], shared: frozenset[int] = frozenset()) -> dict[int, Any]:
    sieve, patterns, rules, _ = made(formulas)
    assert sieve is not None
    columns = [own.column(list(values)) for own, values in zip(patterns, zip(*rows, strict=True), strict=True)]
    found = sieve.sift([np.array(column) for column in columns], shared)
    assert found is not None
    return {
        row: None if left is None else [rules.index(rule) for rule in left]
        for row, left in zip(*found, strict=True)
    }


def test_rows_that_speak_against_all_rules_are_left_out() -> None:
    rows = [("a", "b"), ("a", "c"), ("z", "b"), (None, None)]
    assert sifted([("and", A, B), ("and", A, ("not", B))], rows) == {0: [0], 1: [1]}


def test_one_of_several_ways_is_enough() -> None:
    ways: Formula = ("or", ("and", SHARED, A), ("and", A, B))
    assert sifted([ways], [("a", "b"), ("a", "c"), ("z", "b")]) == {0: [0]}
    assert sifted([ways], [("a", "b"), ("a", "c"), ("z", "b")], frozenset({SHARED})) == {0: [0], 1: [0]}


def test_what_ties_fields_together_must_be_evaluated_where_it_may_be() -> None:
    tied: Formula = ("and", A, ("not", REFERENCE))
    assert sifted([tied, B], [("a", "c"), ("z", "b"), ("a", "b"), ("z", "c")]) == {0: None, 1: [1], 2: None}


def test_no_sieve_where_a_rule_would_be_left_of_every_row() -> None:
    assert clauses([REFERENCE], OWNERS) is None
    assert clauses([("and", SHARED, REFERENCE)], OWNERS) is None
    assert clauses([("or", REFERENCE, A)], OWNERS) is None


def test_more_rules_than_bits_in_a_word() -> None:
    formulas: list[Formula] = [("and", A, B) if number % 3 else A for number in range(150)]
    assert sifted(formulas, [("a", "b"), ("a", "z"), ("z", "b")]) == {
        0: list(range(150)), 1: list(range(0, 150, 3)),
    }  # fmt: skip


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    sieve, patterns, *_ = made([A])
    assert sieve is not None
    numbers = [own.column(["a", "b"]) for own in patterns]
    monkeypatch.setattr(module, "MAX_SETS", 1)
    assert sieve.sift(numbers, frozenset()) is None
    monkeypatch.setattr(module, "MAX_CLAUSES", 1)
    assert clauses([A, B], OWNERS) is None
    monkeypatch.undo()
    monkeypatch.setattr(module, "MAX_VERDICTS", 1)
    for _ in range(2):
        assert sifted([A, B], [("a", "z"), ("z", "b"), ("a", "b")]) == {0: [0], 1: [1], 2: [0, 1]}

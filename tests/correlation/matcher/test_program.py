"""Formulas: folding, covers and tests all keep the meaning."""

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from correlation.matcher.program import ALWAYS, Atoms, Formula, atoms_in, compile_test, cost_of, cover, fold
from correlation.rules.condition import And, Contains, Equals, Exists, Not, Null, Or, Present, Regex

ATOMS = (2, 3, 4, 5)
formulas: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.sampled_from(ATOMS), st.booleans()),
    lambda below: st.one_of(
        st.tuples(st.just("not"), below),
        st.lists(below, min_size=1, max_size=3).map(lambda parts: ("and", *parts)),
        st.lists(below, min_size=1, max_size=3).map(lambda parts: ("or", *parts)),
    ),
    max_leaves=8,
)


def value(formula: Formula, true: frozenset[int]) -> bool:
    if not isinstance(formula, tuple):
        return formula if isinstance(formula, bool) else formula in true
    if formula[0] == "not":
        return not value(formula[1], true)
    return (all if formula[0] == "and" else any)(value(part, true) for part in formula[1:])


def worlds() -> list[frozenset[int]]:
    return [frozenset(atom for atom, on in zip(ATOMS, world, strict=True) if on) for world in product((0, 1), repeat=4)]


@given(formulas, st.dictionaries(st.sampled_from(ATOMS), st.booleans()))
def test_folding_keeps_the_meaning(formula: Formula, known: dict[int, bool]) -> None:
    folded = fold(formula, known)
    assert not set(atoms_in(folded)) & set(known)
    for true in worlds():
        seen = frozenset(atom for atom in ATOMS if known.get(atom, atom in true))
        assert value(folded, true) == value(formula, seen)


@given(formulas)
def test_compiled_tests_keep_the_meaning(formula: Formula) -> None:
    test = compile_test(fold(formula, {}))
    assert [test(true) for true in worlds()] == [value(formula, true) for true in worlds()]


@given(formulas)
def test_no_formula_is_true_without_its_cover(formula: Formula) -> None:
    found = cover(formula, lambda atom: 1.0 / atom)
    if found is not None:
        assert all(true & found[1] for true in worlds() if value(formula, true))


def test_leaves_have_numbers() -> None:
    atoms = Atoms()
    tree = And((Equals("A", "x"), Or((Not(Equals("A", "x")), Null("B")))))
    assert atoms.formula(tree) == ("and", 2, ("or", ("not", 2), 3))
    assert atoms.leaf(3) == Null("B")


def test_costs_tell_rare_from_common() -> None:
    costs = [
        cost_of(leaf)
        for leaf in (
            Equals("A", "mimikatz"),
            Contains("A", "mimikatz"),
            Contains("A", "exe"),
            Present("A"),
            Exists("A", wanted=False),
        )
    ]
    assert costs == sorted(costs)
    assert cost_of(Regex("A", "x")) < ALWAYS == cost_of(Null("A"))

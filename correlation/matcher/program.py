"""Conditions over numbered atoms: simplified by what is known of a bucket, indexed by what they cannot do without.

A formula is an atom's number, True, False, or a tuple of an operator and formulas: ("and", …), ("or", …), ("not", f).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from correlation.matcher.patterns import longest_literal
from correlation.rules.condition import (
    And,
    Contains,
    EndsWith,
    Equals,
    Exists,
    Glob,
    Leaf,
    Node,
    Not,
    Null,
    Or,
    Present,
    StartsWith,
)

Formula: TypeAlias = int | bool | tuple[Any, ...]
Test: TypeAlias = Callable[[frozenset[int]], bool]


class Atoms:
    """Leaves and their numbers, one number for equal leaves."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._numbers: dict[Leaf, int] = {}

    def number(self, leaf: Leaf) -> int:
        """The leaf's number, a new one if it was never seen."""
        found = self._numbers.get(leaf)
        if found is None:
            found = self._numbers[leaf] = len(self.leaves) + 2  # 0 and 1 would be equal to False and True
            self.leaves.append(leaf)
        return found

    def leaf(self, number: int) -> Leaf:
        """The leaf with this number."""
        return self.leaves[number - 2]

    def formula(self, node: Node) -> Formula:
        """A condition over the numbers of its leaves."""
        if isinstance(node, And):
            return ("and", *map(self.formula, node.parts))
        if isinstance(node, Or):
            return ("or", *map(self.formula, node.parts))
        if isinstance(node, Not):
            return ("not", self.formula(node.part))
        return self.number(node)


def fold(formula: Formula, known: Mapping[int, bool]) -> Formula:
    """The formula with the known atoms put in, without what follows from them, and without repetitions."""
    if not isinstance(formula, tuple):
        return known.get(formula, formula)
    operator = formula[0]
    if operator == "not":
        inner = fold(formula[1], known)
        if isinstance(inner, bool):
            return not inner
        return inner[1] if isinstance(inner, tuple) and inner[0] == "not" else ("not", inner)
    decisive = operator == "or"
    parts: dict[Formula, None] = {}
    for part in formula[1:]:
        folded = fold(part, known)
        if isinstance(folded, bool):
            if folded is decisive:
                return decisive
        elif isinstance(folded, tuple) and folded[0] == operator:
            parts.update(dict.fromkeys(folded[1:]))
        else:
            parts[folded] = None
    if len(parts) < 2:
        return next(iter(parts), not decisive)
    return (operator, *parts)


def atoms_in(formula: Formula) -> Iterable[int]:
    """The numbers of all atoms in a formula, with repetitions."""
    if isinstance(formula, tuple):
        for part in formula[1:]:
            yield from atoms_in(part)
    elif not isinstance(formula, bool):
        yield formula


def cover(formula: Formula, cost: Callable[[int], float]) -> tuple[float, frozenset[int]] | None:
    """Atoms without one of which the formula cannot be true, the cheapest such set; None where there is none.

    `cost` estimates how often an atom is true.
    """
    if not isinstance(formula, tuple):
        return None if isinstance(formula, bool) else (cost(formula), frozenset((formula,)))
    if formula[0] == "not":
        return None
    covers = [cover(part, cost) for part in formula[1:]]
    if formula[0] == "and":
        return min((found for found in covers if found is not None), key=lambda found: found[0], default=None)
    if None in covers:
        return None
    known = [found for found in covers if found is not None]
    return sum(found[0] for found in known), frozenset().union(*(found[1] for found in known))


def compile_test(formula: Formula) -> Test:
    """A folded formula, which holds no True or False inside, as a function of the set of atoms that are true."""
    if isinstance(formula, bool):
        return lambda _: formula
    if not isinstance(formula, tuple):
        return lambda true: formula in true
    if formula[0] == "not":
        inner = formula[1]
        if not isinstance(inner, tuple):
            return lambda true: inner not in true
        test = compile_test(inner)
        return lambda true: not test(true)
    atoms = frozenset(part for part in formula[1:] if not isinstance(part, tuple))
    tests = tuple(compile_test(part) for part in formula[1:] if isinstance(part, tuple))
    return _all(atoms, tests) if formula[0] == "and" else _any(atoms, tests)


def _all(atoms: frozenset[int], tests: tuple[Test, ...]) -> Test:
    if not tests:
        return atoms.issubset

    def every(true: frozenset[int]) -> bool:
        if not atoms <= true:
            return False
        for test in tests:  # noqa: SIM110 - a generator costs as much as the tests
            if not test(true):
                return False
        return True

    return every


def _any(atoms: frozenset[int], tests: tuple[Test, ...]) -> Test:
    def some(true: frozenset[int]) -> bool:
        if not atoms.isdisjoint(true):
            return True
        for test in tests:  # noqa: SIM110 - a generator costs as much as the tests
            if test(true):
                return True
        return False

    return some


ALWAYS = 1e9
"""The cost of an atom that holds of nearly everything."""


def cost_of(leaf: Leaf) -> float:
    """How often a leaf is expected to be true: short patterns often, exact values seldom, absence nearly always."""
    if isinstance(leaf, Null | Exists | Present):
        return 1e6 if isinstance(leaf, Present) or (isinstance(leaf, Exists) and leaf.wanted) else ALWAYS
    if isinstance(leaf, Equals | Contains | StartsWith | EndsWith):
        weight, length = _WEIGHTS.get(type(leaf), 1.0), len(leaf.value)
    else:
        weight, length = 1.0, len(longest_literal(leaf)) if isinstance(leaf, Glob) else _TYPICAL_LENGTH
    return weight * 10_000 / (1 + length * length)


_WEIGHTS: dict[type[Leaf], float] = {Equals: 0.2, StartsWith: 0.5, EndsWith: 0.5}
_TYPICAL_LENGTH = 4
"""Patterns without a literal of their own count as one of this length."""

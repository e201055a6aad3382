"""Which rules the values of a row leave possible: a rule is a bit, which a value takes away that speaks against it.

Where rows hardly repeat, as with flows, a memory of rows helps little. But most rules only ask something of one field,
and something of another: each field's values then say by themselves which rules they are against, many rows are asked
at once by `and` of bits, and nearly all have none left. A rule that wants one of several such things is a bit for each
(its clauses). Of clauses that tie fields together in another way, what they ask of single fields is a condition that
they cannot do without; rows that still have such a bit are to be evaluated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from correlation.matcher.evaluation import Evaluation
from correlation.matcher.patterns import FieldPatterns, Numbers, look_up
from correlation.matcher.program import Formula, atoms_in, compile_test, fold
from correlation.rules.model import Rule

MAX_CLAUSES: Final = 256
"""More make rows of bits that are dearer than to look a row up."""
MAX_SETS: Final = 2_048
"""Sets of atoms of one field whose bits are kept: 64 KiB at most."""
MAX_VERDICTS: Final = 10_000
"""Sets of clauses whose rules are remembered; beyond it they are found anew."""
_WORD: Final = 64
_FULL: Final = (1 << _WORD) - 1
EVENT: Final = -1
"""Stands for what all rows of a table share, in place of a field's number."""
UNKNOWN: Final = -2
"""Stands for what is not known beforehand: keywords, and whether one field is as another."""

Bits: TypeAlias = npt.NDArray[np.uint64]
Sifted: TypeAlias = tuple[Sequence[int], Sequence[tuple[Rule, ...] | None]]
"""Rows in order, and for each the rules that match it, or None where it must be evaluated."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One way in which a rule can be true.

    Attributes:
        rule: the rule's position.
        asks: what it asks of each field, by the field's number, with what it asks of the event itself under `EVENT`.
        sure: whether it is true wherever all this is.
    """

    rule: int
    asks: Mapping[int, Formula]
    sure: bool


def clauses(formulas: Sequence[Formula], owners: Mapping[int, int]) -> list[Clause] | None:
    """The clauses of rules' formulas; None where they are too many, or one would always be left.

    Args:
        formulas: of each rule.
        owners: for each atom the number of its field, or EVENT; atoms that are not in it are not known beforehand.
    """
    if len(formulas) > MAX_CLAUSES:
        return None
    ways = [(position, way) for position, formula in enumerate(formulas) for way in _ways(formula, owners)]
    if len(ways) > MAX_CLAUSES:
        return None
    found = [_clause(position, way, owners) for position, way in ways]
    return found if all(clause.sure or clause.asks.keys() - {EVENT} for clause in found) else None


def _ways(formula: Formula, owners: Mapping[int, int]) -> Sequence[Formula]:
    if isinstance(formula, tuple) and formula[0] == "or" and len(_owners(formula, owners)) > 1:
        return formula[1:]
    return (formula,)


def _clause(position: int, formula: Formula, owners: Mapping[int, int]) -> Clause:
    parts = formula[1:] if isinstance(formula, tuple) and formula[0] == "and" else (formula,)
    sure = all(len(found := _owners(part, owners)) < 2 and UNKNOWN not in found for part in parts)
    needed = {owner: _needed(formula, owner, owners) for owner in _owners(formula, owners) - {UNKNOWN}}
    return Clause(position, {owner: asked for owner, asked in needed.items() if asked is not True}, sure)


def _owners(formula: Formula, owners: Mapping[int, int]) -> set[int]:
    return {owners.get(number, UNKNOWN) for number in atoms_in(formula)}


def _needed(formula: Formula, owner: int, owners: Mapping[int, int], *, wanted: bool = True) -> Formula:
    """What a formula asks of one owner's atoms: it is not `wanted` where this is not, whatever the other atoms are."""
    if isinstance(formula, bool):
        return formula
    if not isinstance(formula, tuple):
        return formula if owners.get(formula) == owner else wanted
    if formula[0] == "not":
        return fold(("not", _needed(formula[1], owner, owners, wanted=not wanted)), {})
    return fold((formula[0], *(_needed(part, owner, owners, wanted=wanted) for part in formula[1:])), {})


class Sieve:
    """The clauses of a layout, for rows as the numbers of their values."""

    def __init__(self, found: Sequence[Clause], patterns: Sequence[FieldPatterns], rules: Evaluation) -> None:
        """`patterns` are those of the fields by their numbers in the clauses."""
        self._words = -(-len(found) // _WORD) or 1
        self._event = _Asked(found, EVENT)
        self._fields = [_Field(_Asked(found, number), own, self._words) for number, own in enumerate(patterns)]
        self._verdicts = _Verdicts(found, rules)

    def sift(self, numbers: Sequence[Numbers], shared: frozenset[int]) -> Sifted | None:
        """The rows for which some clause is left.

        Args:
            numbers: of each field's values, at least one field.
            shared: the atoms that are true of all rows.

        Returns:
            None where a field has too many sets of atoms.
        """
        bits = _as_words(self._event.left(shared), self._words)
        for field, column in zip(self._fields, numbers, strict=True):
            left = field.left(column)
            if left is None:
                return None
            bits = np.bitwise_and(left, bits, out=left)
        rows = np.flatnonzero(np.bitwise_or.reduce(bits, axis=1))
        found = look_up(self._verdicts, list(map(tuple, bits[rows].tolist()))) if len(rows) else ()
        return rows.tolist(), found


class _Asked:
    """What clauses ask of one owner's atoms, each question once."""

    def __init__(self, found: Sequence[Clause], owner: int) -> None:
        bits: dict[Formula, int] = {}
        for place, clause in enumerate(found):
            if owner in clause.asks:
                bits[clause.asks[owner]] = bits.get(clause.asks[owner], 0) | 1 << place
        self._tests = [(compile_test(formula), bit) for formula, bit in bits.items()]
        self._all = (1 << len(found)) - 1

    def left(self, true: frozenset[int]) -> int:
        """The clauses that are left, as bits, where exactly these atoms are true."""
        left = self._all
        for test, bit in self._tests:
            if not test(true):
                left &= ~bit
        return left


class _Field:
    """The bits that each set of atoms of one field leaves, by the set's number."""

    def __init__(self, asked: _Asked, patterns: FieldPatterns, words: int) -> None:
        self._asked = asked
        self._sets = patterns.sets
        self._left: Bits = np.empty((0, words), dtype=np.uint64)

    def left(self, numbers: Numbers) -> Bits | None:
        """For each number the bits that are left; None where there are too many sets."""
        known, words = self._left.shape
        if known < len(self._sets):
            if len(self._sets) > MAX_SETS:
                return None
            fresh = [_as_words(self._asked.left(true), words) for true in self._sets[known:]]
            self._left = np.concatenate([self._left, fresh])
        return self._left.take(np.asarray(numbers, dtype=np.intp), axis=0)


class _Verdicts(dict[tuple[int, ...], tuple[Rule, ...] | None]):
    """From the bits that are left of a row to its rules; None where clauses that are not sure are among them."""

    def __init__(self, found: Sequence[Clause], rules: Evaluation) -> None:
        super().__init__()
        self._clauses = found
        self._rules = rules

    def __missing__(self, words: tuple[int, ...]) -> tuple[Rule, ...] | None:
        bits = sum(word << _WORD * place for place, word in enumerate(words))
        left = [clause for place, clause in enumerate(self._clauses) if bits >> place & 1]
        sure = all(clause.sure for clause in left)
        found = self._rules.at(sorted({clause.rule for clause in left})) if sure else None
        if len(self) >= MAX_VERDICTS:
            self.clear()
        self[words] = found
        return found


def _as_words(bits: int, words: int) -> Bits:
    return np.array([bits >> _WORD * place & _FULL for place in range(words)], dtype=np.uint64)

"""Keywords: patterns for any value of an event, found by one scan over all values of many rows.

Nearly all events hold no keyword that matters: of a rule that wants `:`, `@` and `failed` together it is enough to look
for `failed`. So a table is written as JSON, which is fast, and scanned by Hyperscan for the literals of such triggers;
only where one was found are columns scanned one by one for all literals, and only those that hold one are matched value
by value. JSON changes texts in known ways: the literals are searched as JSON writes them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import orjson

from correlation.matcher.patterns import EMPTY, FieldPatterns, longest_literal
from correlation.matcher.program import ALWAYS, Formula, atoms_in, cost_of, cover
from correlation.matcher.regexes import literal_database
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.matcher.values import Key, keys_of
from correlation.rules.condition import Contains, FieldRef, Glob, Leaf

_OF_NUMBERS: Final = frozenset("0123456789+-.e")
_NO_NUMBERS: Final = ("nan", "-inf")
"""Of what numbers are made, and two that are none: JSON may write them in another way than rules see them."""
_ODD: Final = ("\u0130", "\u212a")
"""The two characters whose lower case holds an ASCII letter or a caseless one: a text with one may hold any keyword."""
_NESTED: Final = (Mapping, list, tuple)
_OFTEN: Final = 1_000
"""Values of the fields that rules ask for are what nearly every table has: a method, a status."""


class Keywords:
    """The keywords of one bucket.

    Attributes:
        triggers: atoms, not of keywords alone; where none of them is true, keywords make no difference.
    """

    def __init__(self, atoms: Mapping[int, Leaf], triggers: Collection[int] | None = None) -> None:
        """Keywords with these atoms; all of them are triggers if none are named."""
        self.patterns = FieldPatterns(atoms)
        self.triggers = frozenset(atoms if triggers is None else triggers)
        self._table = _Scan([atoms[number] for number in self.triggers.intersection(atoms)])
        self._column = _Scan(atoms.values())

    def sets(self, table: Table, names: Sequence[str], *, triggered: bool = False) -> list[frozenset[int]] | None:
        """For each row the keyword atoms that some value in these columns matches.

        Args:
            table: the rows.
            names: the columns.
            triggered: whether a trigger is true of some row because of what stands elsewhere.

        Returns:
            None where no row has any, or where it makes no difference because no trigger is true.
        """
        rows = [EMPTY] * table.rows
        hit = False
        columns = [table.column(name) for name in names]
        for column in self._suspects(columns) if triggered or self._table.may_hold(columns) else ():
            found = list(map(self.patterns.__getitem__, _searchable(column)))
            if any(found):
                hit = True
                sets = self.patterns.sets
                rows = [old | sets[number] if number else old for old, number in zip(rows, found, strict=True)]
        return rows if hit else None

    def constants(self, constants: Mapping[str, Any]) -> frozenset[int]:
        """The keyword atoms that the values shared by all rows match."""
        found = EMPTY
        for name, value in constants.items():
            if name not in ABOUT_THE_EVENT:
                for key in keys_of(list(_leaves(value))):
                    found |= self.patterns.sets[self.patterns[key]]
        return found

    def _suspects(self, columns: Sequence[Any]) -> Iterator[Any]:
        """The columns that may hold a keyword."""
        return filter(self._column.may_hold, columns)


def triggers(formula: Formula, leaf: Callable[[int], Leaf]) -> frozenset[int]:
    """Atoms of a formula, given their leaves: where none of them is true, its keywords make no difference.

    It cannot be true without one of them, or they are all of its keywords.
    """
    own = frozenset(number for number in atoms_in(formula) if _is_keyword(leaf(number)))
    found = cover(formula, lambda number: _cost(leaf(number))) if own else None
    return own if found is None or found[0] >= ALWAYS else found[1]


def _is_keyword(leaf: Leaf) -> bool:
    return not isinstance(leaf, FieldRef) and leaf.field is None


def _cost(leaf: Leaf) -> float:
    """How often a leaf is true of some row; what is not known before keywords are looked for counts as always."""
    if isinstance(leaf, FieldRef) or (_is_keyword(leaf) and _in_numbers(_literal(leaf))):
        return ALWAYS
    return cost_of(leaf) * (1 if _is_keyword(leaf) else _OFTEN)


class _Scan:
    """Looks in many values at once for the literals of some keywords."""

    def __init__(self, keywords: Iterable[Leaf]) -> None:
        literals = set(map(_literal, keywords))
        # One keyword without a literal makes the scan useless: then every value is matched.
        usable = not any(map(_in_numbers, literals))
        self._database = literal_database([*sorted(map(_written, literals)), *_ODD]) if literals and usable else None
        self._always = not usable

    def may_hold(self, values: Any) -> bool:
        """Whether a literal stands somewhere in these values, or they cannot be written as JSON."""
        if self._database is None:
            return self._always
        try:
            text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
        except TypeError:  # a lone surrogate, an array of objects, a number beyond 64 bits
            return True
        hits: list[int] = []
        self._database.scan(text, match_event_handler=_note, context=hits)
        return bool(hits)


def _note(identity: int, _start: int, _end: int, _flags: int, hits: list[int]) -> None:
    hits.append(identity)


def _in_numbers(literal: str) -> bool:
    """Whether a text, or nothing, may be part of a number."""
    return _OF_NUMBERS.issuperset(literal) or any(literal in one for one in _NO_NUMBERS)


def _literal(leaf: Leaf) -> str:
    """A text without which a keyword is in no value: the longest part of it that Hyperscan can find in any case."""
    text = leaf.value.lower() if isinstance(leaf, Contains) else longest_literal(leaf) if isinstance(leaf, Glob) else ""
    parts = ["".join(part) for plain, part in groupby(text, _is_plain) if plain]
    return max(parts, key=len, default="")


def _is_plain(character: str) -> bool:
    """Whether it is ASCII or has no case."""
    return character.isascii() or character.lower() == character == character.upper()


def _written(literal: str) -> str:
    """A text as JSON writes it inside a string."""
    return orjson.dumps(literal)[1:-1].decode()


def _searchable(column: Any) -> Sequence[Key]:
    """A column's keys, with the values inside its objects, which have no text of their own."""
    if not isinstance(column, np.ndarray) and any(issubclass(kind, _NESTED) for kind in set(map(type, column))):
        column = [list(_leaves(value)) if isinstance(value, _NESTED) else value for value in column]
    return keys_of(column)


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        for below in value.values():
            yield from _leaves(below)
    elif isinstance(value, list | tuple):
        for below in value:
            yield from _leaves(below)
    else:
        yield value

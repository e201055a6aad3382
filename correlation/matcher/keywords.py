"""Keywords: patterns for any value of an event, found by one scan over all values of many rows.

Nearly all events hold no keyword. So a table is written as JSON, which is fast, and scanned by Hyperscan for any of the
keywords' literals; only where one was found are columns scanned one by one, and only those that hold it are matched
value by value. JSON changes texts in known ways: the literals are searched as JSON writes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import orjson

from correlation.matcher.patterns import EMPTY, FieldPatterns, longest_literal
from correlation.matcher.regexes import literal_database
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.matcher.values import Key, keys_of
from correlation.rules.condition import Contains, Glob, Leaf

_OF_NUMBERS: Final = frozenset("0123456789+-.einfa")
"""Characters of numbers, which JSON may write in another way than rules see them."""
_ODD: Final = ("\u0130", "\u212a")
"""The two characters whose lower case holds an ASCII letter or a caseless one: a text with one may hold any keyword."""
_NESTED: Final = (Mapping, list, tuple)


class Keywords:
    """The keywords of one bucket."""

    def __init__(self, atoms: Mapping[int, Leaf]) -> None:
        self.patterns = FieldPatterns(atoms)
        literals = {_literal(leaf) for leaf in atoms.values()}
        # One pattern without a literal makes the scan useless: then every value is matched.
        usable = all(literal and not _OF_NUMBERS.issuperset(literal) for literal in literals)
        self._database = literal_database([*sorted(map(_written, literals)), *_ODD]) if usable else None

    def sets(self, table: Table, names: Sequence[str]) -> list[frozenset[int]] | None:
        """For each row the keyword atoms that some value in these columns matches; None where no row has any."""
        rows = [EMPTY] * table.rows
        hit = False
        for column in self._suspects([table.column(name) for name in names]):
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
        if columns and self._may_hold(columns):
            yield from (column for column in columns if self._may_hold(column))

    def _may_hold(self, values: Any) -> bool:
        """Whether a literal stands somewhere in these values, or they cannot be written as JSON."""
        if self._database is None:
            return True
        try:
            text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
        except TypeError:  # a lone surrogate, an array of objects, a number beyond 64 bits
            return True
        hits: list[int] = []
        self._database.scan(text, match_event_handler=_note, context=hits)
        return bool(hits)


def _note(identity: int, _start: int, _end: int, _flags: int, hits: list[int]) -> None:
    hits.append(identity)


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

"""Keywords: patterns for any value of an event, found by one scan over the distinct values of many rows.

Nearly all events hold no keyword. So the distinct texts of all columns, but those lately seen to hold none, are joined,
lowered and scanned once by Hyperscan for any of the keywords' literals; only columns in which one was found are
matched value by value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from correlation.matcher.patterns import EMPTY, MAX_CHARACTERS, FieldPatterns, longest_literal, texts_in
from correlation.matcher.regexes import literal_database
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.matcher.values import Key, keys_of
from correlation.rules.condition import Contains, Glob, Leaf

_INTEGER: Final = frozenset("-0123456789")
_BETWEEN: Final = "\0"


class Keywords:
    """The keywords of one bucket."""

    def __init__(self, atoms: Mapping[int, Leaf]) -> None:
        self.patterns = FieldPatterns(atoms)
        literals = [_literal(leaf) for leaf in atoms.values()]
        # One pattern without a literal makes the scan useless: then every value is matched.
        self._database = literal_database(sorted(set(literals))) if all(literals) else None
        self._clean: set[str | None] = {None}
        self._clean_characters = 0
        self._numeric = any(set(literal) <= _INTEGER for literal in literals)

    def sets(self, table: Table) -> list[frozenset[int]] | None:
        """For each row the keyword atoms that some value of it matches; None where no row has any."""
        shared = self.constants(table.constants)
        rows: list[frozenset[int]] = [shared] * table.rows
        hit = bool(shared)
        for keys in self._suspects(table):
            found = list(map(self.patterns.__getitem__, keys))
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

    def _suspects(self, table: Table) -> Iterator[Sequence[Key]]:
        """The columns that may hold a keyword, as keys."""
        columns = [table.column(name) for name in table.names if name not in ABOUT_THE_EVENT]
        if self._database is None:
            yield from map(_searchable, columns)
            return
        columns = [column for column in columns if not self._is_clean(column)]
        fresh = [_distinct(column) - self._clean for column in columns]
        joined = [_BETWEEN.join(texts) for texts in fresh]
        if not self._found(_BETWEEN.join(joined)):
            self._remember(fresh, sum(map(len, joined)))
            return
        yield from (_searchable(column) for column, text in zip(columns, joined, strict=True) if self._found(text))

    def _is_clean(self, column: Any) -> bool:
        """Whether no value of a column can hold a keyword: integers have digits only, texts were seen before."""
        if isinstance(column, np.ndarray):
            return not self._numeric and column.dtype.kind in "iu"
        try:
            if self._clean.issuperset(column):
                return True
        except TypeError:  # lists and objects
            return False
        return not self._numeric and column[0].__class__ is int and set(map(type, column)) == {int}

    def _remember(self, fresh: Iterable[set[str]], characters: int) -> None:
        if self._clean_characters + characters > MAX_CHARACTERS:
            self._clean = {None}
            self._clean_characters = 0
        if characters <= MAX_CHARACTERS // 16:
            self._clean.update(*fresh)
            self._clean_characters += characters

    def _found(self, text: str) -> bool:
        hits: list[int] = []
        lower = text.lower().encode("utf-8", "surrogatepass")
        assert self._database is not None
        self._database.scan(lower, match_event_handler=_note, context=hits)
        return bool(hits)


def _note(identity: int, _start: int, _end: int, _flags: int, hits: list[int]) -> None:
    hits.append(identity)


def _literal(leaf: Leaf) -> str:
    if isinstance(leaf, Contains):
        return leaf.value.lower()
    return longest_literal(leaf) if isinstance(leaf, Glob) else ""


_PLAIN: Final = frozenset({str, type(None)})
_NESTED: Final = (Mapping, list, tuple)


def _distinct(column: Any) -> set[str]:
    """The different texts of a column, those of nested values too."""
    try:
        texts = set(column)
    except TypeError:  # lists and objects
        return set(texts_in(set(_searchable(column))))
    if set(map(type, texts)) <= _PLAIN:
        texts.discard(None)
        return texts
    return set(texts_in(set(_searchable(column))))


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

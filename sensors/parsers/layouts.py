"""Rows of JSON objects turned into columns of dotted leaves, by layout: rows that have the same keys go together.

Shapes are compared as tuples, names are made once for each shape, and values are transposed by `zip`.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

Key = TypeVar("Key", bound=Hashable)
Shape: TypeAlias = tuple[Any, ...]
"""The keys of an object in order; where an object stands below a key, the key with that object's shape."""

MAX_DEPTH = 12
"""Objects nested deeper stay objects in one column."""
_ALIKE = ({str}, {int})
"""Types of which equal values are the same: a column of several may have 1 beside True."""
MAX_LEAVES = 4_096
MAX_NAME = 1_024


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows with the same leaves: `rows` are their indices in what was read, `key` what they were grouped by."""

    key: Any
    rows: Sequence[int]
    names: tuple[str, ...]
    columns: Sequence[Sequence[Any]]

    @property
    def fault(self) -> str | None:
        """Why rows of this layout cannot be events, as a message code; None where they can."""
        if len(self.names) > MAX_LEAVES:
            return "too-many-fields"
        if any(len(name) > MAX_NAME for name in self.names):
            return "key-too-long"
        return "ambiguous-keys" if len(set(self.names)) != len(self.names) else None

    def by(self, names: Sequence[str], key: Callable[..., Hashable]) -> Iterator["Layout"]:
        """The rows by what `key` makes of the leaves of these names, of None for those that they lack."""
        columns = [self.columns[self.names.index(name)] if name in self.names else None for name in names]
        said = [column for column in columns if column is not None]
        if not said:
            yield replace(self, key=key(*columns))
            return
        rows = list(zip(*(repeat(None) if column is None else column for column in columns), strict=False))
        if all(set(map(type, column)) in _ALIKE for column in said):
            answers = {row: key(*row) for row in set(rows)}
            keys = list(map(answers.__getitem__, rows))
        else:
            keys = [key(*row) for row in rows]
        for found, chosen in grouped(keys).items():
            yield Layout(
                found, pick(self.rows, chosen), self.names, [pick(column, chosen) for column in self.columns]
            )


def pick(column: Sequence[Any], rows: Sequence[int] | None) -> Sequence[Any]:
    """The chosen values of a column, in the order given; all of them where `rows` is None."""
    if rows is None or rows == range(len(column)):
        return column
    if len(rows) == 1:
        return (column[rows[0]],)
    chosen: Sequence[Any] = itemgetter(*rows)(column) if rows else ()
    return chosen


def grouped(keys: Sequence[Key]) -> dict[Key, Sequence[int]]:
    """Indices by key, in order of first appearance."""
    if keys and keys.count(keys[0]) == len(keys):
        return {keys[0]: range(len(keys))}
    groups: dict[Key, list[int]] = {}
    for index, key in enumerate(keys):
        group = groups.get(key)
        if group is None:
            groups[key] = [index]
        else:
            group.append(index)
    return dict(groups)


class Gathering:
    """Objects by key and layout, given one by one: every leaf that is not inside a list becomes a column of its own.

    An object is taken apart while the processor's cache still holds it and is let go at once; what stays is its values.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[Hashable, Shape], tuple[list[int], list[list[Any]]]] = {}

    def add(self, row: int, key: Hashable, entry: dict[str, Any]) -> None:
        """Add the object that stands at `row` of the input; equal keys go together where the leaves are the same."""
        values: list[Any] = []
        place = (key, _taken_apart(entry, values, MAX_DEPTH))
        group = self._groups.get(place)
        if group is None:
            self._groups[place] = ([row], [values])
        else:
            group[0].append(row)
            group[1].append(values)

    def layouts(self) -> Iterator[Layout]:
        """What was added, by key and layout in order of first appearance."""
        for (key, shape), (rows, values) in self._groups.items():
            yield Layout(key, rows, _whole_names(shape), list(zip(*values, strict=True)))


def _taken_apart(entry: dict[str, Any], values: list[Any], depth: int) -> Shape:
    """Put the object's leaves into `values`; returns its shape."""
    if not depth or dict not in map(type, entry.values()):
        values += entry.values()
        return tuple(entry)
    shape: list[Any] = []
    for name, value in entry.items():
        # An empty object has no leaves: it stays a value, so that it does not vanish.
        if value.__class__ is dict and value:
            shape.append((name, _taken_apart(value, values, depth - 1)))
        else:
            shape.append(name)
            values.append(value)
    return tuple(shape)


def shape_names(entry: dict[str, Any]) -> tuple[str, ...]:
    """The dotted names of an object's leaves, in their order."""
    return _whole_names(_taken_apart(entry, [], MAX_DEPTH))


def _whole_names(shape: Shape) -> tuple[str, ...]:
    """The names of a shape's leaves; of too many, and of what is too long, no more than shows that.

    A long name stands before each leaf below it: a line of a megabyte could ask for gigabytes.
    """
    return tuple(islice(_names(shape), MAX_LEAVES + 1))


def _names(shape: Shape, above: str = "") -> Iterator[str]:
    """The dotted names of a shape's leaves, in the order of their values."""
    for part in shape:
        if isinstance(part, str):
            yield (above + part)[: MAX_NAME + 1]
        else:
            yield from _names(part[1], f"{above}{part[0]}."[: MAX_NAME + 1])

"""Rows of JSON objects turned into columns of dotted leaves, by layout: rows that have the same keys go together.

Work is done per column and per distinct layout, never per value: keys are compared as tuples, values are transposed by
`zip`, and nested objects become columns of their own (measured against flattening each event: docs/decisions/0002).
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)

MAX_DEPTH = 12
"""Objects nested deeper stay objects in one column."""
MAX_LEAVES = 4_096
MAX_NAME = 1_024


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows with the same leaves: `rows` are their indices in what was handed in, `key` what they were grouped by."""

    key: Any
    rows: Sequence[int]
    names: tuple[str, ...]
    columns: Sequence[Sequence[Any]]

    @property
    def fault(self) -> str | None:
        """Why rows of this layout cannot be events, as a message code; None where they can."""
        if len(self.names) > MAX_LEAVES:
            return "too-many-fields"
        if len(set(self.names)) != len(self.names):
            return "ambiguous-keys"
        if any(len(name) > MAX_NAME for name in self.names):
            return "key-too-long"
        return None


def pick(column: Sequence[Any], rows: Sequence[int] | None) -> Sequence[Any]:
    """The chosen values of a column, in the order given; all of them where `rows` is None."""
    if rows is None:
        return column
    if len(rows) == 1:
        return (column[rows[0]],)
    chosen: Sequence[Any] = itemgetter(*rows)(column) if rows else ()
    return chosen


def grouped(keys: Sequence[Key]) -> dict[Key, list[int]]:
    """Indices by key, in order of first appearance."""
    groups: dict[Key, list[int]] = {}
    for index, key in enumerate(keys):
        group = groups.get(key)
        if group is None:
            groups[key] = [index]
        else:
            group.append(index)
    return groups


def layouts(objects: Sequence[dict[str, Any]], keys: Sequence[Hashable]) -> Iterator[Layout]:
    """The objects by key and layout; every leaf that is not inside a list becomes a column under its dotted name."""
    for (key, names), rows in grouped(list(zip(keys, map(tuple, objects), strict=True))).items():
        columns = list(zip(*[objects[row].values() for row in rows], strict=True))
        yield from _spread(key, rows, names, columns, range(len(names)), MAX_DEPTH)


def _spread(  # noqa: PLR0913, PLR0917 - what a level of the recursion needs
    key: Hashable,
    rows: Sequence[int],
    names: tuple[str, ...],
    columns: Sequence[Sequence[Any]],
    fresh: Sequence[int],
    depth: int,
) -> Iterator[Layout]:
    """Take one level of objects out of the `fresh` columns, splitting rows whose objects have different keys."""
    nested = [index for index in fresh if dict in set(map(type, columns[index]))]
    if not nested or not depth:
        yield Layout(key, rows, names, columns)
        return
    # An empty object has no leaves: it stays a value, so that it does not vanish.
    shapes = list(
        zip(*[[tuple(v) if v.__class__ is dict and v else None for v in columns[i]] for i in nested], strict=True)
    )
    groups = grouped(shapes)
    for shape, chosen in groups.items():
        whole = len(groups) == 1
        here: Sequence[Sequence[Any]] = columns if whole else [pick(column, chosen) for column in columns]
        keys_at = dict(zip(nested, shape, strict=True))
        out_names: list[str] = []
        out_columns: list[Sequence[Any]] = []
        out_fresh: list[int] = []
        for index, (name, column) in enumerate(zip(names, here, strict=True)):
            inner = keys_at.get(index)
            if inner is None:
                out_names.append(name)
                out_columns.append(column)
                continue
            out_fresh.extend(range(len(out_names), len(out_names) + len(inner)))
            out_names.extend(f"{name}.{leaf}" for leaf in inner)
            out_columns.extend(zip(*[value.values() for value in column], strict=True))
        yield from _spread(
            key, rows if whole else [rows[i] for i in chosen], tuple(out_names), out_columns, out_fresh, depth - 1
        )

"""Field references: one field of a row against another, evaluated by row, since no table of patterns can hold them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from correlation.matcher.patterns import EMPTY, texts_in
from correlation.matcher.table import Table
from correlation.matcher.values import MISSING, Key, keys_of, reach
from correlation.rules.condition import FieldRef

_RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__, "contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith,
}


class ReferenceIndex:
    """The field references of one bucket under their numbers."""

    def __init__(self, references: Mapping[int, FieldRef]) -> None:
        self._references = dict(sorted(references.items()))

    def sets(self, table: Table) -> list[frozenset[int]] | None:
        """For each row the references that hold; None where none does in any row."""
        rows: list[frozenset[int]] | None = None
        for number, leaf in self._references.items():
            left, right = field_keys(table, leaf.field), field_keys(table, leaf.other)
            if left is None or right is None:
                continue
            relation = _RELATIONS[leaf.how]
            for row, (one, other) in enumerate(zip(left, right, strict=True)):
                if related(relation, one, other):
                    if rows is None:
                        rows = [EMPTY] * table.rows
                    rows[row] |= {number}
        return rows


def related(relation: Callable[[str, str], bool], one: Key, other: Key) -> bool:
    """Whether a text of the one stands in the relation to a text of the other, in any case."""
    if one is None or other is None or one is MISSING or other is MISSING:
        return False
    others = [text.lower() for text in texts_in([other])]
    return any(relation(text.lower(), lower) for text in texts_in([one]) for lower in others)


def field_keys(table: Table, name: str) -> Sequence[Key] | None:
    """The keys of a field by row, wherever it stands; None where the layout does not have it."""
    if name in table.names:
        return keys_of(table.column(name))
    if name in table.constants:
        return keys_of([table.constants[name]]) * table.rows  # type: ignore[operator,no-any-return]
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        parent, path = ".".join(parts[:cut]), parts[cut:]
        column: Sequence[Any] | None = None
        if parent in table.names:
            column = table.column(parent)
        elif parent in table.constants:
            column = [table.constants[parent]] * table.rows
        if column is not None:
            return keys_of([reach(value, path) for value in column])
    return None

"""Field references: one field of a row against another, evaluated by row, since no table of patterns can hold them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from correlation.matcher.fields import Layout, Place
from correlation.matcher.patterns import EMPTY, texts_in
from correlation.matcher.table import Table
from correlation.matcher.values import Key
from correlation.rules.condition import FieldRef

Relation: TypeAlias = Callable[[str, str], bool]
Placed: TypeAlias = tuple[int, Relation, Place, Place]
"""A reference's number, what it asks, and where its two fields stand."""

RELATIONS: dict[str, Relation] = {
    "equals": str.__eq__, "contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith,
}
"""What each kind of reference asks of two texts in lower case."""


class ReferenceIndex:
    """The field references of one bucket under their numbers."""

    def __init__(self, references: Mapping[int, FieldRef]) -> None:
        self._references = dict(sorted(references.items()))

    def placed(self, layout: Layout) -> tuple[Placed, ...]:
        """The references that can hold in a layout: those with both fields in it."""
        found = [
            (number, RELATIONS[leaf.how], layout.place(leaf.field), layout.place(leaf.other))
            for number, leaf in self._references.items()
        ]
        return tuple(one for one in found if not (one[2].absent or one[3].absent))


def reference_sets(references: Sequence[Placed], table: Table) -> list[frozenset[int]]:
    """For each row the numbers of the references that hold."""
    rows = [EMPTY] * table.rows
    for number, relation, left, right in references:
        for row, (one, other) in enumerate(zip(left.keys(table), right.keys(table), strict=True)):
            if related(relation, one, other):
                rows[row] |= {number}
    return rows


def related(relation: Relation, one: Key, other: Key) -> bool:
    """Whether a text of the one stands in the relation to a text of the other, in any case."""
    if one.__class__ is str and other.__class__ is str:  # nearly always
        return relation(one.lower(), other.lower())
    others = [text.lower() for text in texts_in([other])]
    return any(relation(text.lower(), lower) for text in texts_in([one]) for lower in others)

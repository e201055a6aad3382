"""Field references: one field of a row against another, evaluated by row, since no table of patterns can hold them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Final, TypeAlias

from correlation.matcher.fields import Layout, Place
from correlation.matcher.patterns import EMPTY, look_up, size_of, texts_in
from correlation.matcher.table import Table
from correlation.matcher.values import Key
from correlation.rules.condition import FieldRef

Relation: TypeAlias = Callable[[str, str], bool]
MAX_PAIRS: Final = 50_000
MAX_CHARACTERS: Final = 8_000_000
"""How many pairs of values a reference remembers, and of how many characters; beyond it its memory begins anew."""

RELATIONS: dict[str, Relation] = {
    "equals": str.__eq__, "contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith,
}
"""What each kind of reference asks of two texts in lower case."""


class Answers(dict[tuple[Key, Key], bool]):
    """Whether two values stand in a relation: pairs of them come again, and are compared once."""

    def __init__(self, relation: Relation) -> None:
        super().__init__()
        self._relation = relation
        self._characters = 0

    def __missing__(self, pair: tuple[Key, Key]) -> bool:
        found = related(self._relation, *pair)
        size = sum(map(size_of, pair))
        if size > MAX_CHARACTERS // 16:
            return found  # one pair may not push out all others
        self._characters += size
        if len(self) >= MAX_PAIRS or self._characters > MAX_CHARACTERS:
            self.clear()
            self._characters = size
        self[pair] = found
        return found


Placed: TypeAlias = tuple[int, Answers, Place, Place]
"""A reference's number, what it asks, and where its two fields stand."""


class ReferenceIndex:
    """The field references of one bucket under their numbers."""

    def __init__(self, references: Mapping[int, FieldRef]) -> None:
        self._references = dict(sorted(references.items()))
        self._answers = {number: Answers(RELATIONS[leaf.how]) for number, leaf in self._references.items()}

    def placed(self, layout: Layout) -> tuple[Placed, ...]:
        """The references that can hold in a layout: those with both fields in it."""
        found = [
            (number, self._answers[number], layout.place(leaf.field), layout.place(leaf.other))
            for number, leaf in self._references.items()
        ]
        return tuple(one for one in found if not (one[2].absent or one[3].absent))

    def unplaced(self, placed: Iterable[Placed]) -> frozenset[int]:
        """The numbers of the other references."""
        return frozenset(self._references).difference(number for number, *_ in placed)


def reference_sets(references: Sequence[Placed], table: Table) -> list[frozenset[int]]:
    """For each row the numbers of the references that hold."""
    rows = [EMPTY] * table.rows
    for number, answers, left, right in references:
        holds = look_up(answers, list(zip(left.keys(table), right.keys(table), strict=True)))
        for row in compress(range(table.rows), holds):
            rows[row] |= {number}
    return rows


def related(relation: Relation, one: Key, other: Key) -> bool:
    """Whether a text of the one stands in the relation to a text of the other, in any case."""
    if one.__class__ is str and other.__class__ is str:  # nearly always
        return relation(one.lower(), other.lower())
    others = [text.lower() for text in texts_in([other])]
    return any(relation(text.lower(), lower) for text in texts_in([one]) for lower in others)

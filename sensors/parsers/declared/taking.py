"""The one way to take texts apart, whatever a declaration says: texts in, groups with the same parts out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol, TypeAlias, assert_never

import orjson

from sensors.parsers.blocks import Column
from sensors.parsers.caches import Bounded
from sensors.parsers.declared.coded import CODED
from sensors.parsers.declared.mapping import Taken
from sensors.parsers.declared.model import Code, Columns, Declaration, JsonObject, Messages
from sensors.parsers.declared.pairs import Dialect, Pairs, Rows
from sensors.parsers.declared.separated import Separated
from sensors.parsers.declared.template import compiled
from sensors.parsers.jsonlines import MAX_NESTING, deeper, taken_together
from sensors.parsers.layouts import Gathering, grouped, pick

MAX_TEMPLATE_TEXT = 64 << 10
"""Longer texts are given to no template."""
_NOTHING: Mapping[str, Any] = {}


class Taking(Protocol):
    """Takes texts apart; `rows` are their indices. What it cannot take is among the indices that come second."""

    def __call__(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Taken], list[int]]:
        """The texts with the same parts together, and those that are not of the format."""
        ...


def taking(declaration: Declaration) -> Taking:
    """How texts of this format are taken apart."""
    reading = declaration.reading
    match reading:
        case Messages():
            return _Templates(reading)
        case Dialect():
            return _Grouped(Pairs(reading).take)
        case Columns():
            return _Grouped(Separated(reading).take)
        case JsonObject():
            return _objects
        case Code():
            return _Grouped(CODED[reading.name]().take)
        case _:
            assert_never(reading)


class _Grouped:
    def __init__(self, take: Callable[[Sequence[str], Sequence[int]], tuple[list[Rows], list[int]]]) -> None:
        self._take = take

    def __call__(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Taken], list[int]]:
        groups, left = self._take(texts, rows)
        return [Taken(group.rows, *group.columns(), _NOTHING) for group in groups], left


class _Templates:
    """Messages by their templates; the first word says which of them can be meant at all."""

    def __init__(self, reading: Messages) -> None:
        self._messages = [(compiled(message.template), message.constants) for message in reading.messages]
        self._strict = reading.strict
        self._meant: Bounded[str, tuple[int, ...]] = Bounded(self._candidates, entries=4_096)

    def _candidates(self, word: str) -> tuple[int, ...]:
        return tuple(
            index for index, (template, _) in enumerate(self._messages) if template.begins(word)
        )

    def __call__(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Taken], list[int]]:
        meant = self._meant
        candidates = [meant[text.partition(" ")[0]] if len(text) <= MAX_TEMPLATE_TEXT else () for text in texts]
        found: dict[int, list[_Matching]] = {}
        left: list[int] = []
        for indices, group in grouped(candidates).items():
            places: Sequence[int] = group if len(group) < len(texts) else range(len(texts))
            for index in indices:
                columns, places, others = self._asked(index, texts, places)
                if places:
                    found.setdefault(index, []).append((places, columns))
                places = others
                if not places:
                    break
            left += places
        taken = [self._taken(index, found[index], rows) for index in sorted(found)]
        left = list(pick(rows, sorted(left)))
        if left and not self._strict:
            # Whoever declared the program said that its messages are of this format, known or not.
            taken.append(Taken(left, (), (), _NOTHING))
            left = []
        return taken, left

    def _asked(
        self, index: int, texts: Sequence[str], places: Sequence[int]
    ) -> tuple[list[Column], Sequence[int], Sequence[int]]:
        """What a template takes from the texts at these places.

        Its parts as columns, the places of the texts that it fits, and of those that it does not.
        """
        *columns, matched = self._messages[index][0].expression.columns(pick(texts, places))
        if matched.count("") == len(matched):
            return columns, places, ()
        fitting = [at for at, fits in enumerate(matched) if fits is not None]
        others = [place for place, fits in zip(places, matched, strict=True) if fits is None]
        return [pick(column, fitting) for column in columns], pick(places, fitting), others

    def _taken(self, index: int, matching: Sequence["_Matching"], rows: Sequence[int]) -> Taken:
        """All texts of a template, in their order."""
        template, constants = self._messages[index]
        places, columns = matching[0]
        if len(matching) > 1:
            # Their first words had other candidates.
            places = [place for some, _ in matching for place in some]
            order = sorted(range(len(places)), key=places.__getitem__)
            together = zip(*(each for _, each in matching), strict=True)
            columns = [pick(list(chain.from_iterable(pieces)), order) for pieces in together]
            places = pick(places, order)
        return Taken(pick(rows, places), template.names, columns, constants)


_Matching: TypeAlias = tuple[Sequence[int], list[Column]]
"""Places of texts that one template fits, and its columns."""


def _objects(texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Taken], list[int]]:
    """Texts that are JSON objects, by their leaves."""
    found, rest = taken_together(texts)
    gathering = Gathering()
    left: list[int] = []
    for index in rest:
        row, text = rows[index], texts[index]
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            value = None
        deep = text.count("{") + text.count("[") > MAX_NESTING
        if value.__class__ is not dict or not value or (deep and deeper(value)):
            left.append(row)
        else:
            gathering.add(row, None, value)
    taken = []
    together = (replace(layout, rows=pick(rows, layout.rows)) for layout in found)
    for layout in chain(together, gathering.layouts()):
        if layout.fault is not None:
            left += layout.rows
        else:
            taken.append(Taken(layout.rows, layout.names, layout.columns, _NOTHING))
    return taken, left

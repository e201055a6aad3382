"""The one way to take texts apart, whatever a declaration says: texts in, groups with the same parts out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, assert_never

import orjson

from sensors.parsers.caches import Bounded
from sensors.parsers.declared.coded import CODED
from sensors.parsers.declared.mapping import Taken
from sensors.parsers.declared.model import Code, Columns, Declaration, JsonObject, Messages
from sensors.parsers.declared.pairs import Dialect, Pairs, Rows
from sensors.parsers.declared.separated import Separated
from sensors.parsers.declared.template import compiled
from sensors.parsers.jsonlines import MAX_NESTING, deeper
from sensors.parsers.layouts import Gathering

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
        found: list[tuple[list[int], list[tuple[str | None, ...]]] | None] = [None] * len(self._messages)
        matches = [template.match for template, _ in self._messages]
        meant = self._meant
        left: list[int] = []
        for row, text in zip(rows, texts, strict=True):
            if len(text) <= MAX_TEMPLATE_TEXT:
                for index in meant[text.partition(" ")[0]]:
                    match = matches[index](text)
                    if match is not None:
                        group = found[index]
                        if group is None:
                            group = found[index] = ([], [])
                        group[0].append(row)
                        group[1].append(match.groups())
                        break
                else:
                    left.append(row)
            else:
                left.append(row)
        taken = [
            Taken(group[0], template.names, list(zip(*group[1], strict=True)), constants)
            for group, (template, constants) in zip(found, self._messages, strict=True)
            if group is not None
        ]
        if left and not self._strict:
            # Whoever declared the program said that its messages are of this format, known or not.
            taken.append(Taken(left, (), (), _NOTHING))
            left = []
        return taken, left


def _objects(texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Taken], list[int]]:
    """Texts that are JSON objects, by their leaves."""
    gathering = Gathering()
    left: list[int] = []
    for row, text in zip(rows, texts, strict=True):
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
    for layout in gathering.layouts():
        if layout.fault is not None:
            left += layout.rows
        else:
            taken.append(Taken(layout.rows, layout.names, layout.columns, _NOTHING))
    return taken, left

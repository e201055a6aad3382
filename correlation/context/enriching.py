"""The enricher: adds what is known of source, destination and host to the events of a batch.

Traffic repeats its addresses, so each distinct value is looked up once and remembered; a batch's answers become columns
by one transposition. Nothing here refuses an event: what cannot be read as an address has no context.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.context.addresses import address_of
from correlation.context.errors import ContextProblem
from correlation.context.loading import load_context
from correlation.context.model import NOTHING, Known, Space
from correlation.context.spaces import Choice
from correlation.context.table import Table
from correlation.context.timeline import Found, Timeline
from sensors.event.model import Batch, Column

SPACE: Final = "hanwatch.space"
_ENDS: Final = (("source.ip", "hanwatch.source."), ("destination.ip", "hanwatch.destination."))
_HOST: Final = "hanwatch.host."
CONTEXT_FIELDS: Final = (*(prefix for _, prefix in _ENDS), _HOST)
"""How the names of fields begin that only context adds."""
_REMEMBERED: Final = 1 << 17
"""Distinct values of one kind and space that are kept: beyond what a city's traffic has in a quarter of an hour."""

_Look: TypeAlias = Callable[[str], Found]


class _Memory(dict[Any, Found]):
    """Answers by value; all are forgotten when there are too many, which costs less than to know the oldest."""

    def __init__(self, look: _Look, most: int) -> None:
        super().__init__({None: None})
        self._look = look
        self._most = most

    def __missing__(self, value: Any) -> Found:
        if len(self) >= self._most:
            self.clear()
        found = self[value] = self._look(value) if isinstance(value, str) else None
        return found


class Context:
    """Adds context to batches; one thread uses it at a time."""

    def __init__(self, table: Table, spaces: Sequence[Space] = (), remembered: int = _REMEMBERED) -> None:
        self._table = table
        self._choice = Choice(spaces)
        self._most = remembered
        self._ends: dict[str, _Memory] = {}
        self._addresses: dict[str, _Memory] = {}
        self._names: dict[str, _Memory] = {}

    def enrich(self, batch: Batch) -> Batch:
        """The batch with what is known as of each row's time; fields that no row has are left out."""
        spaces = self._choice.of(batch)
        constants: dict[str, Any] = {}
        columns: dict[str, Column] = {}
        for field, prefix in _ENDS:
            value = batch.constants.get(field)
            if value is not None:
                found = self._one(self._end, value, spaces)
            else:
                column = batch.columns.get(field)
                found = None if column is None else self._many(self._end, column, spaces)
            _put(found, prefix, batch, constants, columns)
        _put(self._hosts(batch, spaces), _HOST, batch, constants, columns)
        if not isinstance(spaces, str):
            columns[SPACE] = [space or None for space in spaces]
        elif spaces:
            constants[SPACE] = spaces
        if not constants and not columns:
            return batch
        own = {**constants, **columns}
        return replace(
            batch,
            constants={**_without(batch.constants, own), **constants},
            columns={**_without(batch.columns, own), **columns},
        )

    def _hosts(self, batch: Batch, spaces: str | list[str]) -> Found | list[Found]:
        """By the host's name; where nobody knows that, by the first of its addresses that is known."""
        by_name = self._of_field(self._name, batch, "host.name", spaces)
        by_address = self._of_field(self._address, batch, "host.ip", spaces)
        if by_name is None or by_address is None:
            return by_address if by_name is None else by_name
        if not isinstance(by_name, list) and not isinstance(by_address, list):
            return by_name
        names = by_name if isinstance(by_name, list) else [by_name] * len(batch)
        addresses = by_address if isinstance(by_address, list) else [by_address] * len(batch)
        return [address if name is None else name for name, address in zip(names, addresses, strict=True)]

    def _of_field(
        self, memory: Callable[[str], _Memory], batch: Batch, field: str, spaces: str | list[str]
    ) -> Found | list[Found]:
        if field in batch.constants:
            return self._one(memory, batch.constants[field], spaces)
        column = batch.columns.get(field)
        return None if column is None else self._many(memory, column, spaces)

    def _one(self, memory: Callable[[str], _Memory], value: Any, spaces: str | list[str]) -> Found | list[Found]:
        """The answer for the same value in all rows."""
        if isinstance(spaces, str):
            return _first(memory(spaces), value)
        return [_first(memory(space), value) for space in spaces]

    def _many(self, memory: Callable[[str], _Memory], column: Column, spaces: str | list[str]) -> list[Found]:
        """The answer for each row."""
        values: Iterable[Any] = column.tolist() if isinstance(column, np.ndarray) else column
        if not isinstance(spaces, str):
            return [_first(memory(space), value) for space, value in zip(spaces, values, strict=True)]
        known = memory(spaces)
        try:
            # A getter of many items asks for each without a call.
            return list(itemgetter(*values)(known)) if len(column) > 1 else [known[value] for value in values]
        except TypeError:  # lists among the values, of which there are few
            return [_first(known, value) for value in values]

    def _end(self, space: str) -> _Memory:
        return self._remembering(self._ends, space, self._table.address)

    def _address(self, space: str) -> _Memory:
        # That a host's address is public does not put the host on the Internet.
        return self._remembering(self._addresses, space, self._table.told)

    def _name(self, space: str) -> _Memory:
        if space not in self._names:
            self._names[space] = _Memory(lambda name: self._table.host(name, space), self._most)
        return self._names[space]

    def _remembering(self, memories: dict[str, _Memory], space: str, ask: Callable[..., Found]) -> _Memory:
        if space not in memories:

            def look(text: str) -> Found:
                address = address_of(text)
                return None if address is None else ask(address, space)

            memories[space] = _Memory(look, self._most)
        return memories[space]


def _first(memory: _Memory, value: Any) -> Found:
    """The answer for a value; of a list, that of its first element about which something is known."""
    if isinstance(value, list | tuple):
        return next((found for one in value if (found := _first(memory, one)) is not None), None)
    return None if isinstance(value, Mapping) else memory[value]


def _put(
    found: Found | list[Found], prefix: str, batch: Batch, constants: dict[str, Any], columns: dict[str, Column]
) -> None:
    """Enter answers under their fields' names: as constants where all rows share one, else as columns."""
    if isinstance(found, Timeline):
        found = [found] * len(batch)
    if isinstance(found, list):
        rows = _as_of(found, batch)
        for name, column in zip(Known._fields, zip(*rows, strict=True), strict=True):
            if column.count(None) < len(column):
                columns[prefix + name] = list(column)
    elif found is not None:
        said = zip(Known._fields, found, strict=True)
        constants |= {prefix + name: value for name, value in said if value is not None}


def _as_of(found: list[Found], batch: Batch) -> list[Known]:
    """What is known in each row at its own time."""
    kinds = set(map(type, found))
    if Timeline in kinds:
        moments = batch.times.tolist()
        found = [
            one.at(moment) if one.__class__ is Timeline else one for one, moment in zip(found, moments, strict=True)
        ]
    return [one or NOTHING for one in found]  # type: ignore[misc]  # no timelines are left


def _without(fields: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    return fields if fields.keys().isdisjoint(own) else {name: fields[name] for name in fields if name not in own}


def context_of(files: Sequence[Path]) -> tuple[list[Context], Sequence[ContextProblem]]:
    """What adds to events what these files say, and what is wrong with the rest of them; nothing without a file."""
    if not files:
        return [], ()
    loaded = load_context(files)
    return [Context(Table(loaded.entries), loaded.spaces)], loaded.problems

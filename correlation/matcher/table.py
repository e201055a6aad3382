"""Rows of one layout as matching reads them: constants, columns by name, and how many rows there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, Protocol

from correlation.matcher.values import Key, flatten, keys_of
from sensors.event.model import Batch
from sensors.event.times import iso

ABOUT_THE_EVENT = frozenset({
    "event.category", "event.created", "event.dataset", "event.id", "event.ingested", "event.kind", "event.module",
    "event.outcome", "event.sequence", "event.severity", "event.type", "ecs.version",
})
"""Fields in which we, not the log, say what kind of event it is: keywords do not look there."""

_NESTING: Final = frozenset({dict, list})
"""What JSON nests with."""


class Table(Protocol):
    """Rows that have the same names."""

    @property
    def rows(self) -> int:
        """How many there are."""
        ...

    @property
    def constants(self) -> Mapping[str, Any]:
        """Values that all rows share."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns; none is a constant's."""
        ...

    def column(self, name: str) -> Sequence[Any]:
        """The values of one column, one for each row."""
        ...

    def select(self, rows: Sequence[int], constants: Mapping[str, Any]) -> "Table":
        """Some rows, with further constants instead of the columns of those names."""
        ...


class BatchTable:
    """A batch; its dataset is there as a constant, event time as a column where a rule asks for it."""

    def __init__(self, batch: Batch, *, timed: bool) -> None:
        self._batch = batch
        self._timed = timed and "@timestamp" not in batch.columns
        self.rows = len(batch)
        self.constants: Mapping[str, Any] = {"event.dataset": batch.dataset, **batch.constants}
        self.names = (*batch.columns, "@timestamp") if self._timed else tuple(batch.columns)

    def column(self, name: str) -> Any:
        """As in `Table`."""
        if self._timed and name == "@timestamp":
            return [iso(int(moment)) for moment in self._batch.times]
        return self._batch.columns[name]

    def select(self, rows: Sequence[int], constants: Mapping[str, Any]) -> "Selection":
        """As in `Table`."""
        return Selection(self, rows, constants)


class Selection:
    """Some rows of a table, with further constants instead of the columns of those names."""

    def __init__(self, table: Table, rows: Sequence[int], constants: Mapping[str, Any]) -> None:
        self._table = table
        self._rows = rows
        self.rows = len(rows)
        self.constants: Mapping[str, Any] = {**table.constants, **constants}
        self.names = tuple(name for name in table.names if name not in constants)

    def column(self, name: str) -> list[Any]:
        """As in `Table`."""
        column = self._table.column(name)
        return [column[row] for row in self._rows]

    def select(self, rows: Sequence[int], constants: Mapping[str, Any]) -> "Selection":
        """As in `Table`."""
        return Selection(self, rows, constants)


class DocumentTable:
    """Flat documents that have the same keys, as columns; `constants` are keys with one value in all of them."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], rows: int, constants: Mapping[str, Any]) -> None:
        self._columns = columns
        self.rows = rows
        self.constants = constants
        self.names = tuple(name for name in columns if name not in constants)

    def column(self, name: str) -> Sequence[Any]:
        """As in `Table`."""
        return self._columns[name]

    def select(self, rows: Sequence[int], constants: Mapping[str, Any]) -> "DocumentTable | Selection":
        """As in `Table`."""
        if len(rows) == self.rows:
            return DocumentTable(self._columns, self.rows, {**self.constants, **constants})
        return Selection(self, rows, constants)


def tables(documents: Sequence[Mapping[str, Any]]) -> Iterator[tuple[DocumentTable, Sequence[int]]]:
    """Documents, nested or with dotted keys, as tables of one layout each.

    Yields:
        Each table and the numbers of its documents, in order.
    """
    nested: dict[int, dict[str, Any]] = {}
    for names, rows in _layouts(enumerate(documents)):
        chosen = [documents[row] for row in rows]
        columns = list(zip(*[document.values() for document in chosen], strict=True))
        if _are_flat(columns):
            yield DocumentTable(dict(zip(names, columns, strict=True)), len(rows), {}), rows
        else:
            nested.update((row, flatten(document)) for row, document in zip(rows, chosen, strict=True))
    for names, rows in _layouts(nested.items()):
        columns = list(zip(*[nested[row].values() for row in rows], strict=True))
        yield DocumentTable(dict(zip(names, columns, strict=True)), len(rows), {}), rows


def _are_flat(columns: Sequence[Sequence[Any]]) -> bool:
    # Types are looked at for a whole table at a time: asking every value by itself costs as much as matching.
    kinds = set(map(type, chain.from_iterable(columns)))
    if dict in kinds:
        return False
    return list not in kinds or not any(
        _NESTING.intersection(map(type, value)) for column in columns for value in column if value.__class__ is list
    )


def _layouts(documents: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterable[tuple[tuple[str, ...], list[int]]]:
    """The numbers of the documents that have the same keys in the same order, under these keys."""
    found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, document in documents:
        found[tuple(document)].append(row)
    return found.items()


def partition(table: Table, names: Sequence[str]) -> list[tuple[Table, Sequence[int]]]:
    """The table cut so that each part has one value in each of these columns, which become constants there.

    Returns:
        Each part and the numbers of its rows in the table, in order.
    """
    varying = [name for name in names if name in table.names]
    if not varying:
        return [(table, range(table.rows))]
    columns = [keys_of(table.column(name)) for name in varying]
    if all(len(set(column)) == 1 for column in columns):  # nearly always: events of one layout are of one kind
        rows = range(table.rows)
        return [(table.select(rows, {name: keys[0] for name, keys in zip(varying, columns, strict=True)}), rows)]
    groups: defaultdict[tuple[Key, ...], list[int]] = defaultdict(list)
    for row, found in enumerate(zip(*columns, strict=True)):
        groups[found].append(row)
    return [
        (table.select(chosen, dict(zip(varying, found, strict=True))), chosen) for found, chosen in groups.items()
    ]

"""Rows of one layout as matching reads them: constants, columns by name, and how many rows there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from correlation.matcher.values import Key, keys_of
from sensors.event.model import Batch
from sensors.event.times import iso

ABOUT_THE_EVENT = frozenset({
    "event.category", "event.created", "event.dataset", "event.id", "event.ingested", "event.kind", "event.module",
    "event.outcome", "event.sequence", "event.severity", "event.type", "ecs.version",
})
"""Fields in which we, not the log, say what kind of event it is: keywords do not look there."""


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

    @classmethod
    def of(cls, documents: Sequence[Mapping[str, Any]]) -> "DocumentTable":
        """The table of documents, of which there is at least one, and all have the keys of the first in its order."""
        columns = zip(*(document.values() for document in documents), strict=True)
        return cls(dict(zip(documents[0], columns, strict=True)), len(documents), {})

    def column(self, name: str) -> Sequence[Any]:
        """As in `Table`."""
        return self._columns[name]

    def select(self, rows: Sequence[int], constants: Mapping[str, Any]) -> "DocumentTable | Selection":
        """As in `Table`."""
        if len(rows) == self.rows:
            return DocumentTable(self._columns, self.rows, {**self.constants, **constants})
        return Selection(self, rows, constants)


def partition(table: Table, names: Sequence[str]) -> list[tuple[Table, Sequence[int]]]:
    """The table cut so that each part has one value in each of these columns, which become constants there.

    Returns:
        Each part and the numbers of its rows in the table, in order.
    """
    varying = [name for name in names if name in table.names]
    if not varying:
        return [(table, range(table.rows))]
    groups: defaultdict[tuple[Key, ...], list[int]] = defaultdict(list)
    for row, keys in enumerate(zip(*(keys_of(table.column(name)) for name in varying), strict=True)):
        groups[keys].append(row)
    return [
        (table.select(rows, dict(zip(varying, keys, strict=True))), rows) for keys, rows in groups.items()
    ]

"""Where a rule's field stands in a layout: a column, a constant, below one of these, or above, or nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from correlation.matcher.table import Table
from correlation.matcher.values import MISSING, OBJECT, Key, Mark, key_of, keys_of, reach


@dataclass(frozen=True, slots=True)
class Place:
    """A field's places in a layout: (column or constant, path below it) each; nearly always one, without a path.

    `above` says that the layout has names below the field's own: then the field is there as an object.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...]
    constants: tuple[tuple[str, tuple[str, ...]], ...]
    above: bool

    @property
    def varies(self) -> bool:
        """Whether its value may differ between rows."""
        return bool(self.columns)

    @property
    def whole(self) -> str | None:
        """The column whose values are the field's, where it is that simple."""
        if len(self.columns) == 1 and not (self.constants or self.above or self.columns[0][1]):
            return self.columns[0][0]
        return None

    @property
    def absent(self) -> bool:
        """Whether no row can have it."""
        return not (self.columns or self.constants or self.above)

    def keys(self, table: Table) -> Sequence[Key]:
        """The field's keys in a table of this layout, one for each row."""
        return keys_of(self.values(table))

    def values(self, table: Table) -> Sequence[Any]:
        """The field's values in a table of this layout, one for each row, as they are or as keys already."""
        if self.whole is not None:
            return table.column(self.whole)
        shared = self._shared(table)
        columns = [(table.column(name), path) for name, path in self.columns]
        return [
            _key([*shared, *(found for column, path in columns if (found := reach(column[row], path)) is not MISSING)])
            for row in range(table.rows)
        ]

    def key(self, table: Table) -> Key:
        """The field's key where it does not vary."""
        return _key(self._shared(table))

    def _shared(self, table: Table) -> list[Any]:
        found: list[Any] = [OBJECT] if self.above else []
        for name, path in self.constants:
            below = reach(table.constants[name], path)
            if below is not MISSING:
                found.append(below)
        return found


class Layout:
    """The names of a table, to find fields in."""

    def __init__(self, table: Table) -> None:
        self._columns = frozenset(table.names)
        self._constants = frozenset(table.constants)
        self._above = {
            name[:cut]
            for name in self._columns | self._constants
            for cut, letter in enumerate(name) if letter == "."
        }

    def place(self, name: str) -> Place:
        """Where a field stands."""
        parts = name.split(".")
        paths = [(".".join(parts[:cut]), tuple(parts[cut:])) for cut in range(len(parts), 0, -1)]
        return Place(
            tuple(path for path in paths if path[0] in self._columns),
            tuple(path for path in paths if path[0] in self._constants),
            above=name in self._above,
        )


def _key(values: list[Any]) -> Key:
    if len(values) < 2:
        return key_of(values[0]) if values else MISSING
    keys: list[str | Mark | None] = []
    for value in values:
        key = key_of(value)
        if isinstance(key, tuple):
            keys.extend(key)
        else:
            keys.append(key)
    return tuple(keys)

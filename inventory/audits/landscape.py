"""The registers at one moment, in columns: what checks look at.

Columns are read when they are first asked for and shared by all checks; those that are known to be needed are read
together. A column is a list with one value for each record, so that a check over half a million is a few passes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final

from inventory.model import LISTS, Moment, Register
from inventory.ports import Known
from inventory.registers import registers

ID: Final = "id"
"""The path of a record's own id."""
OWNED_BY: Final = ("unit", "system", "tenant", "asset", "platform", "private_network")
"""Fields that lead to the unit that answers for a record, the nearest first."""
_SHARED: Final = frozenset({"reference", "choice", "day"})
"""Kinds whose values repeat: one object serves all records that have it."""

_TURNED: Final = 4_000


class Table:
    """The records of one register."""

    def __init__(self, register: Register, read: Callable[[Sequence[str]], Iterable[tuple[Any, ...]]]) -> None:
        self.register = register
        self._read = read
        self._columns: dict[str, list[Any]] = {}
        self._needed = dict.fromkeys(register.key)
        self._shared: dict[Any, Any] = {}

    def need(self, keys: Iterable[str]) -> None:
        """Say which columns will be asked for, so that they are read together."""
        self._needed |= dict.fromkeys(key for key in keys if key in self.register.by_key)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def ids(self) -> list[str]:
        """The ids of all records."""
        keys = list(self._needed)
        ids: list[str] = []
        made: list[list[Any]] = [ids, *([] for _ in keys)]
        shares = [False, *(self.register.by_key[key].kind in _SHARED for key in keys)]
        share = self._shared.setdefault
        rows = iter(self._read(keys))
        # Turned from rows into columns many at a time, which costs a third of doing so value by value.
        while part := list(islice(rows, _TURNED)):
            for column, values, shared in zip(made, zip(*part, strict=True), shares, strict=True):
                column.extend(map(share, values, values) if shared else values)
        self._columns |= dict(zip(keys, made[1:], strict=True))
        return ids

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The numbers of records by their ids."""
        return {id_: row for row, id_ in enumerate(self.ids)}

    def column(self, key: str) -> list[Any]:
        """The values of a field, None where it is not known; of `id` the ids."""
        ids = self.ids
        if key == ID:
            return ids
        if key not in self._columns:
            found = dict(self._read([key]))
            self._columns[key] = [found.get(id_) for id_ in ids]
        return self._columns[key]

    def key(self, row: int) -> str:
        """What people call a record; references in its key are ids here."""
        return " ".join(str(self.column(key)[row]) for key in self.register.key)


class Landscape:
    """All registers as they were at a moment, and the day of the audit."""

    def __init__(self, known: Known, moment: Moment, day: str) -> None:
        self.day = day
        self.moment = moment
        self._known = known
        self._tables: dict[str, Table] = {}

    def table(self, register: str) -> Table:
        """The records of a register."""
        if register not in self._tables:
            kept = registers()[register]
            self._tables[register] = Table(kept, lambda keys: self._known.columns(kept, keys, self.moment))
        return self._tables[register]

    def need(self, register: str, path: str) -> None:
        """Say that a path will be followed from a register."""
        first, _, rest = path.partition(".")
        self.table(register).need([first])
        field = registers()[register].by_key.get(first)
        if field is not None and field.register and rest:
            self.need(field.register, rest)

    def values(self, register: str, path: str, rows: Iterable[int]) -> list[Any]:
        """The values at the end of a path, one for each of these records; None where the way ends before."""
        first, _, rest = path.partition(".")
        column = self.table(register).column(first)
        found = [column[row] for row in rows]
        if not rest:
            return found
        to = registers()[register].by_key[first].register
        target = self.table(to).rows
        numbers = [None if value is None else target.get(value) for value in found]
        inside = self.values(to, rest, [number for number in numbers if number is not None])
        ends = iter(inside)
        return [None if number is None else next(ends) for number in numbers]

    def named(self, register: str, id_: str | None) -> str:
        """What people call a record, by its id; the id where it is not there."""
        if id_ is None:
            return ""
        row = self.table(register).rows.get(id_)
        return id_ if row is None else self.key(register, row)

    def key(self, register: str, row: int) -> str:
        """What people call a record, by its number."""
        table = self.table(register)
        return " ".join(
            self.named(field.register, value) if (field := table.register.by_key[key]).register else str(value)
            for key in table.register.key
            if (value := table.column(key)[row]) is not None
        )

    def name(self, register: str, id_: str | None) -> str:
        """What a record is called beside its key; empty where it is not there or has no name."""
        table = self.table(register)
        row = None if id_ is None else table.rows.get(id_)
        if row is None or "name" not in table.register.by_key or "name" in table.register.key:
            return ""
        return str(table.column("name")[row] or "")

    def shown(self, register: str, path: str, value: Any) -> Any:
        """A value at the end of a path as people know it: of references what the records are called."""
        field = self.end(register, path)
        if field is None or not field.register:
            return value
        if field.kind in LISTS:
            return [self.named(field.register, one) for one in value or ()]
        return None if value is None else self.named(field.register, value)

    @staticmethod
    def end(register: str, path: str) -> Any:
        """The field at the end of a path; None for the id of a record."""
        *way, last = path.split(".")
        for step in way:
            register = registers()[register].by_key[step].register
        return registers()[register].by_key.get(last)

    def unit_of(self, register: str, row: int) -> str | None:
        """The id of the unit that answers for a record."""
        if register == "units":
            return self.table(register).ids[row]
        table = self.table(register)
        for key in OWNED_BY:
            field = table.register.by_key.get(key)
            if field is None or not field.register or (value := table.column(key)[row]) is None:
                continue
            if field.register == "units":
                return str(value)
            below = self.table(field.register).rows.get(value)
            found = None if below is None else self.unit_of(field.register, below)
            if found is not None:
                return found
        return None

    def district_of(self, register: str, row: int) -> str | None:
        """The id of the district in which a record lies: its own, else its unit's."""
        if register == "districts":
            return self.table(register).ids[row]
        table = self.table(register)
        if "district" in table.register.by_key and (own := table.column("district")[row]) is not None:
            return str(own)
        unit = self.unit_of(register, row)
        place = None if unit is None else self.table("units").rows.get(unit)
        found = None if place is None else self.table("units").column("district")[place]
        return None if found is None else str(found)

    def under(self, register: str, id_: str) -> frozenset[str]:
        """A record and all below it, by the field `parent`."""
        table = self.table(register)
        children: dict[str, list[str]] = {}
        for child, parent in zip(table.ids, table.column("parent"), strict=True):
            if parent is not None:
                children.setdefault(parent, []).append(child)
        found, left = {id_}, [id_]
        while left:
            for child in children.get(left.pop(), ()):
                if child not in found:
                    found.add(child)
                    left.append(child)
        return frozenset(found)

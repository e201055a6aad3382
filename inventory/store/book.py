"""The registers as they are kept: read as of any moment, and written in batches of which all is written or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from inventory.database import writing
from inventory.history import amended
from inventory.model import EVER, OPEN, Batch, Change, Moment, Record, Recorded, Register, Version
from inventory.registers import registers
from inventory.store.rows import recorded_of, row_of, version_of
from inventory.store.statements import at_moment, in_parts, known_at, with_key, with_values
from inventory.store.tables import TABLES, batch, column_of

CHUNK: Final = 500
"""Records that one statement asks for: SQLite takes a limited number of values."""
_FETCHED: Final = 2_000
ByKey: TypeAlias = dict[tuple[Any, ...], dict[str, list[Version]]]
"""By key and by id, the versions of the records that have had that key."""


class Inventory:
    """All registers in a relational database that `inventory.database.open_database` has opened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def records(self, register: Register, moment: Moment, where: Mapping[str, Any] | None = None) -> Iterator[Record]:
        """All records that were there at a moment, in the order of their keys; `where` says what fields must hold."""
        table = TABLES[register.name]
        order = (*(table.c[column_of(key)] for key in register.key), table.c.id)
        asked = select(table).where(at_moment(table, moment), *with_values(table, where or {})).order_by(*order)
        with self._engine.connect() as connection:
            found = connection.execution_options(yield_per=_FETCHED).execute(asked).mappings()
            for row in found:
                yield Record(row["id"], version_of(register, row))

    def columns(self, register: Register, keys: Sequence[str], moment: Moment) -> Iterator[tuple[Any, ...]]:
        """Some fields of all records that were there at a moment, after their ids: less than whole records cost."""
        table = TABLES[register.name]
        asked = select(table.c.id, *(table.c[column_of(key)] for key in keys)).where(at_moment(table, moment))
        with self._engine.connect() as connection:
            yield from (tuple(row) for row in connection.execution_options(yield_per=_FETCHED).execute(asked))

    def spans(self, register: Register, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Of all records at all times, as they are known now: id, valid from, valid to, and some fields."""
        table = TABLES[register.name]
        columns = (table.c[column_of(key)] for key in keys)
        asked = select(table.c.id, table.c.valid_from, table.c.valid_to, *columns).where(table.c.recorded_to == OPEN)
        with self._engine.connect() as connection:
            yield from (tuple(row) for row in connection.execution_options(yield_per=_FETCHED).execute(asked))

    def count(self, register: Register, moment: Moment) -> int:
        """How many records were there at a moment."""
        table = TABLES[register.name]
        with self._engine.connect() as connection:
            asked = select(func.count()).select_from(table).where(at_moment(table, moment))
            return connection.execute(asked).scalar_one()

    def history(self, register: Register, id: str) -> list[Recorded]:  # noqa: A002 - what it is called everywhere
        """Everything that was ever known of a record, in the order in which it was, then of the time it is about."""
        table = TABLES[register.name]
        asked = select(table).where(table.c.id == id).order_by(table.c.recorded_from, table.c.valid_from)
        with self._engine.connect() as connection:
            return [recorded_of(register, row) for row in connection.execute(asked).mappings()]

    def batches(self, numbers: Iterable[int]) -> dict[int, Batch]:
        """What was written together, by number."""
        found: dict[int, Batch] = {}
        with self._engine.connect() as connection:
            for some in in_parts(dict.fromkeys(numbers), CHUNK):
                for row in connection.execute(select(batch).where(batch.c.number.in_(some))).mappings():
                    found[row["number"]] = Batch(**row)
        return found

    def keyed(self, register: Register, fields: Sequence[str], wanted: Iterable[tuple[Any, ...]]) -> ByKey:
        """The records that have these values in these fields, at whatever time, as they are known now."""
        with self._engine.connect() as connection:
            return keyed(connection, register, fields, wanted)

    def versions(self, register: Register, ids: Iterable[str]) -> dict[str, list[Version]]:
        """By id, the versions of records as they are known now, in the order of time."""
        with self._engine.connect() as connection:
            return _versions(connection, register, ids)

    def named(self, register: Register, ids: Iterable[str], moment: Moment) -> dict[str, str]:
        """What people call records by id: the values of their keys; as they were last where they are not there."""
        table = TABLES[register.name]
        names: dict[str, tuple[int, str]] = {}
        columns = [table.c[column_of(key)] for key in register.key]
        with self._engine.connect() as connection:
            for some in in_parts(dict.fromkeys(ids), CHUNK):
                asked = select(table.c.id, table.c.valid_from, table.c.valid_to, *columns).where(
                    table.c.id.in_(some), *known_at(table, moment.recorded)
                )
                for id_, begins, ends, *key in connection.execute(asked):
                    there = OPEN if begins <= moment.valid < ends else begins
                    names[id_] = max(names.get(id_, (-1, "")), (there, " ".join(map(str, key))))
        return {id_: name for id_, (_, name) in names.items()}

    def last(self) -> int:
        """The number of the batch that was written last; 0 where there is none."""
        with self._engine.connect() as connection:
            return _last(connection)

    def write(self, batch_: Batch, changes: Mapping[str, Sequence[Change]], since: int | None = None) -> Batch:
        """Write changes of registers by their names, all of them or, if anything fails, none.

        Returns: the batch with its number. What a change does not alter is not written.

        Raises:
            OvertakenError: another batch was written after the one numbered `since`, by which the changes were made.
        """
        with writing(self._engine) as connection:
            if since is not None and _last(connection) != since:
                raise OvertakenError
            return write(connection, batch_, changes)


class OvertakenError(Exception):
    """What was decided by what is known was overtaken by what became known meanwhile: decide anew."""


def _last(connection: Connection) -> int:
    return connection.execute(select(func.max(batch.c.number))).scalar_one() or 0


def keyed(
    connection: Connection, register: Register, fields: Sequence[str], wanted: Iterable[tuple[Any, ...]]
) -> ByKey:
    """By key and by id, the versions of the records that have had that key, as they are known now."""
    table = TABLES[register.name]
    found: ByKey = defaultdict(dict)
    for some in in_parts(dict.fromkeys(wanted), CHUNK // len(fields)):
        ids = {id_: key for id_, *key in connection.execute(with_key(table, fields, some))}
        for id_, versions in _versions(connection, register, ids).items():
            for version in versions:
                found[tuple(version.values.get(key) for key in fields)].setdefault(id_, versions)
    return found


def write(connection: Connection, batch_: Batch, changes: Mapping[str, Sequence[Change]]) -> Batch:
    """Write changes in the transaction of this connection; see `Inventory.write`."""
    last = connection.execute(select(func.max(batch.c.at))).scalar_one() or EVER
    # Two batches never share a moment, whatever the clock says: what is known is known from one of them on.
    values = asdict(replace(batch_, at=max(batch_.at, last + 1)))
    del values["number"]
    done = connection.execute(insert(batch).values(values).returning(batch.c.number)).scalar_one()
    for name, some in changes.items():
        for part in in_parts(some, _FETCHED):
            _write(connection, registers()[name], part, done, values["at"])
    return Batch(**values, number=done)


def _write(connection: Connection, register: Register, changes: Sequence[Change], number: int, at: int) -> None:
    table = TABLES[register.name]
    before = _versions(connection, register, [one.id for one in changes])
    after: dict[str, Sequence[Version]] = dict(before)
    for change in changes:
        after[change.id] = amended(after.get(change.id, ()), change, number)
    closed, made = [], []
    for id_, versions in after.items():
        old = before.get(id_, ())
        closed += [{"closed_id": id_, "begun": one.valid_from} for one in old if one not in versions]
        made += [row_of(register, id_, one, at, OPEN) for one in versions if one not in old]
    if closed:
        connection.execute(
            update(table)
            .where(
                table.c.id == bindparam("closed_id"), table.c.valid_from == bindparam("begun"),
                table.c.recorded_to == OPEN,
            )
            .values(recorded_to=at),
            closed,
        )  # fmt: skip
    if made:
        connection.execute(insert(table), made)


def _versions(connection: Connection, register: Register, ids: Iterable[str]) -> dict[str, list[Version]]:
    """The versions of records as they are known now, in the order of time."""
    table = TABLES[register.name]
    found: dict[str, list[Version]] = {}
    for some in in_parts(dict.fromkeys(ids), CHUNK):
        asked = select(table).where(table.c.id.in_(some), table.c.recorded_to == OPEN).order_by(table.c.valid_from)
        for row in connection.execute(asked).mappings():
            found.setdefault(row["id"], []).append(version_of(register, row))
    return found

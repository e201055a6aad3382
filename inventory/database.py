"""Opening the relational database and bringing its tables up to date with Alembic.

SQLite by default, PostgreSQL by its URL; both give the same: readers see one moment and never wait for the writer, and
those who write take turns. SQLite gets a write-ahead log, full synchronisation and foreign keys for that, PostgreSQL
a level of isolation and a lock.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from inventory.errors import DatabaseUnusable
from sensors.delivery.write_ahead import switch_to_log

_MIGRATING: Final = "inventory.migrating"
OUR_LOCKS: Final = 0x68616E
"""The class of our advisory locks in PostgreSQL, which no other program uses: "han"."""
_TURN: Final = {"ours": OUR_LOCKS, "which": 0}
_PATIENCE: Final = 30_000
"""How long who wants to write waits for the others, ms."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one room: each room has migrations of its own, in one database.

    Attributes:
        versions: the table that says which migration was applied last.
        head: the newest migration. A database that has it needs no Alembic, which takes longer to load than most
            commands run.
        package: the package whose folder `migrations` holds them.
    """

    versions: str
    head: str
    package: str


def open_database(url: str, schemas: Sequence[Schema]) -> Engine:
    """An engine on the database at `url` (SQLAlchemy's form) with all migrations of these schemas applied.

    Raises:
        DatabaseUnusable: the address is none, its driver is missing, it cannot be reached, opened or written, or a
            newer version has migrated it.
    """
    engine = _engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        for schema in _behind(engine, schemas):
            # Several processes open the database at the same moment and migrate it.
            with writing(engine) as connection:
                import_module(_MIGRATING).migrate(connection, schema)
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseUnusable(url=shown(engine), reason=str(error.orig)) from error
    except MigrationRefusedError as error:
        engine.dispose()
        raise DatabaseUnusable(url=shown(engine), reason=str(error)) from error
    return engine


def load(url: str) -> None:
    """Load the driver of a database that is opened later, when it may no longer be readable; nothing is connected.

    What is wrong with it is told when it is opened.
    """
    with suppress(ArgumentError, ImportError):
        create_engine(url).dispose()


def shown(engine: Engine) -> str:
    """The address of a database without its password."""
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is going to write, from its beginning; no other one writes meanwhile, of whatever process.

    SQLite refuses at once, without waiting, a transaction that has read, wants to write, and was overtaken meanwhile;
    one that says beforehand that it will write waits for its turn. PostgreSQL would let two write what they decided by
    what each of them had read: there a lock makes the turns, and each statement sees what the ones before have left.
    """
    taking_turns = engine.dialect.name == "postgresql"
    options: dict[str, Any] = {"isolation_level": "READ COMMITTED"} if taking_turns else {"begin": "IMMEDIATE"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if taking_turns:
            connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:ours, :which)"), _TURN)
        yield connection


class MigrationRefusedError(Exception):
    """Alembic does not know the way from the version that the database has."""


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        # What is read in one transaction is of one moment, and a connection that the server has closed is noticed.
        more: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "pool_pre_ping": True}
        return create_engine(
            parsed, json_serializer=_json, json_deserializer=orjson.loads,
            **(more if parsed.get_backend_name() == "postgresql" else {}),
        )  # fmt: skip
    except (ArgumentError, ImportError) as error:
        # What is no address may hold a password all the same.
        raise DatabaseUnusable(url=url.partition(":")[0], reason=str(error)) from error


def _json(value: Any) -> str:
    """What the library's own writer gives, in a tenth of the time: evidence has a summary for each event."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _behind(engine: Engine, schemas: Sequence[Schema]) -> list[Schema]:
    """The schemas of which migrations are missing; a database that is not there yet has none."""
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        return [one for one in schemas if one.versions not in there or _version(connection, one) != [one.head]]


def _version(connection: Connection, schema: Schema) -> Sequence[str]:
    return connection.execute(text(f"SELECT version_num FROM {schema.versions}")).scalars().all()  # noqa: S608 - a constant


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, too late to hold others off; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_PATIENCE}")
    switch_to_log(connection)
    for setting in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()

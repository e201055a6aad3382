"""Opening the relational database and bringing its tables up to date with Alembic.

SQLite by default, PostgreSQL by its URL. SQLite gets a write-ahead log, full synchronisation and foreign keys, so that
what was recorded survives a kill and readers never wait for the writer.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from correlation.alerts.errors import DatabaseUnusable
from sensors.delivery.write_ahead import switch_to_log

_HEAD: Final = "0007"
"""The newest migration. A database that has it needs no Alembic, which takes longer to load than most commands run."""
_VERSION_TABLE: Final = "correlation_version"
_MIGRATING: Final = "correlation.alerts.migrating"
_MIGRATION_LOCK = 0x68616E  # any number that no other program locks by: "han"


def open_database(url: str) -> Engine:
    """An engine on the database at `url` (SQLAlchemy's form) with all migrations applied.

    Raises:
        DatabaseUnusable: it cannot be reached, opened or written, or a newer version has migrated it.
    """
    engine = create_engine(url, json_serializer=_json, json_deserializer=orjson.loads)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        if not _is_at_head(engine):
            with _alone(engine) as connection:
                import_module(_MIGRATING).migrate(connection)
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseUnusable(url=_shown(engine), reason=str(error.orig)) from error
    except MigrationRefusedError as error:
        engine.dispose()
        raise DatabaseUnusable(url=_shown(engine), reason=str(error)) from error
    return engine


def load(url: str) -> None:
    """Load the driver of a database that is opened later, when it may no longer be readable; nothing is connected.

    What is wrong with it is told when it is opened.
    """
    with suppress(ArgumentError, ImportError):
        create_engine(url).dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is going to write, from its beginning.

    SQLite refuses at once, without waiting, a transaction that has read, wants to write, and was overtaken meanwhile;
    one that says beforehand that it will write waits for its turn.
    """
    with engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        yield connection


class MigrationRefusedError(Exception):
    """Alembic does not know the way from the version that the database has."""


def _json(value: Any) -> str:
    """What the library's own writer gives, in a tenth of the time: evidence has a summary for each event."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _is_at_head(engine: Engine) -> bool:
    """Whether all migrations have been applied; a database that is not there yet has none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION_TABLE):
            return False
        return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars().all() == [_HEAD]  # noqa: S608 - a constant


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process shares, since several open the database at the same moment and migrate it."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        yield connection


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, too late to hold others off; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    switch_to_log(connection)
    for setting in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()

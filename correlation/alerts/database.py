"""Opening the relational database and bringing its tables up to date with Alembic.

SQLite by default, PostgreSQL by its URL. SQLite gets a write-ahead log, full synchronisation and foreign keys, so that
what was recorded survives a kill and readers never wait for the writer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from correlation.alerts.errors import DatabaseUnusable

_MIGRATION_LOCK = 0x68616E  # any number that no other program locks by: "han"


def open_database(url: str) -> Engine:
    """An engine on the database at `url` (SQLAlchemy's form) with all migrations applied.

    Raises:
        DatabaseUnusable: it cannot be reached, opened or written, or a newer version has migrated it.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        with _alone(engine) as connection, as_file(files("correlation.alerts") / "migrations") as scripts:
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (DBAPIError, CommandError) as error:
        engine.dispose()
        reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        raise DatabaseUnusable(url=engine.url.render_as_string(hide_password=True), reason=reason) from error
    return engine


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process shares, since several open the database at the same moment and migrate it."""
    with engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        yield connection


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, too late to hold others off; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()

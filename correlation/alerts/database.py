"""Opening the relational database and bringing its tables up to date with Alembic.

SQLite by default, PostgreSQL by its URL. SQLite gets a write-ahead log, full synchronisation and foreign keys, so that
what was recorded survives a kill and readers never wait for the writer.
"""

from importlib.resources import as_file, files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from correlation.alerts.errors import DatabaseUnusable


def open_database(url: str) -> Engine:
    """An engine on the database at `url` (SQLAlchemy's form) with all migrations applied.

    Raises:
        DatabaseUnusable: it cannot be reached, opened or written, or a newer version has migrated it.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        with engine.begin() as connection, as_file(files("correlation.alerts") / "migrations") as scripts:
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (DBAPIError, CommandError) as error:
        engine.dispose()
        reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        raise DatabaseUnusable(url=engine.url.render_as_string(hide_password=True), reason=reason) from error
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()

"""Bringing the tables up to date with Alembic; apart from the rest, since few starts need it."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from correlation.alerts.database import MigrationRefusedError


def migrate(connection: Connection) -> None:
    """Apply all migrations that are missing; the caller has the database to itself.

    Raises:
        MigrationRefusedError: a version of hanwatch that is newer than this one has migrated it.
    """
    with as_file(files("correlation.alerts") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise MigrationRefusedError(str(error)) from error

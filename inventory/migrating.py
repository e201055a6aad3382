"""Bringing the tables up to date with Alembic; apart from the rest, since few starts need it."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from inventory.database import MigrationRefusedError, Schema


def migrate(connection: Connection, schema: Schema) -> None:
    """Apply all migrations of a schema that are missing; the caller has the database to itself.

    Raises:
        MigrationRefusedError: a version of hanwatch that is newer than this one has migrated it.
    """
    with as_file(files(schema.package) / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes.update(connection=connection, versions=schema.versions)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise MigrationRefusedError(str(error)) from error

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from inventory.database import open_database
from inventory.store import schema
from inventory.store.tables import metadata
from tests.databases import Databases, closing


def test_the_migrations_make_exactly_the_tables_that_the_registers_need(databases: Databases) -> None:
    with closing(open_database(databases.empty(), (schema.SCHEMA,))) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.SCHEMA.versions})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_known() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.SCHEMA.head

"""How Alembic runs the migrations: on the connection that `open_database` hands over, never by itself."""

from alembic import context

from inventory.observing import tables as observed  # noqa: F401 - all tables are declared
from inventory.store.tables import metadata
from inventory.vulnerabilities import tables as vulnerabilities  # noqa: F401 - likewise

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["versions"],
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

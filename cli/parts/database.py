"""The relational database of a run."""

from functools import cached_property

from sqlalchemy import Engine

from cli.ground import Ground
from correlation.alerts import schema as alerts
from inventory.database import open_database
from inventory.store import schema as registers


class WithDatabase(Ground):
    """A run that works with the relational database."""

    @cached_property
    def database(self) -> Engine:
        """The relational database, with the tables of all rooms."""
        engine = open_database(self.settings.database_url, (registers.SCHEMA, alerts.SCHEMA))
        self._open.callback(engine.dispose)
        return engine

"""The alerts of a run."""

from functools import cached_property

from cli.ground import Ground
from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database


class WithBook(Ground):
    """A run that reads or writes alerts."""

    @cached_property
    def book(self) -> AlertBook:
        """The alerts."""
        engine = open_database(self.settings.database_url)
        self._open.callback(engine.dispose)
        return AlertBook(engine)

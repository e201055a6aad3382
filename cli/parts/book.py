"""The alerts of a run, and the windows that some of them come from."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property

from cli.parts.database import WithDatabase
from correlation.alerts.book import AlertBook
from correlation.alerts.sole import sole
from correlation.rules.model import Correlation
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from sensors.event.times import SECOND


class WithBook(WithDatabase):
    """A run that reads or writes alerts."""

    def sole(self, role: str) -> AbstractContextManager[None]:
        """Have a role of the relational database; the lease of the data folder says it for the one that is in there.

        Raises:
            DatabaseTaken: a process in another data folder has it.
        """
        return sole(self.database, role) if self.settings.database else nullcontext()

    @cached_property
    def book(self) -> AlertBook:
        """The alerts."""
        return AlertBook(self.database)

    def windows(self, correlations: Sequence[Correlation], *, live: bool) -> WindowBook | None:
        """Windows of these correlations as they were left; None where there are none.

        `live`: what happens now is read, so that what comes late is waited for so long as the settings say; else until
        everything was read.
        """
        if not correlations:
            return None
        return WindowBook(self.database, self._empty(correlations, live=live))

    def renewed_windows(self, book: WindowBook | None, correlations: Sequence[Correlation]) -> WindowBook | None:
        """Windows of these correlations that go on live from others, of which everything is written."""
        if book is None or not correlations:
            return self.windows(correlations, live=True)
        return book.renewed(self._empty(correlations, live=True))

    def _empty(self, correlations: Sequence[Correlation], *, live: bool) -> Windows:
        lateness = round(self.settings.rules.lateness * SECOND) if live else None
        return Windows(correlations, lateness)

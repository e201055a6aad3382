"""The detectors of a run."""

from collections.abc import Sequence

from cli.parts.book import WithBook
from cli.parts.detectors_chosen import chosen_detectors
from cli.parts.spool import WithSpool
from correlation.detectors.book import DetectorBook
from correlation.detectors.service import CONSUMER, Detecting
from correlation.exceptions.excepting import Excepting
from correlation.ports import Enricher


class WithDetectors(WithBook, WithSpool):
    """A run that looks for behaviour."""

    def detecting(self, enrichers: Sequence[Enricher], exceptions: Excepting) -> Detecting | None:
        """The detectors of the settings as they were left; None where they are switched off.

        Raises:
            SettingUnknown: a detector is switched off that does not exist.
        """
        chosen = chosen_detectors(self.settings)
        if not chosen:
            # The spool waits for every consumer that it knows.
            self.spool.forget(CONSUMER)
            return None
        book = DetectorBook(self.database)
        detecting = Detecting(
            self.spool, chosen, self.book, book, self.clock, enrichers=enrichers, exceptions=exceptions
        )  # fmt: skip
        self._open.callback(detecting.write)
        return detecting

"""The detectors of a run."""

import difflib
from collections.abc import Sequence

from cli.parts.book import WithBook
from cli.parts.spool import WithSpool
from cli.settings import Settings, SettingUnknown
from correlation.detectors.book import DetectorBook
from correlation.detectors.model import Detector
from correlation.detectors.places import Places
from correlation.detectors.registry import DETECTORS, Ground
from correlation.detectors.service import CONSUMER, Detecting
from correlation.exceptions.excepting import Excepting
from correlation.ports import Enricher
from sensors.errors import Place
from sensors.event.times import SECOND


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


def chosen_detectors(settings: Settings) -> dict[str, Detector]:
    """Those that the settings leave on, by name, knowing nothing yet.

    Raises:
        SettingUnknown: a detector is switched off that does not exist.
    """
    said = settings.detectors
    for name in said.off:
        if name not in DETECTORS:
            nearest = difflib.get_close_matches(name, DETECTORS, n=1) or sorted(DETECTORS)
            raise SettingUnknown(place=Place("detectors.off"), key=name, nearest=", ".join(nearest))
    if not said.enabled:
        return {}
    ground = Ground(Places(said.inside), said.learning_hours * 3_600 * SECOND)
    return {name: made(ground) for name, made in DETECTORS.items() if name not in said.off}

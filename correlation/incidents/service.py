"""Incidents at work: they take recorded alerts behind the correlator, as often as that costs little."""

from typing import Final

import structlog

from correlation.incidents.deriving import Deriving
from sensors.event.times import SECOND, Clock

GROUP_SECONDS: Final = 5
"""While records keep coming, incidents take the new alerts this often; else as soon as nothing is waiting."""
_SHARE: Final = 10
"""Old logs read beside each other are placed anew again and again: that shall take a tenth of the time at most."""
_log = structlog.get_logger(__name__)


class Grouping:
    """Follows the correlator (`correlation.ports.Follower`); finds no alerts of its own."""

    def __init__(self, deriving: Deriving, clock: Clock) -> None:
        self._deriving = deriving
        self._clock = clock
        self._next = clock()

    def step(self, until: int | None) -> None:
        """Take the alerts that were recorded, unless that was just done."""
        if self._clock() >= self._next:
            self.write(until)

    def write(self, until: int | None) -> None:
        """Take the alerts that were recorded; what fails is tried again with the next ones."""
        began = self._clock()
        try:
            self._deriving.derive(until)
        except Exception:  # noqa: BLE001 - as in matching: neither stops the stream nor stays unseen
            _log.exception("grouping alerts into incidents failed")
        ended = self._clock()
        self._next = ended + max(GROUP_SECONDS * SECOND, _SHARE * (ended - began))

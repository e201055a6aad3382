"""Takes records from the spool, as a consumer of its own, and keeps what they show of addresses.

The spool is let go of a record only when what it showed is on disk; what is looked at again after a kill is written
again and stays the same.
"""

from typing import Final

import structlog

from inventory.model import Moment
from inventory.observing.book import SightingBook
from inventory.observing.folding import Folding, Ours
from inventory.registers import registers
from inventory.store.book import Inventory
from sensors.delivery.ports import Outcome, Spool
from sensors.event.times import SECOND, Clock

CONSUMER: Final = "inventory"
"""Its name at the spool."""
STEP_EVENTS: Final = 50_000
MOST_WAITING: Final = 20_000
"""Things that are new before they are written, and records: so much is looked at once more after a kill."""
SECONDS_BETWEEN: Final = 10
_log = structlog.get_logger(__name__)


class Observing:
    """What was seen, from the spool to the book."""

    def __init__(self, spool: Spool, book: SightingBook, inventory: Inventory, clock: Clock) -> None:
        self._spool = spool
        self._book = book
        self._inventory = inventory
        self._clock = clock
        self._batch = inventory.last()
        self._folding = Folding(self._ours())
        self._passed: list[Outcome] = []
        self._written = clock()

    def step(self) -> int | None:
        """Look at up to `STEP_EVENTS` events' worth of records; how many events, None when nothing was waiting."""
        after = self._passed[-1].sequence if self._passed else None
        events = 0
        for record in self._spool.read(CONSUMER, STEP_EVENTS, after=after):
            for batch in record.batches:
                try:
                    self._folding.look(batch)
                except Exception:  # noqa: BLE001 - a fault of ours must neither stop the others nor stay unseen
                    _log.exception("a batch was not looked at", dataset=batch.dataset, events=len(batch))
            events += record.events
            self._passed.append(Outcome(record.sequence, {}))
        due = self._clock() - self._written >= SECONDS_BETWEEN * SECOND
        if due or len(self._folding) + len(self._passed) >= MOST_WAITING:
            self.write()
        return events or None

    def write(self) -> None:
        """Write down what is new, and let the spool go."""
        self._book.write(self._folding.take())
        if self._passed:
            self._spool.acknowledge(CONSUMER, self._passed)
            self._passed.clear()
        self._written = self._clock()
        if (last := self._inventory.last()) != self._batch:
            # A network that was registered meanwhile is ours from now on.
            self._batch = last
            self._folding.ours = self._ours()

    def _ours(self) -> Ours:
        moment = Moment(self._clock())
        found = self._inventory.columns(registers()["prefixes"], ("network", "domain"), moment)
        return Ours(network for _, network, domain in found if domain != "internet")

"""Portions from the threads that capture to the spool, by a thread of its own: waiting for the disk stops no capture.

The way there is short: when it is full the captures wait, their rings fill, and the kernel counts what it drops.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from sensors.capture.live.session import FORMAT
from sensors.delivery.errors import SpoolBusy, SpoolFull
from sensors.delivery.ports import Delivery
from sensors.errors import Problem
from sensors.event.model import Source
from sensors.reading.model import Portion, Position

WAITING: Final = 8
"""How many portions may wait."""
_AGAIN_SECONDS: Final = 1.0
_log = structlog.get_logger(__name__)

Append = Callable[[Sequence[Delivery]], list[int]]


class Deliverer:
    """Persists portions in the order in which they come.

    Attributes:
        problem: why nothing more can be delivered, if that is so.
        sequence: the last record's number in the spool.
        events: how many events were persisted.
    """

    def __init__(self, append: Append) -> None:
        """Begin to deliver through `append` (`Spool.append_many`)."""
        self._append = append
        self._portions: queue.Queue[tuple[Source, Portion] | None] = queue.Queue(WAITING)
        self._begun: dict[str, Position] = {}
        self._delivered: set[str] = set()
        self._patient = True
        self.problem: Problem | None = None
        self.sequence = 0
        self.events = 0
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    def put(self, source: Source, portion: Portion) -> None:
        """Hand a portion over; waits while too many are waiting already."""
        self._portions.put((source, portion))

    def close(self) -> None:
        """Deliver what waits, and end; a spool that is full then is not waited for."""
        self._patient = False
        self._portions.put(None)
        self._thread.join()

    def complete(self, source: Source) -> bool:
        """Whether a session's last portion was persisted."""
        return source.id in self._delivered

    def _run(self) -> None:
        ended = False
        while not ended:
            taken = [self._portions.get()]
            while True:
                try:
                    taken.append(self._portions.get_nowait())
                except queue.Empty:
                    break
            ended = taken[-1] is None
            if self.problem is None:
                self._deliver([one for one in taken if one is not None])

    def _deliver(self, taken: list[tuple[Source, Portion]]) -> None:
        deliveries = []
        for source, portion in taken:
            deliveries.append(Delivery(source, FORMAT, portion, self._begun.get(source.id, Position())))
            self._begun[source.id] = portion.position
        while deliveries:
            try:
                numbers = self._append(deliveries)
            except (SpoolFull, SpoolBusy) as problem:
                if not self._patient:
                    self.problem = problem
                    return
                _log.warning("the spool takes nothing; captured packets wait", problem=str(problem))
                threading.Event().wait(_AGAIN_SECONDS)
                continue
            except Problem as problem:
                self.problem = problem
                return
            self.sequence = max(self.sequence, *numbers)
            self.events += sum(len(batch) for one in deliveries for batch in one.portion.batches)
            self._delivered.update(one.source.id for one in deliveries if one.portion.done)
            return

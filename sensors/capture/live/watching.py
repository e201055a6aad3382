"""One interface's thread: from the kernel's ring into a session, and the session's portions on to delivery."""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from sensors.capture.errors import InterfaceAway, InterfaceGone, InterfaceUnusable
from sensors.capture.live.absence import Absence, Presence
from sensors.capture.live.delivering import Deliverer
from sensors.capture.live.ring import RETIRE_MS, Ring
from sensors.capture.live.session import Session
from sensors.capture.live.tally import Tally
from sensors.errors import Problem
from sensors.event.times import SECOND, Clock

_TOGETHER: Final = 8
"""How many blocks are taken before their messages are read and they go back: a part of the ring, not all of it."""
_SWEEP_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 0.1
_log = structlog.get_logger(__name__)

More = Callable[[], dict[str, int]]


class Watcher:
    """Captures one interface until it is asked to end.

    Attributes:
        problem: why it ended before it was asked to, or that its interface is away at present.
        absence: whether its interface is here, and how often it was not.
        drops: what the kernel has dropped so far; None where it does not say.
    """

    def __init__(
        self, ring: Ring, session: Session, deliverer: Deliverer, tally: Tally, clock: Clock, *,
        portion_seconds: float, absent_seconds: float = 0.0, more: More = dict,
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin to capture.

        Args:
            ring: the interface's ring, open.
            session: what becomes of its packets.
            deliverer: where portions go.
            tally: where the present numbers are kept.
            clock: gives the receipt time.
            portion_seconds: how often what there is is handed on.
            absent_seconds: for how long an interface that went away is looked for.
            more: counts of who keeps the packets, told with each portion.
            finish: called when the last packet was taken, before the last portion.
        """
        self.ring = ring
        self.session = session
        self.problem: Problem | None = None
        self.drops: int | None = 0
        self._deliverer = deliverer
        self._tally = tally
        self._clock = clock
        self._every = portion_seconds
        self._absent_seconds = absent_seconds
        self.absence = Absence(absent_seconds)
        self._more = more
        self._finish = finish
        self._ending = threading.Event()
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"capture {ring.interface}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still captures."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Ask it to end."""
        self._ending.set()

    def join(self) -> None:
        """Wait until everything that was captured is handed to delivery."""
        self._thread.join()

    def _run(self) -> None:
        try:
            try:
                self._watch()
            except Problem as problem:
                self.problem = problem
            self._rest()
            if self.absence.presence is Presence.GONE:
                self.problem = InterfaceGone(interface=self.ring.interface)
            self.absence.end(time.monotonic())
            self.session.finish()
            self._finish()
            self._hand_on(done=True)
        finally:
            self._ending.set()

    def _watch(self) -> None:
        due = swept = time.monotonic()
        while not self._ending.is_set():
            taken = self._take()
            now = time.monotonic()
            if taken < _TOGETHER and now - swept > _SWEEP_SECONDS:
                # Only what has caught up with the ring may say that a flow is silent.
                swept = now
                if self.session.last:
                    self.session.sweep(self.session.last + int((now - self._heard) * SECOND))
            if self.session.full or now >= due:
                self._hand_on()
                due = time.monotonic() + self._every
            if not taken:
                self.ring.wait(min(_PATIENCE_SECONDS, self._every))
                self._look()

    def _look(self) -> None:
        """See whether the interface is there, and take it up again if it is back.

        Raises:
            InterfaceGone: it did not come back in time.
        """
        name, absence, now = self.ring.interface, self.absence, time.monotonic()
        self._note(self.ring.presence(), now)
        if absence.over(now):
            raise InterfaceGone(interface=name)
        if absence.due(now):
            try:
                self.ring.take_up()
            except InterfaceUnusable as problem:
                _log.info("the interface is not taken up again", interface=name, problem=str(problem))
            else:
                self._note(self.ring.presence(), now)

    def _note(self, presence: Presence, now: float) -> None:
        """Tell of an interface that went or came back."""
        name, lasted = self.ring.interface, self.absence.lasted(now)
        if not self.absence.look(presence, now):
            return
        if presence is Presence.HERE:
            self.problem = None
            _log.warning("the interface is back", interface=name, seconds=round(lasted, 1))
        elif presence is Presence.DOWN:
            self.problem = None
            _log.warning("the interface is down", interface=name)
        else:
            self.problem = InterfaceAway(interface=name, seconds=round(self._absent_seconds))
            _log.warning("the interface went away", interface=name, seconds=round(self._absent_seconds))

    def _take(self) -> int:
        """Take blocks that are ready; how many there were."""
        ring, session, count = self.ring, self.session, 0
        while count < _TOGETHER and (base := ring.ready(count)) >= 0:
            session.take(base)
            count += 1
        if count:
            session.let_go()
            ring.release(count)
            self._heard = time.monotonic()
            self._tally.note(session.packets, self.drops or 0)
        return count

    def _rest(self) -> None:
        """Let nothing more in, and take what is in the ring already."""
        self.ring.shut()
        # The block that was being filled is handed over when its time is up.
        until = time.monotonic() + 3 * RETIRE_MS / 1_000
        while self._take() or time.monotonic() < until:
            self.ring.wait(RETIRE_MS / 1_000)

    def _hand_on(self, *, done: bool = False) -> None:
        told = self.ring.statistics()
        self.drops = None if told is None else told.drops
        self._tally.note(self.session.packets, self.drops or 0)
        portion = self.session.portion(self._clock(), told, self._more() | self.absence.counts(), done=done)
        if done or portion.batches or any(portion.counts.values()):
            self._deliverer.put(self.session.source, portion)

"""Posture at work: facts of a moment from incidents, context, events and sources; scores of them; and their record."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Engine

from correlation.coverage import Coverage
from correlation.incidents.severity import Weights
from correlation.ports import EventStore
from correlation.posture.declaring import cells, declared
from correlation.posture.gaps import Counted, Delivered, Senses, blind_rules
from correlation.posture.landscape import Landscape
from correlation.posture.model import ALL, Facts, Gap, Posture
from correlation.posture.observing import Observed
from correlation.posture.placing import Places
from correlation.posture.policy import Policy
from correlation.posture.reading import open_incidents
from correlation.posture.scoring import score
from correlation.posture.settings import PostureSettings
from correlation.posture.snapshots import SnapshotBook
from correlation.rules.model import Rule
from sensors.event.times import SECOND, Clock

MINUTE: Final = 60 * SECOND
DAY: Final = 1_440 * MINUTE
PRESENT: Final = 10 * MINUTE
"""How sources are is known of now alone: it is taken for a moment that is no longer ago than this."""
FRESH: Final = 60 * SECOND
"""How long an answer may be given again."""
_FIRST: Final = 5 * MINUTE
"""How long after the start of a process its first snapshot may be due."""
_log = structlog.get_logger(__name__)


class PostureService:
    """Makes postures of what is known, and keeps them."""

    def __init__(  # noqa: PLR0913 - everything that posture is made of
        self,
        engine: Engine,
        store: EventStore,
        delivered: Delivered,
        clock: Clock,
        *,
        policy: Policy,
        weights: Weights,
        landscape: Callable[[], Landscape],
        rules: Callable[[], Sequence[Rule]],
    ) -> None:
        """`landscape` and `rules` are asked when they are first needed, since loading them takes a while."""
        self.policy = policy
        self.book = SnapshotBook(engine)
        self._engine = engine
        self._store = store
        self._delivered = delivered
        self._clock = clock
        self._weights = weights
        self._landscape = landscape
        self._rules = rules
        self._recent: Posture | None = None
        self._looking = Lock()

    def facts(self, moment: int) -> Facts:
        """What a score of a moment, ns since 1970, is made of."""
        policy, land = self.policy, self._landscape()
        known = declared(land, moment)
        places = Places(known, land.table, policy, moment)
        # The moment itself is in the window.
        seen = Observed(self._store, moment - policy.window, moment + 1).seen(known)
        gaps, counted = self._gaps(places, moment)
        return Facts(
            cells(known, seen, policy),
            open_incidents(self._engine, places, self._weights, moment),
            gaps,
            tuple((name, name in seen.spaces) for name in known.tenants),
            tuple((source, *numbers) for source, numbers in sorted(counted.items())),
        )

    def at(self, moment: int | None = None) -> Posture:
        """How everything stands at a moment, ns since 1970; None for now."""
        moment = self._clock() if moment is None else moment
        return score(self.facts(moment), self.policy, moment)

    def recent(self) -> Posture:
        """How everything stands now, or stood some seconds ago: who asks again and again does not pay each time."""
        with self._looking:
            if self._recent is None or not 0 <= self._clock() - self._recent.moment < FRESH:
                self._recent = self.at()
            return self._recent

    def record(self, keep_days: int) -> Posture:
        """Record how everything stands now, and forget snapshots that are older than `keep_days`."""
        moment = self._clock()
        facts = self.facts(moment)
        posture = score(facts, self.policy, moment)
        self.book.record(facts, self.policy, posture)
        self.book.expire(moment - keep_days * DAY)
        return posture

    def _gaps(self, places: Places, moment: int) -> tuple[tuple[Gap, ...], Counted]:
        """Gaps in our view at a moment: those of now, or those that a snapshot of about then recorded."""
        before = self.book.latest(moment - 1)
        recent = before is not None and before > moment - self.policy.window
        if moment < self._clock() - PRESENT:
            if before is None or not recent:
                return (Gap("unrecorded", "sources", ALL),), {}
            facts = self.book.facts(before)
            return facts.gaps, _counted(facts)
        trace = Observed(self._store, moment - self.policy.trace, moment + 1)
        senses = Senses(self._delivered, self.policy.readable, trace.units_of, places.device)
        earlier = self.book.latest(moment - self.policy.window)
        base = {} if earlier is None else _counted(self.book.facts(earlier))
        gaps, counted = senses.gaps(base)
        covered = Coverage(self._store, moment - self.policy.trace).of(self._rules())
        return (*gaps, *blind_rules(covered)), counted


class Recording:
    """Records posture now and then for a process that runs without end."""

    def __init__(self, service: Callable[[], PostureService], settings: PostureSettings, clock: Clock) -> None:
        """`service` is asked for when the first snapshot is due."""
        self._service = service
        self._settings = settings
        self._clock = clock
        self._next: int | None = None

    def step(self) -> None:
        """Record a snapshot if one is due; what fails is told and tried again when the next one is due."""
        every = self._settings.every_minutes * MINUTE
        if self._next is None:
            # What came meanwhile is read first.
            self._next = self._clock() + min(every, _FIRST)
        if not every or self._clock() < self._next:
            return
        try:
            service = self._service()
            last = service.book.latest(self._clock())
            if last is None or self._clock() - last >= every:
                service.record(self._settings.keep_days)
                last = self._clock()
            self._next = last + every
        except Exception:  # noqa: BLE001 - a score that is missing must not keep anybody from matching
            _log.exception("recording posture failed")
            self._next = self._clock() + every


def _counted(facts: Facts) -> Counted:
    return {source: (lost, taken) for source, lost, taken in facts.counted}

"""The correlator: takes spooled records, matches them, stores them, records alerts, and only then acknowledges.

The order makes a kill harmless at any point. Alerts and events are written under ids that are derived from the
input, so doing a step again changes nothing; the ledger is entered with the acknowledgement, in one transaction.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from correlation.alerts.book import AlertBook
from correlation.alerts.making import alert
from correlation.alerts.model import Alert, Hidden
from correlation.exceptions.excepting import NO_EXCEPTIONS, Excepting
from correlation.looking import Looking
from correlation.matcher.engine import Matcher
from correlation.ports import Enricher, EventStore, Follower
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from correlation.windows.model import Finding
from correlation.windows.plan import Plan
from sensors.delivery.ledger import ALERTS, EVENTS
from sensors.delivery.ports import STORE, Outcome, Record, Spool
from sensors.event.times import SECOND, Clock

STEP_EVENTS = 20_000
"""Events to one step: one commit of the store. More would make a restart repeat more, fewer make many small files."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the correlator has done: events taken, alerts found and how many of them were new."""

    events: int = 0
    matched: int = 0
    fresh: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(self.events + other.events, self.matched + other.matched, self.fresh + other.fresh)


class Correlator:
    """Moves records from the spool to the store and to the book of alerts."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        spool: Spool,
        store: EventStore,
        book: AlertBook,
        matcher: Matcher,
        clock: Clock,
        *,
        enrichers: Sequence[Enricher] = (),
        windows: WindowBook | None = None,
        exceptions: Excepting = NO_EXCEPTIONS,
        followers: Sequence[Follower] = (),
    ) -> None:
        self._spool = spool
        self._store = store
        self._book = book
        self._clock = clock
        self._followers = tuple(followers)
        self._untold: list[Finding] = []
        self._busy = clock()
        self.take_up(matcher, windows, exceptions, enrichers)

    def take_up(
        self, matcher: Matcher, windows: WindowBook | None, exceptions: Excepting, enrichers: Sequence[Enricher]
    ) -> None:
        """Go on with these rules, their windows, exceptions and enrichers.

        What was given to other windows must be written.
        """
        self._windows = windows
        self._exceptions = exceptions
        if windows is not None and not windows.follow(self._spool.last()):
            _log.warning("the spool was replaced: all of its records are correlated")
        plan = Plan(()) if windows is None else windows.windows.plan
        self._silent = plan.silent
        self.looking = Looking(matcher, plan, exceptions, enrichers, self._clock)
        self._lost = (0, 0) if windows is None else (windows.windows.late, windows.windows.given_up)
        if windows is not None:
            windows.windows.except_by(self._excepts)

    def know(self, enrichers: Sequence[Enricher]) -> None:
        """Go on with these enrichers; rules and windows stay."""
        self.looking.enrichers = tuple(enrichers)

    @property
    def windows(self) -> WindowBook | None:
        """The windows of correlations, where there are some."""
        return self._windows

    def step(self, limit: int = STEP_EVENTS) -> Progress | None:
        """Take up to `limit` events' worth of records all the way; None when nothing was waiting."""
        records = list(self._spool.read(STORE, limit, self.looking.look))
        if not records:
            return None
        self._busy = self._clock()
        found = [[alert for seen in record.seen for alert in seen.alerts or ()] for record in records]
        self._correlate(records)
        fresh, told = self._record([alert for alerts in found for alert in alerts])
        known = [replace(record, batches=tuple(seen.batch for seen in record.seen)) for record in records]
        outcomes = []
        for record, stored, alerts in zip(records, self._store.append(known), found, strict=True):
            counts = {
                (EVENTS, "stored"): stored.stored,
                (EVENTS, "duplicate"): stored.duplicates,
                (EVENTS, "quarantined"): len(stored.rejects),
                (ALERTS, "matched"): len(alerts),
                (ALERTS, "unmatched"): _unmatched(record),
                **_excepted(record),
            }
            counts = {key: number for key, number in counts.items() if number}
            outcomes.append(Outcome(stored.sequence, counts, stored.rejects))
        self._spool.acknowledge(STORE, outcomes)
        done = Progress(sum(record.events for record in records), sum(map(len, found)) + told, fresh)
        return sum((followed for follower in self._followers if (followed := self._follow(follower))), done)

    def drain(self) -> Progress:
        """Step until nothing is waiting."""
        total = Progress()
        while (done := self.step()) is not None:
            total += done
        for follower in self._followers:
            while (followed := self._follow(follower)) is not None:
                total += followed
        return total

    def settle(self, until: int | None = None) -> Progress:
        """Let correlations wait no longer for events that come late, since none will.

        Args:
            until: windows that ended before are over, ns since 1970; None for the newest event's time.
        """
        if self._windows is not None:
            self._untold += self._windows.settle(until)
        fresh, told = self._record([])
        for follower in self._followers:
            follower.write(until)
        return Progress(matched=told, fresh=fresh)

    def rest(self) -> Progress:
        """Nothing is waiting: once it has been so for as long as events may be late, time passes by the clock."""
        lateness, now = self._lateness or 0, self._clock()
        if now - self._busy < max(lateness, SECOND):
            return Progress()
        self._busy = now
        return self.settle(now - lateness)

    @property
    def _lateness(self) -> int | None:
        """How late events may come, ns; None where all is read that there is."""
        return None if self._windows is None else self._windows.windows.lateness

    def _follow(self, follower: Follower) -> Progress | None:
        """Let one who follows take some of what is waiting; None where that is nothing."""
        lateness = self._lateness
        done = follower.step(None if lateness is None else self._clock() - lateness)
        return None if done is None else Progress(matched=done[0], fresh=done[1])

    def _correlate(self, records: Sequence[Record]) -> None:
        """Give what rules found in these records to the windows."""
        if self._windows is None:
            return
        for record in records:
            signals = [signal for seen in record.seen for signal in seen.signals]
            # An event whose clock is wrong must not make all others late.
            newest = max(min(int(batch.times.max()), batch.received) for batch in record.batches)
            try:
                self._untold += self._windows.take(record.sequence, signals, newest)
            except Exception:  # noqa: BLE001 - as in matching: neither stops the stream nor stays unseen
                _log.exception("correlating failed", sequence=record.sequence, signals=len(signals))
        self._tell_lost(self._windows.windows)

    def _tell_lost(self, windows: Windows) -> None:
        """Tell how much more came too late since it was told last, and how many groups were given up."""
        lost = windows.late, windows.given_up
        if lost != self._lost:
            late, given_up = (now - before for now, before in zip(lost, self._lost, strict=True))
            _log.warning("not everything was correlated with what came before it", late=late, groups_given_up=given_up)
            self._lost = lost

    def _excepts(self, finding: Finding) -> tuple[str, ...]:
        """The exceptions that hide what a correlation has just found."""
        return self._exceptions.of_group(finding.correlation, finding.shared, self._clock())

    def _record(self, alerts: Sequence[Alert]) -> tuple[int, int]:
        """Record alerts and what correlations found: how many were new, and how many findings there were."""
        told = [
            alert(one.correlation, one.evidence, self._clock())
            for one in self._untold
            if not one.excepted and one.correlation.id not in self._silent
        ]
        hidden = [
            Hidden(one.key, name, one.correlation.id, one.time) for one in self._untold for name in one.excepted
        ]
        fresh = self._book.record([*alerts, *told], hidden)
        self._untold.clear()
        if self._windows is not None:
            self._windows.write()
        return fresh, len(told)

def _unmatched(record: Record) -> int:
    """How many events of a record could not be matched because the matcher failed."""
    return sum(len(seen.batch) for seen in record.seen if seen.alerts is None)


def _excepted(record: Record) -> Counter[tuple[str, str]]:
    """What exceptions left out of a record's findings, as the ledger counts it."""
    found: Counter[tuple[str, str]] = Counter()
    for seen in record.seen:
        found.update(seen.excepted)
    return found

"""The correlator: takes spooled records, matches them, stores them, records alerts, and only then acknowledges.

The order makes a kill harmless at any point. Alerts and events are written under ids that are derived from the
input, so doing a step again changes nothing; the ledger is entered with the acknowledgement, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import structlog

from correlation.alerts.book import AlertBook
from correlation.alerts.model import Alert, Evidence, Unit, alert_id
from correlation.incidents.deriving import Deriving
from correlation.matcher.engine import Matcher
from correlation.ports import Enricher, EventStore
from correlation.rules.model import Described
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from correlation.windows.model import Finding, Signal
from correlation.windows.plan import Plan
from correlation.windows.proofs import pack
from correlation.windows.sensing import Sensing
from sensors.delivery.ledger import ALERTS, EVENTS
from sensors.delivery.ports import STORE, Outcome, Record, Spool
from sensors.event.model import Batch, Column
from sensors.event.times import SECOND, Clock

STEP_EVENTS = 20_000
"""Events to one step: one commit of the store. More would make a restart repeat more, fewer make many small files."""

GROUP_SECONDS = 5
"""While records keep coming, incidents take the new alerts this often; else as soon as nothing is waiting."""

KNOWN_OF_SIDES = ("asset", "system", "unit", "grade", "cii")
SUMMARY_FIELDS = (
    "host.name",
    "user.name",
    "process.executable",
    "process.command_line",
    "process.parent.executable",
    "source.ip",
    "source.port",
    "destination.ip",
    "destination.port",
    "network.transport",
    "dns.question.name",
    "tls.client.server_name",
    "http.request.method",
    "url.domain",
    "url.original",
    "url.path",
    "http.response.status_code",
    "user_agent.original",
    "file.path",
    "registry.path",
    "rule.name",
    "event.action",
    "hanwatch.space",
    *(f"hanwatch.{side}.{name}" for side in ("source", "destination", "host") for name in KNOWN_OF_SIDES),
    "threat.indicator.name",
    "threat.indicator.provider",
    "hanwatch.indicator.confidence",
    "message",
)
"""What a person wants to see of an event at a glance, in this order; an alert carries those that the event has.

Incidents are made of these as well: of addresses, hosts, users, and what is known about them.
"""

MISSED = "hanwatch.enrichment.failed"
"""True in events about which nothing could be looked up, because of a fault of ours."""

UNITS: Mapping[str, Unit] = {"text": "line", "records": "record", "capture": "packet"}
"""What the ordinals of a source count, by its kind."""

_SUMMARY_TEXT = 300
_Shown: TypeAlias = list[tuple[str, Column, bool]]
"""Fields with their columns; true where the column is one value, which all rows share."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the correlator has done: events taken, alerts found and how many of them were new."""

    events: int = 0
    matched: int = 0
    fresh: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(self.events + other.events, self.matched + other.matched, self.fresh + other.fresh)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A batch as it goes to the store, its alerts (None where the matcher failed), and what correlations look at."""

    batch: Batch
    alerts: Sequence[Alert] | None
    signals: Sequence[Signal]


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
        incidents: Deriving | None = None,
    ) -> None:
        self._spool = spool
        self._store = store
        self._book = book
        self._matcher = matcher
        self._clock = clock
        self._enrichers = tuple(enrichers)
        self._windows = windows
        self._incidents = incidents
        self._grouped = clock()
        plan = Plan(()) if windows is None else windows.windows.plan
        self._silent = plan.silent
        self._sensing = Sensing(plan)
        self._untold: list[Finding] = []
        self._busy = clock()
        self._lost = (0, 0) if windows is None else (windows.windows.late, windows.windows.given_up)

    def step(self, limit: int = STEP_EVENTS) -> Progress | None:
        """Take up to `limit` events' worth of records all the way; None when nothing was waiting."""
        records = list(self._spool.read(STORE, limit, self._look))
        if not records:
            self._group(self._on_time())
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
            }
            counts = {key: number for key, number in counts.items() if number}
            outcomes.append(Outcome(stored.sequence, counts, stored.rejects))
        self._spool.acknowledge(STORE, outcomes)
        if self._clock() >= self._grouped:
            self._group(self._on_time())
        return Progress(sum(record.events for record in records), sum(map(len, found)) + told, fresh)

    def drain(self) -> Progress:
        """Step until nothing is waiting."""
        total = Progress()
        while (done := self.step()) is not None:
            total += done
        return total

    def settle(self, until: int | None = None) -> Progress:
        """Let correlations wait no longer for events that come late, since none will.

        Args:
            until: windows that ended before are over, ns since 1970; None for the newest event's time.
        """
        if self._windows is None:
            self._group(until)
            return Progress()
        self._untold += self._windows.settle(until)
        fresh, told = self._record([])
        self._group(until)
        return Progress(matched=told, fresh=fresh)

    def rest(self) -> Progress:
        """Nothing is waiting: once it has been so for as long as events may be late, time passes by the clock."""
        if self._windows is None:
            return Progress()
        lateness, now = self._windows.windows.lateness or 0, self._clock()
        if now - self._busy < max(lateness, SECOND):
            return Progress()
        self._busy = now
        return self.settle(now - lateness)

    def _on_time(self) -> int | None:
        """The event time up to which nothing should come any more; None where all is read that there is."""
        lateness = None if self._windows is None else self._windows.windows.lateness
        return None if lateness is None else self._clock() - lateness

    def _group(self, until: int | None) -> None:
        """Let incidents take the alerts that were recorded; what fails is tried again with the next ones."""
        if self._incidents is None:
            return
        began = self._clock()
        try:
            self._incidents.derive(until)
        except Exception:  # noqa: BLE001 - as in matching: neither stops the stream nor stays unseen
            _log.exception("grouping alerts into incidents failed")
        ended = self._clock()
        # Old logs read beside each other are placed anew again and again: that shall take a tenth of the time at most.
        self._grouped = ended + max(GROUP_SECONDS * SECOND, 10 * (ended - began))

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

    def _record(self, alerts: Sequence[Alert]) -> tuple[int, int]:
        """Record alerts and what correlations found: how many were new, and how many findings there were."""
        told = [alert(finding.correlation, finding.evidence, self._clock()) for finding in self._untold]
        told = [one for one in told if one.rule_id not in self._silent]
        fresh = self._book.record([*alerts, *told])
        self._untold.clear()
        if self._windows is not None:
            self._windows.write()
        return fresh, len(told)

    def _look(self, batch: Batch) -> _Seen:
        """A batch with what is known about it, and its alerts."""
        for enricher in self._enrichers:
            try:
                batch = enricher.enrich(batch)
            except Exception:  # noqa: BLE001 - see below
                # What is known about an event is worth less than the event: it goes on without, and says so.
                _failed("enriching failed", batch)
                batch = replace(batch, constants={**batch.constants, MISSED: True})
        try:
            return self._matched(batch)
        except Exception:  # noqa: BLE001 - see below
            # A fault of ours must neither stop the stream nor stay unseen: the events are stored and counted.
            _failed("matching failed", batch)
            return _Seen(batch, None, ())

    def _matched(self, batch: Batch) -> _Seen:
        alerts: list[Alert] = []
        signals: list[Signal] = []
        shown = None
        for match in self._matcher.match(batch):
            shown = shown or _shown(batch)
            proofs = (evidence(batch, match.row, shown),)
            for rule in match.rules:
                if self._sensing.watched(rule):
                    values = self._sensing.values(rule, batch, match.row)
                    signals.append(Signal(rule.id, proofs[0].time, proofs[0].event_id, values, pack(proofs)))
                if rule.id not in self._silent:
                    alerts.append(alert(rule, proofs, self._clock()))
        return _Seen(batch, alerts, signals)


def _failed(what: str, batch: Batch) -> None:
    first = {"source": batch.source.id, "ordinal": int(batch.ordinals[0])}
    _log.exception(what, **first, dataset=batch.dataset, events=len(batch))


def _unmatched(record: Record) -> int:
    """How many events of a record could not be matched because the matcher failed."""
    return sum(len(seen.batch) for seen in record.seen if seen.alerts is None)


def evidence(batch: Batch, row: int, shown: _Shown | None = None) -> Evidence:
    """One event of a batch as evidence; `shown` is what its summary is made of, where several are."""
    return Evidence(
        event_id=batch.ids[row],
        dataset=batch.dataset,
        time=int(batch.times[row]),
        source_id=batch.source.id,
        source_name=batch.source.name,
        unit=UNITS.get(batch.source.kind, "record"),
        ordinal=int(batch.ordinals[row]),
        summary=_summary(_shown(batch) if shown is None else shown, row),
    )


def alert(rule: Described, proofs: Sequence[Evidence], created: int) -> Alert:
    """The alert of a rule on its evidence."""
    proofs = tuple(proofs)
    return Alert(
        id=alert_id(rule.id, tuple(proof.event_id for proof in proofs)),
        rule_id=rule.id,
        title=rule.title,
        title_zh=rule.title_zh,
        level=rule.level,
        attack=(*rule.tactics, *rule.techniques),
        time=max(proof.time for proof in proofs),
        created=created,
        evidence=proofs,
    )


def _shown(batch: Batch) -> _Shown:
    """The fields of a batch that people want to see: constants as columns of one value."""
    return [
        (name, (batch.constants[name],) if name in batch.constants else batch.columns[name], name in batch.constants)
        for name in SUMMARY_FIELDS
        if name in batch.constants or name in batch.columns
    ]


def _summary(shown: _Shown, row: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column, constant in shown:
        value = column[0] if constant else column[row]
        if value is not None:
            found[name] = value[:_SUMMARY_TEXT] if isinstance(value, str) else value
    return found

"""One batch on its way to the store: what is known about its events, and what rules find in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from correlation.alerts.making import Witness, alert
from correlation.alerts.model import Alert
from correlation.exceptions.excepting import Excepting
from correlation.matcher.engine import Matcher
from correlation.ports import Enricher
from correlation.windows.model import Signal
from correlation.windows.plan import Plan
from correlation.windows.sensing import Sensing
from sensors.delivery.ledger import ALERTS, EXCEPTIONS
from sensors.event.model import Batch
from sensors.event.times import Clock

MISSED = "hanwatch.enrichment.failed"
"""True in events about which nothing could be looked up, because of a fault of ours."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as it goes to the store, its alerts (None where the matcher failed), and what correlations look at.

    `excepted` counts what is neither, because of exceptions, as the ledger does.
    """

    batch: Batch
    alerts: Sequence[Alert] | None
    signals: Sequence[Signal]
    excepted: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Looking:
    """Enriches batches and matches them; a fault of ours in either loses no event."""

    def __init__(
        self, matcher: Matcher, plan: Plan, exceptions: Excepting, enrichers: Sequence[Enricher], clock: Clock
    ) -> None:
        """`plan` says what correlations look at, and which rules alert for these alone."""
        self.enrichers = tuple(enrichers)
        self._matcher = matcher
        self._silent = plan.silent
        self._sensing = Sensing(plan)
        self._exceptions = exceptions
        self._clock = clock

    def look(self, batch: Batch) -> Seen:
        """A batch with what is known about it, and its alerts."""
        for enricher in self.enrichers:
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
            return Seen(batch, None, ())

    def _matched(self, batch: Batch) -> Seen:
        alerts: list[Alert] = []
        signals: list[Signal] = []
        excepted: Counter[tuple[str, str]] = Counter()
        witness = None
        now = self._clock()
        for match in self._matcher.match(batch):
            rules, left_out = self._exceptions.sift(match.rules, batch, match.row, now)
            for _, ids in left_out:
                excepted.update([(ALERTS, "excepted"), *((EXCEPTIONS, one) for one in ids)])
            if not rules:
                continue
            witness = witness or Witness(batch)
            proof = witness.evidence(match.row)
            for rule in rules:
                if signal := self._sensing.signal(rule, batch, match.row, proof):
                    signals.append(signal)
                if rule.id not in self._silent:
                    alerts.append(alert(rule, (proof,), self._clock()))
        return Seen(batch, alerts, signals, excepted)


def _failed(what: str, batch: Batch) -> None:
    first = {"source": batch.source.id, "ordinal": int(batch.ordinals[0])}
    _log.exception(what, **first, dataset=batch.dataset, events=len(batch))

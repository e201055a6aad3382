"""Detectors at work: a consumer of the spool of their own, behind which it is kept until what they remember is on disk.

What they remember is written now and then, not in every step. After a kill the records since then are looked at once
more, in the same order, which leads to the same alerts under the same ids.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from correlation.alerts.book import AlertBook
from correlation.alerts.making import Witness, alert
from correlation.alerts.model import Alert
from correlation.detectors.book import DetectorBook
from correlation.detectors.model import Detection, Detector
from correlation.detectors.reading import Reading
from correlation.detectors.stitching import Stitching
from correlation.exceptions.excepting import NO_EXCEPTIONS, Excepting
from correlation.ports import Enricher
from sensors.delivery.ledger import EXCEPTIONS
from sensors.delivery.ports import Outcome, Spool
from sensors.event.model import Batch
from sensors.event.times import SECOND, Clock

CONSUMER: Final = "detectors"
"""Their name at the spool."""
STEP_EVENTS: Final = 50_000
EVENTS_BETWEEN: Final = 500_000
"""So many events are looked at once more after a kill at most."""
SECONDS_BETWEEN: Final = 60
_MOST_EVIDENCE: Final = 100
REASON: Final = "hanwatch.detection.reason"
REASON_ZH: Final = "hanwatch.detection.reason_zh"
STITCHING: Final = "netflow"
"""The name under which stands what is remembered of NetFlow's connections; no detector is called so."""
SEARCH: Final = "hanwatch.detection.search"
_log = structlog.get_logger(__name__)


class Detecting:
    """Takes records from the spool through all detectors."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        spool: Spool,
        detectors: Mapping[str, Detector],
        alerts: AlertBook,
        book: DetectorBook,
        clock: Clock,
        *,
        enrichers: Sequence[Enricher] = (),
        exceptions: Excepting = NO_EXCEPTIONS,
    ) -> None:
        """Detectors as they were left."""
        self._spool = spool
        self._detectors = detectors
        self._alerts = alerts
        self._book = book
        self._clock = clock
        self.take_up(enrichers, exceptions)
        self._wanted = frozenset().union(*(detector.datasets for detector in detectors.values()))
        self._sequence, states = book.read()
        if self._sequence > spool.last():
            # Its records are numbered from one again, and none of them was looked at.
            _log.warning("the spool was replaced: all of its records are looked at", known=self._sequence)
            self._sequence = 0
            # Written at once: else a start that comes when there are as many records takes them for known.
            book.write(0, states)
        self._passed: list[Outcome] = []
        self._since, self._written = 0, clock()
        self._given_up = 0
        self._stitching = Stitching()
        if STITCHING in states:
            self._stitching.load(states[STITCHING]["known"])
        for name, detector in detectors.items():
            if name in states:
                detector.load(states[name])

    def take_up(self, enrichers: Sequence[Enricher], exceptions: Excepting) -> None:
        """Go on with these enrichers and exceptions."""
        self._enrichers = tuple(enrichers)
        self.exceptions = exceptions

    def step(self, until: int | None = None, *, limit: int = STEP_EVENTS) -> tuple[int, int] | None:  # noqa: ARG002 - late events count when they come
        """As in `Follower`: look at up to `limit` events' worth of records."""
        after = self._passed[-1].sequence if self._passed else None
        found: list[Alert] = []
        passed: list[Outcome] = []
        for record in self._spool.read(CONSUMER, limit, after=after):
            excepted: Counter[tuple[str, str]] = Counter()
            # Some may have been written down before a kill, and not acknowledged any more.
            if record.sequence > self._sequence:
                self._since += record.events
                for batch in record.batches:
                    found += self._look(batch, excepted)
            passed.append(Outcome(record.sequence, excepted))
        if not passed:
            return None
        fresh = self._alerts.record(found)
        self._passed += passed
        if self._since >= EVENTS_BETWEEN or self._clock() - self._written >= SECONDS_BETWEEN * SECOND:
            self.write()
        return len(found), fresh

    def write(self, until: int | None = None) -> None:  # noqa: ARG002 - as above
        """As in `Follower`: then the spool is let go."""
        if not self._passed:
            return
        self._sequence = max(self._sequence, self._passed[-1].sequence)
        states = {name: detector.dump() for name, detector in self._detectors.items()}
        self._book.write(self._sequence, {**states, STITCHING: {"known": self._stitching.dump()}})
        self._spool.acknowledge(CONSUMER, self._passed)
        self._passed.clear()
        self._since, self._written = 0, self._clock()
        given_up = self._stitching.given_up + sum(detector.given_up for detector in self._detectors.values())
        if given_up != self._given_up:
            _log.warning("detectors forgot for want of room", times=given_up - self._given_up)
            self._given_up = given_up

    def _look(self, batch: Batch, excepted: Counter[tuple[str, str]]) -> list[Alert]:
        if batch.dataset not in self._wanted:
            return []
        found: list[Alert] = []
        try:
            for enricher in self._enrichers:
                batch = enricher.enrich(batch)
        except Exception:  # noqa: BLE001 - as in the correlator: what is known about an event is worth less than it
            _log.exception("enriching failed", dataset=batch.dataset, events=len(batch))
        reading = Reading(batch, self._stitching)
        for name, detector in self._detectors.items():
            if batch.dataset not in detector.datasets:
                continue
            try:
                for detection in detector.look(reading):
                    told, left_out = self.exceptions.sift([detection.about], batch, detection.rows[-1], self._clock())
                    found += [self._alert(batch, detection)] if told else []
                    excepted.update((EXCEPTIONS, one) for _, ids in left_out for one in ids)
            except Exception:  # noqa: BLE001 - a fault of one detector neither stops the others nor stays unseen
                _log.exception("a detector failed", detector=name, dataset=batch.dataset, events=len(batch))
        return found

    def _alert(self, batch: Batch, detection: Detection) -> Alert:
        witness = Witness(batch)
        proofs = [witness.evidence(row) for row in detection.rows[-_MOST_EVIDENCE:]]
        said = {REASON: detection.reason, REASON_ZH: detection.reason_zh, SEARCH: detection.search}
        proofs[-1] = proofs[-1]._replace(summary={**said, **proofs[-1].summary})
        return alert(detection.about, proofs, self._clock())

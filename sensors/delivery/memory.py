"""Delivery in memory: the port's rules without a disk, for tests and for models that a real spool is compared with."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock

from sensors.delivery.counts import SPOOLED
from sensors.delivery.errors import OutOfOrder, Superseded
from sensors.delivery.lease import checked_name
from sensors.delivery.ports import STORE, Delivery, Look, Outcome, Record
from sensors.delivery.positions import same
from sensors.delivery.quarantine import SENSOR
from sensors.delivery.report import SourceReport, source_report
from sensors.errors import Place
from sensors.event.model import Source
from sensors.reading.model import Portion, Position, Reject


@dataclass(slots=True)
class _Shelf:
    """What is kept of one source."""

    source: Source
    format: str
    position: Position
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    last: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A reject in quarantine: of which source, who refused it (`sensor` or a consumer's name), and the reject."""

    source: Source
    stage: str
    reject: Reject


class MemorySpool:
    """The port sensors.delivery.ports.Spool, kept in memory; safe for threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._shelves: dict[tuple[str, int], _Shelf] = {}
        self._records: list[Record] = []
        self._passed: dict[str, int] = {}
        self.kept: list[Kept] = []

    def append(self, source: Source, format_name: str, portion: Portion, begun: Position) -> int:
        """Keep a portion (see the port)."""
        return self.append_many([Delivery(source, format_name, portion, begun)])[0]

    def append_many(self, deliveries: Sequence[Delivery]) -> list[int]:
        """Keep several portions: all of them, or none."""
        with self._lock:
            at: dict[tuple[str, int], Position] = {}
            for delivery in deliveries:
                if SPOOLED in delivery.portion.counts:
                    raise ValueError("what was spooled is counted by the spool alone")
                source = delivery.source
                now = at.get(_key(source), self.position(source) or Position())
                if not same(now, delivery.begun):
                    raise Superseded(place=Place(source.name), source=source.id)
                at[_key(source)] = delivery.portion.position
            return [self._keep(delivery) for delivery in deliveries]

    def position(self, source: Source) -> Position | None:
        """Where reading this source goes on."""
        shelf = self._shelves.get(_key(source))
        return shelf.position if shelf else None

    def read(
        self, consumer: str, limit: int, look: Look | None = None, *, after: int | None = None
    ) -> Iterator[Record]:
        """Records after the consumer's position (see the port)."""
        taken = 0
        for record in self._records[max(self.acknowledged(consumer), after or 0) :]:
            if taken and taken + record.events > limit:
                return
            taken += record.events
            yield record if look is None else replace(record, seen=tuple(map(look, record.batches)))

    def acknowledge(self, consumer: str, outcomes: Sequence[Outcome]) -> None:
        """Move the consumer on (see the port)."""
        with self._lock:
            after = self.acknowledged(consumer)
            for expected, outcome in enumerate(outcomes, start=after + 1):
                if outcome.sequence != expected or expected > len(self._records):
                    raise OutOfOrder(consumer=consumer, sequence=outcome.sequence, after=expected - 1)
            for outcome in outcomes:
                source = self._records[outcome.sequence - 1].source
                self._shelves[_key(source)].counts.update(outcome.counts)
                self.kept += [Kept(source, consumer, reject) for reject in outcome.rejects]
            self._passed[consumer] = after + len(outcomes)

    def last(self) -> int:
        """The sequence number of the last record that was appended; 0 if none was."""
        return len(self._records)

    def acknowledged(self, consumer: str) -> int:
        """The last sequence number that the consumer has passed; 0 at first."""
        return self._passed.get(checked_name(consumer), 0)

    def counts(self) -> dict[tuple[str, str], int]:
        """All counts by (stage, bucket), over all sources."""
        total: Counter[tuple[str, str]] = Counter()
        for shelf in self._shelves.values():
            total.update(shelf.counts)
        return dict(total)

    def report(self) -> list[SourceReport]:
        """Every source with its balances, in the order in which they were first seen."""
        pending: Counter[tuple[str, int]] = Counter()
        for record in self._records[self.acknowledged(STORE) :]:
            pending[_key(record.source)] += record.events
        return [
            source_report(shelf.source, shelf.format, dict(shelf.counts), pending[key])
            for key, shelf in self._shelves.items()
        ]

    def _keep(self, delivery: Delivery) -> int:
        source, portion = delivery.source, delivery.portion
        shelf = self._shelves.setdefault(_key(source), _Shelf(source, delivery.format, Position()))
        shelf.source = replace(shelf.source, kind=source.kind)
        shelf.format, shelf.position = delivery.format, portion.position
        shelf.counts.update(portion.counts)
        self.kept += [Kept(source, SENSOR, reject) for reject in portion.rejects]
        if portion.batches:
            record = Record(len(self._records) + 1, shelf.source, portion.batches)
            shelf.counts[SPOOLED] += record.events
            shelf.last = record.sequence
            self._records.append(record)
        return shelf.last


def _key(source: Source) -> tuple[str, int]:
    return source.id, source.variant

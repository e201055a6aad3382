"""Replay: a quarantine entry goes in again after a fix, and every balance of the ledger stays exact.

A record that a *sensor* refused was counted as read and rejected. It is parsed again. If events come of it, the same
record is now an event: `records.rejected` falls by one, `records.event` rises by one, and its events are sensed and
spooled like any other. If nothing comes of it (a comment, a blank line) it is skipped: rejected falls, skipped rises.
If it is refused again nothing is counted; the entry keeps the new reason.

An event that the *store* refused was counted as sensed, spooled and quarantined. It goes into the spool again as a
record of its own: `events.quarantined` falls by one and the event is pending again, until the store says what became
of it. It is neither sensed nor spooled a second time, since both were counted when it first went by.

What was cut at the limit cannot be whole again, payloads that are damaged are gone, and what another consumer refused
would reach the store a second time: these are not replayed.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sensors.delivery import quarantine, records
from sensors.delivery.counts import QUARANTINED, SPOOLED, enter
from sensors.delivery.database import Database
from sensors.delivery.documents import event_batch
from sensors.delivery.errors import NotInQuarantine, NotReplayable
from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import STORE
from sensors.delivery.producer import Producer
from sensors.delivery.quarantine import SENSOR, SPOOL, Quarantined
from sensors.delivery.segments import Extent
from sensors.event.codec import encode
from sensors.event.model import Batch, Source
from sensors.reading.model import Reject

Parse: TypeAlias = Callable[[bytes, Source, int, int], Sequence[Batch] | Reject]
"""Parses a record again: its bytes, its source, its ordinal and its offset; gives its events or why there are none."""

_REJECTED = (RECORDS, "rejected")


class Replay:
    """Puts quarantined records and events into the spool again."""

    def __init__(self, database: Database, producer: Producer) -> None:
        self._database = database
        self._producer = producer

    def __call__(self, number: int, parse: Parse, now: int) -> int | Reject:
        """Replay one entry; returns the sequence number to await (0: nothing to await), or why it was refused again.

        Raises:
            NotInQuarantine: there is no such entry.
            NotReplayable: it can never be replayed, or was.
            SpoolFull: there is no room for it now.
        """
        with self._database.moment() as connection:
            found = quarantine.entry(connection, number)
        if not found:
            raise NotInQuarantine(number=number)
        source, entry = found
        _check(entry)
        if entry.stage == STORE:
            return self._event(source, entry, now)
        parsed = parse(entry.reject.raw, entry.source, entry.reject.ordinal, entry.reject.offset)
        if isinstance(parsed, Reject):
            with self._database.transaction() as connection:
                quarantine.refused_again(connection, number, parsed)
            return parsed
        return self._record(source, entry, parsed, now)

    def _record(self, source: int, entry: Quarantined, batches: Sequence[Batch], now: int) -> int:
        events = sum(len(batch) for batch in batches)
        counts = {_REJECTED: -1, (RECORDS, "event" if events else "skipped"): 1}
        if events:
            counts |= {(EVENTS, "sensed"): events, SPOOLED: events}
        return self._persist(source, entry, batches, counts, now)

    def _event(self, source: int, entry: Quarantined, now: int) -> int:
        try:
            batch = event_batch(entry.reject.raw, entry.source)
        except ValueError as error:
            raise NotReplayable(number=entry.number, reason="quarantine-no-event", detail=str(error)) from error
        return self._persist(source, entry, [batch], {QUARANTINED: -1}, now)

    def _persist(
        self, source: int, entry: Quarantined, batches: Sequence[Batch], counts: dict[tuple[str, str], int], now: int
    ) -> int:
        events = sum(len(batch) for batch in batches)

        def write_down(connection: sqlite3.Connection, extents: list[Extent]) -> int:
            sequence = records.add(connection, source, extents[0], events, now) if extents else 0
            if not quarantine.replayed(connection, entry.number, sequence):
                raise NotReplayable(number=entry.number, reason="quarantine-replayed")
            for stage, bucket in (key for key, count in counts.items() if count < 0):
                held = connection.execute(
                    "SELECT count FROM ledger WHERE source = ? AND stage = ? AND bucket = ?", (source, stage, bucket)
                ).fetchone()
                if not held or held[0] < 1:
                    # Whoever refused it did not count it there, so there is nothing that could be moved.
                    raise NotReplayable(number=entry.number, reason="quarantine-not-counted")
            enter(connection, source, counts)
            return sequence

        return self._producer.persist([encode(batches)] if events else [], write_down, now)


def _check(entry: Quarantined) -> None:
    reason = None
    if entry.replayed is not None:
        reason = "quarantine-replayed"
    elif entry.stage == SPOOL:
        reason = "quarantine-payload-lost"
    elif entry.stage not in {SENSOR, STORE}:
        reason = "quarantine-stage"
    elif entry.cut:
        reason = "quarantine-cut"
    if reason:
        raise NotReplayable(number=entry.number, reason=reason)

"""The embedded spool: one folder, several producing processes and threads, several named consumers.

`spool.db` (SQLite) is the commit point, `segments/` holds the payloads. Order: the payload is appended to the
producer's own segment and waited for (fdatasync); then one transaction enters the record, moves the source's position,
counts in the ledger and keeps the rejects. What was not committed is invisible. Sequence numbers are given inside the
transaction: dense from 1, in one order for all producers. One instance belongs to one process and serves its threads.

How a file is found again, and what happens when two begin alike, is told in sensors.delivery.sources.
"""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Condition
from typing import Any, Self

from sensors.delivery import activity, devices, positions, quarantine, records
from sensors.delivery import counts as ledger_counts
from sensors.delivery.activity import SourceActivity
from sensors.delivery.errors import NotInQuarantine, SpoolUnusable
from sensors.delivery.lease import checked_name, lease
from sensors.delivery.opening import open_folder
from sensors.delivery.ports import STORE, Delivery, Look, Outcome, Record
from sensors.delivery.producer import Producer
from sensors.delivery.quarantine import Filter, Quarantined
from sensors.delivery.replay import Parse, Replay
from sensors.delivery.report import SourceReport, source_report
from sensors.delivery.retention import Retained, Retention
from sensors.delivery.schema import DAMAGED
from sensors.delivery.segments import DamagedFrame, Disk, Extent, SystemDisk, read_frame
from sensors.delivery.sources import NOTHING, Known, display_name, has_moved, sight
from sensors.errors import Place
from sensors.event.codec import decode, encode
from sensors.event.model import Batch, Source
from sensors.event.times import Clock
from sensors.installed import installed
from sensors.reading.model import Portion, Position, Reject
from sensors.settings import SpoolSettings

_SOONEST, _LATEST = 0.005, 0.25
"""Seconds between two looks at what other processes did, at first and at last; this process's own wake it at once."""


class EmbeddedSpool:
    """The spool of one folder (the port is sensors.delivery.ports.Spool).

    Raises:
        SpoolUnusable: the folder or its database cannot be used.
        SpoolTooNew: a newer version of the program has written here.
        SpoolFull: the disk has no room for a new spool.
    """

    def __init__(self, folder: Path, settings: SpoolSettings, clock: Clock, disk: Disk | None = None) -> None:
        self._folder = folder
        self._clock = clock
        opened = open_folder(folder, settings.busy_seconds)
        self._database = opened.database
        self._segments = opened.segments
        self._leases = opened.leases
        self._producer = Producer(opened.segments, opened.database, settings.segment_bytes, disk or SystemDisk())
        self._ballast = opened.ballast
        self._retention = Retention(opened.segments, opened.database, self._producer, self._ballast, settings)
        self._replay = Replay(opened.database, self._producer)
        self._changed = Condition()
        self._parser = installed("hanwatch")
        try:
            self._enrol(STORE)
            self._retention.load_ballast()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What producers call.

    def find_source(
        self, path: Path, content: Path | None = None, file: Path | None = None
    ) -> tuple[Source, Position | None]:
        """The source that a file is, and where reading it goes on; None if nothing of it was persisted yet.

        A file that is met for the first time is remembered. `content` and `file` are as in sensors.delivery.sources.

        Raises:
            UnreadableInput: it cannot be read, or is no regular file.
            SpoolFull: there is no room to remember it.
        """
        sighting = sight(path, content, file)
        name = display_name(path)
        with self._database.moment() as connection:
            number, known = positions.find(connection, sighting, name)
        if known.source.id == NOTHING:
            return known.source, None
        if number is None or has_moved(sighting, known):
            with self._database.transaction() as connection:
                number, known = positions.find(connection, sighting, name)
                if number is None:
                    positions.register(connection, known, self._clock())
                elif has_moved(sighting, known):
                    positions.moved(connection, number, sighting, name, self._clock())
        return Source(known.source.id, known.source.kind, name, known.source.variant), known.position

    def stood_at(self, path: Path) -> list[Known]:
        """The sources that were seen at this path last, the latest first."""
        with self._database.moment() as connection:
            return positions.stood_at(connection, os.fsencode(path.absolute()))

    def append(self, source: Source, format_name: str, portion: Portion, begun: Position) -> int:
        """Persist a portion (see the port)."""
        return self.append_many([Delivery(source, format_name, portion, begun)])[0]

    def append_many(self, deliveries: Sequence[Delivery]) -> list[int]:
        """Persist several portions with one wait for the disk and one transaction: all of them, or none."""
        for delivery in deliveries:
            if ledger_counts.SPOOLED in delivery.portion.counts:
                raise ValueError("what was spooled is counted by the spool alone")
        payloads = [encode(each.portion.batches) if each.portion.batches else b"" for each in deliveries]
        rejected = sum(len(reject.raw) for each in deliveries for reject in each.portion.rejects)
        self._retention.make_room(sum(map(len, payloads)) + rejected)
        now = self._clock()

        def write_down(connection: sqlite3.Connection, extents: list[Extent]) -> list[int]:
            frames = iter(extents)
            return [
                self._enter(connection, delivery, next(frames) if payload else None, now)
                for delivery, payload in zip(deliveries, payloads, strict=True)
            ]

        sequences = self._producer.persist([payload for payload in payloads if payload], write_down, now)
        self._notify()
        return sequences

    def position(self, source: Source) -> Position | None:
        """Where reading this source goes on; None if nothing of it was persisted yet."""
        with self._database.moment() as connection:
            row = positions.row(connection, source)
        return row.position if row else None

    # What consumers call.

    def read(
        self, consumer: str, limit: int, look: Look | None = None, *, after: int | None = None
    ) -> Iterator[Record]:
        """Records after the consumer's position (see the port), at least one if one can be read.

        A record whose payload is damaged goes into quarantine as a whole, its events are counted there, and the next
        one is given instead.
        """
        after = max(self._begin(checked_name(consumer)), after or 0)
        given = False
        while not given:
            with self._database.moment() as connection:
                entries = records.next_live(connection, after, limit)
            if not entries:
                break
            for entry in entries:
                after = entry.sequence
                try:
                    record = self._record(entry, look)
                except (DamagedFrame, ValueError) as error:
                    self._damaged(entry, str(error))
                    continue
                given = True
                yield record
        if not given:
            self._begin(consumer)

    def acknowledge(self, consumer: str, outcomes: Sequence[Outcome]) -> None:
        """Move the consumer on and enter what became of the records (see the port)."""
        checked_name(consumer)
        if not outcomes:
            return
        now = self._clock()

        def write_down() -> None:
            with self._database.transaction() as connection:
                sources = records.pass_to(connection, consumer, [outcome.sequence for outcome in outcomes])
                for source, outcome in zip(sources, outcomes, strict=True):
                    ledger_counts.enter(connection, source, outcome.counts)
                    refusal = quarantine.Refusal(source, consumer, outcome.sequence)
                    quarantine.put(connection, refusal, outcome.rejects, now)
                records.pass_lost(connection, consumer)

        self._ballast.behind(write_down)
        self._notify()

    def last(self) -> int:
        """The sequence number of the last record that was ever appended, be it still there or not; 0 if none was."""
        with self._database.moment() as connection:
            return records.last(connection)

    def acknowledged(self, consumer: str) -> int:
        """The last sequence number that the consumer has passed; 0 at first."""
        with self._database.moment() as connection:
            return records.position(connection, checked_name(consumer)) or 0

    def forget(self, consumer: str) -> None:
        """Strike a consumer off, so that retention no longer waits for it; the store cannot be."""
        if consumer == STORE:
            raise ValueError("the store's position holds the ledger together")
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM consumers WHERE name = ?", (consumer,))

    def wait(self, consumer: str, sequence: int, timeout: float | None = None) -> bool:
        """Wait until the consumer has passed a sequence number; False if `timeout` seconds were not enough."""
        return self._until(lambda: self.acknowledged(consumer) >= sequence, timeout)

    def wait_for_records(self, consumer: str, timeout: float | None = None) -> bool:
        """Wait until there is something for the consumer to read; False if `timeout` seconds were not enough."""

        def ready() -> bool:
            with self._database.moment() as connection:
                return records.has_live(connection, records.position(connection, consumer) or 0)

        return self._until(ready, timeout)

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Hold the lease `name` of this spool while the context lasts; LeaseTaken says who else holds it."""
        return lease(self._leases, name)

    # The ledger.

    def counts(self) -> dict[tuple[str, str], int]:
        """All counts by (stage, bucket), over all sources."""
        total: Counter[tuple[str, str]] = Counter()
        with self._database.moment() as connection:
            for mine in ledger_counts.all_counts(connection)[0].values():
                total.update(mine)
        return dict(total)

    def report(self) -> list[SourceReport]:
        """Every source of which something was persisted, with its balances, in the order of first sight."""
        with self._database.moment() as connection:
            counts, pending = ledger_counts.all_counts(connection)
            rows = connection.execute(
                "SELECT number, format, id, kind, name, variant FROM sources WHERE offset IS NOT NULL ORDER BY number"
            ).fetchall()
        return [
            source_report(Source(*source), format_name, counts.get(number, {}), pending.get(number, 0))
            for number, format_name, *source in rows
        ]

    def activity(self) -> list[SourceActivity]:
        """Every source that was met: when it was heard, how much came, whether it has fallen silent."""
        with self._database.moment() as connection:
            return list(activity.report(connection, self._clock()))

    # The quarantine.

    def quarantined(self, wanted: Filter | None = None, after: int = 0, limit: int = 100) -> list[Quarantined]:
        """Up to `limit` entries of the quarantine with numbers after `after`, in order."""
        with self._database.moment() as connection:
            return quarantine.entries(connection, wanted or Filter(), after, limit)

    def quarantine_entry(self, number: int) -> Quarantined:
        """One entry of the quarantine.

        Raises:
            NotInQuarantine: there is no such entry.
        """
        with self._database.moment() as connection:
            found = quarantine.entry(connection, number)
        if not found:
            raise NotInQuarantine(number=number)
        return found[1]

    def quarantine_tally(self, wanted: Filter | None = None) -> Mapping[tuple[str, str], int]:
        """How many entries the quarantine has by (stage, reason)."""
        with self._database.moment() as connection:
            return quarantine.tally(connection, wanted or Filter())

    def replay(self, number: int, parse: Parse) -> int | Reject:
        """Put a quarantine entry in again (see sensors.delivery.replay)."""
        result = self._replay(number, parse, self._clock())
        self._notify()
        return result

    # The house.

    def retain(self) -> Retained:
        """Remove what is old, and what the watermarks want gone; to be called now and then."""
        return self._retention.by_age(self._clock())

    def close(self) -> None:
        """Let go of files and locks."""
        self._producer.release()
        self._database.close()

    def _enter(self, connection: sqlite3.Connection, delivery: Delivery, extent: Extent | None, now: int) -> int:
        portion = delivery.portion
        row = positions.advance(connection, delivery, self._parser, now)
        events = sum(len(batch) for batch in portion.batches)
        spooled = {ledger_counts.SPOOLED: events} if events else {}
        ledger_counts.enter(connection, row.number, {**portion.counts, **spooled})
        activity.note(connection, row.number, delivery, now)
        devices.note(connection, row.number, delivery.devices, now)
        quarantine.put(connection, quarantine.Refusal(row.number, quarantine.SENSOR), portion.rejects, now)
        return records.add(connection, row.number, extent, events, now) if extent else row.last_sequence

    def _enrol(self, consumer: str) -> None:
        with self._database.moment() as connection:
            known = records.position(connection, consumer) is not None
        if not known:
            with self._database.transaction() as connection:
                records.enrol(connection, consumer)

    def _begin(self, consumer: str) -> int:
        """The consumer's position, moved on past lost records that come next."""
        self._enrol(consumer)
        with self._database.moment() as connection:
            after = records.position(connection, consumer) or 0
            lost = records.lost_next(connection, after)
        if not lost:
            return after
        with self._database.transaction() as connection:
            records.pass_lost(connection, consumer)
            after = records.position(connection, consumer) or 0
        self._notify()
        return after

    def _record(self, entry: records.Entry, look: Look | None) -> Record:
        try:
            frame = read_frame(self._segments, entry.extent)
        except OSError as error:
            raise SpoolUnusable(place=Place(str(self._segments)), reason=error.strerror or str(error)) from error
        batches: list[Batch] = []
        seen: list[Any] = []
        for batch in decode(frame):
            batches.append(batch)
            if look is not None:
                seen.append(look(batch))
        record = Record(entry.sequence, entry.source, tuple(batches), tuple(seen))
        if record.events != entry.events:
            raise DamagedFrame("another number of events than was spooled")
        return record

    def _damaged(self, entry: records.Entry, detail: str) -> None:
        with self._database.transaction() as connection:
            # Otherwise it has expired since, and another one says so.
            if records.lose(connection, entry.sequence, DAMAGED):
                extent = entry.extent
                reject = Reject(
                    ordinal=0,
                    offset=extent.offset,
                    reason=quarantine.SPOOL_DAMAGED,
                    detail=f"{detail}; record {entry.sequence} of {entry.events} events, segment {extent.segment}",
                    raw=b"",
                    size=extent.length,
                )
                row = positions.row(connection, entry.source)
                assert row
                refusal = quarantine.Refusal(row.number, quarantine.SPOOL, entry.sequence)
                quarantine.put(connection, refusal, [reject], self._clock())

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _until(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = _SOONEST
        while not ready():
            left = pause if deadline is None else min(pause, deadline - time.monotonic())
            if left <= 0:
                return False
            with self._changed:
                self._changed.wait(left)
            pause = min(pause * 1.5, _LATEST)
        return True

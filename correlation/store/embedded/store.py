"""The embedded event store: one writing process, any number of reading ones, below one folder.

An append looks up which events are new, writes them as one file, and then enters the file, the events' keys and what
became of each spool record in one transaction: before it nothing of the append exists, after it all of it. SQLite's
write lock is held for the last step only. A file without a row is an orphan of a killed writer and is swept before the
first append.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from correlation.ports import Dropped, Page, Stored
from correlation.query.model import Query
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded.arranging import arrange
from correlation.store.embedded.compaction import compact, delete_replaced, due
from correlation.store.embedded.files import APPENDED, FOLDER, disk, make_folder, sweep
from correlation.store.embedded.keys import TIMED_BYTES, digest, keys
from correlation.store.embedded.manifest import (
    Delivered,
    Manifest,
    insert_delivered,
    insert_seen,
    insert_segment,
)
from correlation.store.embedded.reading import Reader
from correlation.store.embedded.retention import retain
from correlation.store.embedded.segments import write
from correlation.store.errors import SecondWriter
from sensors.delivery.ports import Record
from sensors.errors import Problem
from sensors.event.model import Batch
from sensors.event.times import SECOND, Clock

MANIFEST: Final = "manifest.sqlite"


@dataclass(frozen=True, slots=True)
class _New:
    """What is new in some records: their batches without known events, the keys, and how many each record has."""

    batches: Sequence[Batch]
    keys: Sequence[bytes]
    untimed: Sequence[tuple[bytes, int]]
    stored: Sequence[int]


class EmbeddedStore:
    """`EventStore` of Parquet segments."""

    def __init__(self, root: Path, settings: EmbeddedStoreSettings, clock: Clock) -> None:
        """Open the store, and make it where it does not exist.

        Raises:
            StoreReadOnly, StoreUnwritable, StoreDiskFull: its folder cannot be used.
            StoreVersion, StoreDamaged: its manifest cannot be used.
        """
        self.root = root.absolute()
        self.settings = settings
        self._clock = clock
        self._swept = False
        with disk(self.root):
            make_folder(self.root / FOLDER / APPENDED)
        self.manifest = Manifest(self.root / MANIFEST)
        self._reader = Reader(self.root, self.manifest, memory_bytes=settings.memory_bytes, threads=settings.threads)

    def append(self, records: Sequence[Record]) -> list[Stored]:
        """Store the events of these records durably; returns one answer for each record, in order.

        Raises:
            StoreDiskFull, StoreReadOnly, StoreUnwritable: nothing of it was kept.
            SecondWriter: somebody else writes to this store; nothing of it was kept.
        """
        self.sweep()
        known = self.manifest.delivered(record.sequence for record in records)
        digests = [digest(record) for record in records]
        fresh = [
            (record, mark)
            for record, mark in zip(records, digests, strict=True)
            if record.sequence not in known or known[record.sequence].digest != mark
        ]
        new = self._new([record for record, _ in fresh])
        entered = {
            record.sequence: Delivered(record.sequence, mark, stored, record.events - stored)
            for (record, mark), stored in zip(fresh, new.stored, strict=True)
        }
        if fresh:
            self._commit(new, list(entered.values()))
        answers = (entered.get(record.sequence) or known[record.sequence] for record in records)
        return [Stored(answer.sequence, answer.stored, answer.duplicates) for answer in answers]

    def sweep(self) -> int:
        """Delete what a killed writer left behind, once; only for the holder of the writer's lease.

        Returns:
            How many files they were.
        """
        if self._swept:
            return 0
        self._swept = True
        return sweep(self.root, self.manifest.paths())

    def _new(self, records: Sequence[Record]) -> _New:
        found = [[(batch, keys(batch)) for batch in record.batches] for record in records]
        flat = [key for record in found for _, some in record for key in some]
        seen = self.manifest.seen(
            [key for key in flat if len(key) == TIMED_BYTES], [key for key in flat if len(key) != TIMED_BYTES]
        )
        batches: list[Batch] = []
        timed: list[bytes] = []
        untimed: list[tuple[bytes, int]] = []
        stored = [0] * len(records)
        for number, record in enumerate(found):
            for batch, some in record:
                chosen = []
                for index, key in enumerate(some):
                    if key not in seen:
                        seen.add(key)
                        chosen.append(index)
                        if len(key) == TIMED_BYTES:
                            timed.append(key)
                        else:
                            untimed.append((key, batch.received))
                stored[number] += len(chosen)
                if chosen:
                    batches.append(batch if len(chosen) == len(batch) else batch.take(chosen))
        return _New(batches, sorted(timed), sorted(untimed), stored)

    def _commit(self, new: _New, delivered: Sequence[Delivered]) -> None:
        segment = None
        if new.batches:
            arranged = arrange(new.batches)
            segment = write(self.root, f"{FOLDER}/{APPENDED}/", arranged)
        try:
            with self.manifest.change() as db:
                if insert_seen(db, new.keys, new.untimed) != len(new.keys) + len(new.untimed):
                    raise SecondWriter(path=str(self.root))
                if segment is not None:
                    insert_segment(db, segment)
                insert_delivered(db, delivered)
        except Problem:
            # The file is an orphan now; the next start would sweep it, but a full disk wants it gone at once.
            if segment is not None:
                (self.root / segment.path).unlink(missing_ok=True)
            raise

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        return self._reader.search(query)

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events, most frequent first, ties by value."""
        return self._reader.count_by(query, field, limit)

    def histogram(self, query: Query, interval: int) -> list[tuple[int, int]]:
        """How many matching events each interval (ns, counted from 1970) has, by its start, empty ones left out."""
        return self._reader.histogram(query, interval)

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        return self._reader.get(event_id)

    def maintain(self) -> Sequence[Dropped]:
        """Compact what is due, delete what was replaced a grace period ago, and drop what is too old or too much.

        Raises:
            StoreDiskFull, StoreReadOnly, StoreUnwritable: it could not be finished; nothing is lost.
        """
        self.sweep()
        now = self._clock()
        delete_replaced(self.root, self.manifest, now - self.settings.grace_seconds * SECOND)
        chosen = [one for one in due(self.manifest.segments(), now) if one.path not in self._reader.bad()]
        if chosen:
            try:
                compact(self.root, self.manifest, chosen, now)
            except (pa.ArrowInvalid, OSError):
                # A file cannot be read: asking for every value names it, and the next step leaves it alone.
                self._reader.examine(chosen)
        return retain(self.root, self.manifest, self.settings, now)

    def dropped(self) -> Sequence[Dropped]:
        """What retention has dropped since the store was made."""
        return self.manifest.dropped()

    def problems(self) -> Sequence[Problem]:
        """The segments that were found missing or damaged since the store was opened."""
        return self._reader.problems()

    def close(self) -> None:
        """Let go of the manifest and of DuckDB."""
        self._reader.close()
        self.manifest.close()


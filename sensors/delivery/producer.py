"""The producing side of one process: payloads to its segment first, then one transaction that names them.

What a transaction does not name does not exist. A payload is taken back only where its transaction was surely never
about to commit; else its bytes stay where they are, unnamed, until their segment goes.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import TypeVar

from sensors.delivery.database import Database
from sensors.delivery.errors import SpoolFull, SpoolUnusable
from sensors.delivery.segments import (
    NO_ROOM,
    Disk,
    Extent,
    SegmentWriter,
    lock_segment,
    segment_number,
    segment_path,
    sync_folder,
)
from sensors.errors import Place

Entered = TypeVar("Entered")


class Producer:
    """Owns at most one segment at a time; threads take turns."""

    def __init__(self, folder: Path, database: Database, segment_bytes: int, disk: Disk) -> None:
        self._folder = folder
        self._database = database
        self._segment_bytes = segment_bytes
        self._disk = disk
        self._writer: SegmentWriter | None = None
        self.lock = RLock()

    def persist(
        self, payloads: Sequence[bytes], enter: Callable[[sqlite3.Connection, list[Extent]], Entered], now: int
    ) -> Entered:
        """Write payloads, wait for the disk, then enter them in one transaction; returns what `enter` does.

        Raises:
            SpoolFull, SpoolBusy, SpoolUnusable: nothing was persisted; or what `enter` raises, likewise.
        """
        with self.lock:
            writer = self._ready(now) if payloads else None
            extents: list[Extent] = []
            if writer:
                try:
                    extents = writer.write(payloads)
                except SpoolUnusable:
                    self.release()
                    raise
            committing = False
            try:
                with self._database.transaction() as connection:
                    entered = enter(connection, extents)
                    committing = True
            except Exception:
                if writer and not committing:
                    writer.undo()
                raise
            return entered

    def owns(self, number: int) -> bool:
        """Whether this producer writes the segment."""
        return self._writer is not None and self._writer.number == number

    def release(self) -> None:
        """Let go of the present segment; the next payload begins or takes up another one."""
        with self.lock:
            if self._writer:
                self._writer.close()
                self._writer = None

    def _ready(self, now: int) -> SegmentWriter:
        if self._writer and self._writer.end >= self._segment_bytes:
            self.release()
        if self._writer is None:
            self._writer = self._take_up() or self._begin(now)
        return self._writer

    def _take_up(self) -> SegmentWriter | None:
        """A segment that is far from full and that no living producer holds, so that short runs leave no crowd."""
        found = self._database.rows(
            "SELECT number FROM segments WHERE bytes < ? ORDER BY number DESC LIMIT 8", self._segment_bytes // 2
        )
        for (number,) in found:
            file = segment_path(self._folder, number)
            try:
                descriptor = lock_segment(file)
            except OSError:
                # Gone or not ours to write. Consumers tell what that means for its records.
                continue
            if descriptor is None:
                continue
            # Once locked it cannot be removed any more; but it may have been, just before.
            if self._database.rows("SELECT 1 FROM segments WHERE number = ?", number):
                return SegmentWriter(file, number, descriptor, self._disk)
            os.close(descriptor)
        return None

    def _begin(self, now: int) -> SegmentWriter:
        file, descriptor = self._folder, None
        try:
            # The file is made inside the transaction: whoever holds the write lock sees no file without its row, but
            # for those of the dead, one of which may have had this number.
            with self._database.transaction() as connection:
                cursor = connection.execute(
                    "INSERT INTO segments (bytes, created, newest) VALUES (0, ?, ?)", (now, now)
                )
                number = cursor.lastrowid
                assert number
                file = segment_path(self._folder, number)
                file.unlink(missing_ok=True)
                descriptor = lock_segment(file, create=True)
                sync_folder(self._folder)
        except BaseException as error:
            if descriptor is not None:
                os.close(descriptor)
            if isinstance(error, OSError):
                family = SpoolFull if error.errno in NO_ROOM else SpoolUnusable
                raise family(place=Place(str(file)), reason=error.strerror or str(error)) from error
            raise
        assert descriptor is not None
        return SegmentWriter(file, number, descriptor, self._disk)


def sweep(folder: Path, database: Database) -> None:
    """Remove the files of segments that the database does not know: left where a process died between the two."""
    if not _strangers(folder, database):
        return
    with database.transaction():
        for file in _strangers(folder, database):
            file.unlink(missing_ok=True)


def _strangers(folder: Path, database: Database) -> list[Path]:
    files = [file for file in sorted(folder.iterdir()) if segment_number(file) is not None]
    known = {number for (number,) in database.rows("SELECT number FROM segments")}
    return [file for file in files if segment_number(file) not in known]

"""Retention: whole segments go by age, and when the disk's watermarks ask for it.

What every consumer has acknowledged goes first, oldest first, and is no loss. What some consumer still needs goes only
where the settings allow it; its records are then marked as expired, and counted when the consumer's position passes.
Otherwise the spool is full until consumers catch up or disk is made free. Order: the database forgets the segment, then
the file is removed; a death in between leaves an orphan that the next opening sweeps.
"""

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sensors.delivery import activity, quarantine
from sensors.delivery.ballast import BALLAST_BYTES, Ballast
from sensors.delivery.counts import enter
from sensors.delivery.database import Database
from sensors.delivery.errors import SpoolFull
from sensors.delivery.ports import STORE
from sensors.delivery.producer import Producer
from sensors.delivery.schema import EXPIRED, LIVE
from sensors.delivery.segments import lock_segment, segment_path
from sensors.errors import Place
from sensors.event.times import SECOND
from sensors.settings import SpoolSettings

QUARANTINE = "quarantine"
"""Ledger stage of what becomes of quarantine entries; bucket: expired."""

_HOUR = 3_600 * SECOND


@dataclass(frozen=True, slots=True)
class Retained:
    """What was removed: segments, their bytes, and events that were not stored yet, by the id of their source."""

    segments: int = 0
    bytes: int = 0
    expired: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Retained") -> "Retained":
        expired = Counter(self.expired)
        expired.update(other.expired)
        return Retained(self.segments + other.segments, self.bytes + other.bytes, dict(expired))


class Retention:
    """Removes segments of one spool."""

    def __init__(
        self, folder: Path, database: Database, producer: Producer, ballast: Ballast, settings: SpoolSettings
    ) -> None:
        self._folder = folder
        self._ballast = ballast
        self._database = database
        self._producer = producer
        self._settings = settings

    def by_age(self, now: int) -> Retained:
        """Remove what is old enough, and what the watermarks want gone."""
        border = now - self._settings.keep_hours * _HOUR
        done = Retained()
        for number, newest in self._segments():
            if newest < border:
                done += self._remove(number, expire=False)
                if self._settings.expire_unacknowledged:
                    done += self._remove(number, expire=True)
        done += self._relieve(0)
        self._ballast.behind(lambda: self._forget(now))
        self.load_ballast()
        return done

    def load_ballast(self) -> None:
        """Take ballast on where that crosses no watermark."""
        if not self._crossed(BALLAST_BYTES):
            self._ballast.load()

    def make_room(self, needed: int) -> None:
        """See to it that `needed` bytes more can be written without crossing a watermark.

        Raises:
            SpoolFull: it cannot be done.
        """
        if self._crossed(needed):
            self._relieve(needed)
            crossed = self._crossed(needed)
            if crossed:
                name, limit, found = crossed
                raise SpoolFull(place=Place(str(self._folder.parent)), reason=name, limit=limit, found=found)

    def _relieve(self, needed: int) -> Retained:
        done = Retained()
        for expire in (False, True) if self._settings.expire_unacknowledged else (False,):
            for number, _ in self._segments():
                if not self._crossed(needed):
                    return done
                done += self._remove(number, expire=expire)
        return done

    def _crossed(self, needed: int) -> tuple[str, int, int] | None:
        """The watermark that stands against `needed` bytes more: its name, its limit, and what there would be."""
        free = shutil.disk_usage(self._folder).free - needed
        if self._settings.min_free_bytes and free < self._settings.min_free_bytes:
            return "min_free_bytes", self._settings.min_free_bytes, free
        ((segments,),) = self._database.rows("SELECT coalesce(sum(bytes), 0) FROM segments")
        used = segments + self._database.bytes() + needed
        if used > self._settings.max_bytes:
            return "max_bytes", self._settings.max_bytes, used
        return None

    def _segments(self) -> list[tuple[int, int]]:
        """Numbers and newest times of segments, oldest first."""
        return [(number, newest) for number, newest in self._database.rows(
            "SELECT number, newest FROM segments ORDER BY number"
        )]

    def _remove(self, number: int, *, expire: bool) -> Retained:
        """Remove a segment unless somebody needs it or writes to it; with `expire` what consumers need goes as well."""
        if not expire and self._needed(number):
            return Retained()
        file = segment_path(self._folder, number)
        with self._producer.lock:
            if self._producer.owns(number):
                self._producer.release()
            try:
                descriptor = lock_segment(file)
                if descriptor is None:
                    return Retained()
            except FileNotFoundError:
                descriptor = None
            try:
                done = self._ballast.behind(lambda: self._forget_segment(number, expire=expire))
                if done.segments:
                    file.unlink(missing_ok=True)
            finally:
                if descriptor is not None:
                    os.close(descriptor)
        return done

    def _needed(self, number: int) -> bool:
        return bool(self._database.rows(
            "SELECT 1 FROM records WHERE segment = ? AND state = ? AND sequence > "
            "(SELECT min(position) FROM consumers) LIMIT 1",
            number, LIVE,
        ))

    def _forget_segment(self, number: int, *, expire: bool) -> Retained:
        with self._database.transaction() as connection:
            (low,) = connection.execute("SELECT min(position) FROM consumers").fetchone()
            (stored,) = connection.execute("SELECT position FROM consumers WHERE name = ?", (STORE,)).fetchone()
            found = connection.execute("SELECT bytes FROM segments WHERE number = ?", (number,)).fetchone()
            if found is None or (not expire and self._needed(number)):
                return Retained()
            expired = connection.execute(
                "SELECT s.id, sum(r.events) FROM records r JOIN sources s ON s.number = r.source "
                "WHERE r.segment = ? AND r.state = ? AND r.sequence > ? GROUP BY s.id",
                (number, LIVE, stored),
            ).fetchall()
            connection.execute("DELETE FROM records WHERE segment = ? AND sequence <= ?", (number, low))
            connection.execute(
                "UPDATE records SET state = CASE state WHEN ? THEN ? ELSE state END, segment = NULL WHERE segment = ?",
                (LIVE, EXPIRED, number),
            )
            connection.execute("DELETE FROM segments WHERE number = ?", (number,))
        return Retained(1, found[0], dict(expired))

    def _forget(self, now: int) -> None:
        """Remove old quarantine entries, which is counted, and records that are lost and passed by everybody."""
        border = now - self._settings.quarantine_days * 24 * _HOUR
        with self._database.transaction() as connection:
            for source, count in quarantine.remove_before(connection, border).items():
                enter(connection, source, {(QUARANTINE, "expired"): count})
            activity.forget(connection, now)
            connection.execute(
                "DELETE FROM records WHERE state <> ? AND segment IS NULL AND sequence <= "
                "(SELECT min(position) FROM consumers)",
                (LIVE,),
            )
        self._database.give_back()

"""The manifest: which segment files are the store, what was stored already, and what became of each spool record.

One SQLite file in WAL mode with full synchronisation: a segment exists when its row is committed, and never before
its bytes are on disk. Readers of other processes see whole commits.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Final

import orjson

from correlation.ports import Dropped
from correlation.store.errors import StoreDamaged, StoreDiskFull, StoreReadOnly, StoreUnwritable, StoreVersion
from sensors.delivery.write_ahead import switch_to_log

FORM: Final = 1
"""The form of the manifest and of the segments' columns."""

LIVE: Final = 1
REPLACED: Final = 2

_SCHEMA = """
create table if not exists segment (
  id integer primary key autoincrement,
  path text not null unique,
  level integer not null,            -- 0: as appended, days and datasets mixed; 1: one day of one dataset
  day integer,                       -- days since 1970 of a level 1 segment
  dataset text,
  min_time integer not null,
  max_time integer not null,
  max_received integer not null,
  rows integer not null,
  bytes integer not null,
  leaves text not null,              -- JSON: leaves that some event has outside of column and rest
  misfits text not null,
  columns text not null,             -- JSON: the file's columns
  state integer not null,            -- 1 live, 2 replaced by others and still there for its readers
  replaced_at integer
);
create index if not exists segment_time on segment (state, max_time, min_time);
create table if not exists seen (key blob primary key) without rowid;
create table if not exists seen_untimed (key blob primary key, received integer not null) without rowid;
create table if not exists delivered (
  sequence integer primary key, digest blob not null, stored integer not null, duplicates integer not null
);
create table if not exists dropped (
  id integer primary key autoincrement, at integer not null, day integer not null, events integer not null,
  bytes integer not null, reason text not null
);
"""
_SEGMENT = "id, path, level, day, dataset, min_time, max_time, max_received, rows, bytes, leaves, misfits, columns"
_CHUNK: Final = 5_000
DELIVERED_KEPT: Final = 100_000
"""So many spool records back a record that is handed over again gets its first answer."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of events; `path` is relative to the store's folder, times and receipt in ns since 1970."""

    id: int
    path: str
    level: int
    day: int | None
    dataset: str | None
    min_time: int
    max_time: int
    max_received: int
    rows: int
    bytes: int
    leaves: frozenset[str]
    misfits: frozenset[str]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a spool record came to: `digest` tells whether it is the same record."""

    sequence: int
    digest: bytes
    stored: int
    duplicates: int


class Manifest:
    """The SQLite file of a store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()  # one connection serves all threads of a process, one after the other
        with self._problems():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
            form = self._db.execute("pragma user_version").fetchone()[0]
            if form not in (0, FORM):
                raise StoreVersion(path=str(path), found=form, known=FORM)
            if form == 0:
                switch_to_log(self._db)
                self._db.executescript(f"begin immediate; {_SCHEMA} pragma user_version = {FORM}; commit;")
            self._db.execute("pragma synchronous = full")
            self._db.execute("pragma cache_size = -65536")

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "")
            path = str(self._path)
            if name.startswith("SQLITE_FULL"):
                raise StoreDiskFull(path=path) from error
            if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
                raise StoreReadOnly(path=path, reason=str(error)) from error
            raise StoreUnwritable(path=path, reason=str(error)) from error
        except sqlite3.DatabaseError as error:
            raise StoreDamaged(path=str(self._path), reason=str(error)) from error

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction that writes; nothing of it stays when the block raises."""
        with self._problems():
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise

    def segments(self, start: int | None = None, end: int | None = None) -> list[Segment]:
        """Live segments that may hold events of [start, end), by their first event."""
        with self._problems():
            rows = self._db.execute(
                f"select {_SEGMENT} from segment where state = ? and max_time >= ? and min_time < ?"  # noqa: S608
                " order by min_time, id",
                (LIVE, -(1 << 63) if start is None else start, (1 << 63) - 1 if end is None else end),
            ).fetchall()
        return [Segment(*row[:10], *(_names(text) for text in row[10:])) for row in rows]

    def seen(self, keys: Sequence[bytes], untimed: Sequence[bytes]) -> set[bytes]:
        """Which of these keys were stored before."""
        found: set[bytes] = set()
        with self._problems():
            for table, wanted in (("seen", keys), ("seen_untimed", untimed)):
                for start in range(0, len(wanted), _CHUNK):
                    chunk = wanted[start : start + _CHUNK]
                    marks = ",".join("?" * len(chunk))
                    rows = self._db.execute(f"select key from {table} where key in ({marks})", chunk)  # noqa: S608
                    found.update(row[0] for row in rows)
        return found

    def delivered(self, sequences: Iterable[int]) -> dict[int, Delivered]:
        """What was entered for these spool records."""
        wanted = list(sequences)
        with self._problems():
            rows = self._db.execute(
                "select sequence, digest, stored, duplicates from delivered"
                " where sequence in (select value from json_each(?))",
                (orjson.dumps(wanted).decode(),),
            ).fetchall()
        return {row[0]: Delivered(*row) for row in rows}

    def paths(self) -> set[str]:
        """The paths of all files that belong to the store, replaced ones included."""
        with self._problems():
            return {row[0] for row in self._db.execute("select path from segment")}

    def replaced(self, before: int) -> list[tuple[int, str]]:
        """Segments that others replaced before this time: id and path."""
        with self._problems():
            return self._db.execute(
                "select id, path from segment where state = ? and replaced_at <= ?", (REPLACED, before)
            ).fetchall()

    def dropped(self) -> list[Dropped]:
        """What retention has dropped so far, oldest entry first."""
        with self._problems():
            rows = self._db.execute("select at, day, events, bytes, reason from dropped order by id").fetchall()
        return [Dropped(*row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


@lru_cache(maxsize=4_096)
def _names(text: str) -> frozenset[str]:
    return frozenset(orjson.loads(text))


def _text(names: frozenset[str]) -> str:
    return orjson.dumps(sorted(names)).decode()


def insert_segment(db: sqlite3.Connection, segment: Segment) -> None:
    """Enter a live segment; its `id` is given by the manifest."""
    db.execute(
        "insert into segment (path, level, day, dataset, min_time, max_time, max_received, rows, bytes, leaves,"
        " misfits, columns, state) values (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            segment.path, segment.level, segment.day, segment.dataset, segment.min_time, segment.max_time,
            segment.max_received, segment.rows, segment.bytes, _text(segment.leaves), _text(segment.misfits),
            _text(segment.columns), LIVE,
        ),
    )  # fmt: skip


def insert_seen(db: sqlite3.Connection, keys: Iterable[bytes], untimed: Iterable[tuple[bytes, int]]) -> int:
    """Enter keys of stored events; returns how many were new."""
    before = db.total_changes
    db.executemany("insert or ignore into seen values (?)", [(key,) for key in keys])
    db.executemany("insert or ignore into seen_untimed values (?, ?)", untimed)
    return db.total_changes - before


def insert_delivered(db: sqlite3.Connection, outcomes: Iterable[Delivered]) -> None:
    """Enter what spool records came to, and forget those far behind."""
    entered = [(one.sequence, one.digest, one.stored, one.duplicates) for one in outcomes]
    if entered:
        db.executemany("insert or replace into delivered values (?,?,?,?)", entered)
        db.execute("delete from delivered where sequence < ?", (max(entered)[0] - DELIVERED_KEPT,))


def replace_segments(db: sqlite3.Connection, old: Iterable[int], new: Iterable[Segment], now: int) -> None:
    """Exchange segments for others that hold the same events."""
    db.executemany(
        "update segment set state = ?, replaced_at = ? where id = ?", [(REPLACED, now, segment) for segment in old]
    )
    for segment in new:
        insert_segment(db, segment)


def forget_segments(db: sqlite3.Connection, segments: Iterable[int]) -> None:
    """Take segments off the store."""
    db.executemany("delete from segment where id = ?", [(segment,) for segment in segments])


def insert_dropped(db: sqlite3.Connection, dropped: Iterable[Dropped]) -> None:
    """Enter what retention dropped."""
    db.executemany(
        "insert into dropped (at, day, events, bytes, reason) values (?,?,?,?,?)",
        [(one.at, one.day, one.events, one.bytes, one.reason) for one in dropped],
    )


def forget_seen(db: sqlite3.Connection, start: bytes, end: bytes) -> None:
    """Forget keys of events in [start, end)."""
    db.execute("delete from seen where key >= ? and key < ?", (start, end))


def forget_untimed(db: sqlite3.Connection, received_before: int) -> None:
    """Forget keys of events without a time of their own that were received before a time."""
    db.execute("delete from seen_untimed where received < ?", (received_before,))

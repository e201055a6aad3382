"""The spool's database: one connection of one process, its transactions, and SQLite's errors as problems.

Threads share the connection and take turns. A write transaction takes the write lock at once (BEGIN IMMEDIATE), so that
what it read stays true until it commits.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from sensors.delivery.errors import DeliveryProblem, SpoolBusy, SpoolFull, SpoolTooNew, SpoolUnusable
from sensors.delivery.schema import migrate
from sensors.errors import Place

# What SQLite answers when the disk, a quota or the shared index's file cannot grow. ENOSPC alone has a code of its own;
# a quota (EDQUOT) or a limit on file size (EFBIG) comes as a failed write. SQLite has rolled back in every case.
_FULL = frozenset({
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_TRUNCATE,
})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Database:
    """SQLite in WAL mode, where a commit returns when it is on the disk (synchronous=FULL)."""

    def __init__(self, file: Path, busy_seconds: float) -> None:
        self._file = file
        self._busy_seconds = busy_seconds
        self._lock = RLock()
        with self._told():
            self._connection = sqlite3.connect(
                file, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        connection = self._connection
        # Must be said before the first table is made; lets retention give pages back.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError(f"no write-ahead log on this file system, only {mode}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            migrate(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed at the end, rolled back if anything is raised.

        Raises:
            SpoolFull: there is no room for it.
            SpoolBusy: another process kept the lock for too long.
            SpoolUnusable: the database cannot be written.
        """
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of one reading statement, which sees one moment of the database."""
        with self._lock, self._told():
            return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def moment(self) -> Iterator[sqlite3.Connection]:
        """Several reading statements that see the same moment of the database."""
        with self._lock, self._told():
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    def bytes(self) -> int:
        """How much disk the database needs: its pages in use."""
        with self.moment() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        return int((pages - free) * size)

    def give_back(self) -> None:
        """Give pages that are no longer used back to the file system."""
        with self._lock, self._told():
            self._connection.execute("PRAGMA incremental_vacuum").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell SQLite's errors in the house's words."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._problem(error) from error
        except SpoolTooNew as problem:
            raise SpoolTooNew(place=Place(str(self._file)), **problem.parameters) from None

    def _problem(self, error: sqlite3.Error) -> DeliveryProblem:
        place = Place(str(self._file))
        number = getattr(error, "sqlite_errorcode", None)
        name = getattr(error, "sqlite_errorname", "")
        if number in _FULL:
            return SpoolFull(place=place, reason=str(error), sqlite=name)
        if number is not None and number & 0xFF in _BUSY:
            return SpoolBusy(place=place, seconds=self._busy_seconds)
        return SpoolUnusable(place=place, reason=str(error), sqlite=name)

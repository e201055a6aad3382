"""The book of indicators: a SQLite file in the data folder, and the index that is made of it after every change.

One provider says one thing of a value: what it says later replaces what it said before. Kept are the first and the last
time that it was seen in the wild, over all of it. The book is written by commands and read by the correlator, which
notices a new index within seconds.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.intelligence.errors import BookUnusable
from correlation.intelligence.index import Index, IndexDamagedError, write_index
from correlation.intelligence.keys import key_of
from correlation.intelligence.model import Indicator, Kind
from sensors.delivery.write_ahead import switch_to_log
from sensors.errors import Place

BOOK, INDEX = "indicators.db", "indicators.index"
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE indicator (
    row INTEGER PRIMARY KEY, key BLOB NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, provider TEXT NOT NULL,
    confidence INTEGER NOT NULL, seen INTEGER NOT NULL, valid_from INTEGER, valid_until INTEGER, first_seen INTEGER,
    last_seen INTEGER, tags TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, marking TEXT NOT NULL,
    id TEXT NOT NULL, UNIQUE (key, provider)
);
CREATE INDEX indicator_id ON indicator (provider, id);
CREATE TABLE feed (url TEXT PRIMARY KEY, position TEXT NOT NULL);
CREATE TABLE change (number INTEGER NOT NULL);
INSERT INTO change VALUES (0);
"""
_FIELDS: Final = (
    "kind", "value", "provider", "confidence", "seen", "valid_from", "valid_until", "first_seen", "last_seen", "tags",
    "name", "description", "marking", "id",
)  # fmt: skip
_TAGS: Final = _FIELDS.index("tags")
_COLUMNS: Final = ", ".join(_FIELDS)
_KEPT: Final = "{0} = {1}(coalesce({0}, excluded.{0}), coalesce(excluded.{0}, {0}))"
_REPLACED: Final = ", ".join(
    [f"{name} = excluded.{name}" for name in _FIELDS if name not in ("provider", "first_seen", "last_seen")]
    + [_KEPT.format("first_seen", "min"), _KEPT.format("last_seen", "max")]
)
_ADD: Final = (
    f"INSERT INTO indicator (key, {_COLUMNS}) VALUES ({', '.join('?' * (len(_FIELDS) + 1))}) "  # noqa: S608 - constants
    f"ON CONFLICT (key, provider) DO UPDATE SET {_REPLACED}"
)


class IndicatorBook:
    """Indicators by key and provider; made in its folder when it is first opened.

    Raises:
        BookUnusable: it cannot be opened, or a newer version wrote it. Every method may raise it too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.index_path = folder / INDEX
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / BOOK, timeout=30, isolation_level=None)
            switch_to_log(self._db)
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._make()
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(self, indicators: Iterable[Indicator]) -> tuple[int, int]:
        """Enter indicators in one transaction; how many values are new, and how many were known of their provider."""
        rows = [_row(indicator) for indicator in indicators]
        with self._change() as db:
            before = self._count()
            db.executemany(_ADD, rows)
            fresh = self._count() - before
        return fresh, len(rows) - fresh

    def withdraw(self, taken_back: Sequence[tuple[str, str]]) -> int:
        """Remove what providers took back, named by provider and id; how many values that were."""
        with self._change() as db:
            done = db.executemany("DELETE FROM indicator WHERE provider = ? AND id = ?", taken_back)
            return max(done.rowcount, 0)

    def expire(self, at: int, ends: dict[Kind, int]) -> int:
        """Remove what is no longer valid or, by kind, was last seen at or before `ends`; how many values that were."""
        with self._change() as db:
            done = db.execute("DELETE FROM indicator WHERE valid_until <= ?", (at,)).rowcount
            for kind, end in ends.items():
                done += db.execute("DELETE FROM indicator WHERE kind = ? AND seen <= ?", (kind, end)).rowcount
        return done

    def at_key(self, key: bytes, rows: Sequence[int] | None = None) -> tuple[Indicator, ...]:
        """What the providers say of a key, by provider; looked for in these rows only where they are given."""
        try:
            if rows is None:
                found = self._db.execute(f"SELECT {_COLUMNS} FROM indicator WHERE key = ? ORDER BY provider", (key,))  # noqa: S608
                return tuple(map(_indicator, found))
            asked = f"SELECT {_COLUMNS} FROM indicator WHERE row = ? AND key = ?"  # noqa: S608 - constants
            return tuple(_indicator(one) for row in rows for one in self._db.execute(asked, (row, key)))
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def listed(self, provider: str | None = None, kind: str | None = None, limit: int = -1) -> Iterator[Indicator]:
        """Indicators by provider, kind and value."""
        asked = (
            f"SELECT {_COLUMNS} FROM indicator WHERE (?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR kind = ?2) "  # noqa: S608
            "ORDER BY provider, kind, value LIMIT ?3"
        )
        return map(_indicator, self._db.execute(asked, (provider, kind, limit)))

    def tally(self) -> dict[tuple[str, str], int]:
        """How many values each provider has of each kind."""
        asked = "SELECT provider, kind, count(*) FROM indicator GROUP BY provider, kind ORDER BY provider, kind"
        return {(provider, kind): number for provider, kind, number in self._db.execute(asked)}

    def position(self, url: str) -> str:
        """Up to where a feed was read; empty where it never was."""
        found = self._db.execute("SELECT position FROM feed WHERE url = ?", (url,)).fetchone()
        return found[0] if found else ""

    def move(self, url: str, position: str) -> None:
        """Remember up to where a feed was read."""
        with self._change() as db:
            db.execute("INSERT OR REPLACE INTO feed VALUES (?, ?)", (url, position))

    def index(self) -> Index:
        """The index of the book as it is now, made anew where it is missing, damaged or of an earlier state."""
        try:
            found = Index(self.index_path)
            if found.about["change"] == self._number():
                return found
        except (OSError, IndexDamagedError):
            pass
        self.compile()
        return Index(self.index_path)

    def compile(self) -> None:
        """Make the index of the book as it is now."""
        try:
            self._db.execute("BEGIN")
            try:
                number, count = self._number(), self._count()
                kinds = {kind for _, kind in self.tally()}
                about = {"change": number, "kinds": sorted(kinds), "lengths": self._lengths()}
                write_index(self.index_path, self._db.execute("SELECT row, key FROM indicator"), count, about)
            finally:
                self._db.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _lengths(self) -> dict[str, list[int]]:
        """Lengths of prefixes of the networks in the book, by octets of their addresses, longest first."""
        found: dict[str, set[int]] = {"4": set(), "16": set()}
        asked = "SELECT DISTINCT substr(key, 1, 2), length(key) FROM indicator WHERE kind = 'network'"
        for head, size in self._db.execute(asked):
            found[str(size - 2)].add(head[1])
        return {size: sorted(lengths, reverse=True) for size, lengths in found.items()}

    def _make(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError(f"version {version} of the book is newer than this program")
        if version < _VERSION:
            self._db.execute("BEGIN IMMEDIATE")
            if not self._db.execute("PRAGMA user_version").fetchone()[0]:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
            self._db.execute("COMMIT")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that makes the index one of an earlier state."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("UPDATE change SET number = number + 1")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _number(self) -> int:
        number: int = self._db.execute("SELECT number FROM change").fetchone()[0]
        return number

    def _count(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM indicator").fetchone()[0]
        return count

    def _unusable(self, error: Exception) -> BookUnusable:
        return BookUnusable(place=Place(str(self._folder)), reason=str(error))


def _row(indicator: Indicator) -> tuple[Any, ...]:
    values = [getattr(indicator, name) for name in _FIELDS]
    values[_TAGS] = orjson.dumps(indicator.tags).decode()
    return (key_of(indicator.kind, indicator.value), *values)


def _indicator(row: Sequence[Any]) -> Indicator:
    values = list(row)
    values[_TAGS] = tuple(orjson.loads(values[_TAGS]))
    return Indicator(**dict(zip(_FIELDS, values, strict=True)))

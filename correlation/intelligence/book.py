"""The book of indicators: a SQLite file in the data folder, and the index that is made of it when its keys changed.

One provider says one thing of a value: what it says later replaces what it said before. Kept are the first and the last
time that it was seen in the wild, over all of it. The book is written by commands and read by the correlator, which
notices within seconds. Two numbers tell what changed: that of keys, without which the index is one of before, and that
of content, which the index does not hold. What a feed repeats without a difference changes neither.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from correlation.intelligence.decay import DAY
from correlation.intelligence.errors import BookUnusable
from correlation.intelligence.index import Index, IndexDamagedError, write_index
from correlation.intelligence.model import Indicator, Kind
from correlation.intelligence.rows import COLUMNS, NEW, RENEW, folded, indicator_of
from correlation.intelligence.schema import open_book
from correlation.intelligence.standing import Standings
from sensors.errors import Place

BOOK, INDEX = "indicators.db", "indicators.index"
SLACK: Final = DAY
"""By how much a clock may be set back without anything that matters having been removed before its time."""


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
            self._db = open_book(folder / BOOK)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @cached_property
    def feeds(self) -> Standings:
        """How the feeds stand that the book is filled from."""
        return Standings(self._rows, self._writing)

    def add(self, indicators: Iterable[Indicator]) -> tuple[int, int]:
        """Enter indicators in one transaction; how many values are new, and how many were known of their provider."""
        rows = folded(indicators)
        with self._writing() as db:
            fresh = max(db.executemany(NEW, rows).rowcount, 0)
            renewed = max(db.executemany(RENEW, rows).rowcount, 0) if fresh < len(rows) else 0
            self._changed(keys=fresh > 0, content=fresh + renewed > 0)
            db.execute("UPDATE change SET fresh = fresh + ?", (fresh,))
        return fresh, len(rows) - fresh

    def withdraw(self, taken_back: Sequence[tuple[str, str]]) -> int:
        """Remove what providers took back, named by provider and id; how many values that were."""
        with self._writing() as db:
            done = max(db.executemany("DELETE FROM indicator WHERE provider = ? AND id = ?", taken_back).rowcount, 0)
            self._changed(keys=done > 0, content=done > 0)
        return done

    def expire(self, at: int, ends: dict[Kind, int]) -> int:
        """Remove what is no longer valid or, by kind, was last seen at or before `ends`; how many values that were.

        When that was last done at a time that is still to come, the clock was wrong then and too much was removed, of
        which no feed would tell again: where reading goes on is forgotten, and all of them are read anew.
        """
        with self._writing() as db:
            if self.expired > at + SLACK:
                db.execute("UPDATE feed SET position = ''")
            done = db.execute("DELETE FROM indicator WHERE valid_until <= ?", (at,)).rowcount
            for kind, end in ends.items():
                done += db.execute("DELETE FROM indicator WHERE kind = ? AND seen <= ?", (kind, end)).rowcount
            db.execute("UPDATE change SET expired = ?", (at,))
            self._changed(keys=done > 0, content=done > 0)
        return done

    @property
    def expired(self) -> int:
        """When indicators were last expired, ns since 1970; 0: never."""
        return self._number("expired")

    @property
    def fresh(self) -> int:
        """How many values were ever new: another number once one has come that the book did not have."""
        return self._number("fresh")

    @property
    def content(self) -> int:
        """A number that is another one after every change of what the book says."""
        return self._number("content")

    def at_key(self, key: bytes, rows: Sequence[int] | None = None) -> tuple[Indicator, ...]:
        """What the providers say of a key, by provider; looked for in these rows only where they are given."""
        if rows is None:
            found = self._rows(f"SELECT {COLUMNS} FROM indicator WHERE key = ? ORDER BY provider", (key,))  # noqa: S608
            return tuple(map(indicator_of, found))
        asked = f"SELECT {COLUMNS} FROM indicator WHERE row = ? AND key = ?"  # noqa: S608 - constants
        return tuple(indicator_of(one) for row in rows for one in self._rows(asked, (row, key)))

    def listed(self, provider: str | None = None, kind: str | None = None, limit: int = -1) -> Iterator[Indicator]:
        """Indicators by provider, kind and value."""
        asked = (
            f"SELECT {COLUMNS} FROM indicator WHERE (?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR kind = ?2) "  # noqa: S608
            "ORDER BY provider, kind, value LIMIT ?3"
        )
        return map(indicator_of, self._rows(asked, (provider, kind, limit)))

    def tally(self) -> dict[tuple[str, str], int]:
        """How many values each provider has of each kind."""
        asked = "SELECT provider, kind, count(*) FROM indicator GROUP BY provider, kind ORDER BY provider, kind"
        return {(provider, kind): number for provider, kind, number in self._rows(asked)}

    def index(self) -> Index:
        """The index of the book as it is now, made anew where it is missing, damaged or of an earlier state."""
        found = self._found()
        if found is None or found.about["change"] != self._number("number"):
            self._compile()
            found = Index(self.index_path)
        return found

    def last_index(self) -> Index:
        """The index that was made last, though the book may be changing; made where there is none.

        For whoever must not wait: rows that are gone since are compared with their key, and so are not found.
        """
        found = self._found()
        # An index of nothing is one as well, and a book that is filled for the first time is not waited for.
        return self.index() if found is None else found

    def compile(self) -> bool:
        """Make the index of the book as it is now, where it is not there yet; whether that was needed."""
        try:
            found = self._found()
            if found is not None and found.about["change"] == self._number("number"):
                return False
            self._compile()
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        return True

    def _found(self) -> Index | None:
        try:
            return Index(self.index_path)
        except (OSError, IndexDamagedError):
            return None

    def _compile(self) -> None:
        try:
            self._db.execute("BEGIN")
            try:
                number, count = self._number("number"), self._count()
                kinds = {kind for _, kind in self.tally()}
                about = {"change": number, "kinds": sorted(kinds), "lengths": self._lengths()}
                write_index(self.index_path, self._rows("SELECT row, key FROM indicator"), count, about)
            finally:
                self._db.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _lengths(self) -> dict[str, list[int]]:
        """Lengths of prefixes of the networks in the book, by octets of their addresses, longest first."""
        found: dict[str, set[int]] = {"4": set(), "16": set()}
        asked = "SELECT DISTINCT substr(key, 1, 2), length(key) FROM indicator WHERE kind = 'network'"
        for head, size in self._rows(asked):
            found[str(size - 2)].add(head[1])
        return {size: sorted(lengths, reverse=True) for size, lengths in found.items()}

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _changed(self, *, keys: bool, content: bool) -> None:
        """Count what changed, in the transaction that changes it."""
        if keys or content:
            self._db.execute("UPDATE change SET number = number + ?, content = content + ?", (keys, content))

    def _rows(self, asked: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """What the book answers, row by row; every reading goes through here, so that each fails alike."""
        try:
            # `yield from` would close the cursor of a reading that is broken off, which a closed book refuses.
            for row in self._db.execute(asked, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _number(self, name: Literal["number", "content", "expired", "fresh"]) -> int:
        number: int = next(self._rows(f"SELECT {name} FROM change"))[0]  # noqa: S608 - one of four names
        return number

    def _count(self) -> int:
        count: int = next(self._rows("SELECT count(*) FROM indicator"))[0]
        return count

    def _unusable(self, error: Exception) -> BookUnusable:
        return BookUnusable(place=Place(str(self._folder)), reason=str(error))

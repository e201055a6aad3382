"""Tables of the book of indicators, and how a book that an earlier version wrote becomes one of today.

Versions: 1 had indicators and positions of feeds; 2 keeps how each feed stands, counts changes of content beside those
of keys, and when indicators were last expired; 3 counts what ever was new. Each step keeps everything that was there.
"""

import sqlite3
from pathlib import Path
from typing import Final

from sensors.delivery.write_ahead import switch_to_log

PATIENCE_SECONDS: Final = 30.0
"""How long another process may hold the book: a portion of a feed is entered in less than a second."""

_STEPS: Final = (
    """
    CREATE TABLE indicator (
        row INTEGER PRIMARY KEY, key BLOB NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, provider TEXT NOT NULL,
        confidence INTEGER NOT NULL, seen INTEGER NOT NULL, valid_from INTEGER, valid_until INTEGER,
        first_seen INTEGER, last_seen INTEGER, tags TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
        marking TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (key, provider)
    );
    CREATE INDEX indicator_id ON indicator (provider, id);
    CREATE TABLE feed (url TEXT PRIMARY KEY, position TEXT NOT NULL);
    CREATE TABLE change (number INTEGER NOT NULL);
    INSERT INTO change VALUES (0)
    """,
    """
    ALTER TABLE feed ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feed ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feed ADD COLUMN success INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feed ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feed ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
    ALTER TABLE change ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE change ADD COLUMN expired INTEGER NOT NULL DEFAULT 0
    """,
    """
    ALTER TABLE change ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;
    UPDATE change SET fresh = (SELECT count(*) FROM indicator)
    """,
)
"""What leads from each version to the next; the first from nothing."""
VERSION: Final = len(_STEPS)


def open_book(file: Path) -> sqlite3.Connection:
    """A connection to the book of this file, which is made, or brought up to today, where that is needed.

    Raises:
        sqlite3.Error: it cannot be opened, or a newer version wrote it.
    """
    db = sqlite3.connect(file, timeout=PATIENCE_SECONDS, isolation_level=None)
    try:
        switch_to_log(db)
        db.execute("PRAGMA synchronous = NORMAL")
        if _version(db) < VERSION:
            _bring_up(db)
    except BaseException:
        db.close()
        raise
    if (found := _version(db)) > VERSION:
        db.close()
        raise sqlite3.DatabaseError(f"version {found} of the book is newer than this program")
    return db


def _bring_up(db: sqlite3.Connection) -> None:
    """Take the steps that are missing, all or none; another process may have taken them meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in _STEPS[_version(db) :]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {max(VERSION, _version(db))}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version

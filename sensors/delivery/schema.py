"""The schema of the spool's database, as migrations that are only ever added to.

`user_version` counts the migrations that were applied, `application_id` says that the file is a spool.
"""

import sqlite3

from sensors.delivery.errors import SpoolTooNew

APPLICATION_ID = 0x4857_5350
"""`HWSP`."""

LIVE, DAMAGED, EXPIRED = 0, 1, 2
"""States of a record. The latter two can no longer be read; a consumer's position passes over them."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Position columns are null until a first portion was persisted. `file` is device and inode, `head` how many
        # first bytes made the id; both are null where the source is no file.
        """CREATE TABLE sources (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            variant INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            head INTEGER,
            path BLOB,
            file TEXT,
            format TEXT NOT NULL DEFAULT '',
            parser TEXT NOT NULL DEFAULT '',
            offset INTEGER,
            ordinal INTEGER,
            state TEXT,
            check_digest TEXT,
            last_sequence INTEGER NOT NULL DEFAULT 0,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            UNIQUE (id, variant)
        )""",
        "CREATE INDEX sources_by_head ON sources (head)",
        # Numbers of segments and records are never given again, hence AUTOINCREMENT.
        """CREATE TABLE segments (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            bytes INTEGER NOT NULL,
            created INTEGER NOT NULL,
            newest INTEGER NOT NULL
        )""",
        """CREATE TABLE records (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            source INTEGER NOT NULL REFERENCES sources,
            segment INTEGER REFERENCES segments,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            events INTEGER NOT NULL,
            state INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX records_by_segment ON records (segment)",
        "CREATE INDEX records_lost ON records (sequence) WHERE state <> 0",
        "CREATE TABLE consumers (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE ledger (
            source INTEGER NOT NULL REFERENCES sources,
            stage TEXT NOT NULL,
            bucket TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (source, stage, bucket)
        ) WITHOUT ROWID""",
        """CREATE TABLE quarantine (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            source INTEGER NOT NULL REFERENCES sources,
            stage TEXT NOT NULL,
            sequence INTEGER,
            ordinal INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            raw BLOB NOT NULL,
            size INTEGER NOT NULL,
            time INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            replayed INTEGER
        )""",
        "CREATE INDEX quarantine_by_time ON quarantine (time)",
    ),
    (
        # How regularly sources are heard, and how much came by the hour (sensors.delivery.activity); times in ns.
        """CREATE TABLE rhythms (
            source INTEGER PRIMARY KEY REFERENCES sources,
            beats INTEGER NOT NULL,
            last INTEGER NOT NULL,
            pause INTEGER NOT NULL,
            longest INTEGER NOT NULL,
            newest INTEGER,
            lag INTEGER
        )""",
        """CREATE TABLE activity (
            source INTEGER NOT NULL REFERENCES sources,
            hour INTEGER NOT NULL,
            events INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            PRIMARY KEY (source, hour)
        ) WITHOUT ROWID""",
    ),
    (
        # Who sends behind a listener (sensors.delivery.devices).
        """CREATE TABLE devices (
            number INTEGER PRIMARY KEY,
            source INTEGER NOT NULL REFERENCES sources,
            address TEXT NOT NULL,
            host TEXT NOT NULL,
            first_seen INTEGER NOT NULL,
            beats INTEGER NOT NULL,
            last INTEGER NOT NULL,
            pause INTEGER NOT NULL,
            longest INTEGER NOT NULL,
            newest INTEGER,
            lag INTEGER,
            UNIQUE (source, address, host)
        )""",
        """CREATE TABLE device_hours (
            device INTEGER NOT NULL REFERENCES devices,
            hour INTEGER NOT NULL,
            events INTEGER NOT NULL,
            unknown INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            least INTEGER,
            PRIMARY KEY (device, hour)
        ) WITHOUT ROWID""",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; the caller holds the write transaction.

    Raises:
        SpoolTooNew: a newer version of the program has written here.
        sqlite3.DatabaseError: the file is a database of something else.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and application != APPLICATION_ID:
        raise sqlite3.DatabaseError("the database belongs to another program")
    if found > len(MIGRATIONS):
        raise SpoolTooNew(found=found, known=len(MIGRATIONS))
    for migration in MIGRATIONS[found:]:
        for statement in migration:
            connection.execute(statement)
    if found < len(MIGRATIONS):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

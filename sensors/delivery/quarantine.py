"""The quarantine: what could not become an event or could not be stored, with the reason and its bytes.

Entries stay until they are too old, replayed ones too, with the sequence number under which they went in again. Every
function here runs inside a transaction that the caller holds.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sensors.event.model import Source
from sensors.reading.model import MAX_REJECT_BYTES, Reject

SENSOR = "sensor"
"""Stage of what a reader or parser refused; the stages of consumers are their names."""
SPOOL = "spool"
"""Stage of what the spool itself can no longer read."""
SPOOL_DAMAGED = "spool-damaged"
"""Reason of an entry of the stage `spool`."""

_ENTRIES = (
    "SELECT q.number, q.stage, q.sequence, q.time, q.attempts, q.replayed, s.format, s.id, s.kind, s.name, s.variant, "
    "q.ordinal, q.offset, q.reason, q.detail, q.raw, q.size, q.source "
    "FROM quarantine q JOIN sources s ON s.number = q.source "
)
# A condition that is null lets everything through.
_FILTER = (
    "AND (:source IS NULL OR s.id = :source) AND (:stage IS NULL OR q.stage = :stage) "
    "AND (:reason IS NULL OR q.reason = :reason) AND (:waiting IS NULL OR (q.replayed IS NULL) = :waiting) "
)
_TALLY = (
    "SELECT q.stage, q.reason, count(*) FROM quarantine q JOIN sources s ON s.number = q.source "  # noqa: S608 - constants
    "WHERE true " + _FILTER + "GROUP BY q.stage, q.reason"
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One entry of the quarantine.

    Attributes:
        number: its number, from 1.
        stage: who refused: `sensor`, the name of a consumer (`store`), or `spool`.
        source: where the record came from, and `format` as what it was read.
        sequence: the spool's record that held it; None for what no record was made of.
        reject: place, reason and bytes. The bytes are a record as it came, or for a consumer the event as JSON.
        time: when it was entered, ns since 1970.
        attempts: how often replaying it has failed.
        replayed: the sequence number under which it went in again, 0 if nothing came of it (a blank line); else None.
    """

    number: int
    stage: str
    source: Source
    format: str
    sequence: int | None
    reject: Reject
    time: int
    attempts: int
    replayed: int | None

    @property
    def cut(self) -> bool:
        """Whether the bytes are only the beginning of the record."""
        return len(self.reject.raw) < self.reject.size


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted, None for any; `waiting` ones were not replayed."""

    source: str | None = None
    stage: str | None = None
    reason: str | None = None
    waiting: bool | None = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who refused, and of what: the number of the source, the stage, the spool's record if it was one."""

    source: int
    stage: str
    sequence: int | None = None


def put(connection: sqlite3.Connection, refusal: Refusal, rejects: Iterable[Reject], now: int) -> None:
    """Enter rejects."""
    connection.executemany(
        "INSERT INTO quarantine (source, stage, sequence, ordinal, offset, reason, detail, raw, size, time) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                refusal.source, refusal.stage, refusal.sequence, reject.ordinal, reject.offset, reject.reason,
                reject.detail, reject.raw[:MAX_REJECT_BYTES], reject.size, now,
            )
            for reject in rejects
        ],
    )


def entries(connection: sqlite3.Connection, wanted: Filter, after: int, limit: int) -> list[Quarantined]:
    """Up to `limit` entries with numbers after `after`, in order."""
    rows = connection.execute(
        _ENTRIES + "WHERE q.number > :after " + _FILTER + "ORDER BY q.number LIMIT :limit",
        asdict(wanted) | {"after": after, "limit": limit},
    )
    return [_entry(row) for row in rows]


def entry(connection: sqlite3.Connection, number: int) -> tuple[int, Quarantined] | None:
    """One entry, with the number of its source."""
    row = connection.execute(_ENTRIES + "WHERE q.number = ?", (number,)).fetchone()
    return (row[-1], _entry(row)) if row else None


def tally(connection: sqlite3.Connection, wanted: Filter) -> dict[tuple[str, str], int]:
    """How many entries there are by (stage, reason)."""
    rows = connection.execute(
        _TALLY,
        asdict(wanted),
    )
    return {(stage, reason): count for stage, reason, count in rows}


def refused_again(connection: sqlite3.Connection, number: int, reject: Reject) -> None:
    """A replay has failed: remember how often, and why this time."""
    connection.execute(
        "UPDATE quarantine SET attempts = attempts + 1, reason = ?, detail = ? WHERE number = ?",
        (reject.reason, reject.detail, number),
    )


def replayed(connection: sqlite3.Connection, number: int, sequence: int) -> bool:
    """Mark an entry as replayed; False if somebody else was faster."""
    changed = connection.execute(
        "UPDATE quarantine SET replayed = ? WHERE number = ? AND replayed IS NULL", (sequence, number)
    ).rowcount
    return changed == 1


def remove_before(connection: sqlite3.Connection, moment: int) -> dict[int, int]:
    """Remove entries that are older; returns how many of them were still waiting, by number of the source."""
    rows = connection.execute(
        "SELECT source, count(*) FROM quarantine WHERE time < ? AND replayed IS NULL GROUP BY source", (moment,)
    ).fetchall()
    connection.execute("DELETE FROM quarantine WHERE time < ?", (moment,))
    return dict(rows)


def _entry(row: Sequence[Any]) -> Quarantined:
    number, stage, sequence, time, attempts, again, format_name, identity, kind, name, variant, *reject, _ = row
    source = Source(identity, kind, name, variant)
    return Quarantined(number, stage, source, format_name, sequence, Reject(*reject), time, attempts, again)

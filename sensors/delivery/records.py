"""The records and the consumers in the spool's database.

A record is live, or lost: its payload is damaged, or it expired. Lost ones are never given to a consumer; its position
passes over them, and their events are counted in that moment. Every function here runs inside a transaction that the
caller holds.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sensors.delivery.counts import enter, lost_bucket
from sensors.delivery.errors import OutOfOrder
from sensors.delivery.schema import LIVE
from sensors.delivery.segments import Extent
from sensors.event.model import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A live record without its payload."""

    sequence: int
    source: Source
    extent: Extent
    events: int


def add(connection: sqlite3.Connection, source: int, extent: Extent, events: int, now: int) -> int:
    """Enter a record whose frame is on the disk; returns its sequence number, the next one without a gap."""
    cursor = connection.execute(
        "INSERT INTO records (source, segment, offset, length, events) VALUES (?, ?, ?, ?, ?)",
        (source, extent.segment, extent.offset, extent.length, events),
    )
    sequence = cursor.lastrowid
    assert sequence
    connection.execute(
        "UPDATE segments SET bytes = max(bytes, ?), newest = max(newest, ?) WHERE number = ?",
        (extent.end, now, extent.segment),
    )
    connection.execute("UPDATE sources SET last_sequence = ? WHERE number = ?", (sequence, source))
    return sequence


def last(connection: sqlite3.Connection) -> int:
    """The last sequence number that was given; 0 before the first."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
    return int(found[0]) if found else 0


def position(connection: sqlite3.Connection, consumer: str) -> int | None:
    """The last sequence number that a consumer has passed; None if it was never here."""
    found = connection.execute("SELECT position FROM consumers WHERE name = ?", (consumer,)).fetchone()
    return found[0] if found else None


def enrol(connection: sqlite3.Connection, consumer: str) -> None:
    """Make a consumer known, so that retention waits for it; it begins with the oldest record that is still there."""
    connection.execute("INSERT OR IGNORE INTO consumers (name, position) VALUES (?, 0)", (consumer,))


def next_live(connection: sqlite3.Connection, after: int, limit: int) -> list[Entry]:
    """Live records after a sequence number, in order: as many as hold `limit` events, at least one if there is one."""
    entries: list[Entry] = []
    taken = 0
    rows = connection.execute(
        "SELECT r.sequence, r.segment, r.offset, r.length, r.events, s.id, s.kind, s.name, s.variant "
        "FROM records r JOIN sources s ON s.number = r.source WHERE r.sequence > ? AND r.state = ? ORDER BY r.sequence",
        (after, LIVE),
    )
    for sequence, segment, offset, length, events, *source in rows:
        if entries and taken + events > limit:
            break
        taken += events
        entries.append(Entry(sequence, Source(*source), Extent(segment, offset, length), events))
    rows.close()
    return entries


def has_live(connection: sqlite3.Connection, after: int) -> bool:
    """Whether there is a live record after a sequence number."""
    found = connection.execute(
        "SELECT 1 FROM records WHERE sequence > ? AND state = ? ORDER BY sequence LIMIT 1", (after, LIVE)
    )
    return found.fetchone() is not None


def lost_next(connection: sqlite3.Connection, after: int) -> bool:
    """Whether the record that comes next is lost."""
    found = connection.execute(
        "SELECT state FROM records WHERE sequence > ? ORDER BY sequence LIMIT 1", (after,)
    ).fetchone()
    return found is not None and found[0] != LIVE


def lose(connection: sqlite3.Connection, sequence: int, state: int) -> bool:
    """Mark a live record as damaged or expired; False if it is not live any more."""
    changed = connection.execute(
        "UPDATE records SET state = ? WHERE sequence = ? AND state = ?", (state, sequence, LIVE)
    ).rowcount
    return changed == 1


def pass_to(connection: sqlite3.Connection, consumer: str, sequences: Sequence[int]) -> list[int]:
    """Move a consumer on past these records and past lost ones between them; returns the numbers of their sources.

    A record that was lost while the consumer had it in hand may be among them: then it is not lost for this consumer.

    Raises:
        OutOfOrder: a sequence number is not after the position, does not exist, or leaves out a live record.
    """
    enrol(connection, consumer)
    at = position(connection, consumer) or 0
    sources = []
    for sequence in sequences:
        rows = connection.execute(
            "SELECT sequence, source, events, state FROM records WHERE sequence > ? AND sequence <= ? "
            "ORDER BY sequence",
            (at, sequence),
        ).fetchall()
        if not rows or rows[-1][0] != sequence or any(state == LIVE for *_, state in rows[:-1]):
            raise OutOfOrder(consumer=consumer, sequence=sequence, after=at)
        for _, source, events, state in rows[:-1]:
            enter(connection, source, {lost_bucket(consumer, state): events})
        sources.append(rows[-1][1])
        at = sequence
    connection.execute("UPDATE consumers SET position = ? WHERE name = ?", (at, consumer))
    return sources


def pass_lost(connection: sqlite3.Connection, consumer: str) -> None:
    """Move a consumer on past the lost records that come directly after its position, and count them for it."""
    at = position(connection, consumer) or 0
    rows = connection.execute(
        "SELECT sequence, source, events, state FROM records WHERE state <> ? AND sequence > ? AND sequence < "
        "coalesce((SELECT min(sequence) FROM records WHERE sequence > ? AND state = ?), ?) ORDER BY sequence",
        (LIVE, at, at, LIVE, 1 << 62),
    ).fetchall()
    for sequence, source, events, state in rows:
        enter(connection, source, {lost_bucket(consumer, state): events})
        at = sequence
    if rows:
        connection.execute("UPDATE consumers SET position = ? WHERE name = ?", (at, consumer))

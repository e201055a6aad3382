"""The ledger in the spool's database: counts by source, stage and bucket, entered together with what they count.

Every function here runs inside a transaction that the caller holds.
"""

import sqlite3
from collections.abc import Mapping

from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE
from sensors.delivery.schema import DAMAGED, LIVE

SPOOLED = (EVENTS, "spooled")
QUARANTINED = (EVENTS, "quarantined")
EXPIRED = (EVENTS, "expired")


def enter(connection: sqlite3.Connection, source: int, counts: Mapping[tuple[str, str], int]) -> None:
    """Add counts to a source's."""
    connection.executemany(
        "INSERT INTO ledger (source, stage, bucket, count) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [(source, stage, bucket, count) for (stage, bucket), count in counts.items()],
    )


def lost_bucket(consumer: str, state: int) -> tuple[str, str]:
    """Where events are counted that a consumer's position passes over because they can no longer be read.

    For the store they are part of the balance; what another consumer misses is told beside it.
    """
    if consumer != STORE:
        return EVENTS, f"missed.{consumer}"
    return QUARANTINED if state == DAMAGED else EXPIRED


def all_counts(connection: sqlite3.Connection) -> tuple[dict[int, dict[tuple[str, str], int]], dict[int, int]]:
    """Counts of every source by its number, and how many of its events are pending: spooled, readable, not yet stored.

    Lost events that the store's position has not passed yet are counted as lost already, since nobody can store them.
    """
    counts: dict[int, dict[tuple[str, str], int]] = {}
    for source, stage, bucket, count in connection.execute("SELECT source, stage, bucket, count FROM ledger"):
        counts.setdefault(source, {})[stage, bucket] = count
    pending: dict[int, int] = {}
    waiting = connection.execute(
        "SELECT source, state, sum(events) FROM records "
        "WHERE sequence > (SELECT position FROM consumers WHERE name = ?) GROUP BY source, state",
        (STORE,),
    )
    for source, state, events in waiting:
        if state == LIVE:
            pending[source] = events
            continue
        bucket = lost_bucket(STORE, state)
        mine = counts.setdefault(source, {})
        mine[bucket] = mine.get(bucket, 0) + events
    return counts, pending

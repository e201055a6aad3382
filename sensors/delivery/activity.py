"""What each source has done: when it was heard, how much came by the hour, how late its events were.

Every function here runs inside a transaction that the caller holds.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sensors.delivery import devices
from sensors.delivery.devices import DeviceActivity
from sensors.delivery.ports import Delivery
from sensors.delivery.rhythm import Rhythm, expected, heard
from sensors.event.model import Source
from sensors.event.times import SECOND

HOUR: Final = 3_600 * SECOND
KEPT_HOURS: Final = 31 * 24
"""How long the counts by the hour are kept."""
UNKNOWN: Final = "log.unknown"
"""The format of lines that no format could read."""


@dataclass(frozen=True, slots=True)
class SourceActivity:
    """What is known of one source.

    Attributes:
        source: who it is.
        format: its format's name; empty where nothing was read yet.
        first_seen: when it was first met, ns since 1970, as all times here.
        rhythm: when and how regularly it is heard; None where nothing came yet.
        newest: the latest event time that came; None where there was none.
        lag: by how much the newest event of the last portion was older than its receipt, ns; None as above.
        events: events in the running hour and the 24 hours up to it.
        rejected: records that became no event, in the same 24 hours.
        silent: whether it has been silent for longer than it usually is.
        devices: who sends, where the source is a listener.
    """

    source: Source
    format: str
    first_seen: int
    rhythm: Rhythm | None
    newest: int | None
    lag: int | None
    events: tuple[int, int]
    rejected: int
    silent: bool
    devices: tuple[DeviceActivity, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether it, or a device behind it, has fallen silent."""
        return self.silent or any(device.silent for device in self.devices)

    @property
    def parsed(self) -> float | None:
        """Which share of the day's records a format could read; None where none came."""
        total = self.events[1] + self.rejected
        if not total:
            return None
        return 0.0 if self.format == UNKNOWN else self.events[1] / total


def note(connection: sqlite3.Connection, number: int, delivery: Delivery, now: int) -> None:
    """Note that a portion of a source came now."""
    batches, rejected = delivery.portion.batches, len(delivery.portion.rejects)
    events = sum(map(len, batches))
    if not events and not rejected:
        return
    row = connection.execute(
        "SELECT beats, last, pause, longest, newest, lag FROM rhythms WHERE source = ?", (number,)
    ).fetchone()
    rhythm = heard(Rhythm(*row[:4]) if row else None, now)
    newest, lag = row[4:] if row else (None, None)
    if batches:
        latest = max(int(batch.times.max()) for batch in batches)
        newest, lag = max(latest, newest or latest), now - latest
    connection.execute(
        "INSERT INTO rhythms (source, beats, last, pause, longest, newest, lag) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (source) DO UPDATE SET beats = excluded.beats, last = excluded.last, pause = excluded.pause, "
        "longest = excluded.longest, newest = excluded.newest, lag = excluded.lag",
        (number, rhythm.beats, rhythm.last, rhythm.pause, rhythm.longest, newest, lag),
    )
    connection.execute(
        "INSERT INTO activity (source, hour, events, rejected) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (source, hour) DO UPDATE SET events = events + excluded.events, "
        "rejected = rejected + excluded.rejected",
        (number, now // HOUR, events, rejected),
    )


def forget(connection: sqlite3.Connection, now: int) -> None:
    """Remove counts by the hour that are old."""
    connection.execute("DELETE FROM activity WHERE hour < ?", (now // HOUR - KEPT_HOURS,))
    devices.forget(connection, now)


def report(connection: sqlite3.Connection, now: int) -> Iterator[SourceActivity]:
    """Every source that was met, in the order of first sight."""
    hour = now // HOUR
    counts = {
        number: (latest, events, rejected)
        for number, latest, events, rejected in connection.execute(
            "SELECT source, sum(events * (hour = ?)), sum(events), sum(rejected) FROM activity "
            "WHERE hour > ? GROUP BY source",
            (hour, hour - 24),
        )
    }
    behind = devices.report(connection, now)
    rows = connection.execute(
        "SELECT number, id, kind, name, variant, format, first_seen, beats, last, pause, longest, newest, lag "
        "FROM sources LEFT JOIN rhythms ON source = number ORDER BY number"
    )
    for number, identity, kind, name, variant, format_name, first_seen, *heard_of in rows:
        rhythm = None if heard_of[0] is None else Rhythm(*heard_of[:4])
        due = None if rhythm is None else expected(rhythm)
        latest, events, rejected = counts.get(number, (0, 0, 0))
        yield SourceActivity(
            source=Source(identity, kind, name, variant),
            format=format_name,
            first_seen=first_seen,
            rhythm=rhythm,
            newest=heard_of[4],
            lag=heard_of[5],
            events=(latest, events),
            rejected=rejected,
            silent=due is not None and now > due,
            devices=tuple(behind.get(number, ())),
        )

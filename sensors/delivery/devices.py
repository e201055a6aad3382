"""Who sends behind a listener: each device with when it was heard, how much came, and how late.

A listener is one source, so that a portion costs the same for one device as for a thousand. What its devices did is
noted beside it, some seconds at a time, and is no part of any balance: a process that dies takes the last seconds of it
along. At most `MOST_DEVICES` are told apart for each listener, since a name in a message is whatever its sender writes;
the rest is counted together. Every function here runs inside a transaction that the caller holds.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sensors.delivery.rhythm import LEAST_BEATS, Rhythm, expected, heard
from sensors.event.times import SECOND

MOST_DEVICES: Final = 2_000
"""Devices told apart for each listener."""
REST: Final = ("", "")
"""Address and name under which those beyond are counted together."""
_HOUR: Final = 3_600 * SECOND
_DAY_HOURS: Final = 24
_STRANGER_SECONDS: Final = 86_400
"""A device without a habit gives up its place to another one when it was not heard for so long."""
_KEPT_SECONDS: Final = 31 * 86_400


@dataclass(frozen=True, slots=True)
class Heard:
    """What a device did since it was noted last.

    Attributes:
        address: where its messages came from; of a relay where it passes on what others wrote.
        host: the name that its messages give it; empty where they give none.
        last: receipt time of its last message, ns since 1970, as all times here.
        events: its events; `unknown` are those of them that no format could read.
        rejected: messages that became no event.
        newest: the event time of its last message that has one.
        lag: by how much that was older than its receipt, ns.
        least: the least such lag of the messages that were looked at.
    """

    address: str
    host: str
    last: int
    events: int = 0
    unknown: int = 0
    rejected: int = 0
    newest: int | None = None
    lag: int | None = None
    least: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceActivity:
    """What is known of one device.

    Attributes:
        address, host: who it is (see `Heard`); both empty for the rest.
        first_seen: when it was first heard.
        rhythm: when and how regularly it is heard.
        newest, lag: of its last message that has a time.
        skew: the least lag of the last hour that has any. What comes over the network comes at once, so it is about how
            far the device's clock, or the zone that is taken for it, is off: negative where it is ahead.
        events: in the running hour and the 24 hours up to it.
        unknown, rejected: in the same 24 hours (see `Heard`).
        silent: whether it has been silent for longer than it usually is.
    """

    address: str
    host: str
    first_seen: int
    rhythm: Rhythm
    newest: int | None
    lag: int | None
    skew: int | None
    events: tuple[int, int]
    unknown: int
    rejected: int
    silent: bool

    @property
    def name(self) -> str:
        """Its name for people: the host with the address, or what there is of the two."""
        return f"{self.host} ({self.address})" if self.host and self.address else self.host or self.address

    def path(self, listener: str) -> str:
        """Its name below that of its listener, by which owners are told."""
        return "/".join(filter(None, (listener, self.address, self.host)))

    @property
    def rest(self) -> bool:
        """Whether these are all those that are not told apart."""
        return (self.address, self.host) == REST

    @property
    def parsed(self) -> float | None:
        """Which share of the day's messages a format could read; None where none came."""
        total = self.events[1] + self.rejected
        return (self.events[1] - self.unknown) / total if total else None


def note(connection: sqlite3.Connection, source: int, devices: Sequence[Heard], now: int) -> None:
    """Note what the devices of a listener did."""
    room: int | None = None
    for one in devices:
        row = _row(connection, source, one.address, one.host)
        if row is None and (one.address, one.host) != REST:
            if room is None:
                room = _room(connection, source, now)
            if not room:
                one = Heard(*REST, one.last, one.events, one.unknown, one.rejected)  # noqa: PLW2901 - one of the rest
                row = _row(connection, source, *REST)
            else:
                room -= 1
        _enter(connection, source, one, row)


def _row(connection: sqlite3.Connection, source: int, address: str, host: str) -> tuple[int, Rhythm] | None:
    found = connection.execute(
        "SELECT number, beats, last, pause, longest FROM devices WHERE source = ? AND address = ? AND host = ?",
        (source, address, host),
    ).fetchone()
    return (found[0], Rhythm(*found[1:])) if found else None


def _room(connection: sqlite3.Connection, source: int, now: int) -> int:
    """How many more devices of a listener may be told apart, once strangers that came and went are forgotten."""
    def left() -> int:
        (known,) = connection.execute("SELECT count(*) FROM devices WHERE source = ?", (source,)).fetchone()
        return max(0, MOST_DEVICES - int(known))

    if not left():
        _remove(
            connection,
            "source = ? AND beats < ? AND last < ?", (source, LEAST_BEATS, now - _STRANGER_SECONDS * SECOND),
        )  # fmt: skip
    return left()


def _enter(connection: sqlite3.Connection, source: int, one: Heard, row: tuple[int, Rhythm] | None) -> None:
    rhythm = heard(row[1] if row else None, one.last)
    if row is None:
        number = connection.execute(
            "INSERT INTO devices (source, address, host, first_seen, beats, last, pause, longest, newest, lag) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source, one.address, one.host, one.last, rhythm.beats, rhythm.last, rhythm.pause, rhythm.longest,
                one.newest, one.lag,
            ),
        ).lastrowid  # fmt: skip
    else:
        number = row[0]
        connection.execute(
            "UPDATE devices SET beats = ?, last = ?, pause = ?, longest = ?, newest = coalesce(?, newest), "
            "lag = coalesce(?, lag) WHERE number = ?",
            (rhythm.beats, rhythm.last, rhythm.pause, rhythm.longest, one.newest, one.lag, number),
        )
    connection.execute(
        "INSERT INTO device_hours (device, hour, events, unknown, rejected, least) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (device, hour) DO UPDATE SET events = events + excluded.events, "
        "unknown = unknown + excluded.unknown, rejected = rejected + excluded.rejected, "
        "least = min(coalesce(least, excluded.least), coalesce(excluded.least, least))",
        (number, one.last // _HOUR, one.events, one.unknown, one.rejected, one.least),
    )


def forget(connection: sqlite3.Connection, now: int) -> None:
    """Remove hours that nobody asks for any more, and devices that were not heard for a month."""
    connection.execute("DELETE FROM device_hours WHERE hour < ?", (now // _HOUR - _DAY_HOURS,))
    _remove(connection, "last < ?", (now - _KEPT_SECONDS * SECOND,))


def _remove(connection: sqlite3.Connection, which: str, values: tuple[int, ...]) -> None:
    chosen = f"SELECT number FROM devices WHERE {which}"  # noqa: S608 - the texts of this module
    connection.execute(f"DELETE FROM device_hours WHERE device IN ({chosen})", values)  # noqa: S608 - likewise
    connection.execute(f"DELETE FROM devices WHERE {which}", values)  # noqa: S608 - likewise


def report(connection: sqlite3.Connection, now: int) -> dict[int, list[DeviceActivity]]:
    """The devices of every source that has some, by its number, in the order of first sight, the rest last."""
    hour = now // _HOUR
    hours: dict[int, list[tuple[int, int, int, int, int | None]]] = {}
    for device, *counts in connection.execute(
        "SELECT device, hour, events, unknown, rejected, least FROM device_hours WHERE hour > ? ORDER BY hour DESC",
        (hour - _DAY_HOURS,),
    ):
        hours.setdefault(device, []).append(tuple(counts))
    found: dict[int, list[DeviceActivity]] = {}
    rows = connection.execute(
        "SELECT source, number, address, host, first_seen, beats, last, pause, longest, newest, lag FROM devices "
        "ORDER BY address = '' AND host = '', number"
    )
    for source, number, address, host, first_seen, *told in rows:
        rhythm = Rhythm(*told[:4])
        mine = hours.get(number, [])
        due = expected(rhythm)
        found.setdefault(source, []).append(
            DeviceActivity(
                address=address,
                host=host,
                first_seen=first_seen,
                rhythm=rhythm,
                newest=told[4],
                lag=told[5],
                skew=next((one[4] for one in mine if one[4] is not None), None),
                events=(sum(one[1] for one in mine if one[0] == hour), sum(one[1] for one in mine)),
                unknown=sum(one[2] for one in mine),
                rejected=sum(one[3] for one in mine),
                # All that are counted together have no rhythm that anybody could miss.
                silent=due is not None and now > due and (address, host) != REST,
            )
        )
    return found

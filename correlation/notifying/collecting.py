"""From the table of alerts to the outbox: a position moves on in the transaction that writes what came of it.

A kill anywhere repeats reading and folding, never a message: what is in the outbox is there if and only if the position
is behind its alert.
"""

from collections import Counter
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, tuple_

from correlation.alerts.book import AlertBook
from correlation.alerts.model import LEVELS
from correlation.alerts.tables import notify_position, notify_topic, notify_window
from correlation.notifying.folding import Counted, Folding, Lane, Window
from correlation.notifying.gate import Gate, open_gate
from correlation.notifying.model import Notice, topic_of
from correlation.notifying.outbox import DAY, put
from correlation.notifying.routing import Router
from correlation.notifying.settings import NotifySettings
from inventory.database import writing
from sensors.event.times import Clock

STEP: Final = 1_000
"""Alerts to a transaction. What was recorded meanwhile is left for the next look, so that there are few of them: each
holds up whoever records alerts for as long as the disk takes."""
NEWS: Final = DAY
"""At the very first start alerts that were found longer ago than this are no news, ns."""


class Collector:
    """Moves on over the alerts; one at a time for a database."""

    def __init__(self, engine: Engine, settings: NotifySettings, clock: Clock, gate: Gate = open_gate) -> None:
        self._engine = engine
        self._book = AlertBook(engine)
        self._router = Router(settings)
        self._clock = clock
        self._gate = gate
        self._folding: Folding | None = None
        self._position = 0
        self._placed = False
        self._held: Counter[str] = Counter()

    def step(self) -> bool:
        """Look at some alerts and at the windows that are over; whether there may be more to do at once."""
        try:
            return self._step()
        except BaseException:
            # What is in memory is ahead of what was written: it is read anew.
            self._folding = None
            raise

    def _step(self) -> bool:
        folding = self._folding or self._begin()
        now = self._clock()
        notices = list(folding.close(now))
        before = self._position
        minimum = LEVELS[min(self._router.lowest, len(LEVELS) - 1)]
        alerts, self._position, more = self._book.since(before, STEP, minimum)
        for alert in alerts:
            if (reason := self._gate(alert)) is not None:
                self._held[reason] += 1
            elif targets := self._router.targets(alert, now):
                notices += folding.take(alert, targets, now)
        if notices or folding.changed or self._position != before or not self._placed:
            with writing(self._engine) as connection:
                self._write(connection, folding, notices)
            folding.changed.clear()
            self._placed = True
        return more

    def _begin(self) -> Folding:
        with self._engine.connect() as connection:
            row = connection.execute(select(notify_position)).first()
            windows = _read(connection)
        # Where we begin is written down at once: what is found while nobody runs is news at the next start.
        self._placed = row is not None
        if row is None:
            self._position, self._held = self._book.number_before(self._clock() - NEWS), Counter()
        else:
            self._position, self._held = row.number, Counter(row.held)
        self._folding = Folding(windows)
        return self._folding

    def _write(self, connection: Connection, folding: Folding, notices: list[Notice]) -> None:
        put(connection, notices)
        connection.execute(delete(notify_position))
        connection.execute(insert(notify_position), [{"id": 1, "number": self._position, "held": dict(self._held)}])
        _write_windows(connection, folding, {lane for lane, key in folding.changed if not key})
        _write_topics(connection, folding, [(lane, key) for lane, key in folding.changed if key])


def held_back(engine: Engine) -> dict[str, int]:
    """How many alerts were held back, by reason."""
    with engine.connect() as connection:
        return dict(connection.execute(select(notify_position.c.held)).scalar() or {})


def _read(connection: Connection) -> dict[Lane, Window]:
    windows = {
        (row.channel, row.route): Window(row.opened, row.until, row.told)
        for row in connection.execute(select(notify_window))
    }
    for row in connection.execute(select(notify_topic)):
        if window := windows.get((row.channel, row.route)):
            window.topics[row.key] = Counted(topic_of(row.topic), row.seen)
    return windows


def _write_windows(connection: Connection, folding: Folding, lanes: set[Lane]) -> None:
    if not lanes:
        return
    table = notify_window
    connection.execute(delete(table).where(tuple_(table.c.channel, table.c.route).in_(lanes)))
    rows = [
        {"channel": lane[0], "route": lane[1], "opened": window.opened, "until": window.until, "told": window.told}
        for lane in lanes
        if (window := folding.windows.get(lane))
    ]
    if rows:
        connection.execute(insert(table), rows)


def _write_topics(connection: Connection, folding: Folding, changed: list[tuple[Lane, str]]) -> None:
    table = notify_topic
    if not changed:
        return
    connection.execute(
        delete(table).where(
            table.c.channel == bindparam("channel_"),
            table.c.route == bindparam("route_"),
            table.c.key == bindparam("key_"),
        ),
        [{"channel_": lane[0], "route_": lane[1], "key_": key} for lane, key in changed],
    )
    rows = [
        {"channel": lane[0], "route": lane[1], "key": key, "seen": counted.seen, "topic": asdict(counted.topic)}
        for lane, key in changed
        if (window := folding.windows.get(lane)) and (counted := window.topics.get(key))
    ]
    if rows:
        connection.execute(insert(table), rows)

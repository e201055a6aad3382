"""Maintenance windows and drills in the relational database: announced, ended early, and at once in force.

What was recorded already inside a window is suppressed too when it is announced, and raised again when it is ended.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from correlation.incidents.changing import change_of, log_of, row_of
from correlation.incidents.codec import facts_from
from correlation.incidents.errors import ChangeRefused
from correlation.incidents.judging import Judge
from correlation.incidents.log import Change, Standing, entry, text
from correlation.incidents.severity import Weights
from correlation.incidents.suppressing import SUBJECT, Window, announcement, suppressor, windows
from correlation.incidents.tables import change, member
from inventory.database import writing
from sensors.event.times import Clock


class WindowRegister:
    """The register of windows."""

    def __init__(self, engine: Engine, weights: Weights, clock: Clock) -> None:
        self._engine = engine
        self._judge = Judge(weights, clock)
        self._clock = clock

    def windows(self) -> list[Window]:
        """All windows, the latest begin first."""
        with self._engine.connect() as connection:
            return known_windows(connection)

    def announce(  # noqa: PLR0913 - what a window says
        self, purpose: str, begins: int, ends: int, scope: Mapping[str, Sequence[str]], reason: str, *, who: str
    ) -> Window:
        """Enter a window.

        Raises:
            ChangeRefused: it cannot be one.
        """
        at = self._clock()
        name, said = announcement(purpose, begins, ends, scope, reason, who=text(who), at=at)
        with writing(self._engine) as connection:
            made = entry(Standing(), SUBJECT + name, at, text(who), "announce", said, "")
            connection.execute(insert(change), [row_of(made)])
            self._reconsider(connection, begins, ends)
            return windows([made])[0]

    def end(self, name: str, *, who: str) -> Window:
        """End a window now; one that has not begun never holds.

        Raises:
            ChangeRefused: there is none of this id, or it is over.
        """
        at = self._clock()
        with writing(self._engine) as connection:
            log = log_of(connection, SUBJECT + name)
            if not log:
                raise ChangeRefused(reason="window-unknown", given=name, known="-")
            (was,) = windows(log)
            if at >= was.ends:
                raise ChangeRefused(reason="window-over", given=name, known="-")
            made = entry(
                Standing(version=was.version), SUBJECT + name, at, text(who), "end", {"ends": max(at, was.begins)},
                log[-1].digest,
            )  # fmt: skip
            connection.execute(insert(change), [row_of(made)])
            self._reconsider(connection, was.begins, was.ends)
            return windows([*log, made])[0]

    def _reconsider(self, connection: Connection, begins: int, ends: int) -> None:
        """Say anew which alerts of this time are suppressed, and judge their incidents."""
        known = known_windows(connection)
        rows = connection.execute(
            select(member.c.alert_id, member.c.time, member.c.root, member.c.window_id, member.c.facts)
            .where(member.c.time >= begins, member.c.time < ends)
        )  # fmt: skip
        roots = set()
        found: list[tuple[str, str]] = []
        for row in rows:
            window = suppressor(known, facts_from(row.alert_id, row.time, row.facts)) or ""
            if window != row.window_id:
                found.append((row.alert_id, window))
                roots.add(row.root)
        for alert_id, window in found:
            connection.execute(update(member).where(member.c.alert_id == alert_id).values(window_id=window))
        for root in sorted(roots):
            self._judge.whole(connection, root)


def known_windows(connection: Connection) -> list[Window]:
    """All windows, the latest begin first."""
    rows = connection.execute(
        select(change)
        .where(change.c.subject.startswith(SUBJECT, autoescape=True))
        .order_by(change.c.subject, change.c.version)
    )
    return windows(_changes(rows))


def _changes(rows: Any) -> list[Change]:
    return [change_of(row) for row in rows]

"""The book of alerts: written once by id however often a match is found, read by level, rule and time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select

from correlation.alerts.cursor import read_cursor, write_cursor
from correlation.alerts.model import LEVELS, Alert, Hidden, Level
from correlation.alerts.rows import CHUNK, alert_row, alerts_of, evidence_row
from correlation.alerts.tables import alert, alert_order, evidence, excepted, outbox
from inventory.database import writing

_TOGETHER = 1_000
"""Alerts to a number: who reads on takes so many at a time."""


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Alerts found, newest first, how many match in all, and where the next page goes on (or None)."""

    alerts: tuple[Alert, ...]
    total: int
    after: str | None


class RuleTitle(NamedTuple):
    """What a rule is called, in English and in Chinese (empty where it has no such title)."""

    title: str
    title_zh: str


class AlertBook:
    """Alerts in the relational database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, alerts: Sequence[Alert], hidden: Sequence[Hidden] = ()) -> int:
        """Write alerts that are not there yet, and what exceptions hid, all or none; returns how many were new."""
        fresh = {found.id: found for found in alerts}
        if not fresh and not hidden:
            return 0
        with writing(self._engine) as connection:
            _hide(connection, hidden)
            for known in _known(connection, list(fresh)):
                del fresh[known]
            if fresh:
                connection.execute(insert(alert), [alert_row(found) for found in fresh.values()])
                connection.execute(
                    insert(evidence),
                    [
                        evidence_row(found.id, place, item)
                        for found in fresh.values()
                        for place, item in enumerate(found.evidence)
                    ],
                )
                _number(connection, list(fresh))
                connection.execute(insert(outbox), [{"alert_id": found} for found in fresh])
        return len(fresh)

    def since(self, number: int, limit: int, minimum: Level = "informational") -> tuple[list[Alert], int, bool]:
        """Alerts behind a number, in the order in which they were recorded.

        Args:
            number: of those that were seen last; 0 for none.
            limit: so many alerts are enough; those of one number come together, 1,000 at most.
            minimum: alerts below this level are passed over.

        Returns:
            The alerts, the number of the last of them, and whether there may be more.
        """
        query = select(alert_order).where(alert_order.c.number > number).order_by(alert_order.c.number)
        ids: list[str] = []
        with self._engine.connect() as connection:
            # No number is that of nothing, so that so many are always enough.
            for row in connection.execute(query.limit(limit)):
                if ids and len(ids) + len(row.alerts) > limit:
                    break
                ids += row.alerts
                number = row.number
            rows: dict[str, Row[Any]] = {}
            for first in range(0, len(ids), CHUNK):
                wanted = alert.c.id.in_(ids[first : first + CHUNK])
                chosen = select(alert).where(wanted, alert.c.level >= LEVELS.index(minimum))
                rows |= {found.id: found for found in connection.execute(chosen)}
            alerts = alerts_of(connection, [rows[one] for one in ids if one in rows])
            newest = connection.execute(select(func.max(alert_order.c.number))).scalar() or 0
        return alerts, number, newest > number

    def number_before(self, created: int) -> int:
        """The last number all of whose alerts were found before a moment, ns; 0 where there is none."""
        query = select(alert_order).order_by(alert_order.c.number.desc())
        with (
            self._engine.connect() as connection,
            connection.execution_options(yield_per=10).execute(query) as rows,
        ):
            for row in rows:
                newest = select(func.max(alert.c.created)).where(alert.c.id.in_(row.alerts[-CHUNK:]))
                if (connection.execute(newest).scalar() or 0) < created:
                    return int(row.number)
        return 0

    def hidden(self) -> tuple[int, Mapping[str, int]]:
        """How many alerts of correlations exceptions hid, and how many of them each exception did, by its id."""
        each = select(excepted.c.exception, func.count().label("times")).group_by(excepted.c.exception)
        every = select(func.count(excepted.c.alert_id.distinct()))
        with self._engine.connect() as connection:
            by_exception = {row.exception: int(row.times) for row in connection.execute(each)}
            return connection.execute(every).scalar_one(), by_exception

    def get(self, alert_id: str) -> Alert | None:
        """One alert by its id, or by the beginning of it when that names one alone."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(alert).where(alert.c.id.startswith(alert_id, autoescape=True)).limit(2)
            ).all()
            if len(rows) != 1:
                return None
            return alerts_of(connection, rows)[0]

    def page(  # noqa: PLR0913 - each is one filter of the list
        self,
        *,
        minimum: Level = "informational",
        rule_id: str | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> AlertPage:
        """Alerts at or above a level, of a rule, with event time in [start, end), newest first.

        Raises:
            CursorUnusable: `after` is not a cursor that an earlier page gave.
        """
        wanted = [alert.c.level >= LEVELS.index(minimum)]
        if rule_id is not None:
            wanted.append(alert.c.rule_id == rule_id)
        if start is not None:
            wanted.append(alert.c.time >= start)
        if end is not None:
            wanted.append(alert.c.time < end)
        query = select(alert).where(*wanted)
        if after is not None:
            time, last = read_cursor(after)
            query = query.where(or_(alert.c.time < time, and_(alert.c.time == time, alert.c.id < last)))
        with self._engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(alert).where(*wanted)).scalar_one()
            rows = connection.execute(query.order_by(alert.c.time.desc(), alert.c.id.desc()).limit(limit + 1)).all()
            alerts = alerts_of(connection, rows[:limit])
        more = write_cursor(alerts[-1].time, alerts[-1].id) if len(rows) > limit and alerts else None
        return AlertPage(tuple(alerts), total, more)

    def titles(self, rules: Iterable[str]) -> dict[str, RuleTitle]:
        """What rules are called by the newest alert of each, by their ids; those without alerts are left out."""
        newest = select(alert.c.title, alert.c.title_zh).order_by(alert.c.time.desc(), alert.c.id.desc()).limit(1)
        found: dict[str, RuleTitle] = {}
        with self._engine.connect() as connection:
            for rule in rules:
                # One by one: the index leads to the newest at once, where grouping would look at every alert.
                if (row := connection.execute(newest.where(alert.c.rule_id == rule)).first()) is not None:
                    found[rule] = RuleTitle(row.title, row.title_zh)
        return found

    def count_by_level(self) -> dict[Level, int]:
        """How many alerts there are of each level, every level named."""
        with self._engine.connect() as connection:
            counted = connection.execute(select(alert.c.level, func.count()).group_by(alert.c.level)).all()
        found = {LEVELS[level]: number for level, number in counted}
        return {level: found.get(level, 0) for level in LEVELS}


def _known(connection: Connection, ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for first in range(0, len(ids), CHUNK):
        chosen = select(alert.c.id).where(alert.c.id.in_(ids[first : first + CHUNK]))
        found.extend(connection.execute(chosen).scalars())
    return found


def _hide(connection: Connection, hidden: Sequence[Hidden]) -> None:
    """Note what exceptions hid, once however often it is found.

    A group may come true by the same events at two times, as windows follow each other: that is one alert.
    """
    fresh = {(one.alert_id, one.exception): one for one in sorted(hidden, reverse=True)}
    ids = sorted({one.alert_id for one in hidden})
    for first in range(0, len(ids), CHUNK):
        chosen = select(excepted).where(excepted.c.alert_id.in_(ids[first : first + CHUNK]))
        for row in connection.execute(chosen):
            fresh.pop((row.alert_id, row.exception), None)
    if fresh:
        connection.execute(insert(excepted), [one._asdict() for one in sorted(fresh.values())])


def _number(connection: Connection, ids: Sequence[str]) -> None:
    """Number alerts in the order of their recording: who reads on from a number never misses one.

    A number is given by the transaction that records, and no two record at the same time.
    """
    last = connection.execute(select(func.max(alert_order.c.number))).scalar() or 0
    rows = [
        {"number": number, "alerts": list(ids[first : first + _TOGETHER])}
        for number, first in enumerate(range(0, len(ids), _TOGETHER), last + 1)
    ]
    connection.execute(insert(alert_order), rows)

"""The book of incidents as people read it: newest first, each with its timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, or_, select

from correlation.alerts.cursor import read_cursor, write_cursor
from correlation.alerts.model import Alert
from correlation.alerts.rows import alerts_of
from correlation.alerts.tables import alert
from correlation.incidents.changing import change_of
from correlation.incidents.codec import reasons_from
from correlation.incidents.log import Change
from correlation.incidents.model import Incident, Reason
from correlation.incidents.tables import change, incident, member


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """Incidents found, newest first, how many match in all, and where the next page goes on (or None)."""

    incidents: tuple[Incident, ...]
    total: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Joined:
    """An alert of an incident: why it joined (nothing where it began one), and the window that suppresses it."""

    alert: Alert
    reasons: tuple[Reason, ...]
    window: str
    part: str
    """The incident that it belonged to when it came, before that was merged."""


class IncidentBook:
    """Incidents in the relational database, to be read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, incident_id: str) -> Incident | None:
        """One incident by its id or by the beginning of it when that names one alone.

        Who asks for one that was merged gets the one that it became part of.
        """
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(incident).where(incident.c.id.startswith(incident_id, autoescape=True)).limit(2)
            ).all()
            if len(rows) != 1:
                return None
            (row,) = rows
            if row.root != row.id:
                row = _followed(connection, row)
            return None if row is None else _incident(row)

    def page(  # noqa: PLR0913 - each is one filter of the list
        self,
        *,
        states: Sequence[str] = (),
        severities: Sequence[str] = (),
        assignee: str | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> IncidentPage:
        """Incidents in one of these states and severities (none: any), with their last alert in [start, end).

        Raises:
            CursorUnusable: `after` is not a cursor that an earlier page gave.
        """
        wanted = [incident.c.root == incident.c.id, incident.c.alerts > 0]
        if states:
            wanted.append(incident.c.state.in_(states))
        if severities:
            wanted.append(incident.c.severity.in_(severities))
        if assignee is not None:
            wanted.append(incident.c.assignee == assignee)
        if start is not None:
            wanted.append(incident.c.last >= start)
        if end is not None:
            wanted.append(incident.c.last < end)
        query = select(incident).where(*wanted)
        if after is not None:
            time, name = read_cursor(after)
            query = query.where(
                or_(incident.c.last < time, and_(incident.c.last == time, incident.c.id < name))
            )
        with self._engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(incident).where(*wanted)).scalar_one()
            rows = connection.execute(
                query.order_by(incident.c.last.desc(), incident.c.id.desc()).limit(limit + 1)
            ).all()
        found = tuple(_incident(row) for row in rows[:limit])
        more = write_cursor(found[-1].last, found[-1].id) if len(rows) > limit and found else None
        return IncidentPage(found, total, more)

    def alerts(
        self, incident_id: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[list[Joined], str | None]:
        """The alerts of an incident in the order of their time, and where the next page goes on.

        Raises:
            CursorUnusable: `after` is not a cursor that an earlier page gave.
        """
        query = select(member).where(member.c.root == incident_id)
        if after is not None:
            time, name = read_cursor(after)
            query = query.where(or_(member.c.time > time, and_(member.c.time == time, member.c.alert_id > name)))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(member.c.time, member.c.alert_id).limit(limit + 1)).all()
            shown = rows[:limit]
            ids = [row.alert_id for row in shown]
            found = alerts_of(connection, connection.execute(select(alert).where(alert.c.id.in_(ids))).all())
        by_id = {one.id: one for one in found}
        joined = [
            Joined(by_id[row.alert_id], reasons_from(row.joined), row.window_id, row.incident_id) for row in shown
        ]
        more = write_cursor(shown[-1].time, shown[-1].alert_id) if len(rows) > limit else None
        return joined, more

    def absorbed(self, incident_id: str) -> list[Change]:
        """What people did about incidents that are part of this one by now, in order of time."""
        first = select(incident.c.id).join(member, member.c.alert_id == incident.c.first_alert)
        parts = first.where(member.c.root == incident_id, incident.c.id != incident_id, incident.c.version > 0)
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(change).where(change.c.subject.in_(parts)).order_by(change.c.at, change.c.subject)
            )
            return [change_of(row) for row in rows]

    def suppressed(self) -> dict[str, int]:
        """How many alerts each window suppresses, by its id."""
        counted = (
            select(member.c.window_id, func.count().label("number"))
            .where(member.c.window_id != "")
            .group_by(member.c.window_id)
        )
        with self._engine.connect() as connection:
            return {row.window_id: row.number for row in connection.execute(counted)}


def _followed(connection: Connection, row: Any) -> Any:
    """The incident that stands for one that was merged, or whose first alert went elsewhere."""
    root = row.root or connection.execute(
        select(member.c.root).where(member.c.alert_id == row.first_alert)
    ).scalar_one_or_none()
    return connection.execute(select(incident).where(incident.c.id == root)).one_or_none()


def _incident(row: Any) -> Incident:
    return Incident(
        row.id,
        row.begun,
        row.last,
        row.alerts,
        row.suppressed,
        row.score,
        row.severity,
        row.colour,
        row.warning,
        row.sums,
        row.merged_into,
        row.version,
        row.state,
        row.assignee,
    )

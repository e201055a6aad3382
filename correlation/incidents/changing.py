"""The log of changes in the relational database, and what people change in incidents."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from correlation.incidents.errors import IncidentChanged, IncidentUnknown
from correlation.incidents.log import Change, Standing, What, entry, folded, moved, taken_back, text
from correlation.incidents.tables import change, incident
from inventory.database import writing
from sensors.event.times import Clock


class ChangeBook:
    """What people do about incidents: each change for the version that they saw."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def log(self, incident_id: str) -> list[Change]:
        """The entries of an incident, oldest first."""
        with self._engine.connect() as connection:
            return log_of(connection, incident_id)

    def state(  # noqa: PLR0913 - what a change of state says
        self, incident_id: str, state: str, outcome: str = "", note: str = "", *, who: str, expected: int | None = None
    ) -> Change:
        """Set the state; `outcome` says why it was closed.

        Raises:
            IncidentUnknown: there is none of this id.
            IncidentChanged: its version is not `expected` any more (None: whatever it is now).
            ChangeRefused: the state cannot be set so.
        """
        return self._change(incident_id, "state", lambda now, _: moved(now, state, outcome, note), who, expected)

    def assign(self, incident_id: str, assignee: str, *, who: str, expected: int | None = None) -> Change:
        """Say who deals with it; empty for nobody. Raises as `state`."""
        said = text(assignee) if assignee else ""
        return self._change(incident_id, "assign", lambda _now, _log: {"assignee": said}, who, expected)

    def note(self, incident_id: str, note: str, *, who: str, expected: int | None = None) -> Change:
        """Write something down. Raises as `state`."""
        return self._change(incident_id, "note", lambda _now, _log: {"note": text(note)}, who, expected)

    def grade(
        self, incident_id: str, measures: Mapping[str, float], grade: str, *, who: str, expected: int | None = None
    ) -> Change:
        """Keep the measures that were collected, beside those before, and the grade that follows. Raises as `state`."""
        return self._change(
            incident_id, "grade", lambda _now, _log: {"measures": dict(measures), "grade": grade}, who, expected
        )

    def undo(self, incident_id: str, *, who: str, expected: int | None = None) -> Change:
        """Take back the last change that was not taken back. Raises as `state`."""
        return self._change(incident_id, "undo", lambda _, log: taken_back(log), who, expected)

    def _change(self, incident_id: str, what: What, after: Any, who: str, expected: int | None) -> Change:
        with writing(self._engine) as connection:
            if connection.execute(select(incident.c.id).where(incident.c.id == incident_id)).first() is None:
                raise IncidentUnknown(id=incident_id)
            log = log_of(connection, incident_id)
            now = folded(log)
            if expected is not None and expected != now.version:
                raise IncidentChanged(id=incident_id, expected=expected, version=now.version)
            try:
                return append(connection, now, log, incident_id, self._clock(), text(who), what, after(now, log))
            except IntegrityError as error:
                raise IncidentChanged(id=incident_id, expected=now.version, version=now.version + 1) from error


def log_of(connection: Connection, subject: str) -> list[Change]:
    """The entries about a subject, oldest first."""
    rows = connection.execute(select(change).where(change.c.subject == subject).order_by(change.c.version))
    return [change_of(row) for row in rows]


def change_of(row: Any) -> Change:
    """The entry of a row."""
    return Change(row.subject, row.version, row.at, row.who, row.what, row.before, row.after, row.digest)


def append(  # noqa: PLR0913, PLR0917 - the columns of the log
    connection: Connection, now: Standing, log: Sequence[Change], subject: str, at: int, who: str, what: What,
    after: Mapping[str, Any],
) -> Change:  # fmt: skip
    """Write the next entry of an incident's log, and what its list shows of it."""
    made = entry(now, subject, at, who, what, after, log[-1].digest if log else "")
    connection.execute(insert(change), [row_of(made)])
    after_it = folded([*log, made])
    connection.execute(
        update(incident)
        .where(incident.c.id == subject)
        .values(version=after_it.version, state=after_it.state, assignee=after_it.assignee)
    )
    return made


def row_of(made: Change) -> dict[str, Any]:
    """The columns of an entry."""
    return {
        "subject": made.subject,
        "version": made.version,
        "at": made.at,
        "who": made.who,
        "what": made.what,
        "before": dict(made.before),
        "after": dict(made.after),
        "digest": made.digest,
    }

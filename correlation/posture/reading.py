"""Reading open incidents from the relational database as they were at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from correlation.incidents.changing import change_of
from correlation.incidents.codec import facts_from, placement_from
from correlation.incidents.families import portions
from correlation.incidents.judging import members_of
from correlation.incidents.log import Change, Standing, folded
from correlation.incidents.severity import Weights
from correlation.incidents.sums import Sums
from correlation.incidents.tables import change, incident
from correlation.posture.model import OpenIncident
from correlation.posture.placing import Places
from correlation.posture.policy import SEVERITIES

_NAMED: Final = ("actors", "victims", "units")


def open_incidents(engine: Engine, places: Places, weights: Weights, moment: int) -> tuple[OpenIncident, ...]:
    """Incidents that were open at a moment, ns since 1970, with where they were.

    What happened later (by event time) and what people changed later is left out; which alerts belong together is told
    as it is known now.
    """
    with engine.connect() as connection:
        later = connection.execute(select(change.c.subject).where(change.c.at > moment).distinct()).scalars().all()
        rows = connection.execute(
            select(incident).where(incident.c.root == incident.c.id, incident.c.alerts > 0, incident.c.begun <= moment)
            .where((incident.c.state != "closed") | incident.c.id.in_(later))
            .order_by(incident.c.id)
        ).all()  # fmt: skip
        logs = _logs(connection, sorted(set(later).intersection(row.id for row in rows)), moment)
        found = []
        for row in rows:
            standing = logs.get(row.id) or Standing(state=row.state, assignee=row.assignee)
            sums = Sums(row.sums) if row.last <= moment else _sums_at(connection, row.id, moment)
            severity = row.severity if row.last <= moment else weights.judge(sums).severity
            if standing.state == "closed" or severity not in SEVERITIES:
                continue
            touches = places.touches(_names(connection, row.id, sums, moment))
            assigned = bool(standing.assignee)
            found.append(OpenIncident(row.id, severity, standing.state, assigned, sums.last, touches))
    return tuple(found)


def _logs(connection: Connection, subjects: Sequence[str], moment: int) -> dict[str, Standing]:
    """The standing at a moment of incidents that were changed later."""
    entries: defaultdict[str, list[Change]] = defaultdict(list)
    for some in portions(subjects):
        rows = connection.execute(
            select(change).where(change.c.subject.in_(some), change.c.at <= moment)
            .order_by(change.c.subject, change.c.version)
        )  # fmt: skip
        for row in rows:
            entries[row.subject].append(change_of(row))
    return {subject: folded(entries[subject]) for subject in subjects}


def _sums_at(connection: Connection, root: str, moment: int) -> Sums:
    """What an incident had come to at a moment."""
    sums = Sums()
    for row in _members(connection, root, moment):
        placement = placement_from(row.alert_id, row.time, row.incident_id, row.facts, row.joined)
        sums.add(placement.facts, placement.reasons, row.window_id or None)
    return sums


def _names(connection: Connection, root: str, sums: Sums, moment: int) -> Iterable[str]:
    """Everything that an incident names; its sums leave out what is beyond their bound."""
    if not sums.unnamed:
        return {name for side in _NAMED for name in sums.named.get(side, {})}
    found: set[str] = set()
    for row in _members(connection, root, moment):
        facts = facts_from(row.alert_id, row.time, row.facts)
        found.update(f"{key.kind}:{key.value}" for key in (*facts.actors, *facts.victims, *facts.units))
    return found


def _members(connection: Connection, root: str, moment: int) -> Iterator[Any]:
    for row in members_of(connection, root):
        if row.time > moment:
            return
        yield row

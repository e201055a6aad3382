"""From recorded alerts to incidents in the relational database, in one transaction for each step.

`alert_outbox` holds what has not been taken: it is filled with the alerts and emptied with their incidents, so a kill
at any moment leaves either everything of a step or nothing. An alert that comes later than its event time lets the
fold begin anew from there, and end where it gives again what it gave before.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, and_, delete, insert, or_, select

from correlation.alerts.rows import alerts_of
from correlation.alerts.tables import alert, outbox
from correlation.incidents.codec import facts_document, joined_document, placement_from
from correlation.incidents.facts import MOST_EVIDENCE, facts_of
from correlation.incidents.families import Family, portions
from correlation.incidents.judging import Judge
from correlation.incidents.linking import Linking, LinkingPolicy
from correlation.incidents.model import Facts, Placement
from correlation.incidents.severity import Weights
from correlation.incidents.suppressing import Window, suppressor
from correlation.incidents.tables import incident, member
from correlation.incidents.windowing import known_windows
from inventory.database import writing
from sensors.event.times import Clock

STEP_ALERTS: Final = 2_000
"""Alerts that are taken in one transaction."""
_PAGE: Final = 5_000


class Deriving:
    """Keeps incidents up to date; one process at a time, the one that records alerts."""

    def __init__(self, engine: Engine, policy: LinkingPolicy, weights: Weights, clock: Clock) -> None:
        self._engine = engine
        self._policy = policy
        self._judge = Judge(weights, clock)
        self._fold: tuple[Linking, tuple[int, str]] | None = None
        self._judged = False

    def derive(self, until: int | None = None) -> int:
        """Take the alerts that have been recorded since; returns how many there were.

        Args:
            until: event time, ns: newer ones wait, so that what comes a little late need not be placed anew; None: all.
        """
        taken = 0
        if not self._judged:
            # Weights may have changed since the last run.
            with writing(self._engine) as connection:
                self._judge.anew(connection)
            self._judged = True
        while self._waiting(until):
            try:
                with writing(self._engine) as connection:
                    taken += self._step(connection, until)
            except BaseException:
                # What was folded was not written.
                self._fold = None
                raise
        return taken

    def _waiting(self, until: int | None) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(_due(until).limit(1)).first() is not None

    def _step(self, connection: Connection, until: int | None) -> int:
        rows = connection.execute(_due(until).order_by(alert.c.time, alert.c.id).limit(STEP_ALERTS)).all()
        fresh = [facts_of(one, self._policy.most_values) for one in alerts_of(connection, rows, MOST_EVIDENCE)]
        if fresh:
            changed = self._placed(connection, fresh)
            self._write(connection, changed)
            connection.execute(delete(outbox).where(outbox.c.alert_id.in_([one.alert_id for one in fresh])))
        return len(fresh)

    # --- folding --------------------------------------------------------------------------------------------------

    def _placed(self, connection: Connection, fresh: Sequence[Facts]) -> list[tuple[Placement | None, Placement]]:
        """Where the fresh alerts belong, and those after them that now belong elsewhere, each with where it was."""
        first = fresh[0].order
        if self._fold is not None and self._fold[1] < first:
            linking = self._fold[0]
        else:
            linking = self._recalled(connection, first)
        changed: list[tuple[Placement | None, Placement]] = []
        waiting, since, moment, last = len(fresh), 0, first[0], first
        self._fold = None
        new = ((facts.order, facts, None) for facts in fresh)
        old = ((was.facts.order, was.facts, was) for was in _after(connection, first))
        for order, facts, was in merge(new, old, key=lambda one: one[0]):
            placement = linking.place(facts)
            last = order
            waiting -= was is None
            if was is None or placement != was:
                changed.append((was, placement))
                since, moment = 0, order[0]
            else:
                since += 1
            if not waiting and (order[0] - moment > self._policy.horizon or since >= self._policy.most_alerts):
                # All that the next ones look at is as it was, so they would be put where they are.
                return changed
        self._fold = linking, last
        return changed

    def _recalled(self, connection: Connection, first: tuple[int, str]) -> Linking:
        """A fold that stands just before this place in the order of alerts."""
        earlier = connection.execute(
            select(member)
            .where(_before(first), member.c.time >= first[0] - self._policy.horizon)
            .order_by(member.c.time.desc(), member.c.alert_id.desc())
            .limit(self._policy.most_alerts)
        ).all()
        placements = [_placement(row) for row in reversed(earlier)]
        named = {one.incident for one in placements} | {into for one in placements for into in one.merged}
        begun: dict[str, int] = {}
        for some in portions(sorted(named)):
            chosen = select(incident.c.id, incident.c.begun).where(incident.c.id.in_(some))
            begun.update((row.id, row.begun) for row in connection.execute(chosen))
        linking = Linking(self._policy)
        linking.recall(placements, begun)
        return linking

    # --- writing --------------------------------------------------------------------------------------------------

    def _write(self, connection: Connection, changed: Sequence[tuple[Placement | None, Placement]]) -> None:
        family = Family(connection, changed)
        known = known_windows(connection)
        rows = [_member_row(now, family.root(now.incident), known) for _, now in changed]
        moved = [was.facts.alert_id for was, _ in changed if was is not None]
        for some in portions(moved):
            connection.execute(delete(member).where(member.c.alert_id.in_(some)))
        connection.execute(insert(member), rows)
        gone = family.settle()
        appended: dict[str, list[Placement]] = {}
        for was, now in changed:
            root = family.root(now.incident)
            if was is None and root not in family.disturbed:
                appended.setdefault(root, []).append(now)
        windows = {row["alert_id"]: row["window_id"] or None for row in rows}
        self._judge.append(connection, appended, windows)
        for root in sorted(family.disturbed - gone):
            self._judge.whole(connection, root)


def _due(until: int | None) -> Select[Any]:
    """The alerts in the outbox up to an event time, and those that were found before it: a clock may be ahead."""
    found = select(alert).join(outbox, outbox.c.alert_id == alert.c.id)
    return found if until is None else found.where(or_(alert.c.time <= until, alert.c.created <= until))


def _member_row(placement: Placement, root: str, known: Iterable[Window]) -> dict[str, Any]:
    facts = placement.facts
    return {
        "alert_id": facts.alert_id,
        "time": facts.time,
        "incident_id": placement.incident,
        "root": root,
        "window_id": suppressor(known, facts) or "",
        "facts": facts_document(facts),
        "joined": joined_document(placement),
    }


def _placement(row: Any) -> Placement:
    return placement_from(row.alert_id, row.time, row.incident_id, row.facts, row.joined)


def _before(order: tuple[int, str]) -> Any:
    time, alert_id = order
    return or_(member.c.time < time, and_(member.c.time == time, member.c.alert_id < alert_id))


def _after(connection: Connection, order: tuple[int, str]) -> Iterator[Placement]:
    """What was placed behind this place in the order of alerts, page by page."""
    while True:
        time, alert_id = order
        behind = or_(member.c.time > time, and_(member.c.time == time, member.c.alert_id > alert_id))
        rows = connection.execute(
            select(member).where(member.c.time >= time, behind).order_by(member.c.time, member.c.alert_id).limit(_PAGE)
        ).all()
        yield from map(_placement, rows)
        if len(rows) < _PAGE:
            return
        order = rows[-1].time, rows[-1].alert_id

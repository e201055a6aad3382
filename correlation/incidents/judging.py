"""Keeping what an incident sums to, and how severe that is, beside it in the relational database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from correlation.incidents.changing import append, log_of
from correlation.incidents.codec import placement_from
from correlation.incidents.families import portions
from correlation.incidents.log import SYSTEM, folded
from correlation.incidents.model import Placement
from correlation.incidents.severity import Weights
from correlation.incidents.sums import Sums
from correlation.incidents.tables import incident, member
from sensors.event.times import Clock

_PAGE: Final = 2_000


class Judge:
    """Sums up incidents and judges them."""

    def __init__(self, weights: Weights, clock: Clock) -> None:
        self._weights = weights
        self._clock = clock

    def append(
        self,
        connection: Connection,
        found: Mapping[str, Sequence[Placement]],
        windows: Mapping[str, str | None],
    ) -> None:
        """Add alerts to incidents; where they are not behind all others of it, all of one are summed up anew."""
        rows: dict[str, Any] = {}
        for some in portions(sorted(found)):
            chosen = select(incident.c.id, incident.c.sums, incident.c.state, incident.c.score)
            rows.update((row.id, row) for row in connection.execute(chosen.where(incident.c.id.in_(some))))
        summed = []
        for root, placements in found.items():
            sums = Sums(rows[root].sums)
            if sums.alerts and placements[0].facts.order < sums.order:
                self.whole(connection, root)
                continue
            for one in placements:
                sums.add(one.facts, one.reasons, windows[one.facts.alert_id])
            summed.append((rows[root], sums))
        self._store(connection, summed)

    def whole(self, connection: Connection, root: str) -> None:
        """Sum up all alerts of an incident anew."""
        sums = Sums()
        for row in members_of(connection, root):
            placement = placement_from(row.alert_id, row.time, row.incident_id, row.facts, row.joined)
            sums.add(placement.facts, placement.reasons, row.window_id or None)
        chosen = select(incident.c.id, incident.c.state, incident.c.score).where(incident.c.id == root)
        self._store(connection, [(connection.execute(chosen).one(), sums)])

    def anew(self, connection: Connection) -> None:
        """Judge all incidents that were judged by other weights; what people said of them stays."""
        while True:
            rows = connection.execute(
                select(incident.c.id, incident.c.sums, incident.c.state, incident.c.score)
                .where(incident.c.policy != self._weights.fingerprint, incident.c.root == incident.c.id)
                .limit(_PAGE)
            ).all()
            self._store(connection, [(row, Sums(row.sums)) for row in rows], reopen=False)
            if not rows:
                return

    def _store(self, connection: Connection, summed: Sequence[tuple[Any, Sums]], *, reopen: bool = True) -> None:
        """Keep sums beside their incidents; the rows are those from before, with id, state and score."""
        judged = [(row, sums, self._weights.judge(sums)) for row, sums in summed]
        if judged:
            values = [
                {
                    "one": row.id,
                    "last": sums.last,
                    "alerts": sums.alerts,
                    "suppressed": sums.suppressed,
                    "score": found.score,
                    "severity": found.severity,
                    "colour": found.colour,
                    "warning": found.warning,
                    "policy": self._weights.fingerprint,
                    "sums": sums.document(),
                }
                for row, sums, found in judged
            ]
            named: dict[str, Any] = {name: bindparam(name) for name in values[0] if name != "one"}
            connection.execute(update(incident).where(incident.c.id == bindparam("one")).values(named), values)
        for row, _, found in judged:
            if reopen and row.state == "closed" and found.score > row.score:
                # Nobody who closed it knew of this.
                after = {"state": "new", "outcome": "", "score": found.score}
                log = log_of(connection, row.id)
                append(connection, folded(log), log, row.id, self._clock(), SYSTEM, "reopen", after)


def members_of(connection: Connection, root: str) -> Iterator[Any]:
    """The rows of an incident's alerts in order, page by page."""
    order = (-(1 << 63), "")
    while True:
        time, alert_id = order
        rows = connection.execute(
            select(member)
            .where(member.c.root == root, member.c.time >= time)
            .where((member.c.time > time) | (member.c.alert_id > alert_id))
            .order_by(member.c.time, member.c.alert_id)
            .limit(_PAGE)
        ).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        order = rows[-1].time, rows[-1].alert_id

"""Which incident is part of which, after alerts were placed: merges that came true, and those that did not stay so."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from correlation.incidents.model import Placement
from correlation.incidents.tables import incident, member

_CHUNK: Final = 500
_UNSUMMED: Final[dict[str, Any]] = {
    "last": 0, "alerts": 0, "suppressed": 0, "score": 0, "severity": "", "colour": "", "warning": "", "policy": "",
    "sums": {},
}  # fmt: skip
_NOTHING: Final = _UNSUMMED | {"merged_into": "", "version": 0, "state": "new", "assignee": ""}


class Family:
    """The incidents that some placements are about, with all that are or were part of the same ones.

    `disturbed` are those, standing for themselves, that must be summed up anew: something was taken out of them, came
    in before others, or was joined to them.
    """

    def __init__(self, connection: Connection, changed: Sequence[tuple[Placement | None, Placement]]) -> None:
        """Make the incidents that begin, and enter what is part of what; the alerts themselves are not written yet."""
        self._connection = connection
        self._left = {was.incident for was, _ in changed if was is not None}
        self.disturbed: set[str] = set()
        links: dict[str, str] = {}
        for was, _ in changed:
            links.update((one, "") for one in (was.merged if was is not None else ()))
        begins = [now for _, now in changed if not now.reasons]
        links.update((now.incident, "") for now in begins)
        self._begin(begins)
        for _, now in changed:
            links.update((one, now.incident) for one in now.merged)
        touched = {one for _, now in changed for one in (now.incident, *now.merged)} | self._left | links.keys()
        before = self._relatives(touched)
        into = {one: links.get(one, merged) for one, (merged, _) in before.items()}
        self._root = {one: _end(one, into) for one in into}
        moved = [one for one, (_, root) in before.items() if self._root[one] != root]
        self.disturbed |= {self._root[one] for one in moved} | {before[one][1] for one in moved}
        self.disturbed |= {self._root[one.incident] for was, now in changed if was for one in (was, now)}
        self.disturbed &= {one for one, root in self._root.items() if one == root}
        self._move([one for one in into if into[one] != before[one][0] or one in set(moved)], into)

    def root(self, one: str) -> str:
        """The incident that stands for this one."""
        return self._root[one]

    def settle(self) -> set[str]:
        """After the alerts were written: take away what has no alert left; returns what that was.

        What people had changed stays, and is found again where its first alert went (`root` is empty).
        """
        gone: set[str] = set()
        for some in portions(sorted(self._left)):
            alive = exists().where(member.c.incident_id == incident.c.id)
            rows = self._connection.execute(
                select(incident.c.id, incident.c.version).where(incident.c.id.in_(some), ~alive)
            ).all()
            gone |= {row.id for row in rows}
            kept = [row.id for row in rows if row.version]
            self._connection.execute(
                update(incident).where(incident.c.id.in_(kept)).values(_UNSUMMED | {"root": "", "merged_into": ""})
            )
            self._connection.execute(
                delete(incident).where(incident.c.id.in_([row.id for row in rows if not row.version]))
            )
        return gone

    def _begin(self, begins: Sequence[Placement]) -> None:
        known: set[str] = set()
        for some in portions([one.incident for one in begins]):
            known.update(self._connection.execute(select(incident.c.id).where(incident.c.id.in_(some))).scalars())
        rows = [
            _NOTHING
            | {
                "id": one.incident,
                "first_alert": one.facts.alert_id,
                "begun": one.facts.time,
                "root": one.incident,
            }
            for one in begins
            if one.incident not in known
        ]
        if rows:
            self._connection.execute(insert(incident), rows)

    def _relatives(self, touched: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Of all incidents that end where one of these does: what each was merged into, and where it ends."""
        ends: set[str] = set()
        found: dict[str, tuple[str, str]] = {}
        columns = select(incident.c.id, incident.c.merged_into, incident.c.root)
        for some in portions(sorted(touched)):
            for row in self._connection.execute(columns.where(incident.c.id.in_(some))):
                found[row.id] = row.merged_into, row.root
                ends.add(row.root)
        ends.discard("")
        for some in portions(sorted(ends)):
            for row in self._connection.execute(columns.where(incident.c.root.in_(some))):
                found[row.id] = row.merged_into, row.root
        return found

    def _move(self, moved: Sequence[str], into: dict[str, str]) -> None:
        if not moved:
            return
        named = [{"one": one, "into": into[one], "end": self._root[one]} for one in moved]
        self._connection.execute(
            update(incident)
            .where(incident.c.id == bindparam("one"))
            .values(merged_into=bindparam("into"), root=bindparam("end")),
            named,
        )
        self._connection.execute(
            update(member).where(member.c.incident_id == bindparam("one")).values(root=bindparam("end")),
            [{"one": one["one"], "end": one["end"]} for one in named],
        )
        parts = [{"one": one["one"]} for one in named if one["end"] != one["one"]]
        if parts:
            # What it summed to while it stood for itself is said by the other one now.
            self._connection.execute(update(incident).where(incident.c.id == bindparam("one")).values(_UNSUMMED), parts)


def _end(one: str, into: dict[str, str]) -> str:
    while into.get(one):
        one = into[one]
    return one


def portions(names: Sequence[str]) -> Iterable[Sequence[str]]:
    """Names in portions that fit into one statement."""
    return (names[first : first + _CHUNK] for first in range(0, len(names), _CHUNK))

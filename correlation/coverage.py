"""What rules can see: the datasets that events came of, how long ago, and whether with the fields that rules ask for.

It is asked of the event store alone, which knows what came; nothing more has to be recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.query.tree import And, Everything, Exists, Node, Or, Phrase
from correlation.rules.condition import FieldRef, leaves
from correlation.rules.logsources import Route, routes
from correlation.rules.model import Rule
from sensors.event.times import from_iso

Sight: TypeAlias = Literal["sees", "gone", "never", "fields", "nowhere"]
"""Of a rule: events come that it looks at; they came and do not any more; they never did; they come without any of the
fields that it asks for; no dataset of ours carries its log source."""

_MOST: Final = 10_000
"""Different values of a field that are looked through."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A rule with what it can see.

    Attributes:
        datasets: of the events that it looks at, those that came at any time.
        last: when the newest of them happened, ns since 1970; None where none came.
    """

    rule: Rule
    sight: Sight
    datasets: tuple[str, ...]
    last: int | None

    @property
    def blind(self) -> bool:
        """Whether the rule can find nothing."""
        return self.sight != "sees"


class Coverage:
    """Looks at rules with the eyes of a store. What it has asked once it does not ask again."""

    def __init__(self, store: EventStore, since: int) -> None:
        """Take events that happened before `since`, ns since 1970, for gone."""
        self._store = store
        self._since = since
        self._counted: dict[tuple[Node, str], tuple[str, ...]] = {}
        self._newest: dict[Node, int | None] = {}
        self._having: dict[str, frozenset[str]] = {}

    def of(self, rules: Sequence[Rule]) -> list[Covered]:
        """What each of these rules can see."""
        return [self._look(rule) for rule in rules]

    @property
    def datasets(self) -> tuple[str, ...]:
        """All datasets of which events are there."""
        return self._values(Everything(), "event.dataset")

    def _look(self, rule: Rule) -> Covered:
        ways = routes(rule.logsource)
        if not ways:
            return Covered(rule, "nowhere", (), None)
        seen: list[tuple[Route, tuple[str, ...], int]] = []
        for route in ways:
            where = self._where(route)
            last = None if where is None else self._last(where)
            if where is not None and last is not None:
                seen.append((route, self._values(where, "event.dataset"), last))
        found = tuple(dict.fromkeys(name for _, datasets, _ in seen for name in datasets))
        if not seen:
            return Covered(rule, "never", (), None)
        newest = max(last for _, _, last in seen)
        if newest < self._since:
            return Covered(rule, "gone", found, newest)
        fresh = [(route, datasets) for route, datasets, last in seen if last >= self._since]
        sees = any(self._has_fields(rule, route, datasets) for route, datasets in fresh)
        return Covered(rule, "sees" if sees else "fields", found, newest)

    def _where(self, route: Route) -> Node | None:
        """What events that a route leads to must be; None where none is such."""
        datasets = tuple(name for name in self.datasets if route.takes(name))
        if not datasets:
            return None
        node = _either("event.dataset", datasets)
        for name, wanted in route.where:
            # Routes do not know the case in which logs write; the store does.
            written = tuple(value for value in self._values(node, name) if value.lower() in wanted)
            if not written:
                return None
            node = And((node, _either(name, written)))
        return node

    def _values(self, where: Node, field: str) -> tuple[str, ...]:
        key = where, field
        if key not in self._counted:
            found = self._store.count_by(Query(where), field, _MOST)
            self._counted[key] = tuple(str(value) for value, _ in found)
        return self._counted[key]

    def _last(self, where: Node) -> int | None:
        if where not in self._newest:
            events = self._store.search(Query(where, limit=1)).events
            self._newest[where] = from_iso(str(events[0]["@timestamp"])) if events else None
        return self._newest[where]

    def _has_fields(self, rule: Rule, route: Route, datasets: Sequence[str]) -> bool:
        """Whether some field that the rule asks for came lately; a rule of words alone needs none."""
        asked = list(_asked(rule, route))
        return not asked or any(not self._with(name).isdisjoint(datasets) for name in asked)

    def _with(self, field: str) -> frozenset[str]:
        """The datasets of which events with a field came lately."""
        if field in {"event.dataset", "@timestamp"}:
            return frozenset(self.datasets)
        if field not in self._having:
            query = Query(Exists(field), start=self._since)
            counted = self._store.count_by(query, "event.dataset", _MOST)
            self._having[field] = frozenset(str(name) for name, _ in counted)
        return self._having[field]


def _asked(rule: Rule, route: Route) -> Iterator[str]:
    for leaf in leaves(rule.condition):
        names: tuple[Any, ...] = (leaf.field, leaf.other) if isinstance(leaf, FieldRef) else (leaf.field,)
        yield from (route.names(name) for name in names if name is not None)


def _either(field: str, values: Sequence[str]) -> Node:
    parts = tuple(Phrase(field, value) for value in values)
    return parts[0] if len(parts) == 1 else Or(parts)

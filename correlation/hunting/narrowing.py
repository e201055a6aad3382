"""From a rule to a query that finds at least all events that it matches, so that a store hands over fewer of them.

What a query cannot say exactly is said more widely, never more narrowly: the matcher decides afterwards. Keywords are
searched with their case and Sigma looks without it, so that a text that has letters says only that its field is there.
"""

from collections.abc import Iterable
from typing import Final

from correlation.context.enriching import CONTEXT_FIELDS
from correlation.intelligence.matching import INDICATOR_FIELDS
from correlation.query import tree as query
from correlation.rules import condition as sigma
from correlation.rules.logsources import Route, routes
from correlation.rules.model import Rule
from sensors.event.fields import field_type

MOST_RULES: Final = 20
"""Of more rules than these only the datasets are asked for: a query of thousands of parts costs more than it saves."""
LOOKED_UP: Final = (*CONTEXT_FIELDS, *INDICATOR_FIELDS)
"""Beginnings of fields that no event brings along: they are looked up anew in a hunt."""
_EXACT: Final = frozenset({"keyword", "long", "double", "boolean", "ip"})
_LONGEST: Final = 1_000
"""Longer values are not asked for; stores look at the first 7,500 characters."""
_SOME: Final = (
    sigma.Contains, sigma.StartsWith, sigma.EndsWith, sigma.Glob, sigma.Regex, sigma.Cidr, sigma.Compare,
    sigma.FieldRef, sigma.Present,
)  # fmt: skip
"""Leaves that hold of a value alone, so that the field must be there."""


def narrowed(rules: Iterable[Rule]) -> query.Node | None:
    """A query that finds all events that any of these rules can match; None where no event of ours is one."""
    chosen = list(rules)
    parts: dict[query.Node, None] = {}
    for rule in chosen:
        for route in routes(rule.logsource):
            dataset = _dataset(route)
            wanted = query.Everything() if len(chosen) > MOST_RULES else _needed(rule.condition, route)
            parts[dataset if isinstance(wanted, query.Everything) else query.And((dataset, wanted))] = None
    if not parts:
        return None
    return next(iter(parts)) if len(parts) == 1 else query.Or(tuple(parts))


def _dataset(route: Route) -> query.Node:
    if route.dataset == "*":
        return query.Everything()
    return query.Term("event.dataset", route.dataset, wild=route.dataset.endswith("*"))


def _needed(node: sigma.Node, route: Route) -> query.Node:
    """What holds of every event of which the condition holds."""
    if isinstance(node, sigma.And):
        wanted = _different(node, route)
        return _joined(query.And, [part for part in wanted if not isinstance(part, query.Everything)])
    if isinstance(node, sigma.Or):
        wanted = _different(node, route)
        return _joined(query.Or, [] if any(isinstance(part, query.Everything) for part in wanted) else wanted)
    return _leaf(node, route)


def _different(node: sigma.And | sigma.Or, route: Route) -> list[query.Node]:
    return list(dict.fromkeys(_needed(part, route) for part in node.parts))


def _joined(how: type[query.And | query.Or], parts: list[query.Node]) -> query.Node:
    return query.Everything() if not parts else parts[0] if len(parts) == 1 else how(tuple(parts))


def _leaf(node: sigma.Node, route: Route) -> query.Node:
    field: str | None = getattr(node, "field", None)
    if field is not None and route.names(field).startswith(LOOKED_UP):
        # What is known today may not have been known when the event was stored.
        return query.Everything()
    if isinstance(node, sigma.Equals) and node.field is not None and node.value:
        name = route.names(node.field)
        kind, caseless = field_type(name), node.value.lower() == node.value.upper()
        exact = kind in _EXACT and (caseless or kind == "ip") and len(node.value) < _LONGEST
        return query.Phrase(name, node.value) if exact else query.Exists(name)
    if isinstance(node, _SOME) and node.field is not None and getattr(node, "value", "some") != "":
        return query.Exists(route.names(node.field))
    return query.Everything()

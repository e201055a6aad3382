"""The plain evaluator: one rule, one event, leaf by leaf. Nobody's fast path; the yardstick that benches divide by."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from correlation.matcher.predicates import holds, predicate
from correlation.matcher.references import RELATIONS, related
from correlation.matcher.values import MISSING, Key, key_of
from correlation.rules.condition import And, Exists, FieldRef, Leaf, Node, Not, Null, Or, Present

Check: TypeAlias = Callable[[Mapping[str, Any]], bool]


def checks(node: Node) -> Check:
    """A condition as a function of a flat event."""
    if isinstance(node, And):
        parts = [checks(part) for part in node.parts]
        return lambda event: all(part(event) for part in parts)
    if isinstance(node, Or):
        parts = [checks(part) for part in node.parts]
        return lambda event: any(part(event) for part in parts)
    if isinstance(node, Not):
        inner = checks(node.part)
        return lambda event: not inner(event)
    return _leaf(node)


def _leaf(leaf: Leaf) -> Check:
    field = leaf.field
    if isinstance(leaf, FieldRef):
        relation = RELATIONS[leaf.how]
        return lambda event: related(relation, _key(event, leaf.field), _key(event, leaf.other))
    if field is not None and isinstance(leaf, Null | Exists | Present):
        return lambda event: holds(leaf, _key(event, field))
    asks = predicate(leaf)

    def one(key: Key) -> bool:
        if isinstance(key, tuple):
            return any(map(one, key))
        return isinstance(key, str) and asks(key, key.lower())

    if field is None:
        return lambda event: any(one(key_of(value)) for value in event.values())
    return lambda event: one(_key(event, field))


def _key(event: Mapping[str, Any], name: str) -> Key:
    return key_of(event.get(name, MISSING))

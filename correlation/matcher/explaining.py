"""Why a condition is true of an event or not: the truth of each part, and the value that decided it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from correlation.matcher.plain import checks
from correlation.matcher.table import ABOUT_THE_EVENT
from correlation.matcher.values import MISSING
from correlation.rules.condition import And, FieldRef, Leaf, Node, Not, Or


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a condition and what became of it.

    Attributes:
        node: the part.
        holds: whether it is true of the event.
        values: of a leaf, the fields it looked at with what stood there, MISSING where they are absent; of a keyword,
            the first field with a value that holds it, or nothing.
        parts: the reasons of its parts, in their order.
    """

    node: Node
    holds: bool
    values: tuple[tuple[str, Any], ...] = ()
    parts: tuple["Reason", ...] = ()


def explain(node: Node, event: Mapping[str, Any]) -> Reason:
    """The reason of a condition for a flat event; every part is looked at, also where the answer is known before."""
    if isinstance(node, And | Or):
        parts = tuple(explain(part, event) for part in node.parts)
        truths = [part.holds for part in parts]
        return Reason(node, all(truths) if isinstance(node, And) else any(truths), parts=parts)
    if isinstance(node, Not):
        part = explain(node.part, event)
        return Reason(node, not part.holds, parts=(part,))
    return _leaf(node, event)


def _leaf(leaf: Leaf, event: Mapping[str, Any]) -> Reason:
    check = checks(leaf)
    if leaf.field is None:
        for name, value in event.items():
            if name not in ABOUT_THE_EVENT and check({name: value}):
                return Reason(leaf, holds=True, values=((name, value),))
        return Reason(leaf, holds=False)
    names = (leaf.field, leaf.other) if isinstance(leaf, FieldRef) else (leaf.field,)
    return Reason(leaf, check(event), tuple((name, event.get(name, MISSING)) for name in names))

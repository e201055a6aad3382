"""Conditions of rules in words, in the language of this run, and as JSON."""

from collections.abc import Iterator
from typing import Any, Final

from cli.output import tell
from correlation.matcher.explaining import Reason
from correlation.matcher.values import MISSING
from correlation.rules.condition import (
    And,
    Cidr,
    Compare,
    Exists,
    FieldRef,
    Glob,
    Leaf,
    Node,
    Not,
    Null,
    Or,
    Present,
    Regex,
    Wild,
)

_INDENT: Final = "  "
MARKS: Final = {True: "√", False: "×"}
"""Signs that a terminal of GBK has as well as one of UTF-8."""
_LONGEST: Final = 200
_COMPARED: Final = {"eq": "=", "neq": "≠", "lt": "<", "lte": "≤", "gt": ">", "gte": "≥"}


def lines_of(node: Node, depth: int = 0) -> Iterator[str]:
    """A condition, a line for each part, those of a part below it and further in."""
    yield _INDENT * depth + spell(node)
    for part in _parts(node):
        yield from lines_of(part, depth + 1)


def reason_lines(reason: Reason, depth: int = 0) -> Iterator[str]:
    """A reason, a line for each part with its truth, and for a leaf what stood in the event."""
    line = f"{_INDENT * depth}{MARKS[reason.holds]} {spell(reason.node)}"
    if reason.values:
        line += "    " + ", ".join(f"{name} = {_shown(value)}" for name, value in reason.values)
    yield line
    for part in reason.parts:
        yield from reason_lines(part, depth + 1)


def reason_document(reason: Reason) -> dict[str, Any]:
    """A reason as JSON; fields that the event does not have are left out of `values`."""
    found = condition_document(reason.node) | {"holds": reason.holds}
    for key in ("all", "any"):
        if key in found:
            found[key] = [reason_document(part) for part in reason.parts]
    if "not" in found:
        found["not"] = reason_document(reason.parts[0])
    if not reason.parts:
        found["values"] = {name: value for name, value in reason.values if value is not MISSING}
    return found


def condition_document(node: Node) -> dict[str, Any]:
    """A condition as JSON: `all`, `any` and `not` with their parts, or a leaf with `field`, `asks` and what for."""
    match node:
        case And(parts):
            return {"all": [condition_document(part) for part in parts]}
        case Or(parts):
            return {"any": [condition_document(part) for part in parts]}
        case Not(part):
            return {"not": condition_document(part)}
        case leaf:
            said = {name: getattr(leaf, name) for name in leaf.__slots__ if name != "field"}
            if isinstance(leaf, Glob):
                said["parts"] = _glob(leaf)
            return {"field": leaf.field, "asks": type(leaf).__name__.lower(), **said}


def spell(node: Node) -> str:
    """One part in words, without its own parts."""
    match node:
        case And():
            return tell("condition.all")
        case Or():
            return tell("condition.any")
        case Not():
            return tell("condition.not")
        case leaf:
            return _leaf(leaf)


def _leaf(leaf: Leaf) -> str:  # noqa: PLR0911 - one short branch for each kind of leaf
    field = leaf.field or tell("condition.word")
    kind = type(leaf).__name__.lower()
    match leaf:
        case Null() | Present():
            return tell(f"condition.{kind}", field=field)
        case Exists(_, wanted):
            return tell(f"condition.{'exists' if wanted else 'absent'}", field=field)
        case FieldRef(_, other, how):
            return tell(f"condition.{how}", field=field, value=other)
        case Compare(_, operator, number, unit):
            of = field if unit is None else tell(f"condition.unit.{unit}", field=field)
            return f"{of} {_COMPARED[operator]} {number:g}"
        case Cidr(_, network):
            return tell("condition.cidr", field=field, value=network)
        case Regex(_, pattern, flags):
            return tell("condition.regex", field=field, value=f"/{pattern}/{flags}")
        case Glob():
            return tell("condition.glob", field=field, value=_glob(leaf)) + _case(cased=leaf.cased)
        case _:
            return tell(f"condition.{kind}", field=field, value=leaf.value) + _case(cased=leaf.cased)


def _case(*, cased: bool) -> str:
    return tell("condition.cased") if cased else ""


def _glob(leaf: Glob) -> str:
    return "".join({Wild.MANY: "*", Wild.ONE: "?"}[part] if isinstance(part, Wild) else part for part in leaf.parts)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, And | Or):
        return node.parts
    return (node.part,) if isinstance(node, Not) else ()


def _shown(value: Any) -> str:
    if value is MISSING:
        return tell("condition.missing")
    text = "null" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

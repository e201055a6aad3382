"""A rule as JSON and back, for the cache of parsed rules: plain data that can name nothing but our own classes."""

from collections.abc import Callable
from typing import Any

from correlation.rules.condition import (
    And,
    Cidr,
    Compare,
    Contains,
    EndsWith,
    Equals,
    Exists,
    FieldRef,
    Glob,
    Node,
    Not,
    Null,
    Or,
    Present,
    Regex,
    StartsWith,
    Wild,
)
from correlation.rules.logsources import routes
from correlation.rules.model import LogSource, Rule

_LEAVES: dict[str, Callable[..., Node]] = {
    kind.__name__: kind
    for kind in (Equals, Contains, StartsWith, EndsWith, Regex, Cidr, Compare, Null, Exists, Present, FieldRef)
}  # in the order of correlation.rules.condition; Glob, And, Or and Not have forms of their own
_TEXTS = ("tags", "falsepositives", "references", "fields")
_PLAIN = ("id", "title", "name", "title_zh", "description", "level", "status", "author", "line")


def encode(rule: Rule) -> dict[str, Any]:
    """A rule as JSON values, without its path and whether it is routable, which are not the file's content."""
    source = rule.logsource
    return {
        **{name: getattr(rule, name) for name in (*_PLAIN, *_TEXTS)},
        "logsource": [source.product, source.category, source.service],
        "condition": _encode(rule.condition),
    }


def decode(data: dict[str, Any], path: str) -> Rule:
    """The rule that `encode` made into this data, as if loaded from `path`.

    Raises:
        ValueError, TypeError, KeyError: the data is not of that form.
    """
    logsource = LogSource(*data["logsource"])
    said: dict[str, Any] = {name: data[name] for name in _PLAIN} | {name: tuple(data[name]) for name in _TEXTS}
    return Rule(
        **said,
        logsource=logsource,
        condition=_decode(data["condition"]),
        path=path,
        routable=bool(routes(logsource)),
    )


def _encode(node: Node) -> list[Any]:
    if isinstance(node, And | Or):
        return [type(node).__name__, *(_encode(part) for part in node.parts)]
    if isinstance(node, Not):
        return ["Not", _encode(node.part)]
    if isinstance(node, Glob):
        # A wildcard is a number (how many characters it needs), so that no text can be taken for one.
        parts = [part if isinstance(part, str) else int(part is Wild.ONE) for part in node.parts]
        return ["Glob", node.field, parts, node.cased]
    return [type(node).__name__, *(getattr(node, name) for name in node.__slots__)]


def _decode(data: list[Any]) -> Node:
    kind, *values = data
    if kind == "And":
        return And(tuple(map(_decode, values)))
    if kind == "Or":
        return Or(tuple(map(_decode, values)))
    if kind == "Not":
        return Not(_decode(values[0]))
    if kind == "Glob":
        field, parts, cased = values
        wild = (Wild.MANY, Wild.ONE)
        return Glob(field, tuple(part if isinstance(part, str) else wild[part] for part in parts), cased)
    return _LEAVES[kind](*values)

"""The condition of a rule: a tree of And, Or and Not over leaves that each look at one field, or at any value.

A leaf whose `field` is None is a keyword: it looks at every value of the event, nested ones too. Values of uncased
leaves are kept in lower case, so that two spellings of one pattern are equal. What each leaf means, also where the
specification is silent: docs/decisions/0004-sigma-semantics.md.

Specification: Sigma 2.1, "Sigma Rules" (detection) and "Sigma Modifiers", https://github.com/SigmaHQ/sigma-specification
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias


class Wild(enum.Enum):
    """A wildcard inside a glob."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Equals:
    """The whole value is `value`."""

    field: str | None
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """`value` stands somewhere in the field's value."""

    field: str | None
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The field's value begins with `value`."""

    field: str | None
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class EndsWith:
    """The field's value ends with `value`."""

    field: str | None
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Glob:
    """The whole value fits the pattern of texts and wildcards; `*` spans newlines, `?` is any one character."""

    field: str | None
    parts: tuple[str | Wild, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """`re.search` finds the pattern; `flags` holds some of the letters i, m and s."""

    field: str | None
    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Cidr:
    """The value is an IP address within the network."""

    field: str | None
    network: str


How: TypeAlias = Literal["equals", "contains", "startswith", "endswith"]
Operator: TypeAlias = Literal["eq", "neq", "lt", "lte", "gt", "gte"]
Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Compare:
    """The value as a number, or the `unit` of the value as a time in UTC, stands in this relation to `number`."""

    field: str | None
    operator: Operator
    number: float
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Null:
    """The field is absent, or present and null."""

    field: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is present (`wanted`), whatever its value, or absent."""

    field: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The field has any value but null: the pattern `*`."""

    field: str | None


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The field's value equals, contains, starts or ends with the value of the field `other`, in any case."""

    field: str
    other: str
    how: How = "equals"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Leaf: TypeAlias = (
    Equals | Contains | StartsWith | EndsWith | Glob | Regex | Cidr | Compare | Null | Exists | Present | FieldRef
)
Node: TypeAlias = And | Or | Not | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf of a tree, from left to right."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def rename(node: Node, name: Callable[[str], str]) -> Node:
    """The same tree with every field's name passed through `name`."""
    if isinstance(node, And):
        return And(tuple(rename(part, name) for part in node.parts))
    if isinstance(node, Or):
        return Or(tuple(rename(part, name) for part in node.parts))
    if isinstance(node, Not):
        return Not(rename(node.part, name))
    if isinstance(node, FieldRef):
        return replace(node, field=name(node.field), other=name(node.other))
    return node if node.field is None else replace(node, field=name(node.field))

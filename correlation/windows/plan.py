"""Which correlations look at which rules, and under what names they ask for values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Any

from correlation.rules.condition import And, Node, Not, Or
from correlation.rules.model import Correlation
from correlation.rules.resolving import silenced

MOST_VALUES = 16
"""An event whose grouping fields have several values belongs to each combination of them, and to no more than these."""


@dataclass(frozen=True)
class Seat:
    """A rule's place in a correlation.

    Attributes:
        correlation: the correlation's place in the plan.
        position: the rule's place in it.
        group: the rule's names of the fields that its findings must share.
        fields: the rule's names of the fields whose values are counted.
        again: whether the group is that of the rule's seat before this one, so that it need not be told twice.
    """

    correlation: int
    position: int
    group: tuple[str, ...]
    fields: tuple[str, ...]
    again: bool

class Plan:
    """The correlations of a run, each behind those that it looks at (correlation.rules.resolving).

    Attributes:
        correlations: all of them.
        seats: where the findings of each rule go that is looked at.
    """

    def __init__(self, correlations: Sequence[Correlation]) -> None:
        self.correlations = tuple(correlations)
        self.seats: dict[str, list[Seat]] = {}
        for number, correlation in enumerate(self.correlations):
            for position, rule in enumerate(correlation.rules):
                seats, group = self.seats.setdefault(rule, []), _group(correlation, rule)
                again = bool(seats) and seats[-1].group == group
                seats.append(Seat(number, position, group, _fields(correlation), again))

    @cached_property
    def silent(self) -> frozenset[str]:
        """Rules and correlations that do not alert by themselves, since those that look at them say so."""
        return silenced(self.correlations)

    def wanted(self, rule: str) -> frozenset[str]:
        """The fields of a rule's events that correlations ask for, also those that look at what looks at it."""
        names: set[str] = set()
        for seat in self.seats.get(rule, ()):
            names |= {*seat.group, *seat.fields, *self.wanted(self.correlations[seat.correlation].id)}
        return frozenset(names)


def closes(correlation: Correlation) -> bool:
    """Whether the end of a window must be waited for, since what comes later may make false what is true by now."""
    if correlation.type in {"value_avg", "value_percentile"}:
        return True
    if correlation.expression is not None:
        return _denies(correlation.expression)
    return correlation.threshold is not None and not correlation.threshold.rises


def _denies(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(map(_denies, node.parts))
    return isinstance(node, Not)


def _group(correlation: Correlation, rule: str) -> tuple[str, ...]:
    return tuple(correlation.aliases.get(name, {}).get(rule, name) for name in correlation.group_by)


def _fields(correlation: Correlation) -> tuple[str, ...]:
    return correlation.threshold.fields if correlation.threshold else ()


def _texts(value: Any) -> list[str]:
    """A field's values as they are compared: without case, null and objects left out."""
    found = value if isinstance(value, list | tuple) else [value]
    return [_text(one) for one in found if one is not None and not isinstance(one, dict | list)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower()


def combined(values: Mapping[str, Any], names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The combinations of what these fields of a signal say; none where one of them says nothing."""
    said = []
    for name in names:
        value = values.get(name)
        if value.__class__ is not str:
            break
        said.append(value.lower())
    else:
        return [tuple(said)]  # nearly all are so
    columns = [_texts(values.get(name)) for name in names]
    return list(dict.fromkeys(islice(product(*columns), MOST_VALUES)))

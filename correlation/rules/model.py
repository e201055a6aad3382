"""A rule as the rest of correlation sees it: what it says of itself, where it came from, and its condition."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias

from correlation.rules.condition import Node, Operator

Level: TypeAlias = Literal["informational", "low", "medium", "high", "critical"]
CorrelationType: TypeAlias = Literal[
    "event_count", "value_count", "value_sum", "value_avg", "value_percentile", "temporal", "temporal_ordered"
]

TACTICS = frozenset({
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "stealth", "defense-evasion", "defense-impairment", "credential-access", "discovery", "lateral-movement",
    "collection", "command-and-control", "exfiltration", "impact", "inhibit-response-function",
    "impair-process-control", "evasion",
})  # ATT&CK for enterprise and for industrial control systems, the latest version and the ones before it
"""Names of ATT&CK's tactics as tags write them, with hyphens."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """The kind of log that a rule is about; at least one of the three is set."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        return "/".join(part or "*" for part in (self.product, self.category, self.service))


@dataclass(frozen=True, eq=False, kw_only=True)
class Described:
    """What rules and correlations say of themselves, and where they came from.

    Two of them are the same if they are the same object: loading makes ids unique.

    Attributes:
        id: the rule's UUID; where the author gave none, one derived from the file's name and the title.
        name: what correlations may call it by; empty where the author gave none.
        title_zh: the title in Chinese, where the rule gives one below the key `hanwatch`; otherwise empty.
        level: severity; `medium` where the rule does not say.
        status: Sigma's status (stable, test, experimental, deprecated, unsupported), None where it does not say.
        fields: what the author asks to be shown with a hit, under the rule's own names.
        path: the file it was loaded from; `line` is where its document begins, counted from 1.
    """

    id: str
    title: str
    name: str = ""
    title_zh: str = ""
    description: str = ""
    level: Level = "medium"
    status: str | None = None
    tags: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    author: str = ""
    fields: tuple[str, ...] = ()
    path: str = ""
    line: int = 1

    def __post_init__(self) -> None:
        if not self.id or not self.title:
            raise ValueError("a rule has an id and a title")

    @cached_property
    def techniques(self) -> tuple[str, ...]:
        """ATT&CK techniques among the tags: `T1059`, `T1059.001`."""
        names = (tag.removeprefix("attack.").upper() for tag in self.tags if tag.startswith("attack.t"))
        return tuple(name for name in names if name[1:2].isdigit())

    @cached_property
    def tactics(self) -> tuple[str, ...]:
        """ATT&CK tactics among the tags: `lateral-movement`."""
        names = (tag.removeprefix("attack.").replace("_", "-") for tag in self.tags if tag.startswith("attack."))
        return tuple(name for name in names if name in TACTICS)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Described):
    """A detection rule.

    Attributes:
        routable: whether any dataset of ours carries its log source.
    """

    logsource: LogSource
    condition: Node
    routable: bool = field(default=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class Filter(Described):
    """What rules must see as well, without being written anew: mostly what a site knows to be harmless.

    Specification: Sigma 2.1, "Sigma Filters", https://github.com/SigmaHQ/sigma-specification

    Attributes:
        logsource: it applies to rules whose log source has all that this one says.
        rules: names or ids of the rules that it applies to; empty for all of the log source.
        condition: joined to the rule's by And.
    """

    logsource: LogSource
    rules: tuple[str, ...]
    condition: Node

    def serves(self, rule: Rule) -> bool:
        """Whether the filter applies to a rule."""
        mine, theirs = self.logsource, rule.logsource
        of_source = (
            mine.product in (None, theirs.product)
            and mine.category in (None, theirs.category)
            and mine.service in (None, theirs.service)
        )
        return of_source and (not self.rules or not {rule.id, rule.name}.isdisjoint(self.rules))


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a correlation's number must be: of events, of rules, of distinct values, or a value made of them.

    Attributes:
        operator: how the number stands to `number`.
        fields: whose values are counted, added up and so on; several only where their combinations are counted.
        percentile: from 0 to 100, of `value_percentile`.
    """

    operator: Operator
    number: float
    fields: tuple[str, ...] = ()
    percentile: float = 50.0

    def holds(self, number: float | Fraction) -> bool:
        """Whether a number is what the correlation asks for."""
        return _OPERATORS[self.operator](number, self.number)

    @property
    def rises(self) -> bool:
        """Whether more of what is counted can only bring it nearer."""
        return self.operator in {"gt", "gte"}


_OPERATORS: Mapping[Operator, Callable[[float | Fraction, float], bool]] = {
    "eq": operator.eq, "neq": operator.ne, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Correlation(Described):
    """A rule about what other rules found, within a span of time, for each combination of values of some fields.

    Specification: Sigma 2.1, "Sigma Correlation Rules", https://github.com/SigmaHQ/sigma-specification

    Attributes:
        type: what is asked of the findings.
        rules: names or ids of the rules and correlations that it looks at, in order.
        group_by: fields whose values findings must share; names of `aliases` or the rules' own.
        timespan: ns; both ends belong to a window.
        aliases: for a name of `group_by` what each rule calls it, by the rule's name or id.
        threshold: what the number must be; None where a temporal correlation wants all of its rules.
        expression: which rules must have found something, as a tree of And, Or and Not over `Present` leaves that name
            rules; None for all of them.
        generate: whether the rules that it looks at alert by themselves as well.
    """

    type: CorrelationType
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    timespan: int
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    threshold: Threshold | None = None
    expression: Node | None = None
    generate: bool = False

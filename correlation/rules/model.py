"""A rule as the rest of correlation sees it: what it says of itself, where it came from, and its condition."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from correlation.rules.condition import Node

Level: TypeAlias = Literal["informational", "low", "medium", "high", "critical"]

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


@dataclass(frozen=True, eq=False)
class Rule:
    """A detection rule. Two rules are the same if they are the same object: loading makes ids unique.

    Attributes:
        id: the rule's UUID; where the author gave none, one derived from the file's name and the title.
        title_zh: the title in Chinese, where the rule gives one below the key `hanwatch`; otherwise empty.
        level: severity; `medium` where the rule does not say.
        status: Sigma's status (stable, test, experimental, deprecated, unsupported), None where it does not say.
        fields: what the author asks to be shown with a hit, under the rule's own names.
        path: the file it was loaded from; `line` is where its document begins, counted from 1.
        routable: whether any dataset of ours carries its log source.
    """

    id: str
    title: str
    logsource: LogSource
    condition: Node
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
    routable: bool = field(default=True)

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

"""The tree of a query: what Lucene's syntax can say of our events, and nothing that one store cannot do."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every event: `*`, or nothing typed."""


@dataclass(frozen=True, slots=True)
class Term:
    """`field:value`; without a field a word in any text field. `wild` values hold `*` and `?`."""

    field: str | None
    value: str
    wild: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """`field:"some words"`: the exact value of a keyword field, the words in order of a text field."""

    field: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """`field:[low TO high]`, `{}` to exclude an end, None for `*`."""

    field: str
    low: str | None
    high: str | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """`_exists_:field` or `field:*`: the field has a value other than null."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    """All parts match."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part matches."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: "Node"


Node: TypeAlias = Everything | Term | Phrase | Range | Exists | And | Or | Not

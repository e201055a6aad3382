"""What indicators consist of: plans with their targets, records that count or do not, and the numbers that come of it.

A rate is never a number alone: it has a numerator, a denominator, what is not known of its records, and a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from inventory.model import Words

Comparator: TypeAlias = Literal[">", ">=", "<", "<="]
Verdict: TypeAlias = Literal["yes", "no", "unknown", "outside", "excluded"]
"""What a record is to a rate: in its numerator, in its denominator alone, in it without an answer, not in it, or taken
out of it by somebody."""
Answer: TypeAlias = Literal["yes", "no", "unknown"]
Standing: TypeAlias = Literal["ahead", "met", "missed", "not-known", "without-data"]
"""How a target stands: its day has not passed; or it was met or missed on its day, nobody can say which, or it passed
without any data."""
Source: TypeAlias = Literal["computed", "reported", "none"]
Holds: TypeAlias = Literal[
    "counts", "not-approved", "not-yet", "expired", "elsewhere", "reported", "unknown-record", "outside"
]
"""Whether an exclusion counts, or why not."""
IN: Final = frozenset({"yes", "no", "unknown"})
"""Verdicts of records that are in the denominator."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached on a day."""

    value: float
    comparator: Comparator
    day: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What it was before the plan began, and where the plan says so."""

    value: float
    day: str
    source: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a plan.

    Attributes:
        number: its number in the plan.
        kind: whether its target binds, or is expected.
        source: the paragraph of the plan.
        formula: the code of what computes it; empty where the registers do not know it.
        entered_as: the number by which registers name it, which no indicator of another plan has unless it goes on.
        continues: the number of the indicator that it goes on with, in the plan before.
        milestones: targets for days before the last one.
    """

    number: int
    title: Words
    area: Words
    unit: Words
    target: Target
    kind: Literal["binding", "expected"]
    source: str
    formula: str = ""
    entered_as: int = 0
    continues: int | None = None
    baseline: Baseline | None = None
    milestones: tuple[Target, ...] = ()
    note: Words | None = None

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage, which lies between 0 and 100."""
        return self.unit.en == "%"

    def target_on(self, day: str) -> Target:
        """What is to be reached next as of a day: the first milestone that has not passed, else the target."""
        return next((one for one in self.milestones if one.day >= day), self.target)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: days are `2025-12-31`, both included.

    Attributes:
        stale_after: days after which a reported value is marked as old.
        follows: the id of the plan that it takes the place of.
        text: everything that the file says, as canonical JSON.
    """

    id: str
    title: Words
    begins: str
    ends: str
    source: str
    stale_after: int
    indicators: tuple[Indicator, ...]
    follows: str = ""
    text: bytes = b""


@dataclass(frozen=True, slots=True)
class Counted:
    """A record as one rate looks at it.

    Attributes:
        key: what people call it.
        verdict: what it is to the rate, exclusions considered.
        judged: what it would be without them.
        reason: the code of why.
        amount: what it adds to a sum, and 1 where records are counted.
        said: the values that were looked at, in the order of the formula's fields.
        unit, district: the ids of where it belongs; empty for nowhere.
        exclusion: the code of the exclusion that keeps it out.
    """

    id: str
    key: str
    verdict: Verdict
    judged: Verdict
    reason: str
    amount: float
    said: tuple[object, ...]
    unit: str = ""
    district: str = ""
    exclusion: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records are what; `amount` is the sum of what those in the numerator add."""

    yes: int = 0
    no: int = 0
    unknown: int = 0
    outside: int = 0
    excluded: int = 0
    amount: float = 0.0

    @property
    def denominator(self) -> int:
        """What a rate divides by: what is not known is in it."""
        return self.yes + self.no + self.unknown


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What somebody took out of a rate: which record, why, who allowed it, from when to when."""

    code: str
    indicator: int
    register: str
    record: str
    reason: str
    approved_by: str = ""
    approved_on: str = ""
    expires_on: str = ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """An exclusion, and whether it counts on the day that is asked about."""

    exclusion: Exclusion
    holds: Holds


@dataclass(frozen=True, slots=True)
class Report:
    """A value that a unit reported, with its evidence."""

    indicator: int
    day: str
    scope: str
    value: float
    numerator: float | None
    denominator: float | None
    unit: str
    evidence: str
    digest: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The last report on or before a day: how old it is then, and what is to be said against it (codes)."""

    report: Report
    age: int
    stale: bool
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a number is of: the city, a district or a unit, by id; an empty id means what belongs to none."""

    kind: Literal["city", "district", "unit"] = "city"
    id: str = ""


CITY: Final = Scope()


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator on a day.

    Attributes:
        value: percent for shares, else in the indicator's unit; None where nothing is known.
        at_most: what it would be if everything that is not known were in the numerator; None where that has no bound.
        entered: the last report, beside what was computed as well.
        met: whether the target is reached.
        standing: how the target stands as of that day.
    """

    indicator: Indicator
    scope: Scope
    day: str
    source: Source
    value: float | None
    at_most: float | None
    numerator: float | None
    denominator: float | None
    met: Answer
    standing: Standing
    tally: Tally | None = None
    entered: Entered | None = None
    records: Sequence[Counted] = field(default=(), repr=False)
    exclusions: Sequence[Ruled] = ()


def by_number(indicators: Iterable[Measured]) -> dict[int, Measured]:
    """By the number of the indicator."""
    return {one.indicator.number: one for one in indicators}

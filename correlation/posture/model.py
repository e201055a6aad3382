"""The values of posture: what is known of a city at a moment, and the scores that follow with every lost point.

Points are whole numbers of 1/10,000 of a point and shares whole numbers of 1/10,000, so that sums are exact and the
same facts give the same score on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

Kind: TypeAlias = Literal["city", "district", "unit", "tenant", "sector"]
"""What a score is of. A tenant is an address space, a sector one of critical information infrastructure."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
POINT: Final = 10_000
"""One point of a score."""
WHOLE: Final = 100 * POINT
"""A score of which nothing is lost."""
ALL: Final = 10_000
"""A share of one."""
NOWHERE: Final = "-"
"""The district of units that are in none, the sector of critical infrastructure that is in none."""

GapKind: TypeAlias = Literal[
    "silent-source", "silent-device", "unread", "lost", "quarantined", "rule-gone", "rules-never", "unrecorded"
]
"""What keeps us from seeing: a source or a device behind a listener that is silent against its own rhythm; records that
no format could read; packets or messages that were lost; events that the store refused; a rule that has gone blind, and
the share of rules that never had anything to look at; a past moment of which nobody recorded how the sources were."""

GAP_KINDS: Final[tuple[GapKind, ...]] = get_args(GapKind)


class Scope(NamedTuple):
    """What a score is of: its kind and its name."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


CITY: Final = Scope("city", "city")


class Touch(NamedTuple):
    """Where something is: empty where it is not known or in none."""

    unit: str = ""
    district: str = ""
    space: str = ""
    sector: str = ""
    asset: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Declared assets that have unit, district, tenant and sector in common.

    Attributes:
        grade: the highest MLPS grade among them, 0 where none is known.
        cii: whether they are critical information infrastructure.
        declared: how many assets are declared; `seen` of them in events of the window.
        heard: whether events of the window name the unit.
        unseen: names of the first assets that were not seen, in the order of their names.
    """

    unit: str
    district: str
    space: str
    sector: str
    grade: int = 0
    cii: bool = False
    declared: int = 0
    seen: int = 0
    heard: bool = False
    unseen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.seen <= self.declared:
            raise ValueError("no more assets are seen than are declared")


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is not closed.

    Attributes:
        severity: low, medium, high or critical.
        state: new, in-progress or contained.
        assigned: whether somebody deals with it.
        last: event time of its newest alert, ns since 1970.
        touches: where the addresses, hosts, assets and units are that it names.
    """

    id: str
    severity: str
    state: str
    assigned: bool
    last: int
    touches: tuple[Touch, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that keeps us from seeing.

    Attributes:
        subject: the source, the device or the rule.
        share: how much of it is missing, 0 to `ALL`.
        touches: where it is missed; empty: in the city as a whole.
        said: figures and words behind it, by name.
    """

    kind: GapKind
    subject: str
    share: int
    touches: tuple[Touch, ...] = ()
    said: tuple[tuple[str, str | int], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.share <= ALL:
            raise ValueError("a share is between nothing and all")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a score is made of, beside the policy and the moment.

    Attributes:
        tenants: the declared address spaces, and whether events of the window were in each.
        counted: what each source had lost and taken until then, by its id: the next facts count from there.
    """

    cells: tuple[Cell, ...] = ()
    incidents: tuple[OpenIncident, ...] = ()
    gaps: tuple[Gap, ...] = ()
    tenants: tuple[tuple[str, bool], ...] = ()
    counted: tuple[tuple[str, int, int], ...] = ()


ItemKind: TypeAlias = Literal["incident", "unseen", "gap", "cap", "floor"]
"""What takes points: an open incident; assets that were not seen; another gap in what we see. A cap gives points back
where no more can be lost by something; a floor takes what is missing to the least that so little visibility costs."""


class Step(NamedTuple):
    """One factor of a computation: a code, and its number in 1/10,000."""

    code: str
    number: int


class Passed(NamedTuple):
    """Points that a part of the scope lost and passed on: `points` x `numerator` / `denominator`."""

    scope: str
    points: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Item:
    """Lost points (negative: given back), what took them, and how they were computed.

    Attributes:
        code: why, with words of its own; `said` fills them.
        subject: what it comes from: an incident, a source, a rule, a unit.
        steps: the factors, where the points were lost in this scope itself.
        passed: where they came from, where parts of this scope lost them.
    """

    kind: ItemKind
    code: str
    subject: str
    points: int
    steps: tuple[Step, ...] = ()
    passed: tuple[Passed, ...] = ()
    said: tuple[tuple[str, str | int], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Items of the same key are one item where scopes are put together."""
        return self.kind, self.code, self.subject


@dataclass(frozen=True, slots=True)
class Standing:
    """How one scope stands.

    Attributes:
        score: 0 to `WHOLE`; `WHOLE` less the points of all items.
        grade: the band of the score; `not-seen` where nothing of the scope is seen.
        coverage: share of it that is seen, 0 to `ALL`.
        confidence: high, medium, low or none, by the coverage.
        declared, seen: assets and units that it has, and how many of them events of the window name.
        parts: scopes directly below it, in the order of their names.
    """

    scope: Scope
    score: int
    grade: str
    coverage: int
    confidence: str
    declared: int
    seen: int
    items: tuple[Item, ...]
    parts: tuple[Scope, ...] = ()

    def __post_init__(self) -> None:
        if self.score != WHOLE - sum(item.points for item in self.items):
            raise ValueError("every lost point has an item")


@dataclass(frozen=True, slots=True)
class Posture:
    """All scores of a moment, and what they were computed by.

    Attributes:
        moment: ns since 1970, for which it holds.
        version, policy: the policy's own version and its digest.
        verified: whether somebody has confirmed its weights.
    """

    moment: int
    version: int
    policy: str
    verified: bool
    standings: Mapping[Scope, Standing]

    @property
    def city(self) -> Standing:
        """The whole."""
        return self.standings[CITY]

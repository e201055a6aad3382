"""Where a city stands: every finding and every match with its asset, its exposure, its deadline and its owner."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, TypeAlias

from inventory.vulnerabilities.binding import Binding, Bound, Facts, Software
from inventory.vulnerabilities.deadlines import Deadline, Rule, deadline
from inventory.vulnerabilities.exposure import Asset, Exposure, Weakness, Weights, exposure
from inventory.vulnerabilities.kept import Ownership, Told
from inventory.vulnerabilities.matching import Match, Matcher
from inventory.vulnerabilities.merging import merged
from inventory.vulnerabilities.model import SEVERITIES, Advisory, Severity
from inventory.vulnerabilities.products import Products
from inventory.vulnerabilities.rechecking import Tracked
from inventory.vulnerabilities.weaknesses import of_finding, of_match, surest

Grouping: TypeAlias = Literal["unit", "district", "system"]
_NOBODY = Ownership("", "", 0, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding (`tracked`, `bound`) or a match (`match`, `software`) as it stands; `weaknesses` is what it opens.

    `exposures` are those of its weaknesses, the greatest first; `due` is the earliest deadline of them.
    """

    id: str
    facts: Facts
    title: str
    severity: Severity
    weaknesses: tuple[Weakness, ...]
    exposures: tuple[Exposure, ...]
    due: Deadline | None
    ownership: Ownership
    advisories: tuple[Advisory, ...] = ()
    tracked: Tracked | None = None
    bound: Bound | None = None
    match: Match | None = None
    software: Software | None = None

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.tracked is None or self.tracked.status == "open"

    @property
    def exploited(self) -> bool:
        """Whether any of its weaknesses is known to be exploited."""
        return any(one.exploited for one in self.advisories)

    @property
    def score(self) -> float:
        """Its greatest exposure; nothing where it is closed."""
        return self.exposures[0].score if self.exposures else 0.0

    @property
    def owner(self) -> str:
        """Who looks after it: whoever was named, else who looks after the asset."""
        return self.ownership.owner or self.facts.asset.owner


@dataclass(frozen=True)
class Scales:
    """By what it is weighed, and when (ns)."""

    weights: Weights
    rules: Sequence[Rule]
    products: Products
    now: int


@dataclass(frozen=True)
class City:
    """What is known: assets, what is installed, findings, advisories, and who looks after what."""

    binding: Binding
    facts: Mapping[str, Facts]
    software: Sequence[Software]
    findings: Sequence[Tracked]
    told: Sequence[Told]
    owners: Mapping[str, Ownership]


@dataclass(frozen=True, slots=True)
class Total:
    """What a unit, a district or a system is exposed to: the sum, and its lines from the greatest on."""

    name: str
    score: float
    assets: int
    overdue: int
    lines: tuple[tuple[Facts, Exposure], ...] = field(repr=False)


def standings(city: City, scales: Scales) -> list[Standing]:
    """All findings and matches, the most exposed first."""
    advisories = {one.id: one for one in merged(told.advisory for told in city.told)}
    found = [*_findings(city, advisories, scales), *_matches(city, advisories, scales)]
    return sorted(found, key=lambda one: (not one.open, -one.score, one.facts.code, one.id))


def totals(found: Iterable[Standing], by: Grouping, scales: Scales) -> list[Total]:
    """The exposure of each unit, district or system: every weakness of an asset counts once, however often seen."""
    held: dict[str, list[Standing]] = {}
    for one in found:
        if one.open:
            held.setdefault(one.facts.asset.id, []).append(one)
    lines: dict[str, list[tuple[Facts, Exposure]]] = {}
    overdue: dict[str, int] = {}
    for several in held.values():
        facts = several[0].facts
        group = attrgetter(by)(facts)
        for weakness in surest(each for one in several for each in one.weaknesses):
            lines.setdefault(group, []).append((facts, exposure(facts.asset, weakness, scales.weights, scales.now)))
        late = sum(one.due is not None and one.due.overdue(scales.now) for one in several)
        overdue[group] = overdue.get(group, 0) + late
    made = [
        Total(
            group,
            round(sum(one.score for _, one in some), 2),
            len({facts.asset.id for facts, _ in some}),
            overdue[group],
            tuple(sorted(some, key=lambda one: (-one[1].score, one[0].code, one[1].weakness))),
        )
        for group, some in lines.items()
    ]
    return sorted(made, key=lambda one: (-one.score, one.name))


def match_id(asset: str, software: str, advisory: str) -> str:
    """The id of a match, the same as long as this is installed there."""
    said = f"match\0{asset}\0{software}\0{advisory}"
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def _findings(city: City, advisories: Mapping[str, Advisory], scales: Scales) -> Iterator[Standing]:
    for one in city.findings:
        latest = one.latest
        bound = city.binding.bind(latest.address, latest.name, one.last_seen)
        facts = city.facts.get(bound.asset) or Facts(Asset(f"target:{latest.target}"), latest.target)
        weaknesses = of_finding(one, advisories)
        severity = max((each.severity for each in weaknesses), key=SEVERITIES.index, default=latest.severity)
        yield Standing(
            one.id, facts, latest.title, severity, weaknesses, *_weighed(facts, weaknesses, scales),
            city.owners.get(one.id, _NOBODY),
            tuple(advisories[name] for name in latest.cves if name in advisories), tracked=one, bound=bound,
        )  # fmt: skip


def _matches(city: City, advisories: Mapping[str, Advisory], scales: Scales) -> Iterator[Standing]:
    first: dict[str, int] = {}
    for told in city.told:
        for name in told.advisory.cves or (told.advisory.id,):
            first[name] = min(told.first, first.get(name, told.first))
    matcher = Matcher(tuple(advisories.values()), scales.products)
    by_installation = {id(one.installation): one for one in city.software}
    for matched in matcher.matches(one.installation for one in city.software):
        software = by_installation[id(matched.installation)]
        facts = city.facts[matched.installation.asset]
        for match in matched.matches:
            advisory = advisories[match.advisory]
            known = max(software.since, first.get(advisory.id, 0))
            weaknesses = (of_match(match, advisory, known),)
            name = match_id(facts.asset.id, software.id, advisory.id)
            yield Standing(
                name, facts, advisory.title_zh or advisory.title_en, advisory.severity, weaknesses,
                *_weighed(facts, weaknesses, scales), city.owners.get(name, _NOBODY), (advisory,),
                match=match, software=software,
            )  # fmt: skip


def _weighed(
    facts: Facts, weaknesses: Sequence[Weakness], scales: Scales
) -> tuple[tuple[Exposure, ...], Deadline | None]:
    exposures = [exposure(facts.asset, one, scales.weights, scales.now) for one in weaknesses]
    dues = [
        due for one in weaknesses
        if (due := deadline(one.severity, facts.asset.reach, one.known, scales.rules, exploited=one.exploited))
    ]  # fmt: skip
    return (
        tuple(sorted(exposures, key=lambda one: (-one.score, one.weakness))),
        min(dues, key=lambda one: one.due, default=None),
    )

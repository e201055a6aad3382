"""Which advisories concern what is installed: with criterion, range, certainty and reasons.

Every distinct product and version is compared once, whatever number of assets has it; what an advisory asks for beside
it is looked for on each asset.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from inventory.vulnerabilities.affecting import MAYBE, NO, YES, Reason
from inventory.vulnerabilities.conditions import Together, answer, holds, together
from inventory.vulnerabilities.criteria import Criteria, Entry
from inventory.vulnerabilities.identifying import Installation, Known, identified
from inventory.vulnerabilities.model import Advisory
from inventory.vulnerabilities.products import Products
from inventory.vulnerabilities.versions import version_of

Certainty: TypeAlias = Literal["exact", "version", "check"]
"""`exact`: by the installation's own name of CPE; `version`: by a known name and its version; `check`: see reasons."""


@dataclass(frozen=True, slots=True)
class Match:
    """One advisory that concerns software; `criterion` and `range` are what it matched by."""

    advisory: str
    certainty: Certainty
    criterion: str
    range: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """An installation with all that concerns it, one match for each advisory; equal software shares its matches."""

    installation: Installation
    matches: tuple[Match, ...]


class _Hit(NamedTuple):
    """A criterion that holds, as far as its own software goes."""

    entry: Entry
    match: Match


class _Found(NamedTuple):
    """What was found of one product and version: matches that hold by themselves, and hits with conditions."""

    alone: tuple[Match, ...]
    conditional: tuple[_Hit, ...]


@dataclass
class Matcher:
    """Advisories by the products that they name, and what was found already of each product and version."""

    advisories: Sequence[Advisory]
    products: Products
    criteria: Criteria = field(init=False)
    _found: dict[Known, _Found] = field(default_factory=dict)
    _known: dict[tuple[str, str, str, str], Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.criteria = Criteria(self.advisories)

    def matches(self, installations: Iterable[Installation]) -> Iterator[Matched]:
        """All installations that anything concerns, asset by asset as they are first named."""
        by_asset: dict[str, list[Installation]] = defaultdict(list)
        for one in installations:
            by_asset[one.asset].append(one)
        for held in by_asset.values():
            known = [self._knowing(one) for one in held]
            all_found = [self._finding(what) for what in known]
            beside = together(known) if any(found.conditional for found in all_found) else None
            for one, found in zip(held, all_found, strict=True):
                matches = self._joined(found, beside) if beside and found.conditional else found.alone
                if matches:
                    yield Matched(one, matches)

    def _joined(self, found: _Found, beside: Together) -> tuple[Match, ...]:
        """What holds by itself and what does with what else is on the asset."""
        best = {match.advisory: match for match in found.alone}
        for hit in found.conditional:
            configuration = self.advisories[hit.entry.advisory].configurations[hit.entry.configuration]
            conditions = holds(configuration, beside)
            if conditions == NO:
                continue
            match = hit.match
            if conditions == MAYBE and match.certainty != "check":
                match = replace(match, certainty="check", reasons=(*match.reasons, "condition-unknown"))
            _better(best, match)
        return tuple(best.values())

    def _knowing(self, one: Installation) -> Known:
        key = (one.cpe, one.vendor, one.name, one.version)
        if (known := self._known.get(key)) is None:
            known = self._known[key] = identified(one, self.products, self.criteria.vendors)
        return known

    def _finding(self, what: Known) -> _Found:
        found = self._found.get(what)
        if found is None:
            found = self._found[what] = self._compared(what)
        return found

    def _compared(self, what: Known) -> _Found:
        alone: dict[str, Match] = {}
        conditional: list[_Hit] = []
        sure: Certainty = "exact" if what.cpe else "version"
        version = version_of(what.version)
        for product in what.products:
            for entry in self.criteria.entries(product, version):
                value, reasons = answer(entry.match, product, what, entry.bounds, asks_edition=entry.edition)
                if value == NO:
                    continue
                advisory = self.advisories[entry.advisory]
                certainty = sure if value == YES else "check"
                match = Match(advisory.id, certainty, entry.criterion, entry.range, reasons)
                if entry.simple:
                    _better(alone, match)
                else:
                    conditional.append(_Hit(entry, match))
        return _Found(tuple(alone.values()), tuple(conditional))


def _better(best: dict[str, Match], match: Match) -> None:
    known = best.get(match.advisory)
    if known is None or (known.certainty == "check" and match.certainty != "check"):
        best[match.advisory] = match

"""Criteria of advisories by the product that they name, so that each installation meets only those of its own."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from inventory.vulnerabilities.affecting import Bounds, Key, bounds_of, has_edition, limits
from inventory.vulnerabilities.conditions import is_wild, simple
from inventory.vulnerabilities.model import Advisory, CpeMatch
from inventory.vulnerabilities.products import Product
from inventory.vulnerabilities.versions import Version

_Where: TypeAlias = tuple[int, int, CpeMatch]
"""Number of the advisory, of its configuration, and a criterion of it."""


class Entry(NamedTuple):
    """A criterion made ready: how it is spelled, its bounds and limits, whether it asks for more."""

    advisory: int
    configuration: int
    match: CpeMatch
    criterion: str
    range: str
    bounds: Bounds
    low: Key
    high: Key
    edition: bool
    simple: bool


class _Prepared(NamedTuple):
    """Criteria of one product in the order of the highest version that may be within, and those highest versions."""

    entries: tuple[Entry, ...]
    highs: tuple[Key, ...]


@dataclass
class Criteria:
    """The criteria of advisories that are not withdrawn and say that something is vulnerable."""

    advisories: Sequence[Advisory]
    _index: dict[tuple[str, str], list[_Where]] = field(default_factory=lambda: defaultdict(list))
    _prepared: dict[tuple[str, str], _Prepared] = field(default_factory=dict)
    _vendors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _anywhere: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, advisory in enumerate(self.advisories):
            if advisory.withdrawn:
                continue
            for place, configuration in enumerate(advisory.configurations):
                for node in configuration.nodes:
                    for match in node.matches:
                        if match.vulnerable and not node.negate and not configuration.negate:
                            self._enter((number, place, match))

    @property
    def vendors(self) -> Mapping[str, AbstractSet[str]]:
        """Who makes a product of a name."""
        return self._vendors

    def entries(self, product: Product, version: Version | None) -> Iterator[Entry]:
        """The criteria of a product that may have a version; all of them if nobody knows which it is."""
        name = product[1:]
        if (prepared := self._prepared.get(name)) is None:
            ready = sorted(map(self._entry, self._index.get(name, ())), key=lambda one: one.high)
            prepared = self._prepared[name] = _Prepared(tuple(ready), tuple(one.high for one in ready))
        if version is None:
            yield from prepared.entries
        else:
            upstream = version.upstream
            start = bisect_left(prepared.highs, upstream)
            yield from (one for one in prepared.entries[start:] if one.low <= upstream)
        yield from self._anywhere

    def _enter(self, where: _Where) -> None:
        criterion = where[2].criterion
        if is_wild(criterion):
            self._anywhere.append(self._entry(where))
            return
        self._index[criterion.vendor, criterion.product].append(where)
        self._vendors[criterion.product].add(criterion.vendor)

    def _entry(self, where: _Where) -> Entry:
        """A criterion made ready, which is worth it only for what somebody has."""
        advisory, configuration, match = where
        bounds = bounds_of(match)
        return Entry(
            advisory, configuration, match, str(match.criterion), match.spelled(), bounds, *limits(bounds),
            has_edition(match.criterion), simple(self.advisories[advisory].configurations[configuration]),
        )  # fmt: skip

"""Posture itself: facts, a policy and a moment in, all scores with every lost point out. Nothing else is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from correlation.posture.blending import Part, blended
from correlation.posture.model import (
    ALL,
    CITY,
    NOWHERE,
    WHOLE,
    Cell,
    Facts,
    Gap,
    Item,
    OpenIncident,
    Posture,
    Scope,
    Standing,
    Touch,
)
from correlation.posture.policy import Policy
from correlation.posture.weighing import Losses, blindness, bounded, floored, leaf, risk, view

_Pair: TypeAlias = tuple[str, str]
"""A district and a unit in it; either may be empty."""
_Place: TypeAlias = tuple[str | None, str | None]
"""Likewise; None for the unit is the district as a whole, None for both the city."""
_Name = TypeVar("_Name")
_Value = TypeVar("_Value")
_Fact = TypeVar("_Fact", OpenIncident, Gap)


def score(facts: Facts, policy: Policy, moment: int) -> Posture:
    """How everything stands at a moment, ns since 1970.

    The same facts and policy give the same answer, in whatever order the facts come.
    """
    making = _Making(facts, policy, moment)
    standings = {one.scope: one for one in making.all()}
    return Posture(moment, policy.version, policy.digest, policy.verified, standings)


class _Making:
    """One computation: what is where, looked up instead of searched."""

    def __init__(self, facts: Facts, policy: Policy, moment: int) -> None:
        self._facts, self._policy, self._moment = facts, policy, moment
        self._cells: Mapping[_Pair, list[Cell]] = _grouped(((one.district, one.unit), one) for one in facts.cells)
        self._of_unit: Mapping[str, list[_Pair]] = _grouped((pair[1], pair) for pair in sorted(self._cells))
        self._districts: Mapping[str, list[_Pair]] = _grouped((pair[0], pair) for pair in sorted(self._cells))
        self._incidents = _placed(facts.incidents, self._pairs_of)
        self._gaps = _placed(facts.gaps, self._pairs_of)
        self._leaves = {pair: self._leaf_of(pair, cells) for pair, cells in self._cells.items()}

    def all(self) -> Iterable[Standing]:
        """Every scope that is declared, and the city."""
        districts = {}
        for name, pairs in sorted(self._districts.items()):
            parts = [(pair[1] or NOWHERE, self._weight(self._cells[pair]), self._leaves[pair]) for pair in pairs]
            # What is known to be in the district and in none of its units.
            losses = self._whole(name or NOWHERE, parts, self._incidents[name, None], self._gaps[name, None])
            districts[name] = losses
            units = tuple(Scope("unit", pair[1]) for pair in pairs if pair[1])
            yield self._standing(Scope("district", name or NOWHERE), losses, units)
        parts = [(name or NOWHERE, 1, losses) for name, losses in districts.items()]
        whole = self._whole(CITY.name, parts, self._incidents[None, None], self._gaps[None, None])
        yield self._standing(CITY, whole, tuple(Scope("district", name or NOWHERE) for name in districts))
        for name, own in sorted(self._of_unit.items()):
            if name:
                losses = self._leaves[own[0]] if len(own) == 1 else self._unit(name, own)
                yield self._standing(Scope("unit", name), losses)
        yield from self._tenants()
        yield from self._sectors()

    def _pairs_of(self, touches: Sequence[Touch]) -> set[_Place]:
        """Where something counts: units in districts, a district as a whole, or the city where nothing is known."""
        found: set[_Place] = set()
        loose = set()
        for touch in touches:
            pair = (touch.district, touch.unit)
            if pair in self._cells:
                found.add(pair)
            elif touch.unit in self._of_unit and touch.unit:
                # Which of its districts is not known: it counts in each.
                found.update(self._of_unit[touch.unit])
            elif touch.district in self._districts and touch.district:
                loose.add(touch.district)
        placed = {district for district, _ in found}
        found.update((district, None) for district in loose - placed)
        return found or {(None, None)}

    def _leaf_of(self, pair: _Pair, cells: Sequence[Cell]) -> Losses:
        heard = any(cell.heard for cell in cells) if pair[1] else None
        incidents, gaps = self._incidents[pair], self._gaps[pair]
        return leaf(pair[1] or NOWHERE, cells, incidents, gaps, self._policy, self._moment, itself=heard)

    def _unit(self, name: str, pairs: Sequence[_Pair]) -> Losses:
        """A unit in several districts, as one."""
        cells = [cell for pair in pairs for cell in self._cells[pair]]
        incidents = {one.id: one for pair in pairs for one in self._incidents[pair]}.values()
        gaps = list(dict.fromkeys(one for pair in pairs for one in self._gaps[pair]))
        heard = any(cell.heard for cell in cells)
        return leaf(name, cells, incidents, gaps, self._policy, self._moment, itself=heard)

    def _whole(
        self,
        name: str,
        parts: Sequence[tuple[str, int, Losses]],
        incidents: Sequence[OpenIncident],
        gaps: Sequence[Gap],
    ) -> Losses:
        """A scope of parts, and what it lost that belongs to none of them."""
        policy = self._policy
        below = sum(losses.coverage * losses.declared for _, _, losses in parts)
        declared = sum(losses.declared for _, _, losses in parts)
        coverage = below * view(gaps, policy) // (declared * ALL) if declared else 0
        happened = blended([Part(one, weight, losses.risk) for one, weight, losses in parts], policy.worst)
        unseen = blended([Part(one, weight, losses.blind) for one, weight, losses in parts], policy.worst)
        unplaced = risk(incidents, policy, self._moment, policy.unplaced)
        return Losses(
            bounded((*happened, *unplaced), WHOLE, "cap-all", name),
            floored((*unseen, *blindness(gaps, policy)), coverage, policy, name),
            declared,
            sum(losses.seen for _, _, losses in parts),
            coverage,
        )

    def _tenants(self) -> Iterable[Standing]:
        cells = _grouped((cell.space, cell) for cell in self._facts.cells)
        incidents = _by_touch(self._facts.incidents, lambda touch: touch.space)
        gaps = _by_touch(self._facts.gaps, lambda touch: touch.space)
        for name, heard in sorted(self._facts.tenants):
            losses = leaf(name, cells[name], incidents[name], gaps[name], self._policy, self._moment, itself=heard)
            yield self._standing(Scope("tenant", name), losses)

    def _sectors(self) -> Iterable[Standing]:
        """Sectors of critical infrastructure: their parts are units, with what is critical of them alone."""
        cells = _grouped(((cell.sector, cell.unit), cell) for cell in self._facts.cells if cell.sector)
        incidents = _by_touch(self._facts.incidents, lambda touch: (touch.sector, touch.unit))
        gaps = _by_touch(self._facts.gaps, lambda touch: (touch.sector, touch.unit))
        units = _grouped((sector, unit) for sector, unit in sorted(cells))
        for name, own in sorted(units.items()):
            parts = []
            for unit in own:
                where = cells[name, unit]
                heard = any(cell.heard for cell in where) if unit else None
                losses = leaf(
                    unit or NOWHERE, where, incidents[name, unit], gaps[name, unit], self._policy, self._moment,
                    itself=heard,
                )  # fmt: skip
                parts.append((unit or NOWHERE, self._weight(where), losses))
            known = {(name, unit) for unit in own}
            elsewhere = {
                one.id: one
                for key, of in incidents.items() if key[0] == name and key not in known
                for one in of
            }  # fmt: skip
            losses = self._whole(name, parts, list(elsewhere.values()), ())
            yield self._standing(Scope("sector", name), losses, tuple(Scope("unit", unit) for unit in own if unit))

    def _weight(self, cells: Sequence[Cell]) -> int:
        grade = max((cell.grade for cell in cells), default=0)
        return self._policy.weight(grade, cii=any(cell.cii for cell in cells))

    def _standing(self, scope: Scope, losses: Losses, parts: tuple[Scope, ...] = ()) -> Standing:
        """A scope with its score: both kinds of losses together, and all that can be lost at most."""
        items = bounded((*losses.risk, *losses.blind), WHOLE, "cap-sum", scope.name)
        items = tuple(sorted((one for one in items if one.points), key=_largest_first))
        points = WHOLE - sum(item.points for item in items)
        confidence = self._policy.confidence_of(losses.coverage).name
        grade = "not-seen" if confidence == "none" else self._policy.band(points)
        return Standing(
            scope, points, grade, losses.coverage, confidence, losses.declared, losses.seen, items, parts
        )  # fmt: skip


def _largest_first(item: Item) -> tuple[int, tuple[str, str, str]]:
    return -item.points, item.key


def _grouped(pairs: Iterable[tuple[_Name, _Value]]) -> defaultdict[_Name, list[_Value]]:
    found: defaultdict[_Name, list[_Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _placed(
    facts: Iterable[_Fact], where: Callable[[Sequence[Touch]], Iterable[_Place]]
) -> Mapping[_Place, list[_Fact]]:
    """Incidents or gaps by the places where they count."""
    return _grouped((place, one) for one in facts for place in where(one.touches))


def _by_touch(facts: Iterable[_Fact], key: Callable[[Touch], _Name]) -> Mapping[_Name, list[_Fact]]:
    """Incidents or gaps by something that they touch, each once."""
    return _grouped((name, one) for one in facts for name in {key(touch) for touch in one.touches})

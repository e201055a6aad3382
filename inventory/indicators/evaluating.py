"""The yearly evaluation (考核评估): points of 100 for the city, a district or a unit, and what took each lost one.

Points are whole numbers of 1/10,000, so that the items of a scope are exactly what it lost.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from inventory.indicators.computing import Indicators
from inventory.indicators.judging import exact, met
from inventory.indicators.model import Answer, Measured, Scope, Target
from inventory.indicators.view import NOW, Kind
from inventory.indicators.weights import Weights

POINT: Final = 10_000
FULL: Final = 100 * POINT


@dataclass(frozen=True, slots=True)
class Lost:
    """Points that something took of an indicator.

    Attributes:
        number: the indicator's number in the plan.
        code: why: `short-no` and `short-unknown` are records of the denominator, by what they answer; `short` a value
            below its target; `no-data`, `missed-binding`, `stale`, and doubts about a report.
        points: 1/10,000 of a point.
        count: how many records, where it is records.
    """

    number: int
    code: str
    points: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """What one indicator gave: of how many points, how many were lost by what."""

    measured: Measured
    target: Target
    reached: Answer
    most: int
    lost: tuple[Lost, ...]

    @property
    def points(self) -> int:
        """What is left."""
        return self.most - sum(one.points for one in self.lost)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a scope did in a year; what it is not measured by is not in it."""

    scope: Scope
    day: str
    scored: tuple[Scored, ...]

    @property
    def score(self) -> int:
        """Its points, of 1,000,000."""
        return sum(one.points for one in self.scored)

    @property
    def lost(self) -> list[Lost]:
        """Every lost point, those that took most first."""
        items = [item for one in self.scored for item in one.lost]
        return sorted(items, key=lambda one: (-one.points, one.number, one.code))


def evaluate(
    indicators: Indicators, weights: Weights, day: str, recorded: int = NOW, kind: Kind = "city"
) -> list[Evaluation]:
    """The evaluation of the city, or of each district or unit of which anything is known, the worst first."""
    found: dict[Scope, list[Measured]] = {}
    for one in indicators.measure(day, recorded, kind=kind):
        # A part of the city is measured by what it has a share in; the city by everything that the plan names.
        if kind == "city" or one.source != "none":
            found.setdefault(one.scope, []).append(one)
    made = [evaluation(scope, day, some, weights) for scope, some in found.items()]
    return sorted(made, key=lambda one: (one.score, one.scope.id))


def evaluation(scope: Scope, day: str, measured: Sequence[Measured], weights: Weights) -> Evaluation:
    """The evaluation of one scope by these indicators."""
    shares = _shared(FULL, [weights.weight(one.indicator) for one in measured])
    return Evaluation(
        scope, day, tuple(_scored(one, most, day, weights) for one, most in zip(measured, shares, strict=True))
    )


def _scored(one: Measured, most: int, day: str, weights: Weights) -> Scored:
    target = one.indicator.target_on(day)
    if one.value is None:
        return Scored(one, target, "unknown", most, _items(one, [("no-data", most, 0)]))
    value = _least(one)
    at_most = float("inf") if one.at_most is None else exact(one.at_most)
    reached = met(target, value, at_most)
    items = list(_lost(one, target, reached, most, weights))
    return Scored(one, target, reached, most, _items(one, items))


def _lost(
    one: Measured, target: Target, reached: Answer, most: int, weights: Weights
) -> Iterator[tuple[str, int, int]]:
    left = most
    if reached != "yes":
        share = min(_share(_least(one), target), Fraction(weights.just_missed, 100))
        short = most - int(most * share)
        yield from _short(one, short)
        left -= short
        if one.indicator.kind == "binding":
            cost = left * weights.missed_binding // 100
            yield "missed-binding", cost, 0
            left -= cost
    if one.source == "reported" and one.entered is not None:
        prices = [("stale", weights.stale)] if one.entered.stale else []
        for code, price in [*prices, *((doubt, weights.doubts[doubt]) for doubt in one.entered.doubts)]:
            cost = left * price // 100
            yield code, cost, 0
            left -= cost


def _short(one: Measured, short: int) -> Iterator[tuple[str, int, int]]:
    tally = one.tally
    if one.source != "computed" or tally is None or one.denominator is None or not tally.no + tally.unknown:
        yield "short", short, 0
        return
    by_unknown = short * tally.unknown // (tally.no + tally.unknown)
    yield "short-no", short - by_unknown, tally.no
    yield "short-unknown", by_unknown, tally.unknown


def _least(one: Measured) -> Fraction:
    """Its value as it was counted, not as it is shown."""
    if one.source == "computed" and one.numerator is not None and one.denominator:
        return Fraction(int(100 * one.numerator), int(one.denominator))
    return exact(one.value or 0.0)


def _share(value: Fraction, target: Target) -> Fraction:
    """How much of a target is reached, between 0 and 1."""
    wanted = exact(target.value)
    if target.comparator in {"<", "<="}:
        found = wanted / value if value > 0 else Fraction(1)
    else:
        found = value / wanted if wanted > 0 else Fraction(1)
    return min(Fraction(1), max(Fraction(0), found))


def _items(one: Measured, found: Iterable[tuple[str, int, int]]) -> tuple[Lost, ...]:
    return tuple(Lost(one.indicator.number, code, points, count) for code, points, count in found if points)


def _shared(whole: int, weights: Sequence[int]) -> list[int]:
    """A whole in parts by weights, none of it lost to rounding: the remainder goes to the first ones, one each."""
    total = sum(weights)
    if not total:
        # Nothing weighs anything: all weigh the same.
        return _shared(whole, [1] * len(weights)) if weights else []
    parts = [whole * one // total for one in weights]
    for place in range(whole - sum(parts)):
        parts[place] += 1
    return parts

"""How an indicator went: its value at the end of every month, or on the days of which something was reported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from inventory.days import end_of
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.judging import bounds
from inventory.indicators.model import CITY, Indicator, Plan, Tally
from inventory.indicators.ports import Columns
from inventory.indicators.reporting import exclusions
from inventory.indicators.tallying import tally_at
from inventory.indicators.view import NOW, View
from inventory.model import Moment


@dataclass(frozen=True, slots=True)
class Point:
    """What an indicator was on a day; of reported ones the numerator and denominator as they were reported.

    `observed`: whether that day brought something of its own, instead of the last report once more.
    """

    day: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    observed: bool = True


def month_ends(first: str, last: str) -> list[str]:
    """The last days of all months from the one of `first` on, and `last` itself at the end."""
    ends = [one.end_time.date().isoformat() for one in pd.period_range(first, last, freq="M")]
    return [*(day for day in ends if day < last), last]


def series(known: Columns, plan: Plan, indicator: Indicator, last: str, recorded: int = NOW) -> list[Point]:
    """An indicator by month from the day before the plan begins to a day; what is not known has no value.

    Computed where a register knows anything in any month, else made of reports.
    """
    begins = (date.fromisoformat(plan.begins) - timedelta(days=1)).isoformat()
    days = month_ends(min(begins, last), last)
    computed = list(_computed(known, indicator, days, recorded)) if indicator.formula else []
    if any(one.value is not None for one in computed):
        return computed
    return list(_reported(View(known, plan, last, recorded), indicator, days))


def _computed(known: Columns, indicator: Indicator, days: list[str], recorded: int) -> Iterator[Point]:
    formula = FORMULAS[indicator.formula]
    for day in days:
        moment = Moment(end_of(day) - 1, recorded)
        own = [one for one in exclusions(known, moment) if one.indicator == indicator.entered_as]
        found = tally_at(known, formula, moment, day, own)
        yield _point(day, found, summed=bool(formula.amount))


def _point(day: str, found: Tally, *, summed: bool) -> Point:
    least = bounds(found, summed=summed)
    if least is None or not (found.yes or (found.no and not summed)):
        return Point(day, None)
    numerator, denominator = (found.amount, None) if summed else (float(found.yes), float(found.denominator))
    return Point(day, float(least[0]), numerator, denominator, found.unknown)


def _reported(view: View, indicator: Indicator, days: list[str]) -> Iterator[Point]:
    said = {one.day: one for one in view.reports.get((indicator.entered_as, CITY), ())}
    for before, day in zip(["", *days], days, strict=False):
        fitting = [one for one in said if one <= day]
        if not fitting:
            yield Point(day, None, observed=False)
            continue
        one = said[max(fitting)]
        yield Point(day, one.value, one.numerator, one.denominator, observed=one.day > before)

"""Where an indicator is heading: a straight line through its last observations, and the range around it.

Least squares over the observations of the last 24 months (of what is reported once a year, over the last six), with the
prediction interval of 95 % of the linear model with normal errors (Draper and Smith, Applied Regression Analysis,
chapter 1). It says what follows if things go on as they did, no more; with fewer than six observations, or less than
half a year, it says nothing.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from inventory.indicators.model import Indicator
from inventory.indicators.series import Point

METHOD: Final = "linear-24-months-95"
LEAST: Final = 6
_LEAST_DAYS: Final = 180
_WINDOW: Final = 731
_AHEAD: Final = 12
"""Months that are forecast."""
_FARTHEST: Final = 3_653
"""Days within which reaching a target is looked for: ten years."""
_COVERAGE: Final = 0.95
_COMPARE: Final = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
Silence: TypeAlias = Literal["too-few", "too-short"]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is expected on a day: the middle, and the range in which 95 of 100 such observations would lie."""

    day: str
    value: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where an indicator is heading, or why nothing is said.

    Attributes:
        observations: how many it is made of, and of which time.
        per_year: how much it changes in a year.
        ahead: the ends of the next twelve months, and the target's day where that lies ahead.
        already: whether the target is reached as of the last observation; then nothing is said of when.
        reached: when the line reaches the target; None for not within ten years.
        earliest, latest: when the best and the worst end of the range reach it.
        silent: why there is none.
    """

    observations: int
    since: str = ""
    until: str = ""
    per_year: float = 0.0
    ahead: tuple[Ahead, ...] = ()
    already: bool = False
    reached: str | None = None
    earliest: str | None = None
    latest: str | None = None
    silent: Silence | None = None


def forecast(points: Sequence[Point], indicator: Indicator) -> Forecast:
    """What follows from what was observed; the last point says as of when."""
    observed = pd.Series({pd.Timestamp(one.day): one.value for one in points if one.observed and one.value is not None})
    if len(observed):
        observed = observed.astype(float).sort_index()
        recent = observed[observed.index >= observed.index[-1] - pd.Timedelta(days=_WINDOW)]
        observed = recent if len(recent) >= LEAST else observed[-LEAST:]
    if len(observed) < LEAST:
        return Forecast(len(observed), silent="too-few")
    if (observed.index[-1] - observed.index[0]).days < _LEAST_DAYS:
        return Forecast(len(observed), silent="too-short")
    line = _Line(observed, share=indicator.is_share)
    last = date.fromisoformat(points[-1].day)
    months = pd.period_range(pd.Period(last, freq="M") + 1, periods=_AHEAD, freq="M")
    days = {one.end_time.date() for one in months}
    if (target := date.fromisoformat(indicator.target.day)) > last:
        days.add(target)
    made = Forecast(
        len(observed), str(observed.index[0].date()), str(observed.index[-1].date()), line.slope * 365.25,
        tuple(line.at(day) for day in sorted(days)),
    )  # fmt: skip
    if _COMPARE[indicator.target.comparator](float(observed.iloc[-1]), indicator.target.value):
        return replace(made, already=True)
    falls = indicator.target.comparator in {"<", "<="}
    return replace(
        made,
        reached=line.first(last, indicator, "value"),
        earliest=line.first(last, indicator, "least" if falls else "most"),
        latest=line.first(last, indicator, "most" if falls else "least"),
    )


class _Line:
    """A line of least squares through observations, over days since the last one."""

    def __init__(self, observed: "pd.Series[float]", *, share: bool) -> None:
        self._origin = observed.index[-1].date()
        self._share = share
        x = np.array([(one.date() - self._origin).days for one in observed.index], dtype=float)
        y = observed.to_numpy(dtype=float)
        self._middle, self._count = float(x.mean()), len(x)
        self._spread = float(((x - self._middle) ** 2).sum())
        self.slope = float(((x - self._middle) * (y - y.mean())).sum()) / self._spread
        self._level = float(y.mean())
        left = y - (self._level + self.slope * (x - self._middle))
        self._error = sqrt(float((left**2).sum()) / (self._count - 2))
        self._t = student(_COVERAGE, self._count - 2)

    def at(self, day: date) -> Ahead:
        """What is expected on a day."""
        x = (day - self._origin).days - self._middle
        value = self._level + self.slope * x
        range_ = float(self._range(x))
        low, middle, high = (self._clipped(one) for one in (value - range_, value, value + range_))
        return Ahead(day.isoformat(), middle, low, high)

    def first(self, after: date, indicator: Indicator, part: Literal["value", "least", "most"]) -> str | None:
        """The first day after one on which this end of the range reaches the target."""
        days = np.arange(1, _FARTHEST, dtype=float)
        x = days + (after - self._origin).days - self._middle
        side = {"value": 0.0, "least": -1.0, "most": 1.0}[part]
        values = self._level + self.slope * x + side * self._range(x)
        values = np.clip(values, 0.0, 100.0 if self._share else None)
        # A hair of rounding must not turn "reached" into "never": nine digits are more than anybody reports.
        reached = np.flatnonzero(_COMPARE[indicator.target.comparator](values.round(9), indicator.target.value))
        return (after + timedelta(days=int(days[reached[0]]))).isoformat() if reached.size else None

    def _range(self, x: Any) -> Any:
        """Half of the interval at a distance from the middle of what was observed."""
        return self._t * self._error * np.sqrt(1 + 1 / self._count + x * x / self._spread)

    def _clipped(self, value: float) -> float:
        return min(100.0, max(0.0, value)) if self._share else max(0.0, value)


def student(coverage: float, degrees: int) -> float:
    """The two-sided quantile of Student's t, by the expansion of Cornish and Fisher.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5; exact to 0.01 from four degrees of freedom on.
    """
    x, n = NormalDist().inv_cdf((1 + coverage) / 2), degrees
    return (
        x
        + (x**3 + x) / (4 * n)
        + (5 * x**5 + 16 * x**3 + 3 * x) / (96 * n**2)
        + (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / (384 * n**3)
        + (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / (92_160 * n**4)
    )

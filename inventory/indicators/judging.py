"""Whether a target is reached, and how it stands once its day has passed.

What is not known is never guessed: a target is reached where it would be even if all of it were against, missed where
it would be even if all of it were in favour, and else nobody knows.
"""

import operator
from collections.abc import Callable
from fractions import Fraction
from math import inf
from typing import Final

from inventory.indicators.model import Answer, Comparator, Standing, Tally, Target

_COMPARE: Final[dict[Comparator, Callable[[Fraction | float, Fraction], bool]]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def exact(value: float) -> Fraction:
    """A number as people wrote it: 99.9 is 999/10 and not what a computer makes of it."""
    return Fraction(str(value))


def bounds(tally: Tally, *, summed: bool) -> tuple[Fraction, Fraction | float] | None:
    """What a rate (percent) or a sum is at least, and at most; None for a rate of nothing."""
    if summed:
        least = exact(tally.amount)
        return least, inf if tally.unknown else least
    if not tally.denominator:
        return None
    return (
        Fraction(100 * tally.yes, tally.denominator),
        Fraction(100 * (tally.yes + tally.unknown), tally.denominator),
    )


def met(target: Target, least: Fraction | float, most: Fraction | float) -> Answer:
    """Whether a value between these bounds reaches a target."""
    compare, wanted = _COMPARE[target.comparator], exact(target.value)
    found = {compare(least, wanted), compare(most, wanted)}
    if len(found) > 1:
        return "unknown"
    return "yes" if found == {True} else "no"


def standing(target: Target, day: str, on_its_day: Answer | None) -> Standing:
    """How a target stands as of a day; `on_its_day`: whether it was reached on its own, None without data."""
    if day <= target.day:
        return "ahead"
    if on_its_day is None:
        return "without-data"
    return {"yes": "met", "no": "missed", "unknown": "not-known"}[on_its_day]  # type: ignore[return-value]

from fractions import Fraction
from math import inf

import pytest

from inventory.indicators.judging import bounds, exact, met, standing
from inventory.indicators.model import Comparator, Tally, Target


def target(comparator: Comparator, value: float) -> Target:
    return Target(value, comparator, "2025-12-31")


@pytest.mark.parametrize(
    ("comparator", "least", "most", "wanted"),
    [
        (">=", 90, 90, "yes"), (">=", 89, 90, "unknown"), (">=", 88, 89, "no"), (">", 90, 90, "no"),
        (">", 90, 91, "unknown"), ("<=", 90, 90, "yes"), ("<=", 89, 91, "unknown"), ("<", 90, 99, "no"),
        (">=", 0, inf, "unknown"), (">=", 91, inf, "yes"),
    ],
)  # fmt: skip
def test_a_target_is_reached_only_where_nothing_unknown_can_change_it(
    comparator: Comparator, least: float, most: float, wanted: str
) -> None:
    assert met(target(comparator, 90.0), Fraction(least), most) == wanted


def test_a_share_of_999_in_1000_reaches_99_point_9() -> None:
    share = bounds(Tally(yes=999, no=1), summed=False)
    assert share is not None
    assert met(target(">=", 99.9), *share) == "yes"
    assert float(share[0]) >= 0.999 * 100 - 1e-9
    assert exact(99.9) == Fraction(999, 10)


def test_a_rate_of_nothing_has_no_value_and_a_sum_of_nothing_is_nothing() -> None:
    assert bounds(Tally(outside=3), summed=False) is None
    assert bounds(Tally(outside=3), summed=True) == (0, 0)
    assert bounds(Tally(unknown=1), summed=True) == (0, inf)


@pytest.mark.parametrize(
    ("day", "answer", "wanted"),
    [
        ("2025-12-31", "no", "ahead"), ("2026-01-01", "no", "missed"), ("2026-01-01", "yes", "met"),
        ("2026-01-01", "unknown", "not-known"), ("2026-01-01", None, "without-data"),
    ],
)  # fmt: skip
def test_a_target_whose_day_has_passed_says_so(day: str, answer: str | None, wanted: str) -> None:
    assert standing(target(">=", 90.0), day, answer) == wanted  # type: ignore[arg-type]

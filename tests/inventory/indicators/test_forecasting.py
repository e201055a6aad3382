from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.indicators.forecasting import Forecast, forecast, student
from inventory.indicators.series import Point, month_ends
from tests.inventory.indicators.cities import indicator

MONTHS = month_ends("2024-12-01", "2026-11-30")


def line(start: float, step: float, count: int = 24) -> list[Point]:
    return [Point(day, start + step * number) for number, day in enumerate(MONTHS[:count])]


@pytest.mark.parametrize(("degrees", "wanted"), [(4, 2.776), (5, 2.571), (10, 2.228), (22, 2.074), (120, 1.980)])
def test_students_quantile_is_that_of_the_tables(degrees: int, wanted: float) -> None:
    assert student(0.95, degrees) == pytest.approx(wanted, abs=0.002)


def test_a_straight_way_goes_on_straight_and_reaches_its_target() -> None:
    days = [date(2026, 1, 1) + timedelta(days=10 * number) for number in range(24)]
    points = [Point(day.isoformat(), 50.0 + number) for number, day in enumerate(days)]
    found = forecast(points, indicator(6))
    assert found.per_year == pytest.approx(36.525)
    assert found.reached == (days[0] + timedelta(days=400)).isoformat(), "90 % from 50 %, a point every ten days"
    assert found.earliest == found.reached == found.latest, "what lies on the line leaves no range"
    assert found.ahead[-1].value == 100.0, "a share is never more than all"
    assert [one.day for one in found.ahead][:2] == ["2026-09-30", "2026-10-31"]


def test_ninety_five_of_a_hundred_come_to_lie_in_the_range() -> None:
    within = 0
    for seed in range(400):
        random = Random(seed)
        points = [Point(day, 300 + 2 * number + random.gauss(0, 10)) for number, day in enumerate(MONTHS)]
        (next_, *_) = forecast(points, indicator(1)).ahead
        within += next_.least <= 300 + 2 * len(MONTHS) + random.gauss(0, 10) <= next_.most
    assert 365 <= within <= 395


@given(values=st.lists(st.floats(0, 100), min_size=6, max_size=24))
def test_a_range_holds_its_middle_and_widens(values: list[float]) -> None:
    points = [Point(day, value) for day, value in zip(MONTHS, values, strict=False)]
    found = forecast([*points, *([Point("2025-07-15", 50.0)] if len(points) < 8 else [])], indicator(6))
    assert found.silent is None
    for one in found.ahead:
        assert 0 <= one.least <= one.value <= one.most <= 100
    days = [one for one in (found.earliest, found.reached, found.latest) if one]
    assert days == sorted(days)


def test_what_is_reached_already_has_no_day_on_which_it_will_be() -> None:
    found = forecast(line(90, -0.001), indicator(6))
    assert (found.already, found.reached) == (False, None)
    found = forecast(line(80, 1), indicator(6))
    assert (found.already, found.reached, found.earliest, found.latest) == (True, None, None, None)


def test_too_little_gives_no_forecast() -> None:
    assert forecast(line(1, 1, 5), indicator(1)) == Forecast(5, silent="too-few")
    assert forecast([], indicator(1)) == Forecast(0, silent="too-few")
    days = [Point(f"2026-01-{day:02d}", float(day)) for day in range(1, 29)]
    assert forecast(days, indicator(1)).silent == "too-short"


def test_what_was_carried_along_or_not_known_is_no_observation() -> None:
    points = [*line(1, 1, 5), Point("2026-01-31", None), Point("2026-02-28", 9.0, observed=False)]
    assert forecast(points, indicator(1)).silent == "too-few"


def test_yearly_reports_are_enough_once_there_are_six() -> None:
    points = [Point(f"{year}-12-31", float(year - 2000)) for year in range(2020, 2026)]
    found = forecast(points, indicator(1))
    assert (found.silent, found.observations) == (None, 6)
    assert found.per_year == pytest.approx(1.0, abs=0.01)

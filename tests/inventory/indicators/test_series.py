from inventory.indicators.replaying import Replay
from inventory.indicators.series import month_ends, series
from inventory.indicators.view import NOW
from tests.inventory.indicators.cities import PLAN, City, indicator, report, system


def test_months_end_on_their_last_days_and_the_last_one_where_it_is_asked() -> None:
    assert month_ends("2023-12-31", "2024-03-15") == ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-15"]
    assert month_ends("2024-01-31", "2024-01-31") == ["2024-01-31"]


def test_a_computed_series_says_what_was_so_in_every_month(city: City) -> None:
    city.write(systems=[system(1, hosting="own_room"), system(1, "2024-03-10", hosting="city_cloud"), system(2)])
    found = series(Replay(city.engine, NOW), PLAN, indicator(6), "2024-04-30")
    assert found[0].day == "2020-12-31"
    assert [(one.day, one.value, one.unknown) for one in found[-5:]] == [
        ("2023-12-31", None, 0), ("2024-01-31", 0.0, 1), ("2024-02-29", 0.0, 1), ("2024-03-31", 50.0, 1),
        ("2024-04-30", 50.0, 1),
    ]  # fmt: skip


def test_a_reported_series_carries_the_last_report_along_and_says_which_month_brought_one(city: City) -> None:
    city.write(indicator_values=[report(3, "2024-01-15", 70.0), report(3, "2024-03-31", 80.0)])
    found = series(city.inventory, PLAN, indicator(3), "2024-04-30")
    assert [(one.day, one.value, one.observed) for one in found[-5:]] == [
        ("2023-12-31", None, False), ("2024-01-31", 70.0, True), ("2024-02-29", 70.0, False),
        ("2024-03-31", 80.0, True), ("2024-04-30", 80.0, False),
    ]  # fmt: skip


def test_where_the_registers_never_know_reports_make_the_series(city: City) -> None:
    city.write(systems=[system(1)], indicator_values=[report(6, "2024-01-15", 70.0)])
    assert series(city.inventory, PLAN, indicator(6), "2024-02-29")[-1].value == 70.0

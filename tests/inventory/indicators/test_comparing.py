from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.indicators.comparing import total, why
from inventory.indicators.computing import Indicators
from inventory.model import Change
from tests.inventory.indicators.cities import DAYS, PLAN, City, exclusion, histories, indicator, record, system, told


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), days=st.lists(st.sampled_from(DAYS), min_size=2, max_size=2))
def test_changes_add_up_to_the_difference(cities: Callable[[], City], history: Any, days: list[str]) -> None:
    city = cities()
    told(city, history)
    since, day = sorted(days)
    found = why(Indicators(city.inventory, PLAN), indicator(6), since, day)
    for before, after, changes in (
        (found.then, found.then_now, found.corrected), (found.then_now, found.now, found.changed),
    ):  # fmt: skip
        assert before.tally is not None
        assert after.tally is not None
        assert total(changes) == (
            after.tally.yes - before.tally.yes, after.tally.denominator - before.tally.denominator,
        )  # fmt: skip


def test_every_way_in_which_a_record_changes_has_its_name(city: City) -> None:
    city.write(
        systems=[
            system(1, hosting="city_cloud"), system(2, hosting="own_room"), system(3), system(4, hosting="city_cloud"),
            system(5, hosting="own_room"), system(6, hosting="own_room"), system(8, hosting="city_cloud"),
        ],
        exclusions=[
            exclusion("X5", "S5", approved_on="2025-06-01"),
            exclusion("X6", "S6", approved_on="2024-01-01", expires_on="2025-01-31"),
        ],
    )  # fmt: skip
    city.write(
        "2025-05-01",
        systems=[
            system(1, "2025-03-01", hosting="own_room"), system(2, "2025-03-01", hosting="city_cloud"),
            system(3, "2025-03-01", hosting="city_cloud"), system(7, "2025-03-01", hosting="city_cloud"),
            Change(record("a", 4), {"state": "retired"}, valid_from=system(4, "2025-03-01").valid_from),
            Change(record("a", 8), {"hosting": None}, valid_from=system(8, "2025-03-01").valid_from),
        ],
    )  # fmt: skip
    found = why(Indicators(city.inventory, PLAN), indicator(6), "2025-01-15", "2025-07-01")
    assert found.corrected == []
    assert {one.key: (one.kind, one.numerator, one.denominator) for one in found.changed} == {
        "S1": ("yes-to-no", -1, 0), "S2": ("no-to-yes", 1, 0), "S3": ("answered", 1, 0), "S4": ("left", -1, -1),
        "S5": ("excluded", 0, -1), "S6": ("exclusion-ended", 0, 1), "S7": ("entered", 1, 1),
        "S8": ("no-answer", -1, 0),
    }  # fmt: skip


def test_what_was_learned_later_is_told_apart_from_what_changed(city: City) -> None:
    city.write(systems=[system(1, hosting="own_room"), system(2, hosting="own_room")])
    city.write("2025-04-01", systems=[system(1, "2024-06-01", hosting="city_cloud")])
    city.write("2025-05-01", systems=[system(2, "2025-05-01", hosting="city_cloud")])
    found = why(Indicators(city.inventory, PLAN), indicator(6), "2025-01-01", "2025-06-01")
    assert [one.value for one in (found.then, found.then_now, found.now)] == [0.0, 50.0, 100.0]
    assert [(one.key, one.kind) for one in found.corrected] == [("S1", "no-to-yes")]
    assert [(one.key, one.kind) for one in found.changed] == [("S2", "no-to-yes")]

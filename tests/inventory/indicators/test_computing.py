from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.days import begin_of, end_of
from inventory.indicators.computing import Indicators
from inventory.indicators.counting import tally
from inventory.indicators.model import CITY, Measured, Scope, Tally
from inventory.indicators.view import NOW
from inventory.model import Change
from tests.inventory.indicators.cities import (
    DAYS,
    PLAN,
    City,
    exclusion,
    histories,
    indicator,
    record,
    report,
    system,
    told,
)

CLOUD = indicator(6)
PROPERTY = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one(city: City, number: int, day: str, recorded: int = NOW) -> Measured:
    (found,) = Indicators(city.inventory, PLAN).measure(day, recorded, wanted=(indicator(number),))
    return found


def naive(city: City, register: str, moment: int, recorded: int) -> dict[str, dict[str, Any]]:
    """What every record was at a moment, by going through everything that was ever said about it."""
    found: dict[str, dict[str, Any]] = {}
    for at, changes in sorted(city.batches, key=lambda batch: batch[0]):
        for change in changes.get(register, ()):
            if at > recorded or not change.valid_from <= moment < change.valid_to:
                continue
            if change.gone:
                found.pop(change.id, None)
            else:
                before = found.get(change.id, {})
                found[change.id] = {k: v for k, v in {**before, **change.values}.items() if v is not None}
    return found


def naive_cloud_rate(city: City, day: str, recorded: int) -> dict[str, int]:
    """Indicator 6 by its words, said another way than the product does."""
    moment = end_of(day) - 1
    out = {
        said["record"]
        for said in naive(city, "exclusions", moment, recorded).values()
        if said["indicator"] == 6 and "approved_by" in said and said["approved_on"] <= day <= said["expires_on"]
    }
    counts = {"yes": 0, "no": 0, "unknown": 0, "outside": 0, "excluded": 0}
    for said in naive(city, "systems", moment, recorded).values():
        clouds = said.get("hosting", "").endswith("_cloud")
        migrated = said.get("migration") == "migrated"
        if said.get("classified") or said.get("state", "running") != "running":
            what = "outside"
        elif said["code"] in out:
            what = "excluded"
        elif "classified" not in said or "state" not in said:
            what = "unknown"
        elif clouds or ("hosting" not in said and migrated):
            what = "yes"
        else:
            what = "no" if said.get("hosting") == "own_room" and not migrated else "unknown"
        counts[what] += 1
    return counts


@PROPERTY
@given(history=histories(), day=st.sampled_from(DAYS), known=st.sampled_from((*DAYS, None)))
def test_any_day_as_known_at_any_moment_is_what_a_naive_reading_of_the_history_gives(
    cities: Callable[[], City], history: Any, day: str, known: str | None
) -> None:
    city = cities()
    told(city, history)
    recorded = NOW if known is None else begin_of(known)
    found = one(city, 6, day, recorded)
    wanted = naive_cloud_rate(city, day, recorded)
    assert found.tally == Tally(**wanted, amount=float(wanted["yes"]))
    below = wanted["yes"] + wanted["no"] + wanted["unknown"]
    if below:
        assert found.value == 100 * wanted["yes"] / below
        assert found.at_most == 100 * (wanted["yes"] + wanted["unknown"]) / below
    else:
        assert found.value is None


@PROPERTY
@given(history=histories(), day=st.sampled_from(DAYS))
def test_districts_and_units_add_up_to_the_city(cities: Callable[[], City], history: Any, day: str) -> None:
    city = cities()
    told(city, history)
    whole = one(city, 6, day)
    assert whole.tally is not None
    for kind in ("district", "unit"):
        parts = Indicators(city.inventory, PLAN).measure(day, wanted=(CLOUD,), kind=kind)  # type: ignore[arg-type]
        tallies = [part.tally for part in parts if part.tally is not None]
        for name in ("yes", "no", "unknown", "outside", "excluded", "amount"):
            assert sum(getattr(each, name) for each in tallies) == getattr(whole.tally, name), (kind, name)
        assert all(part.scope.kind == kind for part in parts)
        assert sum(len(part.records) for part in parts) == len(whole.records)
        assert all(tally(part.records) == part.tally for part in parts)


def test_every_indicator_of_the_plan_has_a_line_whatever_is_known(city: City) -> None:
    found = Indicators(city.inventory, PLAN).measure("2026-11-30")
    assert [each.indicator.number for each in found] == list(range(1, 33))
    assert {(each.source, each.value, each.met, each.standing) for each in found} == {
        ("none", None, "unknown", "without-data")
    }


def test_a_target_whose_day_has_passed_is_told_by_what_was_so_on_that_day(city: City) -> None:
    city.write(
        systems=[
            system(1, hosting="own_room"),
            system(1, "2026-01-15", hosting="city_cloud"),
        ],
        indicator_values=[
            report(1, "2025-06-30", 60_000.0), report(1, "2026-06-30", 40_000.0),
            report(3, "2026-02-01", 99.0), report(7, "2025-11-01", 499.5),
        ],
    )  # fmt: skip
    late = one(city, 6, "2026-11-30")
    assert (late.value, late.met, late.standing) == (100.0, "yes", "missed")
    assert one(city, 6, "2025-12-31").standing == "ahead"
    stations = one(city, 1, "2026-11-30")
    assert (stations.met, stations.standing) == ("no", "met")
    assert one(city, 3, "2026-11-30").standing == "without-data"
    assert one(city, 7, "2026-11-30").standing == "missed"


def test_what_is_not_known_leaves_a_target_open_only_where_it_matters(city: City) -> None:
    nine = [system(number, hosting="city_cloud") for number in range(9)]
    city.write(systems=[*nine, system(9)])
    assert (one(city, 6, "2025-06-01").value, one(city, 6, "2025-06-01").met) == (90.0, "yes")
    city.write(systems=[system(8, hosting="own_room")])
    found = one(city, 6, "2025-06-01")
    assert (found.value, found.at_most, found.met) == (80.0, 90.0, "unknown")
    city.write(systems=[system(7, hosting="own_room")])
    assert one(city, 6, "2025-06-01").met == "no"


def test_registers_win_over_reports_only_where_they_know(city: City) -> None:
    city.write(indicator_values=[report(6, "2025-03-01", 77.0, numerator=77.0, denominator=100.0)])
    assert (one(city, 6, "2025-06-01").source, one(city, 6, "2025-06-01").value) == ("reported", 77.0)
    city.write(systems=[system(1)])
    assert one(city, 6, "2025-06-01").source == "reported", "of the only system nobody knows where it runs"
    city.write(systems=[system(1, hosting="city_cloud")])
    found = one(city, 6, "2025-06-01")
    assert (found.source, found.value, found.numerator, found.denominator) == ("computed", 100.0, 1, 1)
    assert found.entered is not None, "what was reported is shown beside it"


def test_computing_power_is_added_up_and_is_a_lower_bound_where_some_is_not_said(city: City) -> None:
    def centre(number: int, **more: Any) -> Change:
        return Change(record("f", number), {"code": f"D{number}", "name": f"合成中心{number}"} | more)

    city.write(data_centres=[centre(1, computing_power=0.1), centre(2, computing_power=0.2), centre(3)])
    found = one(city, 2, "2025-06-01")
    assert (found.value, found.at_most, found.denominator, found.met) == (0.30000000000000004, None, None, "unknown")
    city.write(data_centres=[centre(3, computing_power=499.7)])
    assert one(city, 2, "2025-06-01").met == "yes"


def test_a_data_centre_is_where_it_says_and_else_where_its_unit_is(city: City) -> None:
    city.write(
        data_centres=[
            Change(record("f", 1), {"code": "D1", "name": "合成一", "computing_power": 1.0, "unit": record("e", 0)}),
            Change(
                record("f", 2),
                {
                    "code": "D2", "name": "合成二", "computing_power": 2.0, "unit": record("e", 0),
                    "district": record("d", 1),
                },
            ),
            Change(record("f", 3), {"code": "D3", "name": "合成三", "computing_power": 4.0}),
        ]
    )  # fmt: skip
    found = Indicators(city.inventory, PLAN).measure("2025-06-01", wanted=(indicator(2),), kind="district")
    assert {part.scope: part.value for part in found} == {
        Scope("district", record("d", 0)): 1.0, Scope("district", record("d", 1)): 2.0, Scope("district"): 4.0,
    }  # fmt: skip


def test_reports_of_districts_and_units_stand_at_theirs(city: City) -> None:
    city.write(
        indicator_values=[
            report(14, "2025-01-01", 50.0, scope="合成区1"), report(14, "2025-01-02", 60.0, scope="unit/u0"),
            report(14, "2025-01-03", 70.0, scope="全市"), report(14, "2025-01-04", 80.0, scope="不存在的区"),
        ]
    )  # fmt: skip
    indicators = Indicators(city.inventory, PLAN)
    values = {
        part.scope: part.value
        for kind in ("city", "district", "unit")
        for part in indicators.measure("2025-06-01", wanted=(indicator(14),), kind=kind)  # type: ignore[arg-type]
    }
    assert values == {CITY: 70.0, Scope("district", record("d", 1)): 50.0, Scope("unit", record("e", 0)): 60.0}
    assert [stray.scope for stray in indicators.view("2025-06-01").strays] == ["不存在的区"]


def test_an_exclusion_counts_from_its_approval_to_its_end_and_is_told_otherwise(city: City) -> None:
    city.write(systems=[system(1, hosting="city_cloud"), system(2, hosting="own_room")])
    city.write(
        exclusions=[
            exclusion("X1", "S2"), exclusion("X2", "S9"), exclusion("X3", "S2", register="sites"),
            exclusion("X4", "S1", approved_on="2026-01-01", expires_on="2027-01-01"),
        ]
    )  # fmt: skip
    within = one(city, 6, "2025-12-31")
    assert (within.value, within.tally and within.tally.excluded) == (100.0, 1)
    assert {each.exclusion.code: each.holds for each in within.exclusions} == {
        "X1": "counts", "X2": "unknown-record", "X3": "elsewhere", "X4": "not-yet",
    }  # fmt: skip
    after = one(city, 6, "2026-02-01")
    assert (after.value, after.tally and after.tally.excluded) == (0.0, 1)
    assert {each.exclusion.code: each.holds for each in after.exclusions}["X1"] == "expired"

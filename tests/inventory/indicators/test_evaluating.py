from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.indicators.computing import Indicators
from inventory.indicators.evaluating import FULL, POINT, evaluate, evaluation
from inventory.indicators.model import CITY, Entered, Measured, Report, Scope, Tally, Target
from inventory.indicators.weights import DOUBTS, load_weights
from tests.inventory.indicators.cities import PLAN, City, indicator, record, report, system

WEIGHTS = load_weights()


def computed(number: int, yes: int, no: int, unknown: int) -> Measured:
    whole = yes + no + unknown
    return Measured(
        indicator(number), CITY, "2025-12-31", "computed", 100 * yes / whole, 100 * (yes + unknown) / whole, yes, whole,
        "no", "ahead", Tally(yes, no, unknown, amount=float(yes)),
    )  # fmt: skip


def reported(number: int, value: float, *doubts: str, stale: bool = False) -> Measured:
    said = Report(number, "2025-06-30", "city", value, None, None, "", "合成", "")
    return Measured(
        indicator(number), CITY, "2025-12-31", "reported", value, value, None, None, "no", "ahead",
        entered=Entered(said, 184, stale, doubts),
    )  # fmt: skip


@st.composite
def measured(draw: st.DrawFn) -> list[Measured]:
    numbers = draw(st.lists(st.integers(1, 32), unique=True, min_size=1))
    found = []
    for number in numbers:
        if draw(st.booleans()):
            yes, no, unknown = (draw(st.integers(0, 50)) for _ in range(3))
            found.append(computed(number, yes, no, unknown + (not yes + no)))
        else:
            doubts = draw(st.lists(st.sampled_from(DOUBTS), unique=True))
            value = draw(st.floats(0, 100_000).map(lambda one: round(one, 2)))
            found.append(reported(number, value, *doubts, stale=draw(st.booleans())))
    return found


@given(some=measured())
def test_every_lost_point_is_an_item_and_nothing_else_is_missing(some: list[Measured]) -> None:
    found = evaluation(CITY, "2025-12-31", some, WEIGHTS)
    assert sum(one.most for one in found.scored) == FULL
    assert found.score + sum(item.points for item in found.lost) == FULL
    assert all(item.points > 0 for item in found.lost)
    assert all(0 <= one.points <= one.most for one in found.scored)


def test_what_missed_its_target_loses_by_how_far_and_by_which_records() -> None:
    (one,) = evaluation(CITY, "2025-12-31", [computed(6, 45, 40, 15)], WEIGHTS).scored
    assert {item.code: item.points / POINT for item in one.lost} == {
        # 45 of 90 % give half of the points; of those a missed binding target costs a fifth.
        "short-no": pytest.approx(50 * 40 / 55, abs=0.001), "short-unknown": pytest.approx(50 * 15 / 55, abs=0.001),
        "missed-binding": 10.0,
    }  # fmt: skip
    assert one.points == 40 * POINT


def test_a_reached_target_with_sound_evidence_loses_nothing_and_one_hair_below_it_something() -> None:
    full = evaluation(CITY, "2025-12-31", [computed(6, 90, 10, 0)], WEIGHTS)
    assert (full.score, full.lost) == (FULL, [])
    (missed,) = evaluation(CITY, "2025-12-31", [reported(11, 100.0)], WEIGHTS).scored
    assert missed.points == 99 * POINT, "more than 100 were wanted"


def test_old_and_doubtful_reports_cost_and_are_told() -> None:
    (one,) = evaluation(CITY, "2025-12-31", [reported(3, 90.0, "no-digest", stale=True)], WEIGHTS).scored
    assert [(item.code, item.points / POINT) for item in one.lost] == [("stale", 25.0), ("no-digest", 3.75)]


def test_a_milestone_is_what_a_year_is_measured_by() -> None:
    stepped = replace(indicator(6), milestones=(Target(45.0, ">=", "2023-12-31"),))
    one = replace(computed(6, 45, 55, 0), indicator=stepped)
    assert evaluation(CITY, "2023-12-31", [one], WEIGHTS).lost == []
    assert evaluation(CITY, "2024-12-31", [one], WEIGHTS).lost


def test_the_city_is_measured_by_everything_and_a_unit_by_what_is_its_own(city: City) -> None:
    city.write(
        systems=[
            system(1, hosting="city_cloud", unit=record("e", 0)), system(2, hosting="own_room", unit=record("e", 1)),
        ],
        indicator_values=[report(14, "2025-06-30", 95.0, scope="U1", evidence_digest="0" * 64)],
    )  # fmt: skip
    indicators = Indicators(city.inventory, PLAN)
    (whole,) = evaluate(indicators, WEIGHTS, "2025-12-31")
    assert len(whole.scored) == 32
    assert {item.code for item in whole.lost} == {"no-data", "short-no", "missed-binding"}
    worst, best = evaluate(indicators, WEIGHTS, "2025-12-31", kind="unit")
    assert (best.scope, best.score, len(best.scored)) == (Scope("unit", record("e", 0)), FULL, 1)
    assert (worst.scope, len(worst.scored)) == (Scope("unit", record("e", 1)), 2)
    assert worst.score == 333_333, "the binding indicator that weighs two thirds is lost"

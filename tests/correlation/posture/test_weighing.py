import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.posture.model import ALL, POINT, Touch
from correlation.posture.weighing import cost, decay, leaf, risk
from tests.correlation.posture.making import DAY, NOON, POLICY, cell, gap, incident


def test_half_is_left_after_each_half_life() -> None:
    assert [decay(days * DAY, 7 * DAY) for days in (0, 7, 14, 21)] == [ALL, ALL // 2, ALL // 4, ALL // 8]
    assert decay(7 * DAY // 2, 7 * DAY) == ALL * 3 // 4
    assert decay(-DAY, 7 * DAY) == ALL, "a clock that was set back makes nothing newer than new"


@given(st.integers(0, 10**20), st.integers(0, 10**20), st.integers(1, 10**18))
def test_what_is_older_never_weighs_more(one: int, other: int, half_life: int) -> None:
    younger, older = sorted((one, other))
    assert ALL >= decay(younger, half_life) >= decay(older, half_life) >= 0


@pytest.mark.parametrize(
    ("said", "points", "codes"),
    [
        ({}, 15, ["severity-high", "state-new", "age"]),
        ({"assigned": True}, 12.75, ["severity-high", "state-assigned", "age"]),
        ({"state": "in-progress", "assigned": True}, 10.5, ["severity-high", "state-in-progress", "age"]),
        ({"state": "contained"}, 4.5, ["severity-high", "state-contained", "age"]),
        ({"severity": "critical"}, 30, ["severity-critical", "state-new", "age"]),
        ({"age": 14}, 7.5, ["severity-high", "state-new", "age"]),
        ({"age": 1_000}, 3.75, ["severity-high", "state-new", "age"]),
    ],
)
def test_an_incident_costs_by_severity_state_and_age(said: dict[str, object], points: float, codes: list[str]) -> None:
    found, steps = cost(incident("a", "u", **said), POLICY, NOON)  # type: ignore[arg-type]  # as the test says
    assert found == points * POINT
    assert [step.code for step in steps] == codes


def test_bounds_hold_for_a_severity_and_all_below_it() -> None:
    many = [incident(f"l{n}", "u", severity="low") for n in range(9)]
    many += [incident(f"m{n}", "u", severity="medium") for n in range(9)]
    items = risk(many, POLICY, NOON)
    assert [(item.code, item.points // POINT) for item in items if item.kind == "cap"] == [
        ("cap-low", 10 - 18), ("cap-medium", 30 - 64),
    ]  # fmt: skip
    assert sum(item.points for item in items) == 30 * POINT


def test_an_item_names_what_an_incident_touches() -> None:
    def where(*touches: Touch) -> str:
        (item,) = risk([incident("a", touches=touches)], POLICY, NOON)
        return str(dict(item.said)["where"])

    assert where(*(Touch("u", asset=f"db{n}") for n in range(7))) == "db0, db1, db2, db3, db4 (+2)"
    assert where(Touch("u"), Touch("v")) == "u, v"
    assert where(Touch(district="A")) == "A"
    assert where() == "-"


def test_little_coverage_costs_at_least_what_the_policy_says() -> None:
    losses = leaf("u", [cell("A", "u", 1, 10)], (), (), POLICY, NOON, itself=True)
    assert losses.coverage == 2 * ALL // 11
    assert [(item.kind, item.code) for item in losses.blind] == [("unseen", "unseen"), ("floor", "floor-low")]
    assert sum(item.points for item in losses.blind) == 25 * POINT


def test_gaps_of_a_kind_are_bounded_and_take_away_view() -> None:
    gaps = [gap("silent-source", f"s{n}") for n in range(4)] + [gap("lost", "tap", 2_500)]
    losses = leaf("u", [cell("A", "u")], (), gaps, POLICY, NOON, itself=True)
    assert losses.coverage == ALL - 4 * 1_500 - 2_500
    assert ("cap-silent-source", -6 * POINT) in {(item.code, item.points) for item in losses.blind}
    assert ("lost", 75_000) in {(item.code, item.points) for item in losses.blind}

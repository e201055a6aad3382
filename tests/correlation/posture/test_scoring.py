"""What must hold of scores, whatever the facts are."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.posture.model import ALL, CITY, GAP_KINDS, POINT, WHOLE, Cell, Facts, Gap, OpenIncident, Scope, Touch
from correlation.posture.policy import SEVERITIES
from correlation.posture.scoring import score
from tests.correlation.posture.making import DAY, NOON, POLICY, cell, gap, incident, points, posture

DISTRICTS, UNITS, SPACES, SECTORS = ("", "A", "B", "C"), ("", "u", "v", "w", "x"), ("", "t"), ("", "energy", "-")


def _touches() -> st.SearchStrategy[tuple[Touch, ...]]:
    one = st.builds(
        Touch, st.sampled_from((*UNITS, "stranger")), st.sampled_from((*DISTRICTS, "Z")), st.sampled_from(SPACES),
        st.sampled_from(SECTORS), st.sampled_from(("", "db")),
    )  # fmt: skip
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def _cells(draw: st.DrawFn) -> Cell:
    declared = draw(st.integers(0, 5))
    return Cell(
        draw(st.sampled_from(UNITS)), draw(st.sampled_from(DISTRICTS)), draw(st.sampled_from(SPACES)),
        draw(st.sampled_from(SECTORS)), draw(st.integers(0, 5)), draw(st.booleans()), declared,
        draw(st.integers(0, declared)), draw(st.booleans()),
    )  # fmt: skip


INCIDENTS = st.builds(
    OpenIncident, st.uuids().map(lambda one: one.hex), st.sampled_from(SEVERITIES),
    st.sampled_from(("new", "in-progress", "contained")), st.booleans(),
    st.integers(0, 200).map(lambda days: NOON - days * DAY), _touches(),
)  # fmt: skip
GAPS = st.builds(Gap, st.sampled_from(GAP_KINDS), st.sampled_from("pqr"), st.integers(0, ALL), _touches())
FACTS = st.builds(
    Facts, st.lists(_cells(), max_size=8).map(tuple),
    st.lists(INCIDENTS, max_size=8, unique_by=lambda one: one.id).map(tuple),
    st.lists(GAPS, max_size=5).map(tuple), st.sampled_from(((), (("t", True),), (("t", False),))),
)  # fmt: skip


def _never_better(worse: Facts, better: Facts) -> None:
    one, other = score(worse, POLICY, NOON), score(better, POLICY, NOON)
    assert one.standings.keys() == other.standings.keys()
    for scope, standing in one.standings.items():
        assert standing.score <= other.standings[scope].score, scope


@given(FACTS)
@settings(max_examples=300)
def test_points_add_up_to_what_is_lost(facts: Facts) -> None:
    for standing in score(facts, POLICY, NOON).standings.values():
        assert 0 <= standing.score <= WHOLE
        assert sum(item.points for item in standing.items) == WHOLE - standing.score
        for item in standing.items:
            assert item.points > 0 or item.kind == "cap"
            assert item.steps or item.passed
            if item.passed:
                exact = sum(one.points * one.numerator for one in item.passed) / item.passed[0].denominator
                assert abs(item.points - exact) <= 1


@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: Facts, random: Any) -> None:
    def shuffled(of: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(of, len(of)))

    other = replace(facts, cells=shuffled(facts.cells), incidents=shuffled(facts.incidents), gaps=shuffled(facts.gaps))
    assert score(facts, POLICY, NOON) == score(other, POLICY, NOON)


@given(FACTS, INCIDENTS)
def test_another_incident_never_raises_a_score(facts: Facts, one: OpenIncident) -> None:
    _never_better(replace(facts, incidents=(*facts.incidents, one)), facts)


@given(FACTS, GAPS)
def test_another_gap_never_raises_a_score_or_a_coverage(facts: Facts, one: Gap) -> None:
    worse = replace(facts, gaps=(*facts.gaps, one))
    _never_better(worse, facts)
    with_it, without = score(worse, POLICY, NOON), score(facts, POLICY, NOON)
    assert all(with_it.standings[scope].coverage <= other.coverage for scope, other in without.standings.items())


@given(FACTS, INCIDENTS, st.integers(0, 3), st.integers(0, 3), st.integers(0, 60))
def test_what_is_dealt_with_less_grave_or_older_never_costs_more(
    facts: Facts, one: OpenIncident, severity: int, state: int, days: int
) -> None:
    graver = max(SEVERITIES.index(one.severity), severity)
    standings = (("new", False), ("new", True), ("in-progress", True), ("contained", True))
    order = min(standings.index((one.state, one.assigned)) if (one.state, one.assigned) in standings else 3, state)
    worse = replace(one, severity=SEVERITIES[graver], state=standings[order][0], assigned=standings[order][1])
    milder = replace(worse, severity=one.severity)
    dealt = replace(worse, state="contained", assigned=True)
    older = replace(worse, last=worse.last - days * DAY)
    for better in (milder, dealt, older):
        _never_better(
            replace(facts, incidents=(*facts.incidents, worse)), replace(facts, incidents=(*facts.incidents, better))
        )


@given(FACTS)
def test_a_whole_shows_its_worst_part_and_what_nobody_sees_does_not_shine(facts: Facts) -> None:
    found = score(facts, POLICY, NOON)
    districts = [part for one in found.standings.values() if one.scope.kind == "district" for part in one.parts]
    for standing in found.standings.values():
        for part in standing.parts:
            # A unit in several districts stands in each with what it has there.
            if standing.scope.kind == "city" or (standing.scope.kind == "district" and districts.count(part) == 1):
                lost = WHOLE - found.standings[part].score
                assert WHOLE - standing.score >= lost * POLICY.worst // 100 - 2
        assert standing.score <= WHOLE - POLICY.confidence_of(standing.coverage).least
        assert (standing.grade == "not-seen") == (standing.confidence == "none")


def test_nothing_declared_is_nothing_seen() -> None:
    city = posture(()).city
    assert (city.score, city.grade, city.coverage) == (50 * POINT, "not-seen", 0)
    assert [(item.kind, item.code) for item in city.items] == [("floor", "floor-none")]


def test_a_city_without_incidents_that_sees_everything_is_whole() -> None:
    found = posture([cell("A", "u"), cell("B", "v")])
    assert {one.score for one in found.standings.values()} == {WHOLE}
    assert {one.coverage for one in found.standings.values()} == {ALL}


def test_one_bad_district_of_fifteen_shows_in_the_city() -> None:
    cells = [cell(f"d{number:02d}", f"u{number:02d}") for number in range(15)]
    found = posture(cells, incident("a", "u07", severity="critical"), incident("b", "u07", severity="critical"))
    assert points(found, "unit", "u07") == 40 * POINT
    assert points(found, "district", "d07") == 40 * POINT, "its only unit"
    # Half of 60 by the worst district, and half of a fifteenth of 60 by the mean.
    assert points(found, "city", "city") == 68 * POINT
    assert {item.subject for item in found.city.items} == {"a", "b"}
    assert points(found, "district", "d03") == WHOLE


def test_an_incident_in_a_unit_of_two_districts_counts_in_both_and_once_in_the_unit() -> None:
    found = posture([cell("A", "u"), cell("B", "u"), cell("B", "v")], incident("a", "u"))
    assert points(found, "unit", "u") == 85 * POINT
    assert points(found, "district", "A") == 85 * POINT
    assert 85 * POINT < points(found, "district", "B") < WHOLE
    (item,) = found.city.items
    assert [one.scope for one in item.passed] == ["A", "B"]


def test_an_incident_that_nobody_can_place_costs_the_city_as_its_worst_part_would() -> None:
    found = posture([cell("A", "u")], incident("a"))
    assert points(found, "city", "city") == WHOLE - 75_000
    assert points(found, "district", "A") == WHOLE
    within = posture([cell("A", "u")], incident("a", touches=(Touch(district="A"),)))
    assert points(within, "district", "A") == WHOLE - 75_000
    assert points(within, "unit", "u") == WHOLE


def test_sectors_and_tenants_have_scores_of_their_own() -> None:
    cells = [
        cell("A", "grid", sector="energy", cii=True), cell("A", "grid"), cell("A", "water", sector="-", cii=True),
        cell("", "cloud", space="tenant-a"),
    ]  # fmt: skip
    critical = incident("a", touches=(Touch("grid", "A", "", "energy", "scada-1"),))
    office = incident("b", touches=(Touch("grid", "A", "", "", "pc-1"),))
    tenants = incident("c", touches=(Touch("cloud", "", "tenant-a"),))
    found = posture(cells, critical, office, tenants, tenants=(("tenant-a", True),))
    assert points(found, "sector", "energy") == 85 * POINT, "what touches its offices does not count"
    assert points(found, "sector", "-") == WHOLE
    assert points(found, "tenant", "tenant-a") == 85 * POINT
    assert points(found, "unit", "grid") == 70 * POINT
    assert found.standings[Scope("sector", "energy")].parts == (Scope("unit", "grid"),)


def test_many_small_incidents_never_weigh_as_much_as_a_grave_one_and_the_bound_is_told() -> None:
    small = [incident(f"i{number}", "u", severity="low") for number in range(40)]
    found = posture([cell("A", "u")], *small)
    assert points(found, "unit", "u") == 90 * POINT
    (cap,) = [item for item in found.standings[Scope("unit", "u")].items if item.kind == "cap"]
    assert (cap.code, cap.points) == ("cap-low", -70 * POINT)
    assert [step.number for step in cap.steps] == [10 * POINT, 80 * POINT]


def test_a_silent_source_costs_points_and_view() -> None:
    found = posture([cell("A", "u"), cell("A", "v")], gap("silent-source", "fw", ALL, "u"))
    unit = found.standings[Scope("unit", "u")]
    assert (unit.score, unit.coverage) == (94 * POINT, 8_500)
    assert points(found, "unit", "v") == WHOLE
    assert 8_500 < found.city.coverage < ALL


@pytest.mark.parametrize(("seen", "score_", "grade"), [(0, 50, "not-seen"), (1, 75, "fair"), (4, 100, "good")])
def test_a_unit_is_only_as_good_as_it_is_seen(seen: int, score_: int, grade: str) -> None:
    unit = posture([cell("A", "u", seen)]).standings[Scope("unit", "u")]
    assert (unit.score, unit.grade) == (score_ * POINT, grade)


def test_what_nobody_sees_does_not_hide_an_attack() -> None:
    dark = [cell("A", f"dark{number}", 0) for number in range(9)]
    before = posture([*dark, cell("A", "u")])
    after = posture([*dark, cell("A", "u")], incident("a", "u", severity="critical"))
    assert before.city.score - after.city.score > 7 * POINT


def test_the_city_is_the_whole() -> None:
    assert posture([cell("A", "u"), cell("", "office")]).city.parts == (Scope("district", "-"), Scope("district", "A"))
    assert CITY.name == "city"

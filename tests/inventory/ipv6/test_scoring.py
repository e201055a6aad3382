"""Scores as functions of outcomes: one measurement, three profiles."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.ipv6.checks.registry import CHECKS
from inventory.ipv6.model import Outcome, Status
from inventory.ipv6.profiles import profiles
from inventory.ipv6.scoring import Score, score
from inventory.ipv6.sites import site_of

SITE = site_of("https://www.example.gov.cn/")
CAC, NL, USGV6 = (profiles()[name] for name in ("cac-like", "internet.nl", "usgv6"))
IDS = [check.id for check in CHECKS]


def outcome(check: str, status: Status, rate: float | None = None) -> Outcome:
    return Outcome(check, status, {"pass": 1.0, "partial": 0.5}.get(status, 0.0) if rate is None else rate)


def scored(profile: str = "cac-like", **statuses: Status) -> Score:
    outcomes = [outcome(one, statuses.get(one, "pass")) for one in IDS]
    return score(SITE, outcomes, profiles()[profile])


def test_points_are_a_hundred_and_every_check_has_some() -> None:
    assert sum(CAC.points.values()) == 100
    assert set(CAC.points) == set(IDS)
    assert scored().value == 100


def test_a_check_gives_its_points_times_its_rate() -> None:
    assert scored(C1="partial").value == pytest.approx(92.5)
    assert scored(C1="fail").value == pytest.approx(85)


@pytest.mark.parametrize("gate", ["A2", "B1"])
def test_gates_cap_the_score(gate: str) -> None:
    found = scored(**{gate: "fail"})
    assert (found.value, found.capped) == (20, (gate,))
    assert found.uncapped is not None
    assert found.uncapped > 80


def test_a_cap_never_raises() -> None:
    found = score(SITE, [outcome(one, "fail") for one in IDS], CAC)
    assert (found.value, found.capped) == (0, ())


def test_what_is_not_known_is_left_out_up_to_a_fifth() -> None:
    found = scored(C1="unknown", E1="unknown", A1="fail")
    assert found.known == pytest.approx(0.83)
    assert found.value == pytest.approx(100 * 75 / 83)
    edge = scored(C1="unknown", B3="unknown")
    assert edge.known == pytest.approx(0.8)
    assert edge.value == 100
    assert scored(C1="unknown", B3="unknown", E1="unknown").value is None


def test_what_does_not_apply_does_not_count_at_all() -> None:
    found = scored(C1="n/a", C2="n/a", D2="n/a", E5="n/a", A1="fail")
    assert found.known == 1
    assert found.value == pytest.approx(100 * 56 / 64)


def test_categories_are_equal() -> None:
    assert scored("internet.nl").value == 100
    assert scored("internet.nl", A3="fail", A4="fail").value == 50
    assert scored("internet.nl", A3="partial").value == pytest.approx(100 - 50 * 5 / 20)
    assert scored("internet.nl", A4="partial").value == pytest.approx(100 - 50 * 8 / 20)
    assert scored("internet.nl", D1="fail").value == pytest.approx(100 - 50 * 2 / 22)
    assert scored("internet.nl", C1="fail", E1="fail").value == 100


@pytest.mark.parametrize(
    ("statuses", "web"),
    [
        ({}, "green"),
        ({"A1": "fail", "B1": "fail"}, "red"),
        ({"B1": "fail"}, "yellow"),
        ({"B1": "unknown"}, "unknown"),
        ({"A1": "unknown", "B1": "unknown"}, "unknown"),
    ],
)
def test_states(statuses: dict[str, Status], web: str) -> None:
    found = scored("usgv6", **statuses)
    assert found.value is None
    assert found.states == {"dns": "green", "web": web}


def test_what_is_intentionally_absent_is_grey() -> None:
    site = replace(SITE, absent="closed network")
    assert score(site, [outcome("A1", "fail")], USGV6).states == {"dns": "grey", "web": "grey"}


def test_without_outcomes_there_is_no_score() -> None:
    assert score(SITE, [], CAC) == Score("cac-like", None, 0.0)


@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(get_args(Status)), st.floats(0, 1)), max_size=20))
def test_a_score_is_between_nothing_and_a_hundred(told: list[tuple[str, Status, float]]) -> None:
    outcomes = [outcome(check, status, rate if status == "partial" else None) for check, status, rate in told]
    for profile in profiles().values():
        found = score(SITE, list({one.check: one for one in outcomes}.values()), profile)
        assert 0 <= found.known <= 1 + 1e-9
        assert found.value is None or 0 <= found.value <= 100 + 1e-9


@given(st.sampled_from(IDS), st.dictionaries(st.sampled_from(IDS), st.sampled_from(["pass", "partial", "fail"])))
def test_mending_never_lowers_a_score(mended: str, statuses: dict[str, Status]) -> None:
    for name in ("cac-like", "internet.nl"):
        before, after = scored(name, **statuses), scored(name, **statuses | {mended: "pass"})
        assert before.value is not None
        assert after.value is not None
        assert after.value >= before.value - 1e-9

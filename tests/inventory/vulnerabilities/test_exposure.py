import copy
from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from inventory.vulnerabilities.exposure import DAY, REACHES, Asset, Weakness, exposure, total, weights, weights_of
from tests.inventory.vulnerabilities.making import NOON

ASSET = Asset("portal", 3, critical=True, reach="internet")
WEAKNESS = Weakness("CVE-2026-9991", "critical", NOON - 100 * DAY, 9.8, exploited=True)


def test_every_line_is_told_and_their_product_is_the_score() -> None:
    told = exposure(ASSET, WEAKNESS, weights(), NOON)
    assert [(line.code, line.value, line.weight) for line in told.lines] == [
        ("asset-base", "", 1.0), ("asset-grade", "3", 1.5), ("asset-critical", "", 1.5), ("weakness-score", "9.8", 9.8),
        ("weakness-exploited", "", 1.5), ("weakness-certainty", "seen", 1.0), ("age-days", "100", 1.5),
        ("reach", "internet", 1.5),
    ]  # fmt: skip
    assert told.score == round(1.5 * 1.5 * 9.8 * 1.5 * 1.5 * 1.5, 2)
    factors = [told.factor(name) for name in ("asset", "weakness", "age", "reach")]
    assert round(factors[0] * factors[1] * factors[2] * factors[3], 2) == told.score


def test_the_sums_of_assets_are_sorted() -> None:
    low = exposure(Asset("b"), Weakness("x", "low", NOON), weights(), NOON)
    high = exposure(ASSET, WEAKNESS, weights(), NOON)
    sums = total([low, high, high])
    assert list(sums) == ["portal", "b"]
    assert sums["portal"] == round(high.score * 2, 2)


def test_our_weights_say_that_nobody_has_confirmed_them() -> None:
    assert not weights().verified
    assert weights().source


@given(st.sampled_from(REACHES), st.integers(0, 900), st.floats(0, 10), st.booleans(), st.sampled_from([None, 1, 3, 5]))
def test_more_of_anything_bad_is_never_less(
    reach: Any, days: int, score: float, known: bool, grade: int | None
) -> None:
    asset = Asset("a", grade, reach=reach)
    one = exposure(asset, Weakness("w", "high", NOON - days * DAY, score, exploited=known), weights(), NOON).score
    older = Weakness("w", "high", NOON - (days + 300) * DAY, min(10, score + 1), exploited=True)
    assert exposure(Asset("a", grade, critical=True, reach=reach), older, weights(), NOON).score >= one
    assert exposure(asset, Weakness("w", "high", NOON + DAY, score), weights(), NOON).factor("age") == 1.0


@pytest.mark.parametrize("path", [("asset", "base"), ("weakness", "severity", "high"), ("age",), ("reach", "internet")])
@pytest.mark.parametrize("put", [None, "x", -1, 1e9, [7]])
def test_a_table_that_is_wrong_is_told(path: tuple[str, ...], put: Any) -> None:
    said = copy.deepcopy(yaml.safe_load((files("inventory.vulnerabilities") / "exposure.yml").read_text("utf-8")))
    at = said
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = put
    with pytest.raises(VulnerabilityTableUnusable):
        weights_of(said, "x")

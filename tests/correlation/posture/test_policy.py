from pathlib import Path

import pytest

from correlation.posture.errors import PosturePolicyUnusable
from correlation.posture.model import POINT
from correlation.posture.policy import policy_from, posture_policy
from tests.correlation.posture.making import DAY, POLICY


def test_the_products_own_weights_are_a_proposal_and_name_no_unit() -> None:
    assert POLICY.verified is False
    assert POLICY.severity["critical"] == 30 * POINT
    assert POLICY.half_life["low"] == 3 * DAY
    assert not any(sector.units or sector.systems for sector in POLICY.sectors)
    assert len(POLICY.sectors) == 8


def test_a_recorded_text_makes_the_same_policy_again() -> None:
    assert policy_from(POLICY.text) == POLICY


def test_a_site_replaces_single_keys(tmp_path: Path) -> None:
    file = tmp_path / "weights.yml"
    file.write_text("worst: 80\nsectors: [{name: health, zh: 卫生健康, units: [hospital], systems: [HIS]}]\n")
    found = posture_policy(file)
    assert (found.worst, found.severity) == (80, POLICY.severity)
    assert found.digest != POLICY.digest
    assert [found.sector(*of) for of in (("hospital", ""), ("", "HIS"), ("school", ""))] == ["health", "health", ""]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("severity: {low: 7, medium: 6, high: 15, critical: 30}", "severity"),
        ("most: {low: 10, medium: 30, high: 60, critical: 50}", "most"),
        ("half_life: {low: 9d, medium: 7d, high: 14d, critical: 30d}", "half_life"),
        ("state: {new: 10, assigned: 85, in-progress: 70, contained: 30}", "state"),
        ("state: {new: 101, assigned: 85, in-progress: 70, contained: 30}", "state.new"),
        ("window: soon", "window"),
        ("worst: 101", "worst"),
        ("wurst: 50", "wurst"),
        ("bands: [{at_least: 10, name: good}]", "bands"),
        ("bands: [{at_least: 0, name: wonderful}]", "bands"),
        ("confidence: [{at_least: 0, name: none, least: 50}]", "confidence"),
        (
            """confidence: [{at_least: 80, name: high, least: 0}, {at_least: 50, name: medium, least: 30},
            {at_least: 1, name: low, least: 25}, {at_least: 0, name: none, least: 50}]""",
            "confidence",
        ),
        ("severity: much", None),
        ("gaps: {}", None),
        ("importance: {other: 0, grade: {1: 1, 2: 1, 3: 2, 4: 3, 5: 4}, cii: 4}", "other"),
        ("- a", None),
    ],
)
def test_weights_that_cannot_be_meant_are_refused_with_file_and_key(
    tmp_path: Path, text: str, field: str | None
) -> None:
    file = tmp_path / "weights.yml"
    file.write_text(text)
    with pytest.raises(PosturePolicyUnusable) as refused:
        posture_policy(file)
    assert refused.value.place is not None
    assert refused.value.place.file == str(file)
    assert refused.value.place.field == field


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PosturePolicyUnusable):
        posture_policy(tmp_path / "none.yml")

from pathlib import Path

import pytest

from correlation.incidents.errors import ChangeRefused, PolicyUnusable
from correlation.incidents.grading import guide


@pytest.mark.parametrize(
    ("told", "grade", "verified"),
    [
        ({}, "general", False),
        ({"personal-data": 999_999}, "general", False),
        ({"personal-data": 1_000_000}, "large", True),
        ({"personal-data": 10_000_000}, "grave", True),
        ({"personal-data": 100_000_000}, "extraordinary", True),
        ({"people-affected": 100_000}, "large", False),
        ({"people-affected": 1_000_000, "personal-data": 1_000_000}, "grave", False),
        ({"cii-down": 0.5}, "large", False),
        ({"cii-down": 6}, "extraordinary", True),
        ({"cii-main-function-down": 6}, "grave", False),
        ({"city-portal-down": 1.9, "loss": 4_999_999}, "general", False),
        ({"main-page-tampered": 6}, "extraordinary", True),
        ({"loss": 5_000_000}, "large", False),
    ],
)
def test_the_grade_is_the_highest_that_a_measure_leads_to_and_says_whether_that_was_verified(
    told: dict[str, float], grade: str, verified: bool
) -> None:
    proposal = guide().propose(told)
    assert (proposal.grade.name, proposal.verified) == (grade, verified)
    assert {one.name for one in proposal.open} == {one.name for one in guide().measures} - told.keys()


def test_every_threshold_says_its_clause_and_drafts_are_not_called_verified() -> None:
    found = guide()
    assert found.source
    assert found.valid_from
    for measure in found.measures:
        for threshold in measure.thresholds:
            assert threshold.article
            assert threshold.verified is not threshold.article.endswith("(draft)")


@pytest.mark.parametrize(
    "told", [{"losses": "1"}, {"loss": "-1"}, {"loss": "much"}, {"loss": "nan"}, {"loss": "inf"}]
)
def test_what_is_no_measure_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(ChangeRefused):
        guide().checked(told)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("grade: []", "grade"),
        ("measures: [{name: a}]", "grades, measures"),
        ("grades: []", "grades, measures"),
        ("- a", None),
        (
            ("measures: [{name: a, en: a, zh: a, unit: h, thresholds: "
            "[{grade: grave, from: 1, article: x, verified: true}, "
            "{grade: large, from: 2, article: y, verified: true}]}]"),
            "measures, a",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, field: str | None) -> None:
    (tmp_path / "grading.yml").write_text(text)
    with pytest.raises(PolicyUnusable) as refused:
        guide(tmp_path / "grading.yml")
    assert refused.value.place
    assert refused.value.place.field == field


def test_an_administrator_verifies_by_a_file_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "grading.yml").write_text(
        "version: 2\nmeasures:\n  - {name: loss, en: loss, zh: 损失, unit: CNY, thresholds: "
        "[{grade: large, from: 5000000, article: 4.3, verified: true}]}\n",
        encoding="utf-8",
    )
    proposal = guide(tmp_path / "grading.yml").propose({"loss": 6e6})
    assert (proposal.grade.name, proposal.verified) == ("large", True)

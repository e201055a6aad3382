from pathlib import Path

import pytest
import yaml

from inventory.indicators.errors import PlanUnusable
from inventory.indicators.loading import LARGEST, load_plans, own_plans, plan_for, read_plan
from tests.inventory.indicators.cities import PLAN

FOLLOWING = """
id: wuhan-15-5
title: {zh: 合成的后继规划, en: a synthetic plan that follows}
begins: '2026-01-01'
ends: '2030-12-31'
source: synthetic
stale_after: 200
follows: wuhan-14-5
indicators:
  - number: 1
    title: {zh: 上云率, en: on the cloud}
    area: {zh: 基础设施, en: infrastructure}
    unit: {zh: '%', en: '%'}
    target: {value: 99, comparator: '>=', day: '2030-12-31'}
    milestones: [{value: 95, comparator: '>=', day: '2027-12-31'}]
    kind: binding
    source: synthetic
    formula: cloud_systems
    continues: 6
  - number: 2
    title: {zh: 新指标, en: a new one}
    area: {zh: 基础设施, en: infrastructure}
    unit: {zh: 个, en: count}
    target: {value: 5, comparator: '>', day: '2030-12-31'}
    kind: expected
    source: synthetic
    entered_as: 102
"""


def test_the_citys_plan_is_as_its_first_table_says() -> None:
    (plan,) = own_plans()
    assert len(plan.indicators) == 32
    assert {one.number for one in plan.indicators if one.kind == "binding"} == {4, 6, 8, 10, 15, 18, 25}
    assert {one.number for one in plan.indicators if one.target.comparator == ">"} == {1, 10, 11, 12, 13, 15, 16}
    assert {one.target.day for one in plan.indicators} == {"2025-12-31"}
    targets = [one.target.value for one in plan.indicators]
    assert targets[:10] == [50_000, 500, 85, 100, 80, 90, 500, 100, 90, 80]
    assert targets[10:22] == [100, 50, 800, 90, 95, 300, 300, 80, 100, 1_061, 50, 100]
    assert targets[22:] == [80, 80, 100, 100, 100, 90, 70, 12, 30, 25_000]
    assert [one.number for one in plan.indicators if one.baseline] == [30]
    assert all(one.source.startswith(f"专栏 1 第 {one.number} 项") for one in plan.indicators)


def test_a_plan_that_follows_is_data(tmp_path: Path) -> None:
    file = tmp_path / "next.yml"
    file.write_text(FOLLOWING, encoding="utf-8")
    plans = load_plans([file])
    assert [plan_for(plans, day).id for day in ("2019-01-01", "2025-12-31", "2026-01-01", "2040-01-01")] == [
        "wuhan-14-5", "wuhan-14-5", "wuhan-15-5", "wuhan-15-5",
    ]  # fmt: skip
    goes_on, new = plans[1].indicators
    assert (goes_on.entered_as, new.entered_as) == (6, 102)
    assert [goes_on.target_on(day).value for day in ("2026-05-01", "2027-12-31", "2028-01-01")] == [95, 95, 99]


@pytest.mark.parametrize(
    ("before", "after", "place", "reason"),
    [
        ("kind: binding", "kind: sometimes", "indicators.0.kind", "Input should be"),
        ("stale_after: 200", "stale_after: 0", "stale_after", "plan-number"),
        ("stale_after: 200", "stale_for: 200", "stale_for", "plan-key-unknown"),
        ("value: 99,", "value: 199,", "indicators.0.target.value", "plan-number"),
        ("value: 99,", "worth: 99,", "indicators.0.target.worth", "plan-key-unknown"),
        ("value: 5,", "value: .inf,", "indicators.1.target.value", "plan-number"),
        ("ends: '2030-12-31'", "ends: '2025-12-31'", "ends", "plan-ends-first"),
        ("ends: '2030-12-31'", "ends: '2030-02-30'", "ends", "plan-day"),
        ("day: '2027-12-31'", "day: '2031-12-31'", "indicators.0.milestones", "plan-day"),
        ("number: 2", "number: 1", "indicators.1.number", "plan-number-twice"),
        ("formula: cloud_systems", "formula: clouds", "indicators.0.formula", "plan-formula"),
        ("follows: wuhan-14-5", "follows: nothing", "follows", "plan-follows-nothing"),
        ("follows: wuhan-14-5", "source: again", "indicators.0.continues", "plan-follows-nothing"),
        ("continues: 6", "continues: 99", "indicators.0.continues", "plan-continues-nothing"),
        ("entered_as: 102", "entered_as: 7", "indicators.1.entered_as", "plan-number-taken"),
        ("id: wuhan-15-5", "id: wuhan-14-5", "id", "plan-id-taken"),
        ("{zh: 新指标, en: a new one}", "{zh: '', en: a}", "indicators.1.title", "Value error"),
        ("indicators:", "indicators: &x [*x]\nmore:", None, ""),
    ],
)
def test_what_is_wrong_with_a_plan_is_told_with_its_place(
    tmp_path: Path, before: str, after: str, place: str | None, reason: str
) -> None:
    file = tmp_path / "next.yml"
    assert before in FOLLOWING
    file.write_text(FOLLOWING.replace(before, after), encoding="utf-8")
    with pytest.raises(PlanUnusable) as refused:
        load_plans([file])
    assert refused.value.place is not None
    assert refused.value.place.file == str(file)
    if place is not None:
        assert refused.value.place.field == place
    assert str(refused.value.parameters["reason"]).startswith(reason)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"- a\n- b\n", b"a: b: c", b"[" * 5_000, b"x" * (LARGEST + 1), b"", b"{1: 2}", b"a: 2020-01-01"],
)
def test_what_is_no_plan_is_refused(content: bytes) -> None:
    with pytest.raises(PlanUnusable):
        read_plan(content, "hostile.yml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlanUnusable, match="No such file"):
        load_plans([tmp_path / "nothing.yml"])


def test_its_text_makes_the_same_plan_again() -> None:
    assert read_plan(PLAN.text, "again") == PLAN
    assert yaml.safe_load(PLAN.text)["id"] == PLAN.id

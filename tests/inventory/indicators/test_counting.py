from typing import Any

import pytest

from inventory.indicators.counting import by_scope, tally, without
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.model import Counted, Exclusion, Scope, Verdict

CLOUD = FORMULAS["cloud_systems"]


def counted(key: str, verdict: Verdict = "no", **more: Any) -> Counted:
    return Counted(key, key, verdict, verdict, "synthetic", 1.0, (), **more)


def excluded(code: str = "X1", **more: Any) -> Exclusion:
    said = {
        "indicator": 6, "register": "systems", "record": "S1", "reason": "合成", "approved_by": "合成批准人",
        "approved_on": "2025-01-01", "expires_on": "2025-12-31",
    }  # fmt: skip
    return Exclusion(code, **(said | more))


@pytest.mark.parametrize(
    ("day", "more", "verdict", "wanted"),
    [
        ("2025-01-01", {}, "no", "counts"),
        ("2025-12-31", {}, "unknown", "counts"),
        ("2024-12-31", {}, "no", "not-yet"),
        ("2026-01-01", {}, "no", "expired"),
        ("2025-06-01", {"approved_by": ""}, "no", "not-approved"),
        ("2025-06-01", {"approved_on": ""}, "no", "not-approved"),
        ("2025-06-01", {"expires_on": ""}, "no", "not-approved"),
        ("2025-06-01", {"register": "sites"}, "no", "elsewhere"),
        ("2025-06-01", {"record": "S7"}, "no", "unknown-record"),
        ("2025-06-01", {}, "outside", "outside"),
    ],
)
def test_an_exclusion_counts_only_while_it_is_approved_and_has_not_expired(
    day: str, more: dict[str, str], verdict: Verdict, wanted: str
) -> None:
    (record,), (ruled,) = without([counted("S1", verdict)], [excluded(**more)], CLOUD, day)
    assert ruled.holds == wanted
    assert record.verdict == ("excluded" if wanted == "counts" else verdict)
    assert record.judged == verdict
    assert record.exclusion == ("X1" if wanted == "counts" else "")


def test_two_exclusions_of_one_record_take_it_out_once() -> None:
    records, ruled = without([counted("S1")], [excluded("X2"), excluded("X1")], CLOUD, "2025-06-01")
    assert [one.exclusion for one in records] == ["X1"]
    assert [one.holds for one in ruled] == ["counts", "counts"]


def test_records_are_counted_by_what_they_are_and_where_they_belong() -> None:
    some = [counted("a", "yes", unit="1", district="9"), counted("b", "unknown", unit="1"), counted("c", "outside")]
    found = tally(some)
    assert (found.yes, found.unknown, found.outside, found.denominator, found.amount) == (1, 1, 1, 2, 1.0)
    parts = by_scope(some, "unit")
    assert {scope: len(part) for scope, part in parts.items()} == {Scope("unit", "1"): 2, Scope("unit"): 1}
    assert set(by_scope(some, "district")) == {Scope("district", "9"), Scope("district")}

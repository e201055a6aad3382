from datetime import date, timedelta

import pytest

from inventory.networks.circuits import Bill, Line, Traffic, judge, thresholds, thresholds_of
from inventory.networks.errors import CircuitTableUnusable

TODAY = date(2026, 11, 30)
CANCELLED = Line("L1", "cancelled", date(2026, 9, 1), "health")
BUSY = 5_000_000_000


def days(line: str, octets: int, first: date, count: int) -> list[Traffic]:
    return [Traffic(line, first + timedelta(n), octets) for n in range(count)]


def verdicts(line: Line, traffic: list[Traffic], *bills: Bill) -> list[str]:
    return [one.verdict for one in judge([line], traffic, bills, TODAY, thresholds())]


def test_a_line_is_really_cancelled_only_by_silence_that_was_measured() -> None:
    silent = days("L1", 0, date(2026, 9, 5), 30)
    assert verdicts(CANCELLED, silent) == ["cancelled-proven"]
    assert verdicts(CANCELLED, silent[:29]) == ["cancelled-unproven"]
    assert verdicts(CANCELLED, silent[:10] + silent[11:]) == ["cancelled-unproven"], "a day was not measured"
    assert verdicts(CANCELLED, []) == ["cancelled-unproven"]


def test_traffic_after_the_cancellation_is_found_with_its_evidence() -> None:
    traffic = [*days("L1", BUSY, date(2026, 8, 20), 20), *days("L1", 10, date(2026, 9, 9), 12)]
    (one,) = judge([CANCELLED], traffic, [], TODAY, thresholds())
    assert (one.verdict, one.owner, one.days_in_use, one.last_use, one.silent_days, one.finding) == (
        "cancelled-in-use", "health", 5, date(2026, 9, 8), 12, True,
    )  # fmt: skip
    assert one.octets == 5 * BUSY
    assert verdicts(CANCELLED, [*traffic, *days("L1", 10, date(2026, 9, 21), 30)]) == ["cancelled-proven"]
    within_grace = [*days("L1", BUSY, date(2026, 9, 1), 3), *days("L1", 0, date(2026, 9, 4), 30)]
    assert verdicts(CANCELLED, within_grace) == ["cancelled-proven"]


def test_what_is_paid_for_after_the_cancellation_is_found() -> None:
    silent = days("L1", 0, date(2026, 9, 5), 40)
    bill = Bill("L1", date(2026, 8, 31), date(2026, 9, 9), 1_000.0)
    (one,) = judge([CANCELLED], silent, [bill], TODAY, thresholds())
    assert (one.verdict, one.billed) == ("cancelled-billed", 800.0)
    assert verdicts(CANCELLED, silent, Bill("L1", date(2026, 8, 1), date(2026, 9, 1), 900.0)) == ["cancelled-proven"]
    assert verdicts(CANCELLED, days("L1", BUSY, TODAY, 1), bill) == ["cancelled-billed", "cancelled-in-use"]


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        (days("L2", BUSY, date(2026, 11, 1), 30), "active"), (days("L2", 0, date(2026, 11, 1), 30), "active-silent"),
        (days("L2", 0, date(2026, 11, 2), 29), "active"), ([], "active-unmeasured"),
        (days("L2", 0, date(2026, 1, 1), 90), "active-unmeasured"),
        (days("L2", BUSY, date(2026, 12, 1), 5), "active-unmeasured"),
    ],
)  # fmt: skip
def test_active_lines(traffic: list[Traffic], expected: str) -> None:
    assert verdicts(Line("L2", "active", date(2025, 1, 1)), traffic) == [expected]


def test_lines_that_no_register_has_and_those_of_later() -> None:
    found = judge(
        [Line("L3", "planned", date(2026, 1, 1)), Line("L4", "cancelled", date(2027, 1, 1))],
        [one for name in ("L3", "L9", "L4") for one in days(name, BUSY, TODAY, 1)] + days("L8", 5, TODAY, 1),
        [], TODAY, thresholds(),
    )  # fmt: skip
    assert [(one.line, one.verdict) for one in found] == [("L3", "planned-in-use"), ("L9", "undeclared")]


def test_thresholds_are_ours_and_a_wrong_table_is_told() -> None:
    assert not thresholds().verified
    for wrong in ({}, {"quiet_days": 0, "quiet_octets": 1, "grace_days": 1}, None, {"quiet_days": "x"}):
        with pytest.raises(CircuitTableUnusable):
            thresholds_of(wrong, "x")

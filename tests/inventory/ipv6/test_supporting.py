"""Supported or not, by rounds."""

import pytest

from inventory.ipv6.model import Outcome, Round, SelfTest, Status
from inventory.ipv6.supporting import supported
from tests.inventory.ipv6.values import measurement

WELL: tuple[Status, ...] = ("pass", "pass", "pass")


def one(statuses: tuple[Status, ...] | None) -> Round:
    if statuses is None:
        return Round(1, 0, SelfTest(well=False, reason="ipv6-no-route"))
    outcomes = tuple(Outcome(check, status) for check, status in zip(("A1", "A2", "B1"), statuses, strict=True))
    return Round(1, 0, SelfTest(well=True), measurement(), outcomes)


@pytest.mark.parametrize(
    ("rounds", "answer"),
    [
        ([WELL] * 3, "yes"),
        ([WELL] * 2, "unknown"),
        ([], "unknown"),
        ([("pass", "pass", "fail"), WELL, WELL], "no"),
        ([("pass", "pass", "fail"), WELL, WELL, WELL], "yes"),
        ([WELL, WELL, ("partial", "pass", "pass")], "no"),
        ([("fail", "n/a", "fail")], "no"),
        ([WELL, None, WELL, WELL], "yes"),
        ([WELL, WELL, None], "unknown"),
        ([None, None, None], "unknown"),
        ([WELL, WELL, ("unknown", "unknown", "unknown")], "unknown"),
        ([WELL, WELL, WELL, ("unknown", "unknown", "unknown")], "yes"),
    ],
)
def test_three_of_three_rounds(rounds: list[tuple[Status, ...] | None], answer: str) -> None:
    assert supported([one(statuses) for statuses in rounds]) == answer

import re

import pytest

from inventory.audits.conditions import Condition, days_after, fulfilled

TODAY = "2026-09-30"


@pytest.mark.parametrize(
    ("test", "argument", "values", "others", "wanted"),
    [
        ("in", ["a", "b"], ["a", "c", None], (), [True, False, False]),
        ("not_in", ["a", "b"], ["a", "c", None], (), [False, True, True]),
        ("other_than", ["a"], ["a", "c", None], (), [False, True, False]),
        ("known", True, ["a", "", [], None, 0, False], (), [True, False, False, False, True, True]),
        ("known", False, ["a", "", [], None, 0, False], (), [False, True, True, True, False, False]),
        ("unlike", r"\d+", ["12", "1a", None], (), [False, True, False]),
        ("at_least", 2, [1, 2, None], (), [False, True, False]),
        ("below", 2, [1, 2, None], (), [True, False, False]),
        ("above", 2, [2, 3, None], (), [False, True, False]),
        ("stale", 30, ["2026-08-30", "2026-08-31", None], (), [True, False, True]),
        ("older", 30, ["2026-08-30", "2026-08-31", None], (), [True, False, False]),
        (
            "within", 30, ["2026-09-29", "2026-09-30", "2026-10-30", "2026-10-31", None], (),
            [False, True, True, False, False],
        ),
        ("differs", "x", ["a", "a", None, "a"], ["a", "b", "b", None], [False, True, False, False]),
        ("before", "x", ["1", "2", None], ["2", "2", "2"], [True, False, False]),
        ("after", "x", ["3", "2", None], ["2", "2", "2"], [True, False, False]),
        (
            "not_within", {"days_after": "x", "days": 30},
            ["2026-01-31", "2026-02-01", None, None, "2026-01-01"],
            ["2026-01-01", "2026-01-01", "2026-08-30", "2026-08-31", None],
            [False, True, True, False, False],
        ),
        ("not_among", "units.id", ["a", "b", None], frozenset("a"), [False, True, False]),
        ("gone", True, ["a", "b", None], {"a": 0}, [False, True, False]),
    ],
)  # fmt: skip
def test_a_condition_holds_for_what_it_says(
    test: str, argument: object, values: list[object], others: object, wanted: list[bool]
) -> None:
    assert fulfilled(Condition("field", test, argument), values, others, TODAY) == wanted


def test_a_condition_is_tried_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="no such test"):
        Condition("field", "resembles", 1)
    with pytest.raises(re.error, match="unterminated"):
        Condition("field", "unlike", "(")


def test_conditions_say_what_they_look_at_beside_their_field() -> None:
    assert Condition("a", "before", "today").other == ""
    assert Condition("a", "differs", "b.c").other == "b.c"
    assert Condition("a", "not_within", {"days_after": "b", "days": 1}).other == "b"
    assert Condition("a", "not_among", "cii.unit").elsewhere == ("cii", "unit")
    assert Condition("a", "in", []).elsewhere is None


def test_days_are_those_of_the_calendar() -> None:
    assert days_after("2024-02-28", 1) == "2024-02-29"
    assert days_after("2026-03-01", -1) == "2026-02-28"
    assert days_after("0001-01-01", -1) == "0001-01-01"

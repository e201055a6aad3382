"""What a declared rule asks of a record: one field, one test, and what it is tested against.

What is not known fulfils only the tests that say so: an audit must not find what nobody said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, TypeAlias

Test: TypeAlias = Callable[[Sequence[Any], Any, Any, str], list[bool]]
"""Values, what they are compared with, the argument and the day of the audit in; for each value an answer out."""

AGAINST_FIELD: Final = frozenset({"differs", "before", "after", "not_within"})
"""Tests against another field of the same record, or against the day of the audit."""
TODAY: Final = "today"


@dataclass(frozen=True)
class Condition:
    """One field fulfils one test.

    Attributes:
        field: a path: a field, or one of the record that a reference leads to (`system.unit`); `id` is the record's.
        test: the name of the test, of `TESTS`.
        argument: what it is tested against.
    """

    field: str
    test: str
    argument: Any

    def __post_init__(self) -> None:
        if self.test not in TESTS:
            raise ValueError(f"{self.field}: no such test: {self.test}")
        if self.test == "unlike":
            re.compile(self.argument)

    @property
    def other(self) -> str:
        """The path of what the field is compared with; empty where it is not compared with a field."""
        if self.test not in AGAINST_FIELD:
            return ""
        said = self.argument["days_after"] if self.test == "not_within" else self.argument
        return "" if said == TODAY else str(said)

    @property
    def elsewhere(self) -> tuple[str, str] | None:
        """Of tests that look into another register, that register and its field."""
        if self.test != "not_among":
            return None
        register, _, field = str(self.argument).partition(".")
        return register, field


@cache
def days_after(day: str, days: int) -> str:
    """The day that lies so many days after another one, or before it."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return day


def fulfilled(condition: Condition, values: Sequence[Any], others: Any, today: str) -> list[bool]:
    """For each value whether it fulfils the condition.

    `others` are what the values are compared with: one for each, or all that are known elsewhere.
    """
    return TESTS[condition.test](values, others, condition.argument, today)


def _in(values: Sequence[Any], _: Any, wanted: Any, __: str) -> list[bool]:
    known = frozenset(wanted)
    return [value in known for value in values]


def _not_in(values: Sequence[Any], _: Any, unwanted: Any, __: str) -> list[bool]:
    known = frozenset(unwanted)
    return [value not in known for value in values]


def _other_than(values: Sequence[Any], _: Any, wanted: Any, __: str) -> list[bool]:
    known = frozenset(wanted)
    return [value is not None and value not in known for value in values]


def _known(values: Sequence[Any], _: Any, wanted: Any, __: str) -> list[bool]:
    return [(value is not None and value not in ("", [])) == wanted for value in values]


def _at_least(values: Sequence[Any], _: Any, least: Any, __: str) -> list[bool]:
    return [value is not None and value >= least for value in values]


def _below(values: Sequence[Any], _: Any, bound: Any, __: str) -> list[bool]:
    return [value is not None and value < bound for value in values]


def _above(values: Sequence[Any], _: Any, bound: Any, __: str) -> list[bool]:
    return [value is not None and value > bound for value in values]


def _unlike(values: Sequence[Any], _: Any, pattern: Any, __: str) -> list[bool]:
    fits = re.compile(pattern).fullmatch
    return [value is not None and fits(value) is None for value in values]


def _stale(values: Sequence[Any], _: Any, days: Any, today: str) -> list[bool]:
    oldest = days_after(today, -days)
    return [value is None or value < oldest for value in values]


def _older(values: Sequence[Any], _: Any, days: Any, today: str) -> list[bool]:
    oldest = days_after(today, -days)
    return [value is not None and value < oldest for value in values]


def _within(values: Sequence[Any], _: Any, days: Any, today: str) -> list[bool]:
    last = days_after(today, days)
    return [value is not None and today <= value <= last for value in values]


def _differs(values: Sequence[Any], others: Any, _: Any, __: str) -> list[bool]:
    return [
        value is not None and other is not None and value != other for value, other in zip(values, others, strict=True)
    ]


def _before(values: Sequence[Any], others: Any, _: Any, __: str) -> list[bool]:
    return [
        value is not None and other is not None and value < other for value, other in zip(values, others, strict=True)
    ]


def _after(values: Sequence[Any], others: Any, _: Any, __: str) -> list[bool]:
    return [
        value is not None and other is not None and value > other for value, other in zip(values, others, strict=True)
    ]


def _not_within(values: Sequence[Any], others: Any, argument: Any, today: str) -> list[bool]:
    """It was due so many days after the other, and came later or has not come yet."""
    days = argument["days"]
    return [
        other is not None and (today if value is None else value) > days_after(other, days)
        for value, other in zip(values, others, strict=True)
    ]


def _absent(values: Sequence[Any], there: Any, _: Any, __: str) -> list[bool]:
    return [value is not None and value not in there for value in values]


TESTS: Final[Mapping[str, Test]] = {
    # What it is.
    "in": _in,
    "not_in": _not_in,  # What is not known is not in there either.
    "other_than": _other_than,
    "known": _known,
    "unlike": _unlike,
    # Numbers.
    "at_least": _at_least,
    "below": _below,
    "above": _above,
    # Days, by the day of the audit: `stale` is what is older than so many days or was never, `older` was once.
    "stale": _stale,
    "older": _older,
    "within": _within,
    # Two fields.
    "differs": _differs,
    "before": _before,
    "after": _after,
    "not_within": _not_within,
    # Other registers: no record there has this value in that field, or the one that is meant is not there (any more).
    "not_among": _absent,
    "gone": _absent,
}

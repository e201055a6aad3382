"""Why an indicator changed between two days: which records entered, left or turned, and what was only learned later.

What is known today of the earlier day may differ from what was known then. So the way from the number of then to the
number of now has two legs: what was corrected about the earlier day, and what changed in the world since. Each change
says what it adds to the numerator and the denominator; together they are the difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final, Literal, TypeAlias

from inventory.days import end_of
from inventory.indicators.computing import Indicators
from inventory.indicators.model import IN, Counted, Indicator, Measured
from inventory.indicators.view import NOW

Kind: TypeAlias = Literal[
    "entered", "left", "yes-to-no", "no-to-yes", "answered", "no-answer", "excluded", "exclusion-ended", "amount"
]
_TURNS: Final[dict[tuple[str, str], Kind]] = {
    ("yes", "no"): "yes-to-no", ("no", "yes"): "no-to-yes",
    ("unknown", "yes"): "answered", ("unknown", "no"): "answered",
    ("yes", "unknown"): "no-answer", ("no", "unknown"): "no-answer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one record: what it was to the rate and is now (None: not there), and what that adds."""

    kind: Kind
    key: str
    before: Counted | None
    after: Counted | None
    numerator: float
    denominator: int


@dataclass(frozen=True, slots=True)
class Why:
    """Why an indicator is another one than on an earlier day.

    Attributes:
        then: the earlier day, as it was known when it was over.
        then_now: the same day, as it is known now.
        now: the later day, as it is known now.
        corrected: what makes `then_now` of `then`.
        changed: what makes `now` of `then_now`.
    """

    then: Measured
    then_now: Measured
    now: Measured
    corrected: Sequence[Changed]
    changed: Sequence[Changed]


def why(indicators: Indicators, indicator: Indicator, since: str, day: str, recorded: int = NOW) -> Why:
    """Why an indicator on a day is another one than on the day `since` before it."""
    def measured(of: str, known: int) -> Measured:
        return indicators.measure(of, known, wanted=(indicator,))[0]

    then, then_now, now = (
        measured(since, min(end_of(since) - 1, recorded)), measured(since, recorded), measured(day, recorded),
    )  # fmt: skip
    return Why(
        then, then_now, now, changes(then.records, then_now.records), changes(then_now.records, now.records)
    )


def changes(before: Iterable[Counted], after: Iterable[Counted]) -> list[Changed]:
    """What became of the records, sorted by kind and key."""
    old, new = ({one.id: one for one in records} for records in (before, after))
    found = [made for id_ in {**old, **new} if (made := _changed(old.get(id_), new.get(id_))) is not None]
    return sorted(found, key=lambda one: (one.kind, one.key))


def total(found: Iterable[Changed]) -> tuple[float, int]:
    """What changes add to the numerator and the denominator together."""
    listed = list(found)
    return fsum(one.numerator for one in listed), sum(one.denominator for one in listed)


def _changed(before: Counted | None, after: Counted | None) -> Changed | None:
    kind = _kind(before, after)
    some = after or before
    if kind is None or some is None:
        return None
    numerator = _adds(after) - _adds(before)
    return Changed(kind, some.key, before, after, numerator, _counts(after) - _counts(before))


def _kind(before: Counted | None, after: Counted | None) -> Kind | None:
    old, new = (one.verdict if one else "outside" for one in (before, after))
    if old == new:
        return "amount" if _adds(before) != _adds(after) else None
    if old in IN and new in IN:
        return _TURNS[old, new]
    if new in IN:
        return "exclusion-ended" if old == "excluded" else "entered"
    if old in IN:
        return "excluded" if new == "excluded" else "left"
    # Neither day counts it: whether it is kept out by an exclusion or by itself adds nothing.
    return None


def _adds(one: Counted | None) -> float:
    return one.amount if one is not None and one.verdict == "yes" else 0.0


def _counts(one: Counted | None) -> int:
    return int(one is not None and one.verdict in IN)

"""Texts of times as int64 nanoseconds, fast: the second is remembered, the fraction is added."""

from collections.abc import Iterable
from typing import Any

from sensors.event.times import EARLIEST, LATEST, SECOND, from_iso
from sensors.parsers.caches import Bounded

_SECOND_LENGTH = len("2026-05-13T07:04:08")


def _seconds(text: str) -> int | None:
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        return None


_SECONDS: Bounded[str, int | None] = Bounded(_seconds)


def iso_moment(text: Any) -> int | None:
    """Nanoseconds of an ISO 8601 time in any of its usual forms, UTC where no offset stands; None where it is none."""
    if text.__class__ is not str or len(text) > 64:
        return None
    fraction = text[_SECOND_LENGTH + 1 : _SECOND_LENGTH + 7]
    if text[_SECOND_LENGTH : _SECOND_LENGTH + 1] == "." and len(fraction) == 6 and fraction.isdecimal():
        after = text[_SECOND_LENGTH + 7 :]
        if not after[:1].isdecimal():
            base = _SECONDS[text[:_SECOND_LENGTH] + after]
            return None if base is None else base + int(fraction) * 1_000
    return _seconds(text)


def epoch_moment(value: Any) -> int | None:
    """Nanoseconds of seconds since 1970 as a number or decimal text, to the digit; None where it is none.

    A double holds microseconds until the year 2255, so that its six digits are taken and no more.
    """
    kind = value.__class__
    if kind is float:
        return round(value * 1_000_000) * 1_000 if -1e11 < value < 1e11 else None
    if kind is int:
        return value * SECOND if -(10**11) < value < 10**11 else None
    if kind is str:
        whole, _, fraction = value.partition(".")
        if len(whole) <= 11 and whole.isdecimal() and (fraction.isdecimal() or not fraction):
            return int(whole) * SECOND + int(fraction[:9].ljust(9, "0"))
    return None


def usable(moments: Iterable[int | None]) -> list[int | None]:
    """The moments with None for every one outside of [EARLIEST, LATEST)."""
    return [moment if moment is not None and EARLIEST <= moment < LATEST else None for moment in moments]

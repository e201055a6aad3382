"""Texts of times as int64 nanoseconds, fast: the second is remembered, the fraction is added."""

from collections.abc import Sequence
from typing import Any

from sensors.event.times import SECOND, from_iso
from sensors.parsers.caches import Bounded

_EPOCH_DIGITS = 17
"""Eleven before the point, as far as `epoch_moment` goes, and six behind it."""
_SECOND_LENGTH = len("2026-05-13T07:04:08")


def _seconds(text: str) -> int | None:
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        return None


_SECONDS: Bounded[str, int | None] = Bounded(_seconds)


def _second_before_point(text: str) -> int | None:
    """Nanoseconds of a time from which the six digits behind the point were taken out."""
    head, after = text[:_SECOND_LENGTH], text[_SECOND_LENGTH + 1 :]
    if text[_SECOND_LENGTH : _SECOND_LENGTH + 1] != "." or after[:1].isdecimal():
        return None
    return _seconds(head + after)


_BEFORE_POINT: Bounded[str, int | None] = Bounded(_second_before_point)


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


def iso_moments(column: Sequence[Any]) -> list[int | None]:
    """`iso_moment` of every value; times that all have six digits behind the point are taken apart together."""
    if set(map(type, column)) == {str}:
        digits = [text[20:26] for text in column]
        joined = "".join(digits)
        if len(joined) == 6 * len(digits) and joined.isdecimal():
            seconds = list(map(_BEFORE_POINT.__getitem__, [text[:20] + text[26:] for text in column]))
            if set(map(type, seconds)) == {int}:
                return [base + micros * 1_000 for base, micros in zip(seconds, map(int, digits), strict=True)]  # type: ignore[operator]
    return list(map(iso_moment, column))


def epoch_moments(column: Sequence[Any]) -> list[int | None]:
    """`epoch_moment` of every value; decimal texts with six digits behind the point are read together."""
    if set(map(type, column)) == {str}:
        digits = [text[:-7] + text[-6:] for text in column]
        joined = "".join(digits)
        points = "".join([text[-7:-6] for text in column])
        if joined.isascii() and joined.isdecimal() and points == "." * len(digits):
            shortest, longest = min(map(len, digits)), max(map(len, digits))
            if shortest > 6 and longest <= _EPOCH_DIGITS:
                return [micros * 1_000 for micros in map(int, digits)]
    return list(map(epoch_moment, column))


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

"""Time as the house uses it: int64 nanoseconds since 1970 in UTC, and a clock that is passed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Returns now in nanoseconds since 1970; the edge passes `time.time_ns`, a test passes what it wants."""

SECOND = 1_000_000_000
EARLIEST = 0
LATEST = 9_214_646_400 * SECOND
"""Event times outside [1970, 2262) cannot be stored by every store: such an event takes its receipt time instead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = datetime(1970, 1, 1)  # noqa: DTZ001 - its text has no zone


def iso(moment: int) -> str:
    """Nanoseconds as ISO 8601 text in UTC with as many digits as are needed: 3, 6 or 9 after the point."""
    seconds, fraction = divmod(moment, SECOND)
    text = (_PLAIN + timedelta(seconds=seconds)).isoformat()  # strftime takes ten times as long
    if fraction % 1_000:
        return f"{text}.{fraction:09d}Z"
    if fraction % 1_000_000:
        return f"{text}.{fraction // 1_000:06d}Z"
    return f"{text}.{fraction // 1_000_000:03d}Z"


def from_iso(text: str) -> int:
    """Nanoseconds of ISO 8601 text: a date, or date and time, with any number of digits; UTC where no offset stands.

    Raises:
        ValueError: the text is not such a time.
    """
    head, point, tail = text.strip().partition(".")
    if not point:
        moment = datetime.fromisoformat(head)
        nanos = 0
    else:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        if not digits:
            raise ValueError(f"no digits after the point: {text!r}")
        moment = datetime.fromisoformat(head + tail[digits:])
        nanos = int(tail[:digits][:9].ljust(9, "0"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + nanos + since.microseconds * 1_000

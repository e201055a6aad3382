"""Relative times: `now`, `now-1h`, `now-7d/d`, as Elasticsearch writes its date math; in UTC.

Specification: Elasticsearch, "Date math". Rounding goes down, whatever the end of a range it stands at.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

from sensors.event.times import EARLIEST, LATEST, SECOND

_STEP = re.compile(r"([+-])(\d{1,6})([smhHdwMy])|/([smhHdwMy])")
_WHOLE = re.compile(r"now(?:[+-]\d{1,6}[smhHdwMy]|/[smhHdwMy])*")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "H": 3_600, "d": 86_400, "w": 604_800}
_MONDAY_SECONDS: Final = 4 * 86_400  # 5 January 1970 was a Monday
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str, now: int) -> int | None:
    """The time that a relative time means, ns since 1970; None if the text is none or leaves what can be stored."""
    if not _WHOLE.fullmatch(text):
        return None
    found = now
    for sign, count, unit, rounding in _STEP.findall(text[3:]):
        try:
            found = _round(found, rounding) if rounding else _add(found, int(sign + count), unit)
        except (OverflowError, ValueError):
            return None
    return found if EARLIEST <= found < LATEST else None


def _add(time: int, count: int, unit: str) -> int:
    if unit in _SECONDS:
        return time + count * _SECONDS[unit] * SECOND
    seconds, fraction = divmod(time, SECOND)
    day = _EPOCH + timedelta(seconds=seconds)
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    moved = day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
    return _seconds(moved) * SECOND + fraction


def _round(time: int, unit: str) -> int:
    seconds = time // SECOND
    if unit in _SECONDS:
        shift = _MONDAY_SECONDS if unit == "w" else 0
        return ((seconds - shift) // _SECONDS[unit] * _SECONDS[unit] + shift) * SECOND
    day = (_EPOCH + timedelta(seconds=seconds)).replace(day=1, hour=0, minute=0, second=0)
    return _seconds(day.replace(month=1) if unit == "y" else day) * SECOND


def _seconds(day: datetime) -> int:
    since = day - _EPOCH
    return since.days * 86_400 + since.seconds

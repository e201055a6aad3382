"""Days of the city's calendar as moments: the law and the plan speak of days, and a day begins in China when it does.

China has had one zone, and no summer time since 1992, so that an offset says it all.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from sensors.event.times import SECOND

ZONE: Final = timezone(timedelta(hours=8), "CST")
_DAY_LENGTH: Final = 86_400 * SECOND
_OFFSET: Final = 8 * 3_600 * SECOND
_WRITTEN: Final = re.compile(
    r"(?P<year>\d{4})\s*(?:[-/.年])\s*(?P<month>\d{1,2})\s*(?:[-/.月])\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?"
)
"""`2026-03-01`, `2026/3/1`, `2026.3.1`, `2026年3月1日`, and the midnight that spreadsheets make of a day."""
_TOGETHER: Final = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_YEARS: Final = range(1900, 2200)


def read_day(text: str) -> str | None:
    """A day as `2026-03-01` from any of the notations in use; None for what is no day."""
    found = _WRITTEN.fullmatch(text) or _TOGETHER.fullmatch(text)
    if found is None or int(found["year"]) not in _YEARS:
        return None
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
    except ValueError:
        return None


def begin_of(day: str) -> int:
    """When a day (`2026-03-01`) begins in the city, ns since 1970."""
    return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * SECOND - _OFFSET


def end_of(day: str) -> int:
    """When a day is over in the city, ns since 1970: the beginning of the next one."""
    return begin_of(day) + _DAY_LENGTH


def day_of(moment: int) -> str:
    """The day in the city in which a moment lies."""
    return datetime.fromtimestamp(moment // SECOND, ZONE).date().isoformat()

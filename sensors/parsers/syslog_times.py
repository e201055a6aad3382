"""Times of BSD syslog: no year, a year where the vendor puts it, or ISO 8601; zone and year are to be supplied."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from sensors.event.times import SECOND
from sensors.parsers.instants import iso_moment

_DAY = 86_400 * SECOND
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
"""The number of a month by the first three letters of its English name."""
# Mmm dd [yyyy] hh:mm:ss[.fraction] [yyyy], with an offset where a device writes one.
_BSD = re.compile(
    r"[*.]?(\w{3})\s+(\d{1,2})(?:\s+(\d{4}))?\s+(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:\s+(\d{4}))?\s*([+-]\d\d:?\d\d|Z)?"
)
_LEAP_SEARCH = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(text: str, received: int, zone: tzinfo) -> int | None:
    """Nanoseconds of a syslog time in `zone` where it says none; None where it is no time.

    Where no year stands, it is the last one in which the event is at most a day after `received`.
    """
    if text[:1].isdigit():
        return in_zone(text, zone)
    match = _BSD.fullmatch(text)
    if match is None:
        return None
    month, day, early, hour, minute, second, fraction, late, offset = match.groups()
    number = MONTHS.get(month.title())
    if number is None:
        return None
    clock = (number, int(day), int(hour), int(minute), min(int(second), 59))
    place = zone if offset is None else datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo or zone
    nanos = int((fraction or "0").ljust(9, "0"))
    if early or late:
        found = _on(int(early or late), clock, place)
        return None if found is None else found + nanos
    year = (_EPOCH + timedelta(seconds=received // SECOND)).astimezone(zone).year + 1
    for candidate in range(year, year - _LEAP_SEARCH - 2, -1):
        found = _on(candidate, clock, place)
        if found is not None and found <= received + _DAY:
            return found + nanos
    return None


def _on(year: int, clock: tuple[int, int, int, int, int], zone: tzinfo) -> int | None:
    try:
        moment = datetime(year, *clock, tzinfo=zone)
        return int((moment - _EPOCH).total_seconds()) * SECOND
    except (ValueError, OverflowError):
        return None


def in_zone(text: str, zone: tzinfo) -> int | None:
    """An ISO 8601 time, in `zone` where it names no offset."""
    moment = iso_moment(text)
    if moment is None or text.endswith("Z") or re.search(r"[+-]\d\d:?\d\d$", text):
        return moment
    try:
        local = (_EPOCH + timedelta(seconds=moment // SECOND)).replace(tzinfo=zone)
        return int((local - _EPOCH).total_seconds()) * SECOND + moment % SECOND
    except OverflowError:
        return None

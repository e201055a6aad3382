"""Times of BSD syslog: no year, a year where the vendor puts it, or ISO 8601; zone and year are to be supplied."""

import re
from collections.abc import Iterable
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
_TO_THE_SECOND = re.compile(r"\x20\d\d:\d\d:[0-5][0-9]", re.ASCII)
"""How a time ends that says neither a fraction nor an offset behind its seconds."""
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


def moments_of(texts: Iterable[str | None], received: int, zone: tzinfo) -> dict[str | None, int | None]:
    """`moment_of` of distinct texts, None of none; most are one of the sixty of a minute that is looked at once."""
    minutes: dict[str, tuple[int | None, int | None]] = {}
    found: dict[str | None, int | None] = {}
    for text in texts:
        if text is None:
            found[text] = None
            continue
        head, seconds = text[:-2], text[-2:]
        if not (_TO_THE_SECOND.fullmatch(text, max(0, len(text) - 9))):
            found[text] = moment_of(text, received, zone)
            continue
        ends = minutes.get(head)
        if ends is None:
            ends = minutes[head] = moment_of(f"{head}00", received, zone), moment_of(f"{head}59", received, zone)
        first, last = ends
        if first is not None and last == first + 59 * SECOND:
            found[text] = first + int(seconds) * SECOND
        else:
            # Within this minute the year turns, or the zone's offset.
            found[text] = moment_of(text, received, zone)
    return found


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

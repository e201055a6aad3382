"""Times as declared formats write them, as int64 nanoseconds: ISO, seconds since 1970, or forms of `strptime`.

Only letters whose meaning does not depend on the machine's language are known, and each form is one expression.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final

from sensors.event.times import SECOND
from sensors.parsers.caches import Bounded
from sensors.parsers.instants import epoch_moment
from sensors.parsers.syslog_times import MONTHS, in_zone, moment_of

_PARTS: Final[Mapping[str, str]] = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d\d)", "m": r"(?P<m>\d{1,2})", "d": r"\s?(?P<d>\d{1,2})",
    "H": r"\s?(?P<H>\d{1,2})", "M": r"(?P<M>\d\d)", "S": r"(?P<S>\d\d)", "f": r"(?P<f>\d{1,9})",
    "b": r"(?P<b>[A-Za-z]{3})", "a": r"[A-Za-z]{3}", "z": r"(?P<z>Z|[+-]\d\d:?\d\d)", "Z": r"(?P<Z>[A-Z]{1,5})",
    "I": r"(?P<H>\d{1,2})", "p": r"(?P<p>[AaPp][Mm])", "%": "%",
}  # fmt: skip
"""strptime's letters: year, month, day, hour, minute, second, fraction of one to nine digits, name of month and of day,
offset, name of zone, hour of twelve and its half."""

NAMED: Final = ("iso", "syslog", "epoch", "epoch-ms", "epoch-us", "epoch-ns")
_UNITS: Final = {"epoch-ms": 1_000_000, "epoch-us": 1_000, "epoch-ns": 1}
_NAMED_ZONES: Final[Mapping[str, int]] = {
    "UTC": 0, "GMT": 0, "Z": 0, "CST": 8, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "MSK": 3, "WET": 0, "WEST": 1,
    "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "BST": 1, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours east of Greenwich by the names of the tz database; of those that several zones have, China's (CST), Britain's
(BST) and America's (EST, MST)."""


def form_fault(form: str) -> str | None:
    """Why a form of time cannot be used; None where it can."""
    if form in NAMED:
        return None
    odd = [letter for letter in re.findall(r"%(.)", form) if letter not in _PARTS]
    if odd or "%" not in form:
        return f"{form!r}: known are {', '.join(NAMED)} and the letters {', '.join(f'%{letter}' for letter in _PARTS)}"
    letters = re.findall(r"%(.)", form)
    if len(letters) != len(set(letters)) or not {"d", "M"} <= set(letters) or not {"H", "I"} & set(letters):
        return f"{form!r}: day, hour and minute must stand in it, and nothing twice"
    return None


class Form:
    """Reads times of one form; what it read it remembers, by zone."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._match = None if form in NAMED else _expression(form)
        self._known: dict[str, Bounded[str, int | None]] = {}

    def moments(self, texts: Sequence[str], received: int, zone: tzinfo) -> list[int | None]:
        """Nanoseconds of every text in `zone` where it names none; None where it is no such time."""
        one = self._reader(received, zone)
        if self._yearless:
            found = {text: one(text) for text in set(texts)}
            return [found[text] for text in texts]
        known = self._known.get(str(zone))
        if known is None:
            if len(self._known) >= 64:
                self._known.clear()
            known = self._known[str(zone)] = Bounded(one, entries=8_192)
        return list(map(known.__getitem__, texts))

    @property
    def _yearless(self) -> bool:
        return self._form == "syslog" or (self._match is not None and not {"%Y", "%y"} & {
            f"%{letter}" for letter in re.findall(r"%(.)", self._form)
        })

    def _reader(self, received: int, zone: tzinfo) -> Callable[[str], int | None]:
        form = self._form
        if form == "iso":
            return lambda text: in_zone(text, zone)
        if form == "syslog":
            return lambda text: moment_of(text, received, zone)
        if form == "epoch":
            return lambda text: epoch_moment(text.strip())
        if form in _UNITS:
            unit = _UNITS[form]
            return lambda text: int(text) * unit if len(text) < 20 and text.isascii() and text.isdecimal() else None
        return lambda text: self._read(text, received, zone)

    def _read(self, text: str, received: int, zone: tzinfo) -> int | None:
        assert self._match is not None
        found = self._match(text) if len(text) < 100 else None
        if found is None:
            return None
        part = {name: value for name, value in found.groupdict().items() if value is not None}
        month = MONTHS.get(part["b"].title()) if "b" in part else int(part.get("m", "1"))
        if month is None:
            return None
        hour = int(part["H"])
        if "p" in part:
            hour = hour % 12 + (12 if part["p"].lower() == "pm" else 0)
        place = _zone(part, zone)
        if place is None:
            return None
        clock = (month, int(part["d"]), hour, int(part["M"]), min(int(part.get("S", "0")), 59))
        nanos = int(part["f"].ljust(9, "0")) if "f" in part else 0
        if "Y" in part or "y" in part:
            year = int(part["Y"]) if "Y" in part else 2_000 + int(part["y"])
            return _moment(year, clock, place, nanos)
        # The rule of RFC 3164's times: the last year in which the event is at most a day after its receipt.
        latest = datetime.fromtimestamp(received // SECOND, place).year + 1
        for year in range(latest, latest - 10, -1):
            moment = _moment(year, clock, place, nanos)
            if moment is not None and moment <= received + 86_400 * SECOND:
                return moment
        return None


def _zone(part: Mapping[str, str], zone: tzinfo) -> tzinfo | None:
    """The zone that a time names, else that of its source; None where it names one that nobody knows."""
    offset, name = part.get("z"), part.get("Z")
    if offset is None:
        if name is None or name in _names(zone):
            return zone
        hours = _NAMED_ZONES.get(name)
        return None if hours is None else timezone(timedelta(hours=hours))
    if offset == "Z":
        return timezone.utc  # noqa: UP017 - a zone, beside other zones
    sign = -1 if offset[0] == "-" else 1
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(sign * timedelta(minutes=min(minutes, 24 * 60 - 1)))


@cache
def _names(zone: tzinfo) -> frozenset[str | None]:
    """What a zone calls itself, in winter and in summer."""
    return frozenset(zone.tzname(datetime(2026, month, 1)) for month in (1, 7))  # noqa: DTZ001 - a time of the zone


def _moment(year: int, clock: tuple[int, int, int, int, int], zone: tzinfo, nanos: int) -> int | None:
    try:
        return int(datetime(year, *clock, tzinfo=zone).timestamp()) * SECOND + nanos
    except (ValueError, OverflowError):
        return None


def _expression(form: str) -> Callable[[str], re.Match[str] | None]:
    found = ""
    for piece in re.split(r"(%.|\s+)", form):
        if piece.startswith("%"):
            found += _PARTS[piece[1]]
        elif piece.isspace():
            found += r"\s+"
        else:
            found += re.escape(piece)
    return re.compile(found).fullmatch

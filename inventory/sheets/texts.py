"""How the content of a cell is spelled as text: one spelling for each number, date and moment, whatever shows it.

Numbers and dates of workbooks: ECMA-376-1 (Office Open XML), 18.8.30 numFmt and 18.17.4.1 dates; GB/T 7408.1 (ISO 8601)
for what we make of them.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite, nan
from typing import Final

from inventory.sheets.errors import CellDigitsLost, CellError, CellNoDate, CellTooLong, CellUndecodable
from inventory.sheets.model import Fault

EDGES: Final = (
    " \t\n\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d"
    "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""White space and characters of no width, which people cannot see at the edge of a cell."""

ERRORS: Final = frozenset({
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!",
})  # fmt: skip
"""ECMA-376-1, 18.17.3 and Excel's later ones; CSV has them as their text."""

LOST_DIGITS: Final = re.compile(r"[+-]?\d(?:\.\d+)?E\+(?:1[1-9]|[2-9]\d|\d{3,})", re.IGNORECASE)
"""How a spreadsheet writes a number that is longer than a column; the number was a string of digits before."""
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")
_SUSPICIOUS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff#]|E\\+", re.IGNORECASE)
LOST: Final = "\ufffd"
"""Unicode's replacement character: it stands where something is lost, and is at fault wherever it is read."""
_MOST_DIGITS: Final = 15
_LATEST_DAY: Final = 2_958_465
"""31 December 9999."""


class Shown(Enum):
    """As what a number format shows a number."""

    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    DURATION = "duration"
    PADDED = "padded"


def trimmed(text: str) -> str:
    """A text without what cannot be seen at its edges."""
    return text.strip(EDGES)


def shown_as(number_format: str) -> Shown:
    """As what a format code shows numbers, such as `yyyy"年"m"月"d"日"`."""
    code = number_format.split(";", 1)[0].lower()
    if re.fullmatch(r"0{2,30}", code):
        return Shown.PADDED
    # Quoted words, escaped characters and colours or locales in brackets say nothing; [h] is a duration.
    duration = re.search(r"\[(?:h+|m+|s+)\]", code)
    code = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code)
    if duration:
        return Shown.DURATION
    if "general" in code or not re.search(r"[ymdhs]", code) or re.search(r"e[+-]", code):
        return Shown.NUMBER
    hours = bool(re.search(r"[hs]", code))
    if re.search(r"[yd]", code):
        return Shown.MOMENT if hours else Shown.DATE
    # Months alone are dates, months beside hours are minutes.
    return Shown.TIME if hours else Shown.DATE


def spelled_number(stored: str, shown: Shown, pattern: str, *, since_1904: bool) -> tuple[str, Fault | None]:
    """The text of a workbook's number, and what is wrong with it (of column 0); `pattern` is its format code."""
    try:
        number = float(stored)
    except ValueError:
        number = nan
    if not isfinite(number):
        return LOST, Fault(0, CellUndecodable, {"value": stored[:40]})
    if shown in {Shown.NUMBER, Shown.PADDED}:
        return _number(number, shown, pattern)
    if shown is Shown.DURATION:
        return _time(number), None
    return _date(number, shown, since_1904=since_1904)


def _number(number: float, shown: Shown, pattern: str) -> tuple[str, Fault | None]:
    if abs(number) >= 10**_MOST_DIGITS:
        told = f"{number:.14E}"
        return told, Fault(0, CellDigitsLost, {"value": told})
    if number.is_integer():
        text = str(int(number))
        return (text.zfill(len(pattern.split(";", 1)[0])) if shown is Shown.PADDED else text), None
    return f"{Decimal(f'{number:.{_MOST_DIGITS}g}'):f}", None


def _date(number: float, shown: Shown, *, since_1904: bool) -> tuple[str, Fault | None]:
    if since_1904:
        number += 1462
    if not 0 <= number < _LATEST_DAY + 1 or 60 <= number < 61:
        # Excel counts a 29 February 1900 that never was.
        told = f"{number:g}"
        return "#NUM!", Fault(0, CellNoDate, {"value": told})
    if number < 1 or shown is Shown.TIME:
        return _time(number % 1), None
    moment = datetime(1899, 12, 31 if number < 60 else 30) + timedelta(seconds=round(number * 86_400))  # noqa: DTZ001
    if shown is Shown.DATE and not (moment.hour or moment.minute or moment.second):
        return moment.date().isoformat(), None
    return moment.isoformat(), None


def _time(days: float) -> str:
    seconds = round(abs(days) * 86_400)
    return f"{'-' if days < 0 else ''}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def faults_of(texts: Sequence[str], most: int) -> tuple[Fault, ...]:
    """What is wrong with texts by themselves: errors of a spreadsheet, lost digits, characters that are none."""
    together = "\t".join(texts)
    if len(together) <= most and not _SUSPICIOUS.search(together):
        return ()
    return tuple(fault for column, text in enumerate(texts) if (fault := _fault(column, text, most)))


def _fault(column: int, text: str, most: int) -> Fault | None:
    if len(text) > most:
        return Fault(column, CellTooLong, {"most": most})
    if text.startswith("#") and text.upper() in ERRORS:
        return Fault(column, CellError, {"value": text})
    if LOST_DIGITS.fullmatch(text):
        return Fault(column, CellDigitsLost, {"value": text})
    if _UNPRINTABLE.search(text):
        return Fault(column, CellUndecodable, {"value": _UNPRINTABLE.sub("\ufffd", text)[:40]})
    return None

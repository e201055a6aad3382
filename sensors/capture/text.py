"""Text of addresses and times for whole columns at once, written by compiled code.

The kernels write texts one after another with a newline behind each, and where each begins.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, compiled
from sensors.event.texts import Texts

_IP_WIDTH: Final = 47
_TIME_WIDTH: Final = 31
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_NEWLINE: Final = 10


def texts(out: Octets, starts: Words) -> Texts:
    """The texts that a kernel wrote, with where they begin and where the last one ends."""
    return Texts(out[: int(starts[-1])].tobytes(), starts)


def equally_long(out: Octets, width: int) -> Texts:
    """The texts of a buffer that is full of them, each of so many octets with its newline."""
    return Texts(out.tobytes(), np.arange(0, len(out) + 1, width, dtype=np.int64))


@compiled
def _decimal(out: Octets, at: int, value: int) -> int:
    size = 1
    rest = value // 10
    while rest > 0:
        rest //= 10
        size += 1
    for place in range(at + size - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + size


@compiled
def _dotted(out: Octets, at: int, address: int) -> int:
    for shift in (24, 16, 8, 0):
        at = _decimal(out, at, (address >> shift) & 255)
        if shift:
            out[at] = 46
            at += 1
    return at


@compiled
def _group(high: np.uint64, low: np.uint64, place: int) -> int:
    """The group of 16 bits at a place from 0 to 7."""
    word = high if place < 4 else low
    return np.int64((word >> np.uint64(48 - 16 * (place & 3))) & np.uint64(0xFFFF))  # type: ignore[return-value]


@compiled
def _colons(out: Octets, at: int, high: np.uint64, low: np.uint64) -> int:
    """IPv6 as RFC 5952 writes it: lower case, the first longest run of zero groups shortened, mapped IPv4 dotted."""
    best, best_size, run = -1, 1, 0
    for place in range(8):
        run = run + 1 if _group(high, low, place) == 0 else 0
        if run > best_size:
            best_size = run
            best = place - run + 1
    if best == 0 and best_size == 5 and _group(high, low, 5) == 0xFFFF:
        for letter in (58, 58, 102, 102, 102, 102, 58):
            out[at] = letter
            at += 1
        return _dotted(out, at, (_group(high, low, 6) << 16) | _group(high, low, 7))
    place = 0
    while place < 8:
        if place == best:
            out[at] = 58
            at += 1
            if place == 0:
                out[at] = 58
                at += 1
            place += best_size
            continue
        started = False
        number = _group(high, low, place)
        for shift in (12, 8, 4, 0):
            digit = (number >> shift) & 15
            if digit or started or shift == 0:
                out[at] = _DIGITS[digit]
                at += 1
                started = True
        place += 1
        if place < 8:
            out[at] = 58
            at += 1
    return at


@compiled
def _addresses(high: Longs, low: Longs, six: Words, out: Octets, starts: Words) -> None:
    at = 0
    for place in range(high.shape[0]):
        starts[place] = at
        if six[place]:
            at = _colons(out, at, high[place], low[place])
        else:
            at = _dotted(out, at, np.int64(low[place]))  # type: ignore[arg-type]
        out[at] = _NEWLINE
        at += 1
    starts[high.shape[0]] = at


def addresses(high: Longs, low: Longs, six: Words) -> Texts:
    """IP addresses as text: `six` is 1 where the address is IPv6, else the low 32 bits of `low` are IPv4."""
    out = np.empty(len(high) * _IP_WIDTH, np.uint8)
    starts = np.empty(len(high) + 1, np.int64)
    _addresses(high, low, six, out, starts)
    return texts(out, starts)


@compiled
def _padded(out: Octets, at: int, value: int, size: int) -> None:
    for place in range(at + size - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10


@compiled
def _date(out: Octets, at: int, days: int) -> None:
    """The civil date of a count of days since 1970, by eras of 400 years that begin in March."""
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    _padded(out, at, year, 4)
    out[at + 4] = 45
    _padded(out, at + 5, month, 2)
    out[at + 7] = 45
    _padded(out, at + 8, day, 2)


@compiled
def _times(moments: Words, out: Octets, starts: Words) -> None:
    at, before, today = 0, 0, 0
    for place in range(moments.shape[0]):
        seconds = moments[place] // 1_000_000_000
        part = moments[place] % 1_000_000_000
        days = seconds // 86_400
        clock = seconds % 86_400
        if place > 0 and days == today:
            # Events of one capture are nearly always of the day of the one before.
            for letter in range(10):
                out[at + letter] = out[before + letter]
        else:
            _date(out, at, days)
            today = days
        before = starts[place] = at
        out[at + 10] = 84
        _padded(out, at + 11, clock // 3_600, 2)
        out[at + 13] = 58
        _padded(out, at + 14, clock // 60 % 60, 2)
        out[at + 16] = 58
        _padded(out, at + 17, clock % 60, 2)
        out[at + 19] = 46
        size = 9
        if part % 1_000_000 == 0:
            part //= 1_000_000
            size = 3
        elif part % 1_000 == 0:
            part //= 1_000
            size = 6
        _padded(out, at + 20, part, size)
        out[at + 20 + size] = 90
        out[at + 21 + size] = _NEWLINE
        at += 22 + size
    starts[moments.shape[0]] = at


def times(moments: Words) -> Texts:
    """Nanoseconds since 1970 as ISO 8601 text, as `sensors.event.times.iso` writes it; from 1970 to 2262."""
    out = np.empty(len(moments) * _TIME_WIDTH, np.uint8)
    starts = np.empty(len(moments) + 1, np.int64)
    _times(moments, out, starts)
    return texts(out, starts)

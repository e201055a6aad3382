"""Merged cells of a sheet: which rows they touch, asked from the top to the bottom."""

import re
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
"""ST_Ref, ECMA-376-1, 18.18.62."""

_MOST_HEADING_ROWS: Final = 5
_MOST_AT_ONCE: Final = 500
"""Merged cells never overlap, so that a row has part in no more of them than it has columns."""


class Range(NamedTuple):
    """A rectangle of cells; rows count from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


def column_of(letters: str) -> int:
    """The number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def range_of(text: str) -> Range | None:
    """The rectangle that a reference such as `B5:D5` names."""
    found = _RANGE.fullmatch(text)
    if not found:
        return None
    left, top, right, bottom = found.groups()
    rows, columns = sorted((int(top), int(bottom))), sorted((column_of(left), column_of(right)))
    return Range(rows[0], columns[0], rows[1], columns[1], text)


class Merged:
    """All merged cells of a sheet."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._ranges = sorted(ranges)
        self._next = 0
        self._open: list[tuple[int, Range]] = []

    def lowest(self, number: int) -> int:
        """The last row that shares merged cells with a row and those before it down from it, else the row itself."""
        last = number
        for one in self._ranges:
            if one.top > last:
                break
            if one.bottom > last and one.bottom - number < _MOST_HEADING_ROWS:
                last = one.bottom
        return last

    def at(self, number: int) -> list[Range]:
        """The merged cells that a row has part in; rows are asked in their order."""
        while self._open and self._open[0][0] < number:
            heappop(self._open)
        while self._next < len(self._ranges) and self._ranges[self._next].top <= number:
            one = self._ranges[self._next]
            if one.bottom >= number and len(self._open) < _MOST_AT_ONCE:
                heappush(self._open, (one.bottom, one))
            self._next += 1
        return sorted(one for _, one in self._open)

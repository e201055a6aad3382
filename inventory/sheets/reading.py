"""Opens a table, CSV or workbook as its content says, finds its headings and gives its rows one by one.

Memory does not grow with the number of rows. What is wrong with a row is told with the row, the rest is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from inventory.sheets.container import COMPOUND, ZIP, Parts, open_parts, refuse_compound, telling
from inventory.sheets.delimited import read_delimited
from inventory.sheets.errors import HeadingsMissing, SheetTooLarge, SheetUnreadable
from inventory.sheets.headings import Found, Vocabulary, find_headings, meanings
from inventory.sheets.merging import Merged
from inventory.sheets.model import LIMITS, Limits, Record, Row, Sheet
from inventory.sheets.rows import rows_of
from inventory.sheets.strings import shared_strings
from inventory.sheets.workbook import read_book, tabs_asked
from inventory.sheets.worksheet import merged_ranges, read_worksheet
from sensors.errors import Place

_PAGES: Final = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"mime-version:")
"""What many systems export under the name .xls: a page, XML of 2003, a page with its parts."""
_SAID: Final = 12
"""Headings that are named when none is found."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A table and its rows, which are read while they are asked for."""

    sheet: Sheet
    rows: Iterator[Row]


@contextmanager
def open_sheet(
    path: Path, aliases: Mapping[str, str], *, sheet: str | None = None, limits: Limits = LIMITS
) -> Iterator[Opened]:
    """The table of a file. `aliases` lead headings to keys, to the empty key where a column is known and left out.

    Of a workbook the sheet of the name `sheet` is read, else the first visible one that has known headings.

    Raises:
        SheetUnreadable: it is no table that can be read, or breaks off while the rows are read.
        SheetTooLarge: it holds more than is read, which may be found while the rows are read.
        SheetMissing: the workbook has no such sheet.
        HeadingsMissing: no row near the top holds known headings.
    """
    vocabulary = Vocabulary(aliases)
    place = Place(str(path))
    try:
        with path.open("rb") as opened:
            size = opened.seek(0, 2)
            if size > limits.octets:
                raise SheetTooLarge(place=place, reason="sheet-octets", most=limits.octets)
            opened.seek(0)
            head = opened.read(512)
            if head.startswith(COMPOUND):
                opened.seek(0)
                refuse_compound(opened, place)
    except OSError as error:
        raise SheetUnreadable(place=place, reason=error.strerror or str(error)) from error
    if not head:
        raise SheetUnreadable(place=place, reason="sheet-empty")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES):
        raise SheetUnreadable(place=place, reason="sheet-page")
    if head.startswith(ZIP):
        with open_parts(path, limits) as parts:
            yield from _of_workbook(parts, vocabulary, sheet, limits)
    else:
        with closing(read_delimited(path, vocabulary, limits)) as records:
            top = list(islice(records, limits.heading_rows))
            found = find_headings(top, Merged(), vocabulary)
            if found is None:
                raise _without_headings(place, top, vocabulary)
            yield _opened("", place, found, chain(top, records), Merged(), vocabulary, (), limits)


def read_sheet(
    path: Path, aliases: Mapping[str, str], *, sheet: str | None = None, limits: Limits = LIMITS
) -> tuple[Sheet, list[Row]]:
    """A table that fits into memory, with all its rows; otherwise as `open_sheet`."""
    with open_sheet(path, aliases, sheet=sheet, limits=limits) as opened:
        return opened.sheet, list(opened.rows)


def _of_workbook(parts: Parts, vocabulary: Vocabulary, name: str | None, limits: Limits) -> Iterator[Opened]:
    with telling(parts.place):
        book = read_book(parts)
    tabs = tabs_asked(book, name, parts)
    with shared_strings(parts, book.strings, limits.cell) as strings:
        first: list[Record] = []
        for tab in tabs:
            with closing(read_worksheet(parts, tab.part, strings, book, limits)) as records:
                top = list(islice(records, limits.heading_rows))
                merged = Merged(merged_ranges(parts, tab.part)) if top else Merged()
                found = find_headings(top, merged, vocabulary)
                if found is not None:
                    others = tuple(one.name for one in book.tabs if not one.hidden and one is not tab)
                    yield _opened(tab.name, parts.place, found, chain(top, records), merged, vocabulary, others, limits)
                    return
                first = first or top
    raise _without_headings(parts.place, first, vocabulary)


def _opened(  # noqa: PLR0913, PLR0917 - what both kinds of files have in common
    name: str,
    place: Place,
    found: Found,
    records: Iterable[Record],
    merged: Merged,
    vocabulary: Vocabulary,
    others: tuple[str, ...],
    limits: Limits,
) -> Opened:
    here = Place(place.file, found.number)
    keys, problems = meanings(found.headings, vocabulary, here)
    sheet = Sheet(name, here, found.headings, keys, problems, others)
    return Opened(sheet, rows_of(records, sheet, merged, limits))


def _without_headings(place: Place, top: list[Record], vocabulary: Vocabulary) -> HeadingsMissing:
    found = [text[:40] for text in top[0].texts if text][:_SAID] if top else []
    return HeadingsMissing(place=place, found=found, known=list(vocabulary.spellings.values())[:_SAID])

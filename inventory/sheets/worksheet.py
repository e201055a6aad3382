"""The rows of one sheet of a workbook, read as they come, in memory that does not grow with the sheet.

ECMA-376-1, 18.3.1: sheetData holds rows of cells, mergeCells follows them. Formulas are never computed, and the values
that a file holds for them are not believed: such a cell is a fault of its row.
"""

import re
from collections.abc import Generator
from contextlib import closing
from itertools import chain
from typing import Final

from inventory.sheets.cells import Cells
from inventory.sheets.container import Parts, telling
from inventory.sheets.elements import Elements
from inventory.sheets.errors import SheetTooLarge
from inventory.sheets.merging import Range, range_of
from inventory.sheets.model import Limits, Record
from inventory.sheets.plain_rows import plain_rows
from inventory.sheets.strings import Strings
from inventory.sheets.workbook import Book

MOST_RANGES: Final = 100_000
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref\s*=\s*[\"']([A-Z0-9:]{1,30})[\"']")
_OVERLAP: Final = 300


def merged_ranges(parts: Parts, name: str) -> list[Range]:
    """The merged cells of a sheet, which stand behind its rows: a pass over its octets without parsing them."""
    found: list[Range] = []
    rest = b""
    with telling(parts.place), closing(parts.chunks(name)) as chunks:
        for chunk in chunks:
            data = rest + chunk
            end = 0
            for one in _MERGED.finditer(data) if b"mergeCell" in data else ():
                end = one.end()
                if (there := range_of(one[1].decode("ascii"))) is not None:
                    found.append(there)
            if len(found) > MOST_RANGES:
                raise SheetTooLarge(place=parts.place, reason="sheet-merged", most=MOST_RANGES)
            rest = data[max(end, len(data) - _OVERLAP) :]
    return found


def read_worksheet(
    parts: Parts, name: str, strings: Strings, book: Book, limits: Limits
) -> Generator[Record, None, None]:
    """The rows of a sheet that are not blank, with faults of cells as far as the workbook tells them.

    Raises:
        SheetUnreadable: the sheet is broken.
        SheetTooLarge: it has more rows than are read.
    """
    cells = Cells(strings, book, limits)
    rows = plain_rows(cells, Elements(cells, limits.cell), limits.cell)
    with telling(parts.place), closing(parts.chunks(name)) as chunks:
        for chunk in chain(chunks, (b"",)):
            rows.feed(chunk)
            if cells.rows > limits.rows:
                raise SheetTooLarge(place=parts.place, reason="sheet-rows", most=limits.rows)
            yield from cells.taken()

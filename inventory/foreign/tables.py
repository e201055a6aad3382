"""Exports that are tables: the first line says of which kind they are, the rest is read as any table is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from inventory.errors import InventoryProblem
from inventory.foreign.errors import ForeignUnreadable
from inventory.sheets.delimited import SEPARATORS
from inventory.sheets.errors import HeadingMisspelt, HeadingUnknown, SheetProblem
from inventory.sheets.headings import folded
from inventory.sheets.model import Row
from inventory.sheets.reading import open_sheet

_LONGEST_LINE: Final = 16_384


def headings_of(head: bytes) -> frozenset[str]:
    """The folded headings that the first octets of a table begin with; none where they begin no line of text."""
    line, end, _ = head[:_LONGEST_LINE].partition(b"\n")
    if not end and len(head) >= _LONGEST_LINE:
        return frozenset()
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return frozenset()
    separator = max(SEPARATORS, key=text.count)
    return frozenset(folded(cell.strip().strip('"')) for cell in text.split(separator))


def table_rows(path: Path, columns: Mapping[str, str]) -> Iterator[Row | InventoryProblem]:
    """The rows of a table by the names of its columns; those that are at fault as problems.

    Columns that are not asked for are left out silently: other programs export more than we keep.

    Raises:
        ForeignUnreadable: it is no table.
    """
    try:
        with open_sheet(path, columns) as opened:
            for problem in opened.sheet.problems:
                if not isinstance(problem, HeadingUnknown | HeadingMisspelt):
                    yield problem
            for row in opened.rows:
                yield from row.problems or (row,)
    except SheetProblem as problem:
        reason = problem.parameters.get("reason", "foreign-headings")
        raise ForeignUnreadable(place=problem.place, reason=reason) from problem

"""The returned workbook: rows as they were sent, faulty cells marked by colour, and in a first column what is wrong.

It can be corrected and imported again as it is: the caller's aliases lead the first heading to the empty key. Rows that
nobody corrects are told again, since what cannot be returned as it was is returned as something that is at fault.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inventory.sheets.model import Row, Sheet
from inventory.sheets.writing import Column, Workbook

_WIDTH: Final = 60


@dataclass(frozen=True, slots=True)
class Returned:
    """A row with what is wrong in the person's language, empty where nothing is; `keys` are those at fault."""

    row: Row
    text: str
    keys: frozenset[str] = frozenset()


def write_returned(path: Path, sheet: Sheet, rows: Iterable[Returned], *, heading: str) -> int:
    """Writes the rows of a sheet that go back to whoever sent them, and says how many; `heading` is the first column's.

    Cells of the row's own problems are marked as well as those of `keys`.

    Raises:
        SheetUnwritable: the file cannot be written.
    """
    columns = [Column(heading, width=_WIDTH), *(Column(text) for text in sheet.headings)]
    columns_of = {key: column + 1 for column, key in enumerate(sheet.keys) if key is not None}
    with Workbook(path, sheet.name, columns) as workbook:
        for one in rows:
            faulty = {columns_of[key] for key in one.keys if key in columns_of}
            # Place.column counts from 1, and one column stands before those that were sent.
            faulty |= {problem.place.column for problem in one.row.problems if problem.place and problem.place.column}
            faulty |= {0} if one.text else set()
            workbook.add((one.text[:32_000], *one.row.sent), frozenset(faulty))
    return workbook.written

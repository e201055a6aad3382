"""A file as rows of a register: its headings lead to fields, and what is wrong goes back to whoever sent it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inventory.columns import headings
from inventory.errors import RecordProblem
from inventory.importing.model import Said
from inventory.model import Register
from inventory.sheets.errors import SheetProblem
from inventory.sheets.reading import open_sheet
from inventory.sheets.returning import Returned, write_returned
from sensors.errors import Problem


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent, for one register; of a workbook the sheet of this name, else the first that fits."""

    path: Path
    register: Register
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, read while they are asked for, and what is wrong with its headings."""

    rows: Iterator[Said]
    problems: Sequence[SheetProblem]


@contextmanager
def open_table(sent: Sent) -> Iterator[Table]:
    """The table in a file, CSV or a workbook.

    Raises:
        SheetProblem: it cannot be read as a table of this register, which may be found while rows are asked for.
    """
    with open_sheet(sent.path, headings(sent.register), sheet=sent.sheet) as opened:
        rows = (Said(row.place, row.cells, row.problems) for row in opened.rows)
        yield Table(rows, opened.sheet.problems)


def return_table(
    sent: Sent, problems: Sequence[Problem], target: Path, *, heading: str, tell: Callable[[Problem], str]
) -> int:
    """Write the rows of a file that cannot be used, with what is wrong in words; says how many.

    Raises:
        SheetProblem: the file cannot be read any more, or the other one cannot be written.
    """
    by_line: dict[int, list[Problem]] = {}
    for one in problems:
        if one.place is not None and one.place.line is not None:
            by_line.setdefault(one.place.line, []).append(one)

    def returned() -> Iterator[Returned]:
        for row in opened.rows:
            wrong = by_line.get(row.place.line or 0, [])
            if wrong:
                keys = (one.place.field for one in wrong if one.place and isinstance(one, RecordProblem))
                yield Returned(row, "\n".join(dict.fromkeys(map(tell, wrong))), frozenset(filter(None, keys)))

    with open_sheet(sent.path, headings(sent.register), sheet=sent.sheet) as opened:
        return write_returned(target, opened.sheet, returned(), heading=heading)

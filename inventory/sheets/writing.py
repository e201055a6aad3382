"""Writes tables as CSV and as workbooks that people fill in: headings with meaning, choices, text that stays text.

No cell ever becomes a formula: workbooks hold texts as texts, CSV defends them (inventory.sheets.escaping).
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import IO, Any, Final, Literal, Self, TypeAlias

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from inventory.sheets.cells import LAST_COLUMN, LAST_ROW
from inventory.sheets.errors import SheetUnwritable
from inventory.sheets.escaping import defended, kept
from inventory.sheets.texts import LOST
from sensors.errors import Place

Value: TypeAlias = str | int | float | Decimal | bool | date | datetime | None
"""What a cell is given: numbers and dates stay what they are, moments have no zone."""

FONT: Final = "Microsoft YaHei"
"""Every Windows and WPS in China has it."""
HEADING_COLOUR: Final = "#DDE7F3"
FAULT_COLOUR: Final = "#FFC7CE"
_LONGEST: Final = 32_767
_MOST_DIGITS: Final = 15
_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")
"""What XML cannot hold, even escaped (XML 1.0, 2.2); control characters are escaped by the library."""
_FIRST_YEAR: Final = 1901
"""Spreadsheets have no dates before 1900, and a day too many in it."""
_CHOICES: Final = "_choices"
_WIDEST: Final = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, what it means (a comment on the heading), texts to choose from, what its cells hold."""

    heading: str
    meaning: str = ""
    choices: tuple[str, ...] = ()
    kind: Literal["text", "number", "date"] = "text"
    width: int | None = None
    """In characters; None for what the heading needs."""


def write_csv(
    path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, encoding: str = "utf-8-sig"
) -> int:
    """Writes a CSV file, in UTF-8 with its mark so that Excel reads Chinese, and says how many rows.

    Raises:
        SheetUnwritable: the file cannot be written, or a text cannot be said in the encoding.
    """
    try:
        with path.open("w", encoding=encoding, newline="") as opened:
            return write_delimited(opened, columns, rows)
    except OSError as error:
        raise SheetUnwritable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    except UnicodeError as error:
        raise SheetUnwritable(place=Place(str(path)), reason="sheet-encoding") from error


def write_delimited(opened: IO[str], columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
    """Writes CSV into what is open already, and says how many rows."""
    writer = csv.writer(opened)
    writer.writerow([defended(column.heading) for column in columns])
    written = 0
    for row in rows:
        writer.writerow([defended(spelled(value)) for value in row])
        written += 1
    return written


def write_workbook(path: Path, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
    """Writes a workbook of one sheet, row by row, and says how many rows.

    Raises:
        SheetUnwritable: the file cannot be written, or there is more than a sheet can hold.
    """
    with Workbook(path, name, columns) as workbook:
        for row in rows:
            workbook.add(row)
    return workbook.written


def spelled(value: Value) -> str:
    """A value as reading spells it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal) and isfinite(value):
        return f"{value if isinstance(value, Decimal) else Decimal(f'{value:.15g}'):f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class Workbook:
    """A workbook that is being written; leaving it as a context closes the file, and removes it after an error."""

    def __init__(self, path: Path, name: str, columns: Sequence[Column]) -> None:
        self._place = Place(str(path))
        if len(columns) > LAST_COLUMN:
            raise SheetUnwritable(place=self._place, reason="sheet-too-wide")
        self._path = path
        try:
            # Opened before anything else is, so that a folder that is not there costs nothing.
            self._file = path.open("wb")
        except OSError as error:
            raise SheetUnwritable(place=self._place, reason=error.strerror or str(error)) from error
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True})
        self._sheet = self._book.add_worksheet(_tab(name))
        font: dict[str, object] = {"font_name": FONT, "font_size": 10}
        self._heading = self._book.add_format(
            font | {"bold": True, "bg_color": HEADING_COLOUR, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._formats: dict[bool, dict[str, Any]] = {
            False: {kind: self._book.add_format(font | more) for kind, more in _KINDS},
            True: {kind: self._book.add_format(font | more | {"bg_color": FAULT_COLOUR}) for kind, more in _KINDS},
        }
        self.written = 0
        self._begin(columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            # Closing also takes away the files that the library keeps rows in.
            self._book.close()
        except (OSError, XlsxWriterException) as error:
            self._path.unlink(missing_ok=True)
            if kind is None:
                raise SheetUnwritable(place=self._place, reason=str(error)) from error
        finally:
            self._file.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def add(self, row: Sequence[Value], faulty: frozenset[int] = frozenset()) -> None:
        """Writes the next row; the columns of numbers `faulty` (from 0) are marked by colour.

        Raises:
            SheetUnwritable: a sheet holds no more rows or columns, or a cell no text of that length.
        """
        number = self.written + 1
        if number >= LAST_ROW:
            raise SheetUnwritable(place=self._place, reason="sheet-too-long")
        if len(row) > LAST_COLUMN:
            raise SheetUnwritable(place=self._place, reason="sheet-too-wide")
        for column, value in enumerate(row):
            self._write(number, column, value, self._formats[column in faulty], marked=column in faulty)
        self.written = number

    def _write(self, row: int, column: int, value: Value, formats: dict[str, Any], *, marked: bool) -> None:
        if value is None or value == "":
            if marked:
                self._sheet.write_blank(row, column, None, formats["text"])
        elif isinstance(value, date) and value.year >= _FIRST_YEAR:
            kind = "moment" if isinstance(value, datetime) else "date"
            self._sheet.write_datetime(row, column, value, formats[kind])
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool) and _exact(value):
            self._sheet.write_number(row, column, value, formats["number"])
        else:
            text = _NO_CHARACTERS.sub(LOST, kept(spelled(value)))
            if len(text) > _LONGEST:
                place = Place(self._place.file, row + 1, column + 1)
                raise SheetUnwritable(place=place, reason="sheet-cell-long")
            self._sheet.write_string(row, column, text, formats["text"])

    def _begin(self, columns: Sequence[Column]) -> None:
        sheet = self._sheet
        choices = None
        for number, column in enumerate(columns):
            width = column.width or min(_WIDEST, max(10, 2 * len(column.heading) + 2))
            sheet.set_column(number, number, width, self._formats[False][column.kind])
            sheet.write_string(0, number, kept(column.heading), self._heading)
            if column.meaning:
                sheet.write_comment(0, number, column.meaning[:_LONGEST], {"font_size": 9, "x_scale": 2})
            if column.choices:
                choices = choices or self._book.add_worksheet(_CHOICES)
                # A list of its own, since a list within the cell is bounded and cannot hold commas.
                letters = xlsxwriter.utility.xl_col_to_name(number, col_abs=True)
                source = f"={_CHOICES}!{letters}$1:{letters}${len(column.choices)}"
                sheet.data_validation(1, number, LAST_ROW - 1, number, {"validate": "list", "source": source})
        for row in range(max((len(column.choices) for column in columns), default=0)):
            for number, column in enumerate(columns):
                if choices is not None and row < len(column.choices):
                    choices.write_string(row, number, column.choices[row])
        if choices is not None:
            choices.hide()
        sheet.freeze_panes(1, 0)


_KINDS: Final[tuple[tuple[str, dict[str, object]], ...]] = (
    ("number", {}),
    ("date", {"num_format": "yyyy-mm-dd"}),
    ("moment", {"num_format": "yyyy-mm-dd hh:mm:ss"}),
    # The format of texts keeps what is typed later as it is typed: long strings of digits, leading zeros.
    ("text", {"num_format": "@"}),
)


def _tab(name: str) -> str:
    """A name that a sheet may have: at most 31 characters, none of which a reference needs."""
    return "".join("_" if character in "[]:*?/\\'" else character for character in name)[:31] or "1"


def _exact(number: float | Decimal) -> bool:
    """Whether a spreadsheet keeps all digits of a number."""
    return isfinite(number) and len(spelled(number).lstrip("-0.").replace(".", "")) <= _MOST_DIGITS

"""What the cells of a sheet say: type, style and content become a text and what is wrong with it, row by row."""

from typing import Final

from inventory.sheets.errors import CellError, CellFormula, CellTooLong
from inventory.sheets.merging import column_of
from inventory.sheets.model import Fault, Limits, Record
from inventory.sheets.strings import Strings, unescaped
from inventory.sheets.texts import Shown, spelled_number, trimmed
from inventory.sheets.workbook import Book

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
_FORMULA: Final = "#VALUE!"
"""What is returned in place of a formula: it is at fault again if nobody replaces it."""
_MOST_DIGITS: Final = 15


class Cells:
    """Collects cells into records; rows come in order, and so do the cells of each."""

    def __init__(self, strings: Strings, book: Book, limits: Limits) -> None:
        self._strings, self._book, self._limits = strings, book, limits
        self._columns: dict[str, int] = {}
        self._plain = {""} | {str(n) for n, (shown, _) in enumerate(book.formats) if shown is Shown.NUMBER}
        self._records: list[Record] = []
        self.rows = 0
        self._number = 0
        self._texts: list[str] = []
        self._faults: list[Fault] = []

    def taken(self) -> list[Record]:
        """The records that are finished, each once."""
        records, self._records = self._records, []
        return records

    def begin_row(self, said: str | None) -> None:
        """A row begins, by its number or as the next one."""
        number = self._number + 1 if said is None else int(said)
        if not self._number < number <= LAST_ROW:
            raise ValueError("rows that are not in order")
        self.rows += 1
        self._number, self._texts, self._faults = number, [], []

    def end_row(self) -> None:
        """A row ends; one that says nothing is left out."""
        if self._texts:
            self._records.append(Record(self._number, self._texts, tuple(self._faults)))

    def column(self, letters: str) -> int:
        """The number of a column from 0."""
        column = self._columns.get(letters)
        if column is None:
            if not (0 < len(letters) <= 3 and letters.isascii() and letters.isupper()):
                raise ValueError("a reference that is none")
            column = column_of(letters)
            if column >= LAST_COLUMN:
                raise ValueError("a column that no sheet has")
            self._columns[letters] = column
        return column

    def add(self, column: int, kind: str, style: str, content: str) -> None:
        """The next cell of a row; ECMA-376-1, 18.18.11 ST_CellType."""
        fault: Fault | None = None
        if kind == "s":
            text = self._strings[int(content)]
        elif kind == "n":
            if content.isdecimal() and style in self._plain and len(content) <= _MOST_DIGITS and content[0] != "0":
                text = content
            elif content.strip():
                text, fault = self._number_of(content, style)
            else:
                return
        elif kind == "b":
            text = "true" if content.strip() in {"1", "true"} else "false"
        else:
            text = unescaped(content)
            if kind == "e":
                fault = Fault(0, CellError, {"value": content[:40]})
        self._enter(column, trimmed(text), fault)

    def add_formula(self, column: int, formula: str) -> None:
        """The next cell of a row is a formula."""
        self._enter(column, _FORMULA, Fault(0, CellFormula, {"formula": f"={formula}"[:100]}))

    def _number_of(self, content: str, style: str) -> tuple[str, Fault | None]:
        number, formats = int(style) if style else 0, self._book.formats
        shown, pattern = formats[number] if 0 <= number < len(formats) else (Shown.NUMBER, "General")
        return spelled_number(content, shown, pattern, since_1904=self._book.since_1904)

    def _enter(self, column: int, text: str, fault: Fault | None) -> None:
        if not text:
            return
        texts, limits = self._texts, self._limits
        # What lies far to the right is told as a cell without a heading, at the last column that is kept.
        column = min(column, limits.columns)
        if len(text) > limits.cell:
            fault = Fault(column, CellTooLong, {"most": limits.cell})
        missing = column - len(texts)
        if missing >= 0:
            if missing:
                texts.extend([""] * missing)
            texts.append(text)
        else:
            texts[column] = text
        if fault is not None:
            self._faults.append(fault._replace(column=column))

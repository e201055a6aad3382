"""What can go wrong with tables: a whole file, a heading, a row or one cell of it."""

from inventory.errors import InventoryProblem


class SheetProblem(InventoryProblem):
    """The family of errors in tables."""


class SheetUnreadable(SheetProblem):
    """A file cannot be read as a table; `reason` is a code of the catalogues' reasons or the words of the system."""

    code = "sheet-unreadable"


class SheetTooLarge(SheetUnreadable):
    """A file holds more than is read: `most` of what `reason` names."""

    code = "sheet-too-large"


class SheetMissing(SheetProblem):
    """A workbook has no visible sheet of the name that was asked for; `known` are those that it has."""

    code = "sheet-missing"


class HeadingsMissing(SheetProblem):
    """No row near the top holds headings that are known; `found` is what stands there, `known` some that could."""

    code = "sheet-headings-missing"


class HeadingUnknown(SheetProblem):
    """A `heading` that nothing is known of; its column is left out."""

    code = "sheet-heading-unknown"


class HeadingMisspelt(SheetProblem):
    """A `heading` that nothing is known of, but that is much like `nearest`; its column is left out."""

    code = "sheet-heading-misspelt"


class HeadingTwice(SheetProblem):
    """A `heading` means the same as one before it; its column is left out."""

    code = "sheet-heading-twice"


class RowProblem(SheetProblem):
    """The family of what makes one row unusable; the others are read."""


class RowUnreadable(RowProblem):
    """A row of a CSV file whose quotation marks are never closed, or close in the middle of a cell, or that is cut."""

    code = "sheet-row-unreadable"


class CellBeyond(RowProblem):
    """A cell with the content `value` stands where there is no heading."""

    code = "sheet-cell-beyond"


class CellFormula(RowProblem):
    """A cell holds a `formula`; neither is it computed, nor is the value believed that the file holds for it."""

    code = "sheet-cell-formula"


class CellError(RowProblem):
    """A cell holds an error `value` of a spreadsheet, such as #N/A."""

    code = "sheet-cell-error"


class CellMerged(RowProblem):
    """A row shares merged cells (`range`) with other rows or columns, so that it is open what it says."""

    code = "sheet-cell-merged"


class CellDigitsLost(RowProblem):
    """A spreadsheet made a number of a long string of digits, of which the last ones are lost; it now holds `value`."""

    code = "sheet-cell-digits-lost"


class CellNoDate(RowProblem):
    """A cell is formatted as a date, but its number `value` is none that a calendar has."""

    code = "sheet-cell-no-date"


class CellTooLong(RowProblem):
    """A cell holds more than `most` characters."""

    code = "sheet-cell-too-long"


class CellUndecodable(RowProblem):
    """A cell holds octets or characters that are no text: of another encoding, lost ones, control characters."""

    code = "sheet-cell-undecodable"


class SheetUnwritable(SheetProblem):
    """A table cannot be written as a file; `reason` is a code of the catalogues' reasons or the words of the system."""

    code = "sheet-unwritable"

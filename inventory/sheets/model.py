"""What a table is once it is read: headings with what they mean, and rows of texts with their place and problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from inventory.sheets.errors import RowProblem, SheetProblem
from sensors.errors import Place


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read; more is refused, or told of the row that it is in."""

    rows: int = 1_048_576
    """Rows of a workbook's sheet, by the format's own bound; CSV is held to the same."""
    columns: int = 500
    cell: int = 32_767
    """Characters of a cell, by the format's own bound."""
    octets: int = 1 << 30
    """Of the file as it is."""
    unpacked: int = 4 << 30
    """Of a workbook's part, unpacked. A million rows of twenty columns take about 1 GiB."""
    ratio: int = 200
    """How many times larger a part may become when unpacked, beyond `harmless`; real sheets reach about 50."""
    harmless: int = 64 << 20
    parts: int = 5_000
    heading_rows: int = 40
    """Rows from the top among which the headings are looked for."""
    broken: int = 200
    """Rows of a CSV file that may be unreadable before all of it is."""


LIMITS: Final = Limits()


class Fault(NamedTuple):
    """A problem of one cell (`column` from 0) before its place is known."""

    column: int
    kind: type[RowProblem]
    parameters: Mapping[str, object]


class Record(NamedTuple):
    """One row as an adapter reads it: its number as a person sees it, its texts from the first column on, faults."""

    number: int
    texts: list[str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table that was found in a file: its name (empty for CSV), place (the headings' row) and columns.

    `headings` are as sent, `keys` what each means, None where that column is left out. `problems` are of headings: they
    leave columns out, never rows. `others` names visible sheets that were not read.
    """

    name: str
    place: Place
    headings: tuple[str, ...]
    keys: tuple[str | None, ...]
    problems: tuple[SheetProblem, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place (the row's number as a person sees it), `cells` by key, and what makes it unusable.

    Texts are trimmed and in canonical spelling (inventory.sheets.texts); every key of the sheet is there, empty where
    nothing is said. `sent` are the texts of all columns, so that the row can be returned: where a cell was at fault,
    reading `sent` again finds it at fault again.
    """

    place: Place
    cells: Mapping[str, str]
    sent: tuple[str, ...]
    problems: tuple[RowProblem, ...] = ()

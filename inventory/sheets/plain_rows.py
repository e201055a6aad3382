"""Rows as nearly all programs write them, taken apart by one regular expression."""

import re
from typing import Final

from inventory.sheets.cells import Cells
from inventory.sheets.elements import Elements
from inventory.sheets.plainly import TEXT, Pieces, Plainly

_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,5})")?(?: t="(s|n|b|str|inlineStr)")?'
    rf'(?:/>|>(?:<v>({TEXT}*)</v>|<is><t(?: xml:space="preserve")?>({TEXT}*)</t></is>)?</c>)'
    r"|((?s:.+))"
)
"""A cell by column, style, type and content; the last group is all that follows something else."""
_ROW: Final = re.compile(r'\s*(?:<row [^<>]*/>\s*)*<row r="(\d{1,7})"(?: [A-Za-z0-9:]+="[^"<>&]*")*>')
"""The beginning of a row, behind others that hold nothing."""


def plain_rows(cells: Cells, elements: Elements, longest: int = 32_767) -> Plainly:
    """What takes the octets of a sheet; rows go to `cells`, directly or by way of the parser."""

    def take(row: str) -> bool:
        begins = _ROW.match(row)
        # A long row may hold a cell that is longer than is kept, which the parser cuts.
        if begins is None or len(row) > longest:
            return False
        found = _CELL.findall(row, begins.end())
        if found and found[-1][5]:
            return False
        cells.begin_row(begins[1])
        for letters, style, kind, value, inline, _ in found:
            if value or inline:
                cells.add(cells.column(letters), kind or "n", style, value or inline)
        cells.end_row()
        return True

    return Plainly(Pieces(re.compile(rb"<sheetData>"), b"</row>", take), elements)

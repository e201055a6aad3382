"""Rows as nearly all programs write them are taken apart by one regular expression, four times as fast as by a parser.

A row that is written in any other way goes to the parser, which sees a document of those rows alone. A document that
could mislead an expression, by its encoding, comments or CDATA, goes there as a whole.
"""

import re
from typing import Final

from inventory.sheets.cells import Cells
from inventory.sheets.container import LONGEST_TAG
from inventory.sheets.elements import Elements

_ROWS: Final = b"<sheetData>"
_ROW_ENDS: Final = b"</row>"
_UTF_8: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml version=\"1\.0\"(?: encoding=\"[Uu][Tt][Ff]-8\")?[^<>]{0,40}\?>")
_TEXT: Final = r"[^<&\x00-\x08\x0b-\x1f\ufffe\uffff]"
"""Characters that stand for themselves: neither markup nor entities, nor what parsers change or refuse."""
_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,5})")?(?: t="(s|n|b|str|inlineStr)")?'
    rf'(?:/>|>(?:<v>({_TEXT}*)</v>|<is><t(?: xml:space="preserve")?>({_TEXT}*)</t></is>)?</c>)'
    r"|((?s:.+))"
)
"""A cell by column, style, type and content; the last group is all that follows something else."""
_ROW: Final = re.compile(r'\s*(?:<row [^<>]*/>\s*)*<row r="(\d{1,7})"(?: [A-Za-z0-9:]+="[^"<>&]*")*>')
"""The beginning of a row, behind others that hold nothing."""


class PlainRows:
    """Takes the octets of a sheet as they come; an empty portion is the end."""

    def __init__(self, cells: Cells, elements: Elements, longest: int = 32_767) -> None:
        self._cells, self._elements, self._longest = cells, elements, longest
        self._rest = b""
        self._begun = self._plain = False
        self._parsed = False

    def feed(self, octets: bytes) -> None:
        """Tells the rows that are complete."""
        data = self._rest + octets
        self._rest = b""
        if not self._begun:
            data = self._begin(data, last=not octets)
        if self._plain and not self._parsed and octets:
            if b"<!" in data or (len(data) > LONGEST_TAG + len(octets) and _ROW_ENDS not in data):
                self._parsed = True
            else:
                cut = data.rfind(_ROW_ENDS) + len(_ROW_ENDS)
                if cut >= len(_ROW_ENDS):
                    self._rows(data[:cut].decode())
                    data = data[cut:]
                self._rest = data
                return
        if self._begun or not octets:
            self._elements.feed(data, last=not octets)
        else:
            self._rest = data

    def _begin(self, data: bytes, *, last: bool) -> bytes:
        """Gives what stands before the rows to the parser, as soon as they are seen, and returns the rest."""
        there = data.find(_ROWS)
        if there < 0 and len(data) < LONGEST_TAG and not last:
            return data
        self._begun = True
        head = data[: there + len(_ROWS)] if there >= 0 else b""
        self._plain = _UTF_8.match(head) is not None and b"<!" not in head
        self._elements.feed(head)
        return data[len(head) :]

    def _rows(self, text: str) -> None:
        for row in text.split("</row>")[:-1]:
            begins = _ROW.match(row)
            found = _CELL.findall(row, begins.end()) if begins else None
            if begins is None or found is None or (found and found[-1][5]) or len(row) > self._longest:
                # A long row may hold a cell that is longer than is kept, which the parser cuts.
                self._elements.feed(f"{row}</row>".encode())
                continue
            cells = self._cells
            cells.begin_row(begins[1])
            for letters, style, kind, value, inline, _ in found:
                if value or inline:
                    cells.add(cells.column(letters), kind or "n", style, value or inline)
            cells.end_row()

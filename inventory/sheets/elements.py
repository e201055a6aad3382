"""The elements of a sheet, told one by one by a parser of XML: whatever the format allows, at the price of time."""

from typing import Final

from inventory.sheets.cells import Cells
from inventory.sheets.container import LONGEST_TAG, MOST_DEPTH, safe_parser

_LONGEST_FORMULA: Final = 100


class Elements:
    """ECMA-376-1, 18.3.1: rows hold cells (c) with a value (v), an inline string (is) or a formula (f)."""

    def __init__(self, cells: Cells, longest: int = 32_767) -> None:
        self._cells, self._longest = cells, longest
        self._parser = safe_parser()
        self._parser.StartElementHandler = self._root
        self._fed = self._prefix = self._depth = 0
        self._column = -1
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._length = 0
        self._phonetic = False
        self._formula: list[str] | None = None

    def feed(self, octets: bytes, *, last: bool = False) -> None:
        """Parses what comes next; a tag that never ends would be kept until memory ends."""
        self._parser.Parse(octets, last)
        self._fed += len(octets)
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            raise ValueError("a tag that is too long")

    def _root(self, tag: str, _: dict[str, str]) -> None:
        self._prefix = tag.find(":") + 1
        self._depth = 1
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def _begin(self, tag: str, said: dict[str, str]) -> None:
        tag = tag[self._prefix :]
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ValueError("elements that are nested too deeply")
        if tag == "c":
            reference = said.get("r")
            letters = reference.rstrip("0123456789") if reference else ""
            self._column = self._cells.column(letters) if letters else self._column + 1
            self._kind, self._style = said.get("t", "n"), said.get("s", "")
            self._pieces, self._length, self._formula = [], 0, None
        elif tag == "v" or (tag == "t" and not self._phonetic):
            self._parser.CharacterDataHandler = self._characters
        elif tag == "f":
            self._formula = []
            self._parser.CharacterDataHandler = self._characters_of_formula
        elif tag == "row":
            self._column = -1
            self._cells.begin_row(said.get("r"))
        elif tag == "rPh":
            self._phonetic = True

    def _end(self, tag: str) -> None:
        tag = tag[self._prefix :]
        self._depth -= 1
        if tag in {"v", "t", "f"}:
            self._parser.CharacterDataHandler = None
        elif tag == "c":
            if self._formula is not None:
                self._cells.add_formula(self._column, "".join(self._formula))
            elif self._pieces:
                self._cells.add(self._column, self._kind, self._style, "".join(self._pieces))
        elif tag == "row":
            self._cells.end_row()
        elif tag == "rPh":
            self._phonetic = False

    def _characters(self, text: str) -> None:
        if self._length <= self._longest:
            self._pieces.append(text[: self._longest + 1 - self._length])
            self._length += len(text)

    def _characters_of_formula(self, text: str) -> None:
        if self._formula is not None and len(self._formula) < 4:
            self._formula.append(text[:_LONGEST_FORMULA])

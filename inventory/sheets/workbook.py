"""What a workbook says of itself: its sheets and where they are, its number formats, the year its dates count from.

ECMA-376-1: 18.2 workbook, 18.8 styles. Codes of formats that are built in are not in the file; those of Chinese
versions are dates (18.8.30, zh-cn), which readers made elsewhere take for numbers.
"""

import posixpath
from dataclasses import dataclass
from typing import Final

from inventory.sheets.container import Parts
from inventory.sheets.errors import SheetMissing, SheetUnreadable
from inventory.sheets.texts import Shown, shown_as

_DATE, _TIME, _MOMENT, _DURATION = "yyyy-mm-dd", "h:mm:ss", "yyyy-mm-dd h:mm", "[h]:mm:ss"
BUILT_IN: Final = {
    **dict.fromkeys((14, 15, 16, 17), _DATE),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), _TIME),
    22: _MOMENT,
    46: _DURATION,
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), _DATE),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), _TIME),
}
"""Formats by their number: the common ones, and 27 to 58 as zh-cn has them."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet by its name, and the part that it is in."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook but for its cells; `formats` are by the number of a cell's style."""

    tabs: tuple[Tab, ...]
    strings: str | None
    formats: tuple[tuple[Shown, str], ...]
    since_1904: bool


def read_book(parts: Parts) -> Book:
    """What a workbook says of itself.

    Raises:
        SheetUnreadable: parts of it are missing, or it has no sheet.
    """
    relations = _relations(parts, "_rels/.rels", "")
    main = next((target for kind, target in relations.values() if kind == "officeDocument"), "xl/workbook.xml")
    folder, name = posixpath.split(main)
    related = _relations(parts, f"{folder}/_rels/{name}.rels", folder)
    tabs: list[Tab] = []
    since_1904 = False

    def begin(tag: str, said: dict[str, str]) -> None:
        nonlocal since_1904
        if tag == "workbookPr":
            since_1904 = said.get("date1904") in {"1", "true"}
        elif tag == "sheet":
            reference = next((value for key, value in said.items() if key.rpartition(":")[2] == "id"), "")
            kind, target = related.get(reference, ("", ""))
            if kind == "worksheet":
                tabs.append(Tab(said.get("name", ""), target, said.get("state", "visible") != "visible"))

    parts.parse(main, begin)
    if not tabs:
        raise SheetUnreadable(place=parts.place, reason="sheet-no-table")
    by_kind = dict(related.values())
    return Book(tuple(tabs), by_kind.get("sharedStrings"), _formats(parts, by_kind.get("styles")), since_1904)


def tabs_asked(book: Book, name: str | None, parts: Parts) -> tuple[Tab, ...]:
    """The sheet of a name, be it hidden; all that are visible where none is said.

    Raises:
        SheetMissing: there is none of this name.
    """
    visible = tuple(tab for tab in book.tabs if not tab.hidden)
    if name is None:
        return visible
    wanted = name.strip().casefold()
    found = tuple(tab for tab in book.tabs if tab.name.strip().casefold() == wanted)
    if not found:
        raise SheetMissing(place=parts.place, name=name, known=[tab.name for tab in visible])
    return found[:1]


def _relations(parts: Parts, name: str, folder: str) -> dict[str, tuple[str, str]]:
    """Kind and target of each relationship by its id (ECMA-376-2, 6.5.3)."""
    found: dict[str, tuple[str, str]] = {}

    def begin(tag: str, said: dict[str, str]) -> None:
        if tag == "Relationship" and said.get("TargetMode") != "External":
            target = said.get("Target", "")
            target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[said.get("Id", "")] = (said.get("Type", "").rpartition("/")[2], target)

    if name in parts:
        parts.parse(name, begin)
    return found


def _formats(parts: Parts, name: str | None) -> tuple[tuple[Shown, str], ...]:
    codes: dict[str, str] = {}
    styles: list[str] = []
    inside = False

    def begin(tag: str, said: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[said.get("numFmtId", "")] = said.get("formatCode", "")[:255]
        elif tag in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            styles.append(said.get("numFmtId", "0"))

    if name is not None and name in parts:
        parts.parse(name, begin)
    known: dict[str, tuple[Shown, str]] = {}
    for number in styles:
        if number not in known:
            code = codes.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "General")
            known[number] = (shown_as(code), code)
    return tuple(known[number] for number in styles)

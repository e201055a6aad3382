"""Workbooks that tests make: by a library as people's programs do, and octet by octet where no program would."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from inventory.sheets.model import Row
from inventory.sheets.reading import read_sheet

ALIASES: Mapping[str, str] = {
    "名称": "name", "Name": "name", "编号": "id", "ID": "id", "启用日期": "since", "备注": "note", "问题": "",
}  # fmt: skip
HEADINGS = ("名称", "编号", "启用日期", "备注")

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(path: Path, rows: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS) -> Worksheet:
    """A workbook of headings and rows, saved; whoever changes the sheet saves it again by `sheet.parent.save`."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return sheet


def raw(path: Path, sheet: str, *, strings: str | None = None, more: Mapping[str, str] | None = None) -> Path:
    """A workbook whose parts are given as XML; `sheet` is what stands within its root."""
    related = (
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="甲" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings or ''}</sst>",
        "xl/worksheets/sheet1.xml": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<worksheet {MAIN}>{sheet}</worksheet>",
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as opened:
        for name, content in {**parts, **(more or {})}.items():
            opened.writestr(name, content)
    return path


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows_of(path: Path, sheet: str | None = None) -> list[Row]:
    return read_sheet(path, ALIASES, sheet=sheet)[1]


def told(row: Row) -> list[str]:
    """Codes and columns of a row's problems."""
    return [f"{problem.code} {problem.place.column if problem.place else ''}" for problem in row.problems]

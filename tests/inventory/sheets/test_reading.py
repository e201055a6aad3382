from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from inventory.sheets.errors import HeadingsMissing, SheetMissing, SheetProblem, SheetTooLarge, SheetUnreadable
from inventory.sheets.model import Limits
from inventory.sheets.reading import open_sheet, read_sheet
from tests.inventory.sheets.making import ALIASES, HEADINGS, book, cell, raw, rows_of, told


def test_a_workbook_as_people_send_it(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.xlsx"
    sheet = book(path, [])
    sheet.delete_rows(1)
    sheet["A1"] = "某市政务系统台账（合成）"
    sheet.merge_cells("A1:D1")
    sheet["A2"] = "填报单位：合成单位"
    for column, heading in enumerate(("\u3000名 称*", "编号（必填）", "启用日期", "备注"), 1):
        sheet.cell(4, column, heading)
    sheet.append(["系统甲\xa0", 12.0, date(2026, 3, 1), True])
    sheet.append([None, None])
    sheet.append(["系统乙", "0012", datetime(2026, 3, 1, 8), CellRichText("富", TextBlock(InlineFont(b=True), "文本"))])  # noqa: DTZ001
    sheet.append(["系统丙", 0.1 + 0.2, time(8, 30), "两\n行"])
    sheet.parent.save(path)
    found, rows = read_sheet(path, ALIASES)
    assert (found.name, found.place.line, found.problems) == ("Sheet", 4, ())
    assert [(row.place.line, *row.cells.values()) for row in rows] == [
        (5, "系统甲", "12", "2026-03-01", "true"),
        (7, "系统乙", "0012", "2026-03-01T08:00:00", "富文本"),
        (8, "系统丙", "0.3", "08:30:00", "两\n行"),
    ]
    assert not any(row.problems for row in rows)


def test_formulas_are_neither_computed_nor_believed(tmp_path: Path) -> None:
    formula = '<c r="A2"><f>SUM(1,1)</f><v>2</v></c>'
    shared = '<c r="B2"><f t="shared" si="0"/><v>3</v></c><c r="C2" t="str"><f>"x"</f><v>x</v></c>'
    heads = "".join(cell(f"{'ABCD'[column]}1", text) for column, text in enumerate(HEADINGS))
    body = f'<row r="1">{heads}</row><row r="2">{formula}{shared}</row>'
    path = raw(tmp_path / "x.xlsx", f"<sheetData>{body}</sheetData>")
    (row,) = rows_of(path)
    assert told(row) == ["sheet-cell-formula 1", "sheet-cell-formula 2", "sheet-cell-formula 3"]
    assert row.problems[0].parameters == {"formula": "=SUM(1,1)"}
    assert row.problems[0].place is not None
    assert (row.problems[0].place.line, row.problems[0].place.field) == (2, "名称")
    assert "2" not in row.cells.values()


def test_cells_at_fault_are_told_by_row_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    beyond = ["丁", "4.4E+17", None, None, None, "beyond"]
    sheet = book(path, [["甲", 440102199001011234], ["乙", 2], ["丙", "#N/A"], beyond])
    sheet["B4"].data_type = "e"
    sheet.parent.save(path)
    rows = rows_of(path)
    assert [told(row) for row in rows] == [
        ["sheet-cell-digits-lost 2"],
        [],
        ["sheet-cell-error 2"],
        ["sheet-cell-digits-lost 2", "sheet-cell-beyond 6"],
    ]
    assert rows[1].cells == {"name": "乙", "id": "2", "since": "", "note": ""}


def test_merged_cells_below_the_headings_are_told_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    rows_sent = [["甲", 1, None, "x"], ["", 2, None, "y"], ["丙", 3, None, "z"], ["丁", 4, "wide", ""], ["戊", 5]]
    sheet = book(path, rows_sent)
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("C5:D5")
    sheet.parent.save(path)
    rows = rows_of(path)
    assert [told(row) for row in rows] == [
        ["sheet-cell-merged 1"], ["sheet-cell-merged 1"], ["sheet-cell-merged 1"], ["sheet-cell-merged 3"], [],
    ]  # fmt: skip
    assert [row.sent[0] for row in rows] == ["甲", "甲", "甲", "丁", "戊"], "offered to be confirmed"


def several(path: Path) -> Workbook:
    workbook = Workbook()
    notes = workbook.active
    assert isinstance(notes, Worksheet)
    notes.title = "填表说明"
    notes.append(["请如实填写"])
    for name in ("隐藏", "资产", "more"):
        workbook.create_sheet(name).append(HEADINGS)
        workbook[name].append([name, 1])
    workbook["隐藏"].sheet_state = "hidden"
    workbook.save(path)
    return workbook


def test_the_first_visible_sheet_that_fits_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    several(path)
    found, rows = read_sheet(path, ALIASES)
    assert (found.name, found.others, rows[0].cells["name"]) == ("资产", ("填表说明", "more"), "资产")
    assert [rows_of(path, name)[0].cells["name"] for name in ("隐藏", " MORE ")] == ["隐藏", "more"]
    with pytest.raises(SheetMissing) as missing:
        rows_of(path, "none")
    assert missing.value.parameters["known"] == ["填表说明", "资产", "more"]
    with pytest.raises(HeadingsMissing) as without:
        rows_of(path, "填表说明")
    assert without.value.parameters["found"] == ["请如实填写"]


def test_chinese_formats_that_are_built_in_are_dates(tmp_path: Path) -> None:
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/></cellXfs></styleSheet>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = (
        f'<Relationships><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r3" Type="{office}/styles" Target="styles.xml"/></Relationships>'
    )
    body = f'<row r="1">{cell("A1", "名称")}{cell("B1", "启用日期")}</row>'
    body += '<row r="2"><c r="A2" s="1"><v>46082</v></c><c r="B2" s="2"><v>46082</v></c></row>'
    parts = {"xl/styles.xml": styles, "xl/_rels/workbook.xml.rels": related}
    (row,) = rows_of(raw(tmp_path / "x.xlsx", f"<sheetData>{body}</sheetData>", more=parts))
    assert row.cells == {"name": "2026-03-01", "since": "2026-03-01"}


def _truncated(path: Path) -> None:
    book(path, [["甲", 1]])
    path.write_bytes(path.read_bytes()[:-100])


def _encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"))


def _without_part(path: Path) -> None:
    book(path, [["甲", 1]])
    with ZipFile(path) as opened:
        parts = {name: opened.read(name) for name in opened.namelist() if "sheet1" not in name or "rels" in name}
    with ZipFile(path, "w") as opened:
        for name, content in parts.items():
            opened.writestr(name, content)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)), "sheet-old-excel"),
        (_encrypted, "sheet-password"),
        (_truncated, "sheet-zip-broken"),
        (_without_part, "sheet-part-missing"),
        (lambda path: path.write_text("\ufeff <html><table><tr><td>名称"), "sheet-page"),
        (lambda path: path.write_text('<?xml version="1.0"?><Workbook>'), "sheet-page"),
        (lambda path: path.write_bytes(b""), "sheet-empty"),
        (lambda path: path.write_bytes(b"%PDF-1.7\0\0"), "sheet-no-table"),
    ],
)
def test_what_only_looks_like_a_table_is_refused(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    make(tmp_path / "x.xlsx")
    with pytest.raises(SheetUnreadable) as refused:
        rows_of(tmp_path / "x.xlsx")
    assert refused.value.parameters["reason"] == reason


def test_there_is_an_upper_bound_of_rows_and_octets(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book(path, [[f"甲{number}", number] for number in range(20)])
    with pytest.raises(SheetTooLarge, match="sheet-rows"):
        read_sheet(path, ALIASES, limits=Limits(rows=10))
    with pytest.raises(SheetTooLarge, match="sheet-octets"):
        read_sheet(path, ALIASES, limits=Limits(octets=100))
    with pytest.raises(SheetUnreadable):
        read_sheet(tmp_path / "none.xlsx", ALIASES)


def test_whatever_a_reader_of_rows_raises_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book(path, [["甲", 1]])
    with pytest.raises(ValueError, match="mine"), open_sheet(path, ALIASES):
        raise ValueError("mine")


def test_octets_changed_at_random_give_rows_or_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book(path, [[f"甲{number}", number, date(2026, 3, 1), "x"] for number in range(5)])
    load_workbook(path).close()
    good = path.read_bytes()
    for place in range(0, len(good), 37):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x5A]) + good[place + 1 :])
        try:
            rows_of(path)
        except SheetProblem as problem:
            assert problem.place is not None  # noqa: PT017 - some changes harm nothing


def test_a_table_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("某单位报表,,\n\n名称,编号,备注,缺\n甲,'=1,#REF!\n".encode("gbk"))
    found, rows = read_sheet(path, ALIASES)
    assert (found.place.line, found.keys) == (3, ("name", "id", "note", None))
    assert [one.code for one in found.problems] == ["sheet-heading-unknown"]
    assert (rows[0].place.line, rows[0].cells["id"], told(rows[0])) == (4, "=1", ["sheet-cell-error 3"])
    path.write_text("a,b\nc,d\n")
    with pytest.raises(HeadingsMissing):
        read_sheet(path, ALIASES)

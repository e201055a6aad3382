from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from inventory.sheets.model import Row
from inventory.sheets.reading import read_sheet
from inventory.sheets.returning import Returned, write_returned
from inventory.sheets.writing import FAULT_COLOUR
from tests.inventory.sheets.making import ALIASES, HEADINGS, book, told


def returned(path: Path, there: Path, keys: frozenset[str] = frozenset()) -> list[Row]:
    sheet, rows = read_sheet(path, ALIASES)
    back = [Returned(row, "；".join(map(str, row.problems)) or "单位未登记", keys) for row in rows]
    assert write_returned(there, sheet, back, heading="问题") == len(rows)
    return rows


def test_rows_come_back_with_what_is_wrong_and_where(tmp_path: Path) -> None:
    path, there = tmp_path / "x.xlsx", tmp_path / "back.xlsx"
    book(path, [["甲", 440102199001011234, None, "x"], ["乙", "=1", "2026-03-01", "'=1"]])
    returned(path, there, frozenset({"note", "unknown"}))
    sheet = load_workbook(there).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["问题", *HEADINGS]
    colours = {cell.coordinate: cell.fill.fgColor.rgb for row in sheet.iter_rows(2) for cell in row}
    marked = [place for place, colour in colours.items() if colour == f"FF{FAULT_COLOUR[1:]}"]
    assert marked == ["A2", "C2", "E2", "A3", "C3", "E3"]
    assert sheet["A3"].value is not None
    assert "formula" in str(sheet["A3"].value)


def test_what_is_corrected_is_imported_again_as_it_is(tmp_path: Path) -> None:
    path, there = tmp_path / "x.xlsx", tmp_path / "back.xlsx"
    book(path, [["甲", 440102199001011234, "2026-03-01", "x"]])
    returned(path, there)
    workbook = load_workbook(there)
    workbook.worksheets[0]["C2"] = "440102199001011234"
    workbook.save(there)
    sheet, (row,) = read_sheet(there, ALIASES)
    assert (sheet.problems, row.problems) == ((), ())
    assert row.cells == {"name": "甲", "id": "440102199001011234", "since": "2026-03-01", "note": "x"}


def _workbook(path: Path) -> None:
    rows = [["a", 440102199001011234], ["b", "=1+1"], ["c", "#N/A"], ["d", "a\ufffdb"], ["e", 1, "wide", None]]
    sheet = book(path, [*rows, ["f", "1E+12"], ["g", 1, None, None, None, "beyond"]])
    sheet.merge_cells("C6:D6")
    sheet.parent.save(path)


def _csv(path: Path) -> None:
    lines = ["a,#REF!", 'b,"1', 'c,"1"2', "d,\1", "e,1,2,3,4", f"f,{'x' * 40_000}", "g,4.4E+17", "h"]
    path.write_text("\n".join(["名称,编号,启用日期,备注", *lines]), encoding="utf-8")


@pytest.mark.parametrize(("make", "name"), [(_workbook, "x.xlsx"), (_csv, "x.csv")])
def test_what_nobody_corrects_is_told_again(tmp_path: Path, make: Callable[[Path], None], name: str) -> None:
    make(tmp_path / name)
    rows = returned(tmp_path / name, tmp_path / "back.xlsx")
    assert [row.sent[0] for row in rows if not row.problems] == []
    again = read_sheet(tmp_path / "back.xlsx", ALIASES)[1]
    assert len(again) == len(rows) >= 7
    assert [row.sent for row in again if not told(row)] == []

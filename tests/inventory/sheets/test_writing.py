import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from inventory.sheets.errors import SheetUnwritable
from inventory.sheets.reading import read_sheet
from inventory.sheets.texts import EDGES, faults_of, trimmed
from inventory.sheets.writing import Column, Value, spelled, write_csv, write_workbook

COLUMNS = (
    Column("名称", meaning="系统的全称"),
    Column("类别", choices=("网站", "应用,移动", "设备")),
    Column("数量", kind="number"),
    Column("启用日期", kind="date", width=14),
)
ALIASES = {column.heading: column.heading for column in COLUMNS}
HOSTILE = "=cmd|' /C calc'!A0"

CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t=+-@'") | st.sampled_from("=+-@'1E＝甲\n"),
    max_size=20,
).map(lambda text: text.strip(EDGES))


def sound(text: str) -> bool:
    """What is at fault by itself, such as an error of a spreadsheet, is told instead."""
    return trimmed(text) == text and not faults_of([text], 100)


def read(path: Path) -> list[tuple[str, ...]]:
    sheet, rows = read_sheet(path, ALIASES)
    assert sheet.problems == ()
    assert [row.problems for row in rows if row.problems] == []
    return [tuple(row.cells.values()) for row in rows]


@settings(max_examples=25)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=5))
def test_a_round_trip_changes_nothing(rows: list[tuple[str, ...]]) -> None:
    rows = [row for row in rows if any(row) and all(map(sound, row))]
    with TemporaryDirectory() as folder:
        for path, write in ((Path(folder, "x.csv"), write_csv), (Path(folder, "y.csv"), _in_gb18030)):
            assert write(path, COLUMNS, rows) == len(rows)
            assert read(path) == rows
        assert write_workbook(Path(folder, "x.xlsx"), "系统", COLUMNS, rows) == len(rows)
        assert read(Path(folder, "x.xlsx")) == rows


def _in_gb18030(path: Path, columns: tuple[Column, ...], rows: list[tuple[str, ...]]) -> int:
    return write_csv(path, columns, rows, encoding="gb18030")


VALUES: list[tuple[Value, str]] = [
    (12, "12"), (1.1, "1.1"), (Decimal("0.10"), "0.10"), (date(2026, 3, 1), "2026-03-01"),
    (datetime(2026, 3, 1), "2026-03-01T00:00:00"), (True, "true"), (None, ""),  # noqa: DTZ001 - as in a workbook
    (440102199001011234, "440102199001011234"), ("440102199001011234", "440102199001011234"),
    (date(1876, 1, 2), "1876-01-02"), (1e20, "100000000000000000000"),
]  # fmt: skip


def test_values_are_read_as_they_are_spelled(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", COLUMNS, [("x", value, None, None) for value, _ in VALUES])
    write_workbook(tmp_path / "x.xlsx", "x", COLUMNS, [("x", value, None, None) for value, _ in VALUES])
    assert [spelled(value) for value, _ in VALUES] == [text for _, text in VALUES]
    assert [row[1] for row in read(tmp_path / "x.csv")] == [text for _, text in VALUES]
    expected = [{"0.10": "0.1"}.get(text, text) for _, text in VALUES]
    assert [row[1] for row in read(tmp_path / "x.xlsx")] == expected, "a number has no zeros at its end"


def test_what_is_hostile_is_never_a_formula(tmp_path: Path) -> None:
    rows = [(HOSTILE, "+1+1", "-1", "@SUM(A1)")]
    write_workbook(tmp_path / "x.xlsx", "x", (Column(HOSTILE, meaning=HOSTILE), *COLUMNS), [(HOSTILE, *rows[0])])
    with ZipFile(tmp_path / "x.xlsx") as opened:
        assert b"<f>" not in opened.read("xl/worksheets/sheet1.xml").split(b"<dataValidations")[0]
    write_csv(tmp_path / "x.csv", COLUMNS, rows)
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as opened_csv:
        assert list(csv.reader(opened_csv))[1] == [f"'{HOSTILE}", "'+1+1", "-1", "'@SUM(A1)"]
    assert read(tmp_path / "x.csv") == rows


def test_a_workbook_is_made_for_people_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_workbook(path, "政务系统/甲", COLUMNS, [("a", "网站", 1, date(2026, 3, 1))])
    workbook = load_workbook(path)
    sheet = workbook.worksheets[0]
    assert sheet.title == "政务系统_甲"
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].comment is not None
    assert sheet["A1"].comment.text == "系统的全称"
    assert sheet["A1"].font.name == "Microsoft YaHei"
    assert sheet.column_dimensions["A"].width > 9
    (validation,) = sheet.data_validations.dataValidation
    assert (str(validation.sqref), validation.formula1) == ("B2:B1048576", "_choices!$B$1:$B$3")
    assert workbook["_choices"].sheet_state == "hidden"
    assert [cell.value for (cell,) in workbook["_choices"]["B1:B3"]] == ["网站", "应用,移动", "设备"]
    assert (sheet["A2"].number_format, sheet["D2"].number_format) == ("@", "yyyy-mm-dd")


def test_what_xml_cannot_hold_is_told_when_it_is_read_again(tmp_path: Path) -> None:
    write_workbook(tmp_path / "x.xlsx", "x", COLUMNS, [("a\uffffb", "\ud800", "\x01", "fine")])
    (row,) = read_sheet(tmp_path / "x.xlsx", ALIASES)[1]
    assert [problem.place and problem.place.column for problem in row.problems] == [1, 2, 3]


def test_what_cannot_be_written_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(SheetUnwritable, match="sheet-cell-long"):
        write_workbook(tmp_path / "x.xlsx", "x", COLUMNS, [("x" * 40_000,)])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SheetUnwritable):
        write_workbook(tmp_path / "none" / "x.xlsx", "x", COLUMNS, [])
    with pytest.raises(SheetUnwritable):
        write_csv(tmp_path / "none" / "x.csv", COLUMNS, [])
    with pytest.raises(SheetUnwritable, match="sheet-encoding"):
        write_csv(tmp_path / "x.csv", COLUMNS, [("한",)], encoding="gbk")
    with pytest.raises(SheetUnwritable, match="sheet-too-wide"):
        write_workbook(tmp_path / "x.xlsx", "x", COLUMNS, [("x",) * 16_385])
    assert spelled(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00+00:00"

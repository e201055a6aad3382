from pathlib import Path

import pytest

from inventory.sheets.delimited import encoding_of, read_delimited
from inventory.sheets.errors import SheetUnreadable
from inventory.sheets.headings import Vocabulary
from inventory.sheets.model import LIMITS, Limits, Record
from tests.inventory.sheets.making import ALIASES

TABLE = '名称,编号,备注\r\n某系统,1,"两行\r\n备注"\r\n\r\n某网站,2,说明\r\n'


def records(path: Path, data: bytes, limits: Limits = LIMITS) -> list[Record]:
    path.write_bytes(data)
    return list(read_delimited(path, Vocabulary(ALIASES), limits))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_chinese_offices(tmp_path: Path, encoding: str) -> None:
    read = records(tmp_path / "synthetic.csv", (TABLE + "x" * 200 + ",3,\r\n").encode(encoding))
    assert [one.texts for one in read[:2]] == [["名称", "编号", "备注"], ["某系统", "1", "两行\n备注"]]
    assert [one.number for one in read] == [1, 2, 4, 5], "as a spreadsheet counts rows"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator(tmp_path: Path, separator: str) -> None:
    text = separator.join(["名称", "编号", "备注"]) + "\n" + separator.join(["甲", "1", '"a,b;c\td"']) + "\n"
    assert records(tmp_path / "x.csv", text.encode())[1].texts == ["甲", "1", "a,b;c\td"]


def test_a_first_line_that_says_the_separator_is_no_row(tmp_path: Path) -> None:
    read = records(tmp_path / "x.csv", "sep=;\n名称;编号\n甲;1,5\n".encode("utf-8-sig"))
    assert read == [Record(1, ["名称", "编号"]), Record(2, ["甲", "1,5"])]


def test_a_letter_beyond_the_first_bytes_may_show_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"Name,ID\n" + b"x,1\n" * 100_000 + "某系统,2\n".encode("gb18030"))
    assert encoding_of(path) == "gb18030"


@pytest.mark.parametrize(
    ("text", "encoding"), [("系统,1", "gb18030"), ("20 °C,café,·", "utf-8"), ("Приложение", "utf-8")]
)
def test_chinese_that_looks_like_utf_8_is_chinese(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "x.csv").write_bytes(b"Name,ID\n" + text.encode(encoding))
    assert encoding_of(tmp_path / "x.csv") == encoding


def test_single_octets_of_another_encoding_are_told_in_their_row(tmp_path: Path) -> None:
    lines = [*(f"某系统{number},{number},说明".encode() for number in range(20)), "坏".encode("gbk") + b",9,x"]
    read = records(tmp_path / "x.csv", b"\n".join(["名称,编号,备注".encode(), *lines, b""]))
    assert [one.number for one in read if any("\ufffd" in text for text in one.texts)] == [22]


def test_quotation_marks_that_go_wrong_spoil_one_row(tmp_path: Path) -> None:
    text = '名称,编号\n"open,1\n甲,2\n"a"b,3\n乙,4\n' + "丙,5\n" * 1_000
    read = records(tmp_path / "x.csv", text.encode())
    assert [one.number for one in read if one.faults] == [2, 4]
    assert read[1].texts == ['\ufffd"open', "1"]
    assert len(read) == 1_005


def test_a_file_that_ends_within_a_row_is_told(tmp_path: Path) -> None:
    read = records(tmp_path / "x.csv", "名称,编号,备注\n甲,1\n乙,".encode())
    assert [bool(one.faults) for one in read] == [False, False, True]
    assert not records(tmp_path / "y.csv", "名称,编号\n甲,1".encode())[1].faults, "its line only lacks an end"


def test_hostile_lines_stay_bounded(tmp_path: Path) -> None:
    lines = [b"Name,ID", b"x" * (3 << 20), b"a,2", b"", b"b,3", b""]
    read = records(tmp_path / "x.csv", b"\n".join(lines))
    assert [(one.number, one.faults[0].kind.code if one.faults else "") for one in read] == [
        (1, ""), (2, "sheet-cell-too-long"), (3, ""), (5, ""),
    ]  # fmt: skip


def test_a_row_of_a_million_cells_is_cut_behind_what_can_have_a_heading(tmp_path: Path) -> None:
    (_, row) = records(tmp_path / "x.csv", b"Name,ID\n" + b"a," * 500_000 + b"\n")
    assert len(row.texts) == LIMITS.columns + 1


def test_too_many_broken_rows_end_the_reading(tmp_path: Path) -> None:
    with pytest.raises(SheetUnreadable, match="sheet-rows-broken"):
        records(tmp_path / "x.csv", b"Name,ID\n" + b'"a"b,1\n' * 300)


def test_rows_are_bounded_and_binary_files_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetUnreadable, match="sheet-rows"):
        records(tmp_path / "x.csv", b"Name\n" + b"a\n" * 10, Limits(rows=5))
    with pytest.raises(SheetUnreadable, match="sheet-no-table"):
        records(tmp_path / "y.csv", b"\x7fELF\x01\x00abcdefghijklm")
    with pytest.raises(SheetUnreadable):
        list(read_delimited(tmp_path / "none.csv", Vocabulary(ALIASES), LIMITS))

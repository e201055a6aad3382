"""`hanwatch audit`, as an administrator uses it."""

import csv
from pathlib import Path

import openpyxl
import pytest
import typst

from api.audits.paper import chinese_font
from tests.cli.conftest import Run

SYSTEMS = """系统编码,系统名称,运行状态,是否涉密,等保级别,备案编号,上线日期,测评日期,是否需要密评,部署方式,主管单位
S1,一网通办,在用,否,三级,42010012345,2020-01-01,2026-03-01,否,市云,市局
S2,=HYPERLINK("x"),在用,否,,,2021-05-01,,否,自建机房,市局
"""


@pytest.fixture
def city(tmp_path: Path, hanwatch: Run) -> Run:
    tables = {
        "districts": "code,name\n420102,江岸区\n",
        "units": "单位编码,单位名称,级别,所属区,责任人,是否接入政务外网\nU1,市局,市级,江岸区,张三,是\n",
        "systems": SYSTEMS,
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        ran = hanwatch("inventory", "import", name, tmp_path / f"{name}.csv", "--from", "2021-01-01")
        assert ran.status == 0, ran.err
    return hanwatch


def test_findings_are_printed_by_rule_with_the_article(city: Run) -> None:
    ran = city("audit", "mlps", "--as-of", "2026-09-30")
    assert ran.status == 1
    assert "as of 2026-09-30" in ran.out
    assert "running since 2021-05-01, without a grade" in ran.out
    assert "Cybersecurity Law (the text in force from 2026-01-01) · article 23 (formerly 21)" in ran.out
    assert "1 findings by 8 rules, 7 of which found nothing" in ran.out


def test_nothing_found_is_clean(city: Run) -> None:
    ran = city("audit", "iot", "--json")
    assert ran.status == 0
    assert ran.lines[0]["findings"] == 0
    assert {one["kind"] for one in ran.lines} == {"audit", "rule"}


def test_a_day_of_the_past_is_audited_as_it_was(city: Run) -> None:
    assert city("audit", "mlps", "--as-of", "2020年12月31日").status == 0
    assert city("audit", "mlps", "--as-of", "2021-06-15", "--json").lines[0]["day"] == "2021-06-15"


def test_all_audits_run_together_and_a_scope_cuts_them(city: Run) -> None:
    whole = city("audit", "all", "--as-of", "2026-09-30", "--format", "json")
    assert whole.status == 1
    found = [one for one in whole.lines if one["kind"] == "finding"]
    assert {one["audit"] for one in found} >= {"mlps", "cloud", "contradictions"}
    part = city("audit", "all", "--as-of", "2026-09-30", "--json", "--scope", "district/420102")
    inside = {one["id"] for one in part.lines if one["kind"] == "finding"}
    assert inside == {one["id"] for one in found if one["record"]}


def test_against_an_earlier_audit_only_what_is_new_counts(city: Run, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.jsonl"
    assert city("audit", "mlps", "--as-of", "2026-09-30", "--format", "json", "--output", earlier).status == 1
    ran = city("audit", "mlps", "--as-of", "2026-09-30", "--baseline", earlier)
    assert ran.status == 0
    assert "against the audit of 2026-09-30: 0 new, 1 still there, 0 gone" in ran.out
    (tmp_path / "more.csv").write_text("系统编码,系统名称,运行状态,主管单位\nS3,新,在用,市局\n", encoding="utf-8")
    (tmp_path / "mended.csv").write_text("系统编码,等保级别\nS2,一级\n", encoding="utf-8")
    for name in ("more", "mended"):
        assert city("inventory", "import", "systems", tmp_path / f"{name}.csv", "--from", "2026-01-01").status == 0
    ran = city("audit", "mlps", "--as-of", "2026-09-30", "--baseline", earlier, "--json")
    assert ran.status == 1
    assert ran.lines[0]["compared"] == {"new": 1, "still": 0, "gone": 1}
    assert [one["key"] for one in ran.lines if one.get("change") == "new"] == ["S3"]
    assert [one["key"] for one in ran.lines if one["kind"] == "gone"] == ["S2"]


def test_csv_and_workbooks_hold_all_findings_and_no_formula(city: Run, tmp_path: Path) -> None:
    printed = city("audit", "all", "--as-of", "2026-09-30", "--format", "csv")
    rows = list(csv.reader(printed.out.splitlines(keepends=True)))
    assert """'=HYPERLINK("x")""" in {row[6] for row in rows}
    file = tmp_path / "audit.csv"
    assert city("audit", "all", "--as-of", "2026-09-30", "--format", "csv", "--output", file).status == 1
    assert file.read_bytes() == b"\xef\xbb\xbf" + printed.out.encode()
    book = tmp_path / "audit.xlsx"
    assert city("audit", "all", "--as-of", "2026-09-30", "--format", "xlsx", "--output", book).status == 1
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert sheet.max_row == len(rows)
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert sorted(one.name for one in tmp_path.glob(".audit*")) == []


def test_a_page_is_written_whole(city: Run, tmp_path: Path) -> None:
    ran = city("audit", "cloud", "--as-of", "2026-09-30", "--format", "html")
    assert ran.status == 1
    assert ran.out.startswith("<!doctype html>")
    assert "50.0 % on a cloud: 1 of 2, target 90 %" in ran.out
    assert "=HYPERLINK(&#34;x&#34;)" in ran.out


def test_paper_needs_a_font_and_a_file(city: Run, tmp_path: Path) -> None:
    ran = city("audit", "mlps", "--format", "pdf")
    assert (ran.status, "pdf goes into a file" in ran.err) == (2, True)
    file = tmp_path / "audit.pdf"
    ran = city("audit", "mlps", "--as-of", "2026-09-30", "--format", "pdf", "--output", file)
    if chinese_font(typst.Fonts().families()) is None:
        assert ran.status == 3
        assert "fonts-noto-cjk" in ran.err
        assert not file.exists()
    else:
        assert ran.status == 1
        assert file.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-of", "soon"), "soon is no day"),
        (("--scope", "town"), "town is no scope"),
        (("--scope", "unit/U9"), "units had no U9"),
        (("--format", "docx"), "docx"),
        (("--format", "xlsx"), "--output"),
        (("--baseline", "none.jsonl"), "none.jsonl"),
    ],
)
def test_wrong_use_is_told(city: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = city("audit", "mlps", *arguments)
    assert ran.status == 2
    assert said in ran.err
    assert ran.out == ""


def test_a_file_that_cannot_be_written_is_told(city: Run, tmp_path: Path) -> None:
    ran = city("audit", "mlps", "--as-of", "2026-09-30", "--format", "html", "--output", tmp_path / "no" / "audit.html")
    assert ran.status == 3
    assert "cannot be written: No such file or directory" in ran.err


def test_a_folder_that_is_not_there_is_told(hanwatch: Run) -> None:
    assert hanwatch("audit", "mlps").status == 2

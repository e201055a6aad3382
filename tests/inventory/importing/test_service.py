"""Files through the whole way: read, planned, written, exported, and read again without a change."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.columns import columns
from inventory.exporting.rows import exported
from inventory.importing.model import Wanted
from inventory.importing.service import Imported, Importing
from inventory.importing.tables import Sent, return_table
from inventory.model import EVER, Batch, Change, Moment, Register
from inventory.registers import registers
from inventory.sheets.writing import write_csv, write_workbook
from tests.inventory.filling import NOON, Filled

UNITS, SYSTEMS = registers()["units"], registers()["systems"]


def _import(filled: Filled, path: Path, register: Register, *, skip_faulty: bool = False) -> Imported:
    wanted = Wanted(EVER, filled.now)
    return Importing(filled.inventory, Sent(path, register), wanted).run(
        Batch(filled.now, "tests", path.name), skip_faulty=skip_faulty
    )


def _example(register: Register, number: int) -> dict[str, str]:
    """A row with something in every field."""
    texts: dict[str, str] = {
        "text": f"文字 {number}", "integer": "3", "decimal": "1.5", "flag": "是", "day": "2026年3月1日",
        "network": f"10.{number}.0.0/16", "addresses": f"10.0.0.{number}; 2400:da00::{number}",
        "mac": f"00:1a:2b:3c:4d:{number:02x}", "domain": f"host-{number}", "url": f"https://a{number}.example",
        "texts": "a; =b",
    }  # fmt: skip
    row = {}
    for field in register.fields:
        if field.kind == "choice":
            row[field.key] = next(iter(field.choices.values())).zh
        elif field.register == register.name:
            row[field.key] = ""
        elif field.register:
            target = registers()[field.register]
            row[field.key] = _example(target, number)[target.key[0]]
        else:
            row[field.key] = texts[field.kind]
    for key in (*register.known_by, *register.key):
        if register.by_key[key].kind == "text":
            row[key] = f"{register.name}-{key}-{number}"
    return row


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("end", ["csv", "xlsx"])
def test_every_register_comes_back_as_it_went(engine: Any, tmp_path: Path, language: str, end: str) -> None:
    filled = Filled(engine)
    for register in registers().values():
        filled.fill(register.name, _example(register, 1), _example(register, 2))
    for register in registers().values():
        path = tmp_path / f"{register.name}.{end}"
        rows = list(exported(filled.inventory, register, Moment(NOON + 10**12), language))
        assert len(rows) == 2
        written = columns(register, language)
        write_csv(path, written, rows) if end == "csv" else write_workbook(path, register.title.zh, written, rows)
        done = _import(filled, path, register)
        assert (done.plan.problems, done.headings) == ([], ())
        assert done.plan.counts() == {"new": 0, "changed": 0, "same": 2, "gone": 0, "faulty": 0}
        assert done.batch is None


def _workbook(path: Path, rows: Sequence[Sequence[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    book.save(path)


def test_rows_that_cannot_be_used_go_back_and_come_again(filled: Filled, tmp_path: Path) -> None:
    path, back = tmp_path / "units.xlsx", tmp_path / "wrong.xlsx"
    headings = ["单位编码", "单位名称", "级别"]
    _workbook(path, [headings, ["U1", "市局", "市级"], ["U2", "=1+1", "州级"], ["U3", "", "区级"]])
    done = _import(filled, path, UNITS)
    assert done.batch is None
    assert filled.inventory.last() == 0
    sent = Sent(path, UNITS)
    assert return_table(sent, done.plan.problems, back, heading="问题", tell=lambda one: one.code) == 2
    sheet = openpyxl.load_workbook(back).active
    assert sheet is not None
    assert [[cell.value for cell in row][:2] for row in sheet.iter_rows(min_row=2)] == [
        ["sheet-cell-formula", "U2"], ["row-field-missing", "U3"],
    ]  # fmt: skip
    assert _import(filled, path, UNITS, skip_faulty=True).plan.counts()["new"] == 1
    sheet["C2"], sheet["D2"], sheet["C3"] = "分局", "区级", "所"
    assert sheet.parent is not None
    sheet.parent.save(back)
    again = _import(filled, back, UNITS)
    assert (again.plan.problems, again.plan.counts()["new"]) == ([], 2)


def test_what_others_wrote_meanwhile_is_planned_with(filled: Filled, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "units.csv"
    path.write_text("code,name\nU1,市局\n", encoding="utf-8")
    write, calls = filled.inventory.write, []

    def overtaken(batch: Batch, changes: Any, since: int | None = None) -> Batch:
        if not calls:
            calls.append(1)
            write(Batch(filled.now, "other", "-"), {"units": [Change("x", {"code": "U1", "name": "市局"})]})
        return write(batch, changes, since)

    monkeypatch.setattr(filled.inventory, "write", overtaken)
    done = _import(filled, path, UNITS)
    assert (done.plan.counts()["same"], done.batch) == (1, None)
    assert filled.inventory.count(UNITS, Moment(NOON)) == 1


def test_two_at_once_lose_nothing(filled: Filled, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for this test alone

    paths = []
    for part in range(4):
        paths.append(tmp_path / f"{part}.csv")
        rows = "".join(f"S{part}-{number},系统 {part}-{number}\n" for number in range(50))
        paths[-1].write_text("code,name\n" + rows, encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda path: _import(filled, path, SYSTEMS), paths))
    assert all(one.batch is not None for one in done)
    assert filled.inventory.count(SYSTEMS, Moment(NOON + 1)) == 200

import csv
from pathlib import Path

import openpyxl

from api.audits.tables import COLUMNS, as_csv, write_xlsx
from inventory.audits.baseline import Compared
from inventory.audits.service import Audited
from tests.api.audits.conftest import HOSTILE


def test_a_csv_file_has_every_finding_and_no_formula(found: Audited) -> None:
    rows = list(csv.reader("".join(as_csv(found, None, "en")).splitlines(keepends=True)))
    assert rows[0][:3] == ["audit", "rule", "severity"]
    assert len(rows) == 1 + len(found.findings)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert f"'{HOSTILE}" in rows[1]


def test_a_workbook_has_the_same_rows_as_texts(found: Audited, tmp_path: Path) -> None:
    gone = Compared(frozenset(), frozenset(), [{"id": "x", "basis": "mlps.ungraded", "key": "=S0", "text": "t"}])
    write_xlsx(tmp_path / "audit.xlsx", found, gone, "zh")
    sheet = openpyxl.load_workbook(tmp_path / "audit.xlsx").worksheets[0]
    cells = [list(row) for row in sheet.iter_rows()]
    assert len(cells) == 2 + len(found.findings)
    assert cells[0][2].value == "程度"
    assert not [cell.coordinate for row in cells for cell in row if cell.data_type == "f"]
    assert cells[-1][COLUMNS.index("change")].value == "消除"

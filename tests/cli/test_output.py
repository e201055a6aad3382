import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from cli import output

HEADINGS = ("告警", "时间", "规则", "证据")
ROWS = [
    ("8da600a5cdc3", "2026-11-22 23:57:15Z", "删除卷影副本或关闭系统恢复（勒索前兆）", "office.jsonl · 行 153"),
    ("58a27f9b126a", "2026-11-22 23:57:08Z", "利用 certutil 下载或解码文件", "synthetic-portal.log · 行 7"),
]


def _printed(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    written = io.StringIO()
    monkeypatch.setattr(output, "out", Console(file=written, width=width, soft_wrap=True, highlight=False))
    output.table(HEADINGS, ROWS, fold=(2, 3))
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_a_wide_terminal_gets_columns_that_stand_below_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    heading, *lines = _printed(monkeypatch, 160)
    assert len(lines) == 2
    for name, *values in zip(HEADINGS, *ROWS, strict=True):
        place = cell_len(heading[: heading.index(name)])
        for line, value in zip(lines, values, strict=True):
            assert cell_len(line[: line.index(value)]) == place, "Chinese is two cells wide"


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_narrow_terminal_gets_lines_that_can_be_read(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = _printed(monkeypatch, width)
    assert max(map(cell_len, lines)) <= width
    assert [line.split()[0] for line in lines[:2]] == ["告警", "时间"]
    joined = re.sub(r"\s", "", "".join(lines))
    for value in (value for row in ROWS for value in row):
        assert re.sub(r"\s", "", value) in joined


def test_values_between_are_folded_before_rows_are_stacked(monkeypatch: pytest.MonkeyPatch) -> None:
    heading, *lines = _printed(monkeypatch, 80)
    assert all(name in heading for name in HEADINGS)
    assert len(lines) > 2
    assert max(map(cell_len, lines)) <= 80

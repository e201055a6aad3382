from pathlib import Path

import orjson
import pytest

from inventory.audits.baseline import LONGEST, compared, read_baseline
from inventory.audits.errors import BaselineUnusable
from inventory.audits.service import Asked, audited
from inventory.days import end_of
from inventory.model import Moment
from tests.inventory.audits.conftest import City

HEAD = b'{"kind":"audit","day":"2026-09-01","scope":"city"}\n'


def _file(tmp_path: Path, *lines: bytes) -> Path:
    path = tmp_path / "earlier.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_findings_are_new_still_there_or_gone_where_their_rule_was_looked_for(city: City, tmp_path: Path) -> None:
    filled = city({"systems": [{"code": code, "name": "a", "state": "running"} for code in ("S1", "S2")]})
    found = audited(filled.inventory, Asked(("mlps",), "2026-09-30", Moment(end_of("2026-09-30") - 1)))
    first, second = (one for one in found.findings if one.check == "ungraded")
    lines = [
        {"kind": "finding", "id": first.id, "basis": "mlps.ungraded"},
        {"kind": "finding", "id": "mended", "basis": "mlps.ungraded", "key": "S0"},
        {"kind": "finding", "id": "elsewhere", "basis": "iot.no-unit"},
        {"kind": "rule", "id": "mlps.ungraded"},
    ]
    earlier = read_baseline(_file(tmp_path, HEAD, *(orjson.dumps(one) + b"\n" for one in lines)))
    assert (earlier.day, earlier.scope) == ("2026-09-01", "city")
    told = compared(found.findings, earlier, {one.rule.id for one in found.outcomes})
    assert second.id in told.new
    assert told.still == {first.id}
    assert [one["key"] for one in told.gone] == ["S0"]


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        ((), None, "audit-baseline-head"),
        ((b'{"kind":"finding","id":"a"}\n',), None, "audit-baseline-head"),
        ((HEAD, b"[1]\n"), 2, "audit-baseline-json"),
        ((HEAD, b"\xff\n"), 2, "audit-baseline-json"),
        ((HEAD, b'{"kind":"finding","id":7}\n'), 2, "audit-baseline-json"),
        ((HEAD, b"[" * 100_000 + b"\n"), 2, "audit-baseline-json"),
        ((HEAD, b" " * (LONGEST + 1) + b"\n"), 2, "audit-baseline-line"),
    ],
)
def test_what_no_audit_printed_is_told_by_line(
    lines: tuple[bytes, ...], line: int | None, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(BaselineUnusable) as problem:
        read_baseline(_file(tmp_path, *lines))
    assert problem.value.place is not None
    assert (problem.value.place.line, problem.value.parameters["reason"]) == (line, reason)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BaselineUnusable, match="No such file"):
        read_baseline(tmp_path / "none.jsonl")

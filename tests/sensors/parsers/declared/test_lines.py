"""Declared formats whose texts are lines of a file: records of several lines, and headers."""

from pathlib import Path

from sensors.event.model import Source
from sensors.parsers.registry import line_parsers
from sensors.reading.lines import LineReader
from sensors.reading.model import Position

COLUMNS = (
    '2026-11-22 08:00:0{n}.123 CST,"app","portal",4711,"192.0.2.7:5{n}",65a0.1,{n},"SELECT",'
    '2026-11-22 07:00:00 CST,3/12,0,ERROR,42601,"{message}",,,,,,"select *\n  from t\n where",,,'
    '"psql","client backend",,0\n'
)


def test_a_statement_with_line_breaks_is_one_event(tmp_path: Path) -> None:
    log = tmp_path / "postgresql.csv"
    log.write_text("".join(COLUMNS.format(n=n, message="syntax error\n\tat the end") for n in range(3)))
    parser = next(one for one in line_parsers() if one.name == "postgresql.csv")
    rows = [
        row
        for portion in LineReader(parser).portions(log, Source("00" * 16, "text", str(log)), Position(), 1)
        for batch in portion.batches
        for row in batch.rows()
    ]
    assert [row["event.sequence"] for row in rows] == [1, 5, 9]
    assert {row["message"] for row in rows} == {"syntax error\n\tat the end"}
    assert {row["user.name"] for row in rows} == {"app"}

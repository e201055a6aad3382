import csv
import io
from pathlib import Path

from tests.cli.conftest import Run


def test_finds_by_field_time_and_order(hanwatch: Run, portal_log: Path) -> None:
    hanwatch("ingest", portal_log)
    found = hanwatch("search", "source.ip:203.0.113.0/24", "--json")
    assert [event["event.sequence"] for event in found.lines] == [21]
    early = hanwatch("search", "*", "--to", "2026-11-22T00:00:03Z", "--sort", "@timestamp:asc", "--json")
    assert [event["event.sequence"] for event in early.lines] == [1, 2, 3]


def test_a_query_that_cannot_be_read_says_where(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("search", "source.ip:(")
    assert ran.status == 2
    assert "character" in ran.err


def test_a_time_that_is_none_is_refused(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("search", "*", "--from", "yesterday")
    assert ran.status == 2
    assert "yesterday is no time" in ran.err


def test_csv_defuses_formulas(hanwatch: Run, tmp_path: Path) -> None:
    log = tmp_path / "ecs.jsonl"
    log.write_text('{"@timestamp":"2026-11-22T08:00:00Z","event.dataset":"app.audit","message":"=cmd()"}\n')
    hanwatch("ingest", log)
    (row,) = csv.DictReader(io.StringIO(hanwatch("search", "*", "--format", "csv").out))
    assert row["message"] == "'=cmd()"


def test_nothing_found_says_what_to_try(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("search", "event.dataset:none")
    assert ran.status == 0
    assert "Nothing found" in ran.out


def test_an_order_that_is_none_is_refused(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("search", "*", "--sort", "@timestamp:down")
    assert ran.status == 2
    assert "down is no order" in ran.err


def test_csv_has_json_where_a_value_is_a_list(hanwatch: Run, portal_log: Path) -> None:
    hanwatch("ingest", portal_log)
    (row,) = csv.DictReader(io.StringIO(hanwatch("search", "*", "--limit", 1, "--format", "csv").out))
    assert row["event.category"] == '["web"]'

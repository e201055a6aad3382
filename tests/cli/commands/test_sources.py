import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def test_sources_with_owner_and_counts(hanwatch: Run, portal_log: Path, tmp_path: Path) -> None:
    hanwatch("ingest", portal_log)
    settings = tmp_path / "own.yml"
    settings.write_text(f"sources:\n  owners:\n    - {{pattern: '{portal_log.parent}/*', owner: 门户网站组}}\n")
    (found,) = hanwatch("--config", settings, "sources", "--json").lines
    assert (found["name"], found["format"], found["owner"]) == (str(portal_log), "web.access", "门户网站组")
    assert found["events"]["day"] > 20
    assert found["silent"] is False
    shown = hanwatch("sources")
    assert shown.status == 0
    assert "web.access" in shown.out


def test_a_silent_source_is_a_finding(hanwatch: Run, portal_log: Path, data: Path) -> None:
    hanwatch("ingest", portal_log)
    with sqlite3.connect(data / "spool" / "spool.db") as connection:
        connection.execute("UPDATE rhythms SET beats = 100, last = last - 3600 * 1000000000, longest = 1, pause = 1")
    ran = hanwatch("sources", "--silent")
    assert ran.status == 1
    assert "silent" in ran.out


def test_nothing_met_yet(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("sources")
    assert ran.status == 0
    assert "No source" in ran.err
    assert hanwatch("sources", "--silent").status == 0

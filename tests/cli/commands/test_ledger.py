"""The ledger where other things are broken."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_ledger_is_shown_without_the_database(
    hanwatch: Run, portal_log: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanwatch("ingest", portal_log)
    assert hanwatch("ledger", "--json").lines[0]["excepted"] == 0
    (data / "folder.db").mkdir()
    monkeypatch.setenv("HANWATCH_DATABASE", f"sqlite:///{data / 'folder.db'}")
    ran = hanwatch("ledger", "--json")
    assert ran.status == 0
    assert (ran.lines[0]["complete"], ran.lines[0]["excepted"]) == (True, None)
    assert "folder.db" in ran.err
    shown = hanwatch("ledger")
    assert shown.status == 0
    assert "Complete" in shown.out
    assert "without the database" in " ".join(shown.err.split())

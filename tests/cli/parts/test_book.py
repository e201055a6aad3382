"""The relational database of a run: SQLite by itself, PostgreSQL where the settings say so, one writer's role each."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cli.parts.notifying import NOTIFIER
from cli.parts.spool import CORRELATOR
from correlation.alerts.schema import open_database
from correlation.alerts.sole import sole
from tests.cli.conftest import Run
from tests.databases import closing


@pytest.mark.engine
def test_alerts_and_incidents_are_in_postgresql_where_the_settings_say_so(
    hanwatch: Run, portal_log: Path, data: Path, postgresql_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = create_engine(f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text("CREATE DATABASE whole TEMPLATE template0"))
    administrator.dispose()
    monkeypatch.setenv("HANWATCH_DATABASE", f"{postgresql_server}/whole")
    assert hanwatch("ingest", portal_log).status == 0
    (alert,) = hanwatch("alerts", "list", "--json").lines
    (incident,) = hanwatch("incidents", "list", "--json").lines
    assert hanwatch("ledger").status == hanwatch("posture", "record").status == 0
    assert not (data / "hanwatch.db").exists()
    monkeypatch.delenv("HANWATCH_DATABASE")
    assert hanwatch("alerts", "list", "--json").lines == []
    assert (alert["level"], incident["alerts"]) == ("high", 1)


@pytest.mark.parametrize(("role", "arguments"), [(CORRELATOR, ["correlate", "--once"]), (NOTIFIER, ["notify", "run"])])
def test_two_data_folders_do_not_write_over_each_other_in_one_database(
    hanwatch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, arguments: list[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    monkeypatch.setenv("HANWATCH_DATABASE", url)
    with closing(open_database(url)) as engine, sole(engine, role):
        ran = hanwatch(*arguments)
        assert ran.status == 3
        assert f"has its {role} already" in " ".join(ran.err.split())
        assert hanwatch("alerts", "list").status == 0, "reading is not held up"
    assert hanwatch("correlate", "--once").status == 0

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import correlation.incidents.tables
import correlation.posture.tables  # noqa: F401 - all tables are declared, whatever else was loaded
from correlation.alerts import database
from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database
from correlation.alerts.errors import DatabaseUnusable
from correlation.alerts.tables import metadata
from tests.correlation.notifying.conftest import NOON, an_alert


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'hanwatch.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "correlation_version"})
        assert compare_metadata(context, metadata) == []


def test_opening_twice_is_harmless(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    open_database(url).dispose()
    with open_database(url).connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_many_processes_may_open_a_new_database_at_the_same_moment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    processes = [subprocess.Popen([sys.executable, "-c", OPEN, url], stderr=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


OPEN = """
import sys
from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database
assert sum(AlertBook(open_database(sys.argv[1])).count_by_level().values()) == 0
"""


def test_alerts_that_are_there_already_get_their_place_in_the_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    engine = open_database(url)
    alerts = [an_alert(number, created=NOON - number) for number in range(1_500)]
    AlertBook(engine).record(alerts)
    with engine.begin() as connection:
        for table in (
            "alert_excepted", "posture_snapshot", "posture_policy", "incident_change", "incident_member", "incident",
            "alert_outbox", "notify_outbox", "notify_topic", "notify_window", "notify_position", "alert_order",
        ):  # fmt: skip
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE window_operation DROP COLUMN withheld"))
        connection.execute(text("UPDATE correlation_version SET version_num = '0003'"))
    engine.dispose()
    book = AlertBook(open_database(url))
    first, number, more = book.since(0, 1_000)
    assert (first, more) == (alerts[::-1][:1_000], True)
    assert book.since(number, 1_000)[0] == alerts[::-1][1_000:]
    assert book.record(alerts) == 0
    assert book.record([an_alert(2_000)]) == 1
    assert len(book.since(number + 1, 10)[0]) == 1


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    with open_database(url).begin() as connection:
        connection.execute(text("UPDATE correlation_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="9999"):
        open_database(url)


def test_the_newest_migration_is_known_without_loading_alembic(tmp_path: Path) -> None:
    scripts = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert scripts.get_current_head() == database._HEAD
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    open_database(url).dispose()
    program = f"import sys\n{OPEN}\nassert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, url], check=True, timeout=60)

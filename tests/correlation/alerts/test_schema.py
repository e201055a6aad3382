import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, insert, select, text

import correlation.posture.tables  # noqa: F401 - all tables are declared, whatever else was loaded
from correlation.alerts import schema
from correlation.alerts.book import AlertBook
from correlation.alerts.schema import open_database
from correlation.alerts.tables import metadata
from correlation.incidents.tables import change
from inventory.database import writing
from inventory.errors import DatabaseUnusable
from tests.correlation.notifying.conftest import NOON, an_alert
from tests.databases import KINDS, Databases, address, closing, cut_all


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(databases: Databases) -> None:
    with closing(open_database(databases.empty())) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "correlation_version"})
        assert compare_metadata(context, metadata) == []


def test_opening_twice_is_harmless(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    open_database(url).dispose()
    with closing(open_database(url)) as engine, engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_many_processes_may_open_a_new_database_at_the_same_moment(databases: Databases) -> None:
    url = databases.empty()
    processes = [subprocess.Popen([sys.executable, "-c", OPEN, url], stderr=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


OPEN = """
import sys
from correlation.alerts import schema
from correlation.alerts.book import AlertBook
from correlation.alerts.schema import open_database
from inventory.database import writing
assert sum(AlertBook(open_database(sys.argv[1])).count_by_level().values()) == 0
"""


def test_alerts_that_are_there_already_get_their_place_in_the_order(engine: Engine) -> None:
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
    with closing(open_database(address(engine))) as again:
        book = AlertBook(again)
        first, number, more = book.since(0, 1_000)
        assert (first, more) == (alerts[::-1][:1_000], True)
        assert book.since(number, 1_000)[0] == alerts[::-1][1_000:]
        assert book.record(alerts) == 0
        assert book.record([an_alert(2_000)]) == 1
        assert len(book.since(number + 1, 10)[0]) == 1


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE correlation_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="9999"):
        open_database(address(engine))


@pytest.mark.parametrize(
    ("url", "said"),
    [("postgresql+nothing://u:hidden@h/d", "nothing"), ("//u:hidden@h/d", "parse")],
)
def test_what_is_no_address_or_has_no_driver_is_refused(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnusable, match=said) as refused:
        open_database(url)
    assert "hidden" not in str(refused.value)


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    pytest.importorskip("psycopg", reason="psycopg, the driver of PostgreSQL, is not installed")
    with pytest.raises(DatabaseUnusable, match="refused") as refused:
        open_database("postgresql+psycopg://u:hidden@127.0.0.1:1/d")
    assert "hidden" not in str(refused.value)


def test_those_who_write_take_turns_and_those_who_read_see_one_moment(engine: Engine) -> None:
    """Each of two writers decides by what it has read, and neither misses what the other has written."""
    with engine.connect() as reader:
        before = reader.execute(select(func.count()).select_from(change)).scalar_one()
        threads = [Thread(target=_count_up, args=(engine, 20)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert before == reader.execute(select(func.count()).select_from(change)).scalar_one() == 0
    with engine.connect() as reader:
        assert reader.execute(select(func.max(change.c.version))).scalar_one() == 40


def _count_up(engine: Engine, times: int) -> None:
    for _ in range(times):
        with writing(engine) as connection:
            last = connection.execute(select(func.max(change.c.version))).scalar() or 0
            row = {"subject": "s", "version": last + 1, "at": 1, "who": "li", "what": "note", "before": {}, "after": {}}
            connection.execute(insert(change), [row | {"digest": ""}])


@pytest.mark.parametrize("databases", KINDS[1:], indirect=True)
def test_a_connection_that_the_server_has_closed_is_made_anew(engine: Engine) -> None:
    book = AlertBook(engine)
    book.record([an_alert(1)])
    cut_all(engine)
    assert book.record([an_alert(1), an_alert(2)]) == 1


def test_the_newest_migration_is_known_without_loading_alembic(tmp_path: Path) -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.SCHEMA.head
    url = f"sqlite:///{tmp_path / 'hanwatch.db'}"
    open_database(url).dispose()
    program = f"import sys\n{OPEN}\nassert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, url], check=True, timeout=60)

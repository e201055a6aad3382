import sqlite3
import time
from pathlib import Path

from sensors.delivery.devices import Heard
from sensors.delivery.ports import Delivery
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.model import Source
from sensors.event.times import SECOND
from sensors.reading.model import Portion, Position
from sensors.settings import SpoolSettings
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


def test_the_devices_behind_a_listener_stand_below_it_with_their_owner(
    hanwatch: Run, empty: Path, tmp_path: Path
) -> None:
    own = Source("ab" * 16, "text", "syslog.udp://0.0.0.0:514")
    now = time.time_ns()
    heard = (Heard("10.8.0.1", "FW-1", now, 8, 2, 2, now, SECOND, -SECOND), Heard("10.9.0.2", "", now, 1))
    with EmbeddedSpool(empty / "spool", SpoolSettings(min_free_bytes=0), time.time_ns) as spool:
        at = Position()
        spool.append_many([Delivery(own, "", Portion((), (), {}, at), at, heard)])
    settings = tmp_path / "own.yml"
    settings.write_text("sources:\n  owners:\n    - {pattern: '*/10.8.*', owner: 网络组}\n")
    (found,) = hanwatch("--config", settings, "sources", "--json").lines
    first, second = found["devices"]
    assert (first["address"], first["host"], first["owner"]) == ("10.8.0.1", "FW-1", "网络组")
    assert (first["lag_seconds"], first["skew_seconds"]) == (1.0, -1.0)
    assert (second["host"], second["owner"], second["lag_seconds"]) == (None, None, None)
    assert "FW-1 (10.8.0.1)" in hanwatch("sources").out
    with sqlite3.connect(empty / "spool" / "spool.db") as connection:
        connection.execute("UPDATE devices SET beats = 100, last = 1, longest = 1, pause = 1 WHERE host = 'FW-1'")
    ran = hanwatch("sources", "--silent")
    assert ran.status == 1
    assert "FW-1" in ran.out
    assert "10.9.0.2" not in ran.out

"""A file that is locked for a moment is switched as soon as it is free, and one that stays locked is told."""

import sqlite3
from pathlib import Path
from threading import Timer

import pytest

from sensors.delivery.write_ahead import switch_to_log


@pytest.fixture
def locked(tmp_path: Path) -> sqlite3.Connection:
    holder = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE t (a)")
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def test_a_lock_is_waited_for(tmp_path: Path, locked: sqlite3.Connection) -> None:
    mine = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)
    timer = Timer(0.1, locked.execute, ["COMMIT"])
    timer.start()
    switch_to_log(mine)
    timer.join()
    assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    locked.close()
    mine.close()


def test_a_lock_that_stays_is_told(tmp_path: Path, locked: sqlite3.Connection) -> None:
    mine = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        switch_to_log(mine, 0.05)
    locked.close()
    mine.close()

"""A spool that cannot be opened says why, and nothing is harmed."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from sensors.delivery.errors import SpoolTooNew, SpoolUnusable
from sensors.delivery.ports import STORE
from sensors.delivery.schema import MIGRATIONS
from sensors.delivery.segments import segment_path
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion, source, ticking

SETTINGS = SpoolSettings(min_free_bytes=0)
NOBODY = 65_534

# The right to do everything does not ask for permissions, so it is given up first.
OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from sensors.delivery.errors import SpoolUnusable
from sensors.delivery.spool import EmbeddedSpool
from sensors.settings import SpoolSettings
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0), lambda: 0)
except SpoolUnusable as problem:
    print(problem.place.file, problem.parameters["reason"], sep="|")
"""


def filled(folder: Path) -> None:
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        spool.append(source(), "lines", portion(source(), Position(), 3), Position())


def test_what_was_spooled_is_there_when_it_is_opened_again(folder: Path) -> None:
    filled(folder)
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        assert [record.events for record in spool.read(STORE, 9)] == [3]


def test_a_newer_spool_is_left_alone(folder: Path) -> None:
    filled(folder)
    database = sqlite3.connect(folder / "spool.db")
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(SpoolTooNew) as caught:
        EmbeddedSpool(folder, SETTINGS, ticking())
    assert caught.value.parameters == {"found": len(MIGRATIONS) + 1, "known": len(MIGRATIONS)}
    assert caught.value.place
    assert caught.value.place.file == str(folder / "spool.db")


def test_another_programs_database_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    database = sqlite3.connect(folder / "spool.db")
    database.execute("CREATE TABLE cakes (name)")
    database.close()
    with pytest.raises(SpoolUnusable, match="another program"):
        EmbeddedSpool(folder, SETTINGS, ticking())


def test_a_file_that_is_no_database_is_told(folder: Path) -> None:
    folder.mkdir()
    (folder / "spool.db").write_bytes(b"nothing of the kind" * 500)
    with pytest.raises(SpoolUnusable, match="not a database"):
        EmbeddedSpool(folder, SETTINGS, ticking())


def test_segments_without_their_database_are_not_swept_away(folder: Path) -> None:
    filled(folder)
    for name in ("spool.db", "spool.db-wal", "spool.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(SpoolUnusable) as caught:
        EmbeddedSpool(folder, SETTINGS, ticking())
    assert caught.value.parameters["reason"] == "missing, while segments are there"
    assert segment_path(folder / "segments", 1).stat().st_size > 0


def test_an_orphaned_segment_is_swept_and_other_files_are_not(folder: Path) -> None:
    filled(folder)
    orphan, other = segment_path(folder / "segments", 77), folder / "segments" / "notes.txt"
    orphan.write_bytes(b"of a producer that died between the file and its row")
    other.write_bytes(b"")
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        assert len(list(spool.read(STORE, 9))) == 1
    assert (orphan.exists(), other.exists()) == (False, True)


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"")
    with pytest.raises(SpoolUnusable) as caught:
        EmbeddedSpool(tmp_path / "spool", SETTINGS, ticking())
    assert str(caught.value) == f"{tmp_path}/spool: spool-unusable(reason=File exists)"


@pytest.mark.parametrize("closed", ["folder", "parent", "segments", "spool.db"])
def test_missing_rights_are_told_with_their_place(closed: str) -> None:
    with TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o711)
        parent = Path(open_to_all) / "parent"
        folder = parent / "spool"
        parent.mkdir()
        places = {"folder": folder, "parent": parent, "segments": folder / "segments", "spool.db": folder / "spool.db"}
        if closed != "parent":
            filled(folder)
        for path in [parent, *parent.rglob("*")]:
            if os.geteuid() == 0:
                os.chown(path, NOBODY, NOBODY)
        places[closed].chmod(0o400 if closed == "spool.db" else 0o500)
        done = subprocess.run(
            [sys.executable, "-c", OPEN_AS_NOBODY, str(folder)], capture_output=True, text=True, timeout=60, check=True
        )
        places[closed].chmod(0o700)
    said, _, reason = done.stdout.strip().partition("|")
    assert said == str(folder if closed == "parent" else places[closed]), done.stderr
    assert reason in {"Permission denied", "attempt to write a readonly database"}


def test_many_open_a_new_spool_at_once(folder: Path) -> None:
    problems: list[BaseException] = []

    def open_it() -> None:
        try:
            EmbeddedSpool(folder, SETTINGS, lambda: 0).close()
        except BaseException as problem:  # noqa: BLE001 - told below
            problems.append(problem)

    threads = [Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems

"""A full disk, wherever it strikes, refuses a portion as a whole, and there is no harm once there is room again."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from sensors.delivery.database import Database
from sensors.delivery.errors import SpoolBusy, SpoolFull
from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE
from sensors.delivery.report import verdict
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.disks import FailingDisk
from tests.sensors.delivery.making import portion, source, stored, ticking

SETTINGS = SpoolSettings(min_free_bytes=0)

# No file may grow beyond so many bytes, be it a segment or the database's log: the system answers EFBIG.
APPEND_UNDER_A_LIMIT = """
import resource, signal, sys
from pathlib import Path
from sensors.delivery.errors import SpoolFull
from sensors.delivery.ports import STORE
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion, source, stored

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool = EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0), lambda: 0)
begun, done = Position(), 0
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    while done < 2_000:
        made = portion(source(), begun, 3, rejects=2, text=b"x" * 200)
        spool.append(source(), "lines", made, begun)
        begun, done = made.position, done + 1
except SpoolFull as problem:
    print(problem)
assert (spool.position(source()) or Position()) == begun
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
made = portion(source(), begun, 3)
spool.append(source(), "lines", made, begun)
print(done + 1)
"""


@pytest.mark.parametrize("kilobytes", [4, 40, 64, 100, 300, 700])
def test_a_limit_on_files_strikes_segment_or_database_and_nothing_is_torn(folder: Path, kilobytes: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", APPEND_UNDER_A_LIMIT, str(folder), str(kilobytes << 10)],
        capture_output=True, text=True, timeout=120, check=False, env=os.environ | {"PYTHONPATH": "."},
    )
    assert done.returncode == 0, done.stderr
    said, count = done.stdout.split("\n")[:2]
    assert "spool-full" in said
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        found = list(spool.read(STORE, 1 << 30))
        assert [record.sequence for record in found] == list(range(1, int(count) + 1))
        assert spool.counts()[EVENTS, "spooled"] == 3 * int(count) == sum(record.events for record in found)
        assert verdict(spool.report()).complete


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB, in memory."""
    if os.geteuid() != 0:
        pytest.skip("only the administrator can mount a small disk; a limit on files is tested in its place")
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here; a limit on files is tested in its place")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("size", [1, 40, 1_000])
def test_a_really_full_disk_refuses_and_recovers(small_disk: Path, size: int) -> None:
    """Small portions fill it with the database, large ones with segments."""
    with EmbeddedSpool(small_disk / "spool", SETTINGS, ticking()) as spool:
        filler = small_disk / "filler"
        filler.write_bytes(bytes(1 << 20))
        begun, count = Position(), 0
        for _ in range(2):
            full = False
            while not full:
                made = portion(source(), begun, size, rejects=size, text=os.urandom(20).hex().encode())
                try:
                    spool.append(source(), "lines", made, begun)
                    begun, count = made.position, count + 1
                except SpoolFull:
                    full = True
            assert spool.position(source()) == begun
            filler.unlink(missing_ok=True)
        assert verdict(spool.report()).complete
        assert spool.counts()[EVENTS, "spooled"] == size * count
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    with EmbeddedSpool(small_disk / "spool", SETTINGS, ticking()) as spool:
        assert len(list(spool.read(STORE, 1 << 30))) == count


def fill(filler: Path) -> None:
    """Write until there is no room for one byte more."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4_096)):
            pass
    assert shutil.disk_usage(filler.parent).free == 0


@pytest.mark.parametrize("when", ["acknowledging", "removing", "opening"])
def test_on_a_full_disk_consumers_still_acknowledge_and_make_room(small_disk: Path, when: str) -> None:
    """The disk fills up at one of three moments, each of which needs a little more of it to go on."""
    subprocess.run(["mount", "-o", "remount,size=12m", small_disk], check=True)
    settings, clock = SpoolSettings(min_free_bytes=0, keep_hours=0), ticking()
    ballast = small_disk / "spool" / "ballast"
    made = portion(source(), Position(), 10_000, text=os.urandom(20).hex().encode())
    more = portion(source(), made.position, 1_000)
    with EmbeddedSpool(small_disk / "spool", settings, clock) as spool:
        assert ballast.stat().st_size == 4 << 20
        spool.append(source(), "lines", made, Position())
        if when == "removing":
            spool.acknowledge(STORE, [stored(record) for record in spool.read(STORE, 1)])
        fill(small_disk / "filler")
        with pytest.raises(SpoolFull):
            spool.append(source(), "lines", more, made.position)
        assert ballast.exists(), "producers have no right to it"
        if when == "acknowledging":
            spool.acknowledge(STORE, [stored(record) for record in spool.read(STORE, 1)])
            assert not ballast.exists()
        if when == "removing":
            assert spool.retain().segments == 1
            spool.append(source(), "lines", more, made.position)
    if when == "opening":
        # What the closed database gave back goes as well.
        fill(small_disk / "filler of the rest")
    with EmbeddedSpool(small_disk / "spool", settings, clock) as spool:
        if when == "opening":
            spool.acknowledge(STORE, [stored(record) for record in spool.read(STORE, 1)])
        if when != "removing":
            assert spool.retain().segments == 1
            spool.append(source(), "lines", more, made.position)
        assert [record.events for record in spool.read(STORE, 1 << 30)] == [1_000]
        assert verdict(spool.report()).complete


def test_a_failing_write_to_the_segment_refuses_the_portion(folder: Path) -> None:
    disk = FailingDisk()
    with EmbeddedSpool(folder, SETTINGS, ticking(), disk) as spool:
        first = portion(source(), Position(), 5)
        spool.append(source(), "lines", first, Position())
        disk.room = 100
        second = portion(source(), first.position, 5, rejects=1)
        with pytest.raises(SpoolFull):
            spool.append(source(), "lines", second, first.position)
        assert (spool.position(source()), len(spool.quarantined())) == (first.position, 0)
        disk.room = None
        assert spool.append(source(), "lines", second, first.position) == 2
        assert [record.events for record in spool.read(STORE, 100)] == [5, 5]


def test_a_lock_that_is_held_for_too_long_is_told(folder: Path) -> None:
    settings = SpoolSettings(min_free_bytes=0, busy_seconds=0.05)
    with EmbeddedSpool(folder, settings, ticking()) as spool:
        other = sqlite3.connect(folder / "spool.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        made = portion(source(), Position(), 1)
        with pytest.raises(SpoolBusy) as caught:
            spool.append(source(), "lines", made, Position())
        assert caught.value.parameters == {"seconds": 0.05}
        other.close()
        assert spool.append(source(), "lines", made, Position()) == 1


def test_threads_share_a_connection_in_turn(tmp_path: Path) -> None:
    database = Database(tmp_path / "spool.db", 1.0)
    with database.transaction() as connection:
        connection.execute("INSERT INTO consumers VALUES ('x', 0)")

    def add() -> None:
        for _ in range(50):
            with database.transaction() as connection:
                ((value,),) = connection.execute("SELECT position FROM consumers").fetchall()
                connection.execute("UPDATE consumers SET position = ?", (value + 1,))

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert database.rows("SELECT position FROM consumers") == [(200,)]
    database.close()



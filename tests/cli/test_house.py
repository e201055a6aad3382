import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from cli.ground import DataFolderUnusable
from cli.house import House
from cli.settings import load_settings
from sensors.event.times import SECOND, from_iso

NOBODY = 65_534
NOON = from_iso("2026-11-22T12:00:00Z")


def _open_as_nobody(folder: Path) -> str:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    try:
        with House(load_settings(data=folder, environment={})):
            return "opened"
    except DataFolderUnusable as problem:
        return str(problem.place)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody without rights")
def test_a_data_folder_without_rights_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert _said_to_nobody(closed) == str(closed)
    assert _said_to_nobody(closed / "data") == str(closed / "data")


def _said_to_nobody(folder: Path) -> str:
    """What a process without rights is told."""
    fork = get_context("fork")
    mine, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=lambda: theirs.send(_open_as_nobody(folder)))
    process.start()
    assert mine.poll(60), "no word from the other process"
    said: str = mine.recv()
    process.join()
    return said


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnusable):
        House(load_settings(data=tmp_path / "file" / "data", environment={}))
    with pytest.raises(DataFolderUnusable):
        House(load_settings(data=tmp_path / "file", environment={}))


def test_what_runs_without_end_records_how_everything_stands(tmp_path: Path) -> None:
    with House(load_settings(data=tmp_path / "data", environment={})) as house:
        moments = iter(range(NOON, NOON + 10**15, 4 * 60 * SECOND))
        now = next(moments)
        house.clock = lambda: now
        for _ in range(20):
            now = next(moments)
            house.maintain(live=True)
        recorded = [one.moment for one in house.snapshots.verify(0, now + 1)]
        assert len(recorded) == 2
        assert recorded[1] - recorded[0] == 60 * 60 * SECOND
        assert house.watched, "its rules are looked at as well"


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    with House(load_settings(data=tmp_path / "data", environment={})):
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700

"""Ballast takes real blocks, goes when the disk is full, and gives one more try."""

from pathlib import Path

import pytest

from sensors.delivery.ballast import BALLAST_BYTES, Ballast
from sensors.delivery.errors import SpoolFull


def test_it_holds_blocks_until_it_is_dropped(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast")
    assert ballast.load()
    assert ballast.load()
    status = (tmp_path / "ballast").stat()
    assert (status.st_size, status.st_blocks * 512 >= BALLAST_BYTES) == (BALLAST_BYTES, True)
    assert ballast.drop()
    assert not ballast.drop()


def test_more_than_the_disk_has_is_not_held(tmp_path: Path) -> None:
    assert not Ballast(tmp_path / "ballast", 1 << 60).load()
    assert not (tmp_path / "ballast").exists()
    assert not Ballast(tmp_path / "missing" / "ballast").load()


def test_what_finds_the_disk_full_is_done_once_more_without_it(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast")
    tries = []

    def action() -> int:
        tries.append((tmp_path / "ballast").exists())
        if tries[-1] or len(tries) > 2:
            raise SpoolFull(reason="full")
        return len(tries)

    ballast.load()
    assert ballast.behind(action) == 2
    assert tries == [True, False]
    with pytest.raises(SpoolFull):
        ballast.behind(action)
    assert tries == [True, False, False], "without ballast there is one try"

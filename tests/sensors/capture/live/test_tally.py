from pathlib import Path

from sensors.capture.live.session import source_of
from sensors.capture.live.tally import Tally, leftovers

SOURCE = source_of("near", "host", 1)


def test_what_lives_is_no_leftover(tmp_path: Path) -> None:
    with Tally(tmp_path, SOURCE) as tally:
        tally.note(5, 1)
        assert not list(leftovers(tmp_path))
    (found,) = leftovers(tmp_path)
    assert (found.source, found.packets, found.drops) == (SOURCE, 5, 1)


def test_what_ended_well_leaves_nothing(tmp_path: Path) -> None:
    tally = Tally(tmp_path, SOURCE)
    tally.close(done=True)
    tally.close(done=False)
    assert not list(tmp_path.iterdir())


def test_strange_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.tally").write_bytes(b"no such thing")
    (tmp_path / "b.tally").write_bytes(b"")
    assert not list(leftovers(tmp_path))

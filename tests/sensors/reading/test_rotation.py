"""A followed file is read to its end after it was moved away, and let go when nothing comes any more."""

from collections.abc import Iterable
from pathlib import Path

from sensors.reading.rotation import IDLE_LOOKS, Holding, Left


def contents(found: Iterable[Left]) -> list[tuple[str, bytes, bool]]:
    return [(left.path.name, left.content.read_bytes(), left.last) for left in found]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_is_written_after_the_move_is_read_until_nothing_comes(tmp_path: Path) -> None:
    log, holding, before = tmp_path / "app.log", Holding(), open_files()
    log.write_text("one\n")
    holding.hold(log)
    assert not list(holding.left())
    log.rename(tmp_path / "app.log.1")
    with (tmp_path / "app.log.1").open("a") as old:
        assert contents(holding.left()) == [("app.log", b"one\n", False)]
        old.write("two\n")
    log.write_text("new\n")
    holding.hold(log)
    looks = [contents(holding.left()) for _ in range(IDLE_LOOKS + 2)]
    assert looks[0] == [("app.log", b"one\ntwo\n", False)]
    assert [last for look in looks for *_, last in look] == [False] * IDLE_LOOKS + [True]
    assert open_files() == before + 1, "only the new one is held"
    holding.close()
    assert open_files() == before


def test_it_is_kept_while_nothing_new_stands_there(tmp_path: Path) -> None:
    log, holding = tmp_path / "app.log", Holding()
    log.write_text("one\n")
    holding.hold(log)
    log.unlink()
    for _ in range(3 * IDLE_LOOKS):
        assert contents(holding.left()) == [("app.log", b"one\n", False)]
    holding.close()


def test_no_more_files_are_held_than_may_be(tmp_path: Path) -> None:
    holding, before = Holding(most=3), open_files()
    for number in range(10):
        (tmp_path / str(number)).write_text("x")
        holding.hold(tmp_path / str(number))
    assert open_files() == before + 3
    (tmp_path / "8").unlink()
    (tmp_path / "1").unlink()
    assert [left.path.name for left in holding.left()] == ["8"]
    holding.close()


def test_a_file_that_was_moved_in_an_earlier_run_is_taken_over(tmp_path: Path) -> None:
    old, holding = tmp_path / "app.log.1", Holding()
    old.write_text("one\n")
    for _ in range(2):
        holding.adopt(tmp_path / "app.log", old)
    assert contents(holding.left()) == [("app.log", b"one\n", False)]
    holding.adopt(tmp_path / "app.log", tmp_path / "nothing")
    holding.hold(tmp_path / "nothing")
    holding.close()

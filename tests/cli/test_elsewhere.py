import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.elsewhere import ElsewhereError, elsewhere, side_by_side
from sensors.errors import Place, UnreadableInput


def _process() -> int:
    return os.getpid()


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_answer_comes_from_another_process() -> None:
    assert elsewhere(_process) not in {os.getpid(), os.getppid()}
    assert elsewhere(sorted, [3, 1, 2], reverse=True) == [3, 2, 1]


def test_what_is_raised_there_is_an_error_here(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ElsewhereError, match="status 1"):
        elsewhere(int, "no number")
    assert "invalid literal" in capfd.readouterr().err


def test_a_death_there_is_an_error_here() -> None:
    with pytest.raises(ElsewhereError, match="status -9"):
        elsewhere(_killed)


def test_an_end_without_an_answer_is_an_error_whatever_its_status() -> None:
    with pytest.raises(ElsewhereError, match="status 0"):
        elsewhere(os._exit, 0)
    with pytest.raises(ElsewhereError, match="status 0"):
        elsewhere(sys.exit, 0)


def test_a_script_that_is_started_again_by_its_own_child_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from cli.elsewhere import elsewhere\nelsewhere(print, 'never')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=60, check=False, env=environment)
    assert done.returncode == 1
    assert b"ElsewhereError" in done.stderr


def _counting(number: int, fault: str = "") -> Iterator[int]:
    yield from range(number)
    if fault == "problem":
        raise UnreadableInput(place=Place("a.log", 7), reason="gone")
    if fault == "left":
        sys.exit(0)
    if fault == "killed":
        _killed()


def test_several_answer_as_they_come() -> None:
    assert sorted(side_by_side(_counting, [(2,), (0,), (3,)])) == [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]


def test_a_problem_of_one_is_told_as_it_is() -> None:
    with pytest.raises(UnreadableInput) as caught:
        list(side_by_side(_counting, [(10_000,), (1, "problem")]))
    assert (caught.value.place, caught.value.parameters) == (Place("a.log", 7), {"reason": "gone"})


def test_the_death_of_one_is_an_error() -> None:
    with pytest.raises(ElsewhereError, match="status -9"):
        list(side_by_side(_counting, [(1,), (2, "killed")]))


def test_one_that_ends_before_it_is_done_is_an_error() -> None:
    with pytest.raises(ElsewhereError, match="status 0"):
        list(side_by_side(_counting, [(1,), (2, "left")]))


def test_who_wants_no_more_ends_them_all() -> None:
    answers = side_by_side(_counting, [(10_000_000,), (10_000_000,)])
    assert next(answers)[1] == 0
    answers.close()
    assert not multiprocessing.active_children()

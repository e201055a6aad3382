import os
import signal

import pytest

from cli.elsewhere import ElsewhereError, elsewhere


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

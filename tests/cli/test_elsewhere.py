import os
import signal
import subprocess
import sys
from pathlib import Path

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


def test_a_script_that_is_started_again_by_its_own_child_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from cli.elsewhere import elsewhere\nelsewhere(print, 'never')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=60, check=False, env=environment)
    assert done.returncode == 1
    assert b"ElsewhereError" in done.stderr

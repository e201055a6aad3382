import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands.serve import TOKEN_CHARACTERS, api_token


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_it_ends_well(data: Path, request_to_end: signal.Signals) -> None:
    command = [sys.executable, "-m", "cli", "--data", str(data), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert re.search(r"http://127\.0\.0\.1:\d+/#token=", process.stdout.readline())
        process.send_signal(request_to_end)
        _, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (0, "")


def test_the_token_is_made_once_and_never_empty(empty: Path) -> None:
    token = api_token(empty)
    assert len(token) == TOKEN_CHARACTERS
    assert api_token(empty) == token
    assert (empty / "api-token").stat().st_mode & 0o777 == 0o600
    (empty / "api-token").write_text("")
    assert len(api_token(empty)) == TOKEN_CHARACTERS
    assert [file.name for file in empty.iterdir()] == ["api-token"]

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_it_ends_well(data: Path, request_to_end: signal.Signals) -> None:
    command = [sys.executable, "-m", "cli", "--data", str(data), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert re.search(r"http://127\.0\.0\.1:\d+/#token=", process.stdout.readline())
        process.send_signal(request_to_end)
        _, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (0, "")

"""The capture of interfaces as a process beside the sensor: an interpreter of its own, so that neither waits."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensors.errors import Problem

END_SECONDS = 10.0


class CaptureEnded(Problem):
    """The process that captures has ended by itself, with `status`; it has said why."""

    code = "capture-ended"


@contextmanager
def capture_beside(data: Path, config: Path | None) -> Iterator["Beside"]:
    """Capture the interfaces of the settings while the block lasts."""
    words = ["--under", str(os.getpid()), "--data", str(data), *(["--config", str(config)] if config else [])]
    with subprocess.Popen([sys.executable, "-m", "cli", *words, "capture"]) as process:  # noqa: S603 - ourselves
        try:
            yield Beside(process)
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


class Beside:
    """The process beside."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def check(self) -> None:
        """See whether it still captures.

        Raises:
            CaptureEnded: it does not.
        """
        status = self._process.poll()
        if status is not None:
            raise CaptureEnded(status=status)

"""Ending on request: a signal sets a mark, and the work is finished up to a point where nothing is half done."""

import signal
import time
from types import FrameType


class Stop:
    """Becomes true when the process is asked to end, so that a step is finished before it does."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def asked(self) -> bool:
        """Whether the process was asked to end."""
        return self._asked

    def wait(self, seconds: float) -> None:
        """Sleep, but wake soon after the process was asked to end."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))

"""Ending on request: a signal sets a mark, and the work is finished up to a point where nothing is half done."""

import signal
import time
from types import FrameType, TracebackType
from typing import Self


class Stop:
    """Becomes true when the process is asked to end, so that a step is finished before it does.

    As a context it lasts for a block only: after it a signal ends the process as usual.
    """

    def __init__(self) -> None:
        self._asked = self._interrupted = False
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT and self._interrupted:
            # Who presses Ctrl-C twice will not wait for the step to be finished; a kill would lose nothing either.
            raise KeyboardInterrupt
        self._interrupted = number == signal.SIGINT
        self._asked = True

    def asked(self) -> bool:
        """Whether the process was asked to end."""
        return self._asked

    def wait(self, seconds: float) -> None:
        """Sleep, but wake soon after the process was asked to end."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))

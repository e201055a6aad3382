"""Ending with the process that started this one, even when that one is killed and can ask for nothing any more."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2): the signal that the kernel sends when the parent has ended; Linux alone has it."""


def end_with(parent: int) -> None:
    """Have the kernel ask this process to end when `parent` has ended; at once if it has ended already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)

"""The bounded way from receivers to the one thread that spools: what does not fit is left to the sender or the kernel.

Receivers look at `full` and stop reading, so that the network's own buffers fill next: a TCP sender is held up, a
datagram is dropped by the kernel and counted there.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition

from sensors.listening.model import Arrivals

CAPACITY_BYTES = 64 << 20
DATAGRAM_CAPACITY_BYTES = 256 << 20
"""Nobody who sends datagrams can be held up, so a burst waits here: about 1.3 million messages of 110 bytes."""
_OVERHEAD = 80
"""About what a message costs in memory besides its bytes."""


class Inbox:
    """Holds arrivals; safe for threads."""

    def __init__(self, capacity: int = CAPACITY_BYTES, drained: Callable[[], None] | None = None) -> None:
        self._capacity = capacity
        self._drained = drained
        self._waiting: deque[Arrivals] = deque()
        self._bytes = 0
        self._messages = 0
        self._urgent = 0
        self._closed = False
        self._changed = Condition()

    @property
    def full(self) -> bool:
        """Whether receivers should stop reading."""
        return self._bytes >= self._capacity

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    def put(self, arrivals: Arrivals) -> None:
        """Hand over; never refused, since what was read from a socket cannot be put back."""
        with self._changed:
            self._waiting.append(arrivals)
            self._bytes += _weight(arrivals)
            self._messages += len(arrivals.texts)
            self._urgent += arrivals.persisted is not None
            self._changed.notify()

    def take(self, messages: int, seconds: float) -> list[Arrivals]:
        """What came, about `messages` of them at most; waits up to `seconds` for the first and again for more.

        Somebody who waits for the disk is not kept waiting for others.
        """
        with self._changed:
            if not self._waiting and not self._closed:
                self._changed.wait(seconds)
            until = time.monotonic() + seconds
            while self._waiting and self._messages < messages and not self._urgent and not self._closed:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            taken: list[Arrivals] = []
            count = 0
            while self._waiting and (not taken or count + len(self._waiting[0].texts) <= messages):
                arrivals = self._waiting.popleft()
                count += len(arrivals.texts)
                self._bytes -= _weight(arrivals)
                self._urgent -= arrivals.persisted is not None
                taken.append(arrivals)
            self._messages -= count
            room = self._bytes < self._capacity // 2
        if taken and room and self._drained is not None:
            self._drained()
        return taken

    def close(self) -> None:
        """Nothing more will come; what is here is still to be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _weight(arrivals: Arrivals) -> int:
    return arrivals.size + _OVERHEAD * (1 + len(arrivals.texts))

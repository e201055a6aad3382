"""The thread that empties one socket of datagrams into an inbox, as fast as the kernel fills it."""

import time
from collections.abc import Callable
from threading import Event, Thread

from sensors.listening.datagrams import SLOTS, Datagrams
from sensors.listening.inbox import Inbox
from sensors.listening.model import Arrivals

WAIT_SECONDS = 0.2
ROUNDS = 8
"""Calls at one wake-up: as many datagrams as arrive while another thread has the interpreter."""
LOOK_SECONDS = 1.0
"""How often the kernel is asked what it dropped."""
FULL_SECONDS = 0.01
KERNEL = "kernel"
KERNEL_UNKNOWN = "kernel.unknown"


class Receiver(Thread):
    """Reads until it is stopped; then what the socket still holds."""

    def __init__(
        self, name: str, datagrams: Datagrams, inbox: Inbox, cleaned: Callable[[list[bytes]], list[bytes]]
    ) -> None:
        super().__init__(name=f"receiver {name}", daemon=True)
        self._datagrams = datagrams
        self._inbox = inbox
        self._cleaned = cleaned
        self._stopping = Event()
        self.failure: Exception | None = None

    def stop(self) -> None:
        """Read no more than what is there now."""
        self._stopping.set()

    def run(self) -> None:
        """Read."""
        try:
            asked = time.monotonic()
            while not self._stopping.is_set():
                if self._inbox.closed:
                    return
                if self._inbox.full:
                    # The kernel's buffer is next; what that cannot hold is counted there.
                    self._stopping.wait(FULL_SECONDS)
                elif self._datagrams.wait(WAIT_SECONDS):
                    self._read()
                if time.monotonic() - asked >= LOOK_SECONDS:
                    self._tell_lost()
                    asked = time.monotonic()
            self._read()
            self._tell_lost()
        except Exception as error:  # noqa: BLE001 - whoever supervises is told
            self.failure = error
            self._inbox.close()
        finally:
            self._datagrams.close()

    def _read(self) -> None:
        for _ in range(ROUNDS):
            count = 0
            for sender, texts in self._datagrams.read():
                count += len(texts)
                self._inbox.put(Arrivals(sender, self._cleaned(texts), sum(map(len, texts))))
            if count < SLOTS // 2:
                return

    def _tell_lost(self) -> None:
        lost = self._datagrams.lost()
        if lost is None:
            self._inbox.put(Arrivals("", (), 0, lost={KERNEL_UNKNOWN: 1}))
        elif lost:
            self._inbox.put(Arrivals("", (), 0, lost={KERNEL: lost}))

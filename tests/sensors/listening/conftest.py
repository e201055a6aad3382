"""Listeners at work over a spool in a folder of the test, on free ports of loopback."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sensors.delivery.ports import Record
from sensors.delivery.spool import EmbeddedSpool
from sensors.listening.service import Listening
from sensors.settings import ListenerSettings, SpoolSettings

PATIENCE = 20.0


class Heard:
    """Listeners, and what they have spooled."""

    def __init__(self, spool: EmbeddedSpool, listening: Listening) -> None:
        self.spool = spool
        self.listening = listening

    def port(self, index: int = 0) -> int:
        """Where a listener listens."""
        return int(self.listening.listeners[index].bound.place.rpartition(":")[2])

    def records(self) -> list[Record]:
        """Everything that was spooled."""
        return list(self.spool.read("test", 1 << 40))

    def rows(self) -> list[dict[str, Any]]:
        """All events."""
        return [row for record in self.records() for batch in record.batches for row in batch.rows()]

    def count(self, stage: str, bucket: str) -> int:
        """A count of the ledger."""
        return self.spool.counts().get((stage, bucket), 0)

    def reasons(self) -> Counter[str]:
        """The quarantine by reason."""
        return Counter({reason: count for (_, reason), count in self.spool.quarantine_tally().items()})

    def wait(self, ready: Callable[[], Any]) -> Any:
        """Wait until the answer is true."""
        until = time.monotonic() + PATIENCE
        while not (found := ready()):
            assert time.monotonic() < until, f"{self.spool.counts()} {self.reasons()}"
            time.sleep(0.02)
        return found

    def balanced(self) -> bool:
        """Whether every balance of the ledger holds."""
        return all(report.complete for report in self.spool.report())


Listen = Callable[..., Heard]


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Listen]:
    """Start listeners: `listen(ListenerSettings(...), …)`; further calls share the spool."""
    with ExitStack() as stack:
        opened: list[EmbeddedSpool] = []

        def start(*settings: ListenerSettings, clock: Callable[[], int] = time.time_ns) -> Heard:
            if not opened:
                spool = EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), clock)
                opened.append(stack.enter_context(spool))
            return Heard(opened[0], stack.enter_context(Listening(settings, opened[0], clock)))

        yield start

"""Batches as detectors read them: some fields of each row, and what all kinds of flows have in common."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count, repeat
from typing import Any, Final, NamedTuple

import numpy as np

from sensors.event.model import Batch

FLOWS: Final = frozenset({"network.flow", "suricata.flow", "zeek.conn"})
"""Flows of two directions that say who began; NetFlow's do not."""
NAMES: Final = frozenset({"network.dns", "suricata.dns", "zeek.dns"})
"""Questions of the domain name system with their answers."""
_OF_FLOWS: Final = (
    "source.ip", "destination.ip", "destination.port", "network.transport", "source.bytes", "destination.bytes",
    "source.packets", "destination.packets", "event.duration", "hanwatch.tcp.state", "zeek.conn.conn_state",
)  # fmt: skip
_UNDERWAY: Final = "OTH"
"""Zeek's code for a connection of which neither opening nor end was seen."""


class Conversation(NamedTuple):
    """A flow of any source; `row` is its place in the batch, `time` its beginning in ns, `duration` ns.

    `underway`: it is a connection whose opening was not seen.
    """

    row: int
    time: int
    source: str
    destination: str
    port: int | None
    transport: str
    sent: int
    received: int
    asked: int
    answered: int
    duration: int
    underway: bool = False

    @property
    def futile(self) -> bool:
        """Whether nothing came of it: no answer, or of TCP no more than one segment, which opens or refuses.

        What was under way already when it was first seen is not futile: where one direction alone is seen, as behind
        a tap on one of two ways, every answer seems to be missing.
        """
        return not self.underway and (self.answered == 0 or (self.transport == "tcp" and self.answered == 1))


class Reading:
    """A batch as detectors read it; what several of them ask for is made once."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    @cached_property
    def times(self) -> list[int]:
        """Event time of each row, ns since 1970."""
        times: list[int] = self.batch.times.tolist()
        return times

    @cached_property
    def conversations(self) -> Sequence[Conversation]:
        """The flows of a batch, those without addresses left out."""
        read = zip(self.times, *map(self.values, _OF_FLOWS), strict=False)
        return [
            Conversation(
                row, time, source, destination, port, transport or "", sent or 0, received or 0, asked or 0,
                answered or 0, duration or 0, (state or seen_by_zeek) == _UNDERWAY,
            )
            for row, (
                time, source, destination, port, transport, sent, received, asked, answered, duration, state,
                seen_by_zeek,
            ) in enumerate(read)
            if source is not None and destination is not None
        ]  # fmt: skip

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """The number, the time and these fields of each row."""
        return zip(count(), self.times, *map(self.values, names), strict=False)

    def values(self, name: str) -> Iterator[Any]:
        """A field of each row; without end where the batch does not have it or all rows share it."""
        column = self.batch.columns.get(name)
        if column is None:
            return repeat(self.batch.constants.get(name))
        return iter(column.tolist() if isinstance(column, np.ndarray) else column)

"""Batches as detectors read them: some fields of each row, and what all kinds of flows have in common."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count, repeat
from typing import Any, Final, NamedTuple

import numpy as np

from correlation.detectors.stitching import FIELDS as STITCHED
from correlation.detectors.stitching import Piece, Stitching, unanswered
from sensors.event.model import Batch

FLOWS: Final = frozenset({"network.flow", "suricata.flow", "zeek.conn"})
"""Flows of two directions that say who began."""
ONE_WAY: Final = frozenset({"netflow.flow"})
"""Flows of one direction, of which `Stitching` makes conversations, where it can."""
NAMES: Final = frozenset({"network.dns", "suricata.dns", "zeek.dns"})
"""Questions of the domain name system with their answers."""
_OF_FLOWS: Final = (
    "source.ip", "destination.ip", "destination.port", "network.transport", "source.bytes", "destination.bytes",
    "source.packets", "destination.packets", "event.duration", "hanwatch.tcp.state", "zeek.conn.conn_state",
)  # fmt: skip
_UNDERWAY: Final = "OTH"
"""Zeek's code for a connection of which neither opening nor end was seen."""


class Conversation(NamedTuple):
    """A flow of any source, or a part of one.

    Attributes:
        row: its place in the batch.
        time: its beginning, ns since 1970.
        sent, received: octets from and to who began.
        asked, answered: packets likewise.
        duration: ns; of all of the conversation so far, where this is a part of it.
        futile: nothing came of it: no answer, or of TCP no more than one segment, which opens or refuses.
        first: it is the beginning of the conversation.
        earlier: octets from and to who began in the parts before.
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
    futile: bool
    first: bool = True
    earlier: tuple[int, int] = (0, 0)


class Reading:
    """A batch as detectors read it; what several of them ask for is made once."""

    def __init__(self, batch: Batch, stitching: Stitching | None = None) -> None:
        """Read a batch.

        Args:
            batch: it.
            stitching: remembers what NetFlow told before; None where this batch stands for itself.
        """
        self.batch = batch
        self._stitching = stitching or Stitching()

    @cached_property
    def times(self) -> list[int]:
        """Event time of each row, ns since 1970."""
        times: list[int] = self.batch.times.tolist()
        return times

    @cached_property
    def conversations(self) -> Sequence[Conversation]:
        """The flows of a batch; left out are those without addresses, and those of NetFlow that tell nothing."""
        if self.batch.dataset in ONE_WAY:
            pieces = self._stitching.pieces(self.rows(*STITCHED), self.batch.received)
            return [_conversation(row, self.times[row], piece) for row, piece in pieces]
        read = zip(self.times, *map(self.values, _OF_FLOWS), strict=False)
        return [
            Conversation(
                row, time, source, destination, port, transport or "", sent or 0, received or 0, asked or 0,
                answered or 0, duration or 0, _futile(transport, answered or 0, state or seen_by_zeek),
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


def _futile(transport: str | None, answered: int, state: str | None) -> bool:
    """Whether nothing came of a flow of two directions.

    What was under way already when it was first seen is not futile: where one direction alone is seen, as behind a tap
    on one of two ways, every answer seems to be missing.
    """
    return state != _UNDERWAY and unanswered(transport, answered)


def _conversation(row: int, time: int, piece: Piece) -> Conversation:
    source, _, destination, port, transport = piece.key
    return Conversation(
        row, time, source, destination, port, transport or "", piece.sent, piece.received, 0, 0,
        piece.end - piece.begun, piece.futile, piece.first, piece.earlier,
    )  # fmt: skip

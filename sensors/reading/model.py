"""What a reader hands to delivery: portions, each with its events, its rejects, its counts and where reading goes on.

A portion is the unit of commitment: the spool persists all of it, the counts of the ledger and the position with it,
in one transaction, or none of it. So a reader must give the same portions for the same input and the same start,
whatever the wall clock says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sensors.event.model import Batch, Source

PORTION_EVENTS = 10_000
"""About how many events a portion holds at most."""
PORTION_BYTES = 4 << 20
"""About how many bytes of input make a portion at most."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on: the next byte (`offset`), the ordinal of the next record (from 1), the parser's state.

    `state` is JSON that the reader needs to go on in the middle: the header of a Zeek file, or for a capture the number
    of portions already handed over. `check` is a digest of the bytes just before `offset`, to notice another file
    that only begins alike.
    """

    offset: int = 0
    ordinal: int = 1
    state: Any = None
    check: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be an event: its place, why (`reason`, a message code, and `detail`), and its bytes.

    `raw` is at most `MAX_REJECT_BYTES` long; `size` is the record's true length.
    """

    ordinal: int
    offset: int
    reason: str
    detail: str
    raw: bytes
    size: int


MAX_REJECT_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Portion:
    """What was read in one step.

    `counts` are the ledger's increments by (stage, bucket); sensors.delivery.ledger names stages and buckets and says
    which must balance. `records` are counted by the reader, `event`, `rejected` and `skipped` by the parser, apart.
    """

    batches: tuple[Batch, ...]
    rejects: tuple[Reject, ...]
    counts: Mapping[tuple[str, str], int]
    position: Position
    done: bool = field(default=False)
    """The input's end was reached; a followed file may still grow."""


class Reader(Protocol):
    """Reads one input of one format."""

    @property
    def format(self) -> str:
        """The format's name, as it can be said: such as `suricata.eve` or `pcap`."""
        ...

    def portions(self, path: Path, source: Source, start: Position, received: int) -> Iterator[Portion]:
        """The portions from `start` to the present end of the file; `received` is the receipt time, ns.

        A record that has no end yet (no newline) is left for later unless `done` readers say otherwise. Broken
        records become rejects; only what makes the whole file unreadable raises.

        Raises:
            UnreadableInput: the file cannot be opened or read.
        """
        ...

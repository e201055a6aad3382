"""What delivery promises, whether the embedded spool or Kafka keeps it.

Producers append portions; named consumers read records in order and acknowledge them. A portion and everything that
goes with it (its counts, its rejects, its source's position) is persisted before `append` returns. A record is
given to a consumer again until the consumer has acknowledged it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from sensors.delivery.devices import Heard
from sensors.event.model import Batch, Source
from sensors.reading.model import Portion, Position, Reject

STORE = "store"
"""The consumer that matches and stores; retention may not pass it unseen."""


Look: TypeAlias = Callable[[Batch], Any]
"""What a consumer does with each batch while it is fresh."""


@dataclass(frozen=True, slots=True)
class Record:
    """A spooled portion as a consumer gets it: its place in the spool (`sequence`, from 1), its batches, its size.

    `seen` holds what the consumer's look at each of the batches gave, if it wanted one (`Spool.read`).
    """

    sequence: int
    source: Source
    batches: tuple[Batch, ...]
    seen: tuple[Any, ...] = ()

    @property
    def events(self) -> int:
        """How many events it holds."""
        return sum(len(batch) for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record at a consumer: counts by bucket (ledger stage `events` or `alerts`) and its rejects."""

    sequence: int
    counts: Mapping[tuple[str, str], int]
    rejects: Sequence[Reject] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A portion on its way: of which source and format, and from which position reading it began.

    With it come what the `devices` behind a listener did, which is noted beside the source and no part of its balance.
    """

    source: Source
    format: str
    portion: Portion
    begun: Position
    devices: Sequence[Heard] = ()


class Spool(Protocol):
    """Delivery as producers and consumers see it; safe for several processes at once."""

    def append(self, source: Source, format_name: str, portion: Portion, begun: Position) -> int:
        """Persist a portion with its counts, rejects and position; returns the sequence number it can be awaited by.

        `begun` is the position from which the portion was read: the one that the spool gave, then the one of the
        portion before. The spool itself counts (EVENTS, "spooled"). A portion without events makes no record; it is
        awaited by the last record of its source, 0 where there is none.

        Raises:
            SpoolFull: the disk's watermark or the disk itself stands against it; nothing was persisted.
            Superseded: another producer has moved this source on since `portion` was begun; nothing was persisted.
        """
        ...

    def append_many(self, deliveries: Sequence[Delivery]) -> list[int]:
        """As `append`, for several portions at once: all of them are persisted, or none."""
        ...

    def position(self, source: Source) -> Position | None:
        """Where reading this source goes on; None if it was never seen."""
        ...

    def read(
        self, consumer: str, limit: int, look: Look | None = None, *, after: int | None = None
    ) -> Iterator[Record]:
        """Up to `limit` events' worth of records (at least one record) after the consumer's position, in order.

        A consumer that acknowledges only now and then says `after` which record it has got beyond its position.

        `look` is called with each batch as soon as it is there and before the next one is, which is when looking costs
        least: its values are still in the processor's cache. It may not raise, and may be called for a record that then
        proves to be damaged and is not given.
        """
        ...

    def acknowledge(self, consumer: str, outcomes: Sequence[Outcome]) -> None:
        """Move the consumer on past these records, in order, and enter their counts and rejects, at once.

        Raises:
            OutOfOrder: an outcome is not of the next record: it was acknowledged before, or one was left out.
            SpoolFull: there is no room to write it down; nothing was entered, the records are given again.
        """
        ...

    def last(self) -> int:
        """The sequence number of the last record that was ever appended, be it still there or not; 0 if none was."""
        ...

    def acknowledged(self, consumer: str) -> int:
        """The last sequence number that the consumer has acknowledged; 0 at first."""
        ...

"""What an event store promises, whether embedded or Elasticsearch: one contract test runs on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from correlation.query.model import Query
from sensors.delivery.ports import Record
from sensors.errors import Problem
from sensors.event.model import Batch
from sensors.reading.model import Reject


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the events of one spool record: stored + duplicates + len(rejects) is their number.

    A record that is handed over again after a crash gives the same answer as it did, or would have done, at first.
    """

    sequence: int
    stored: int
    duplicates: int
    rejects: Sequence[Reject] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Events found: flat dicts of dotted ECS names, how many match in all, and where the next page goes on (or None).

    `total` is counted when the first page is asked for and carried along. `problems` say what could not be read, so
    that an answer that lacks events never looks complete.
    """

    events: Sequence[Mapping[str, Any]]
    total: int
    after: str | None
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """Events of one day that retention dropped: when (`at`, ns), which day (since 1970, UTC), how many, and why.

    `reason` is `age` or `disk`.
    """

    at: int
    day: int
    events: int
    bytes: int
    reason: str


class Enricher(Protocol):
    """Knows something about the values of events: before they are matched it is added, so that rules can ask for it."""

    def enrich(self, batch: Batch) -> Batch:
        """The batch with fields added to its columns or constants; rows, ids and times stay as they are.

        What only some rows have is null in the others. The answer depends on the batch and its event times alone.
        """
        ...


class EventStore(Protocol):
    """Keeps events, once each by id, and finds them again."""

    def append(self, records: Sequence[Record]) -> list[Stored]:
        """Store the events of these records durably; returns one answer for each record, in order."""
        ...

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        ...

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events, most frequent first, ties by value.

        Values that do not fit the field's type are not counted; an event counts once for each of its values.
        """
        ...

    def histogram(self, query: Query, interval: int) -> list[tuple[int, int]]:
        """How many matching events each interval (ns, counted from 1970) has, by its start, empty ones left out."""
        ...

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        ...

    def maintain(self) -> Sequence[Dropped]:
        """Do the house-keeping that is due, some seconds of it at most; returns what retention dropped.

        Only for the holder of the writer's lease, between appends. What is dropped is also kept on record.
        """
        ...

    def dropped(self) -> Sequence[Dropped]:
        """What retention has dropped since the store was made, as far as the store itself sees to it."""
        ...

    def problems(self) -> Sequence[Problem]:
        """What this store has found damaged or missing since it was opened; answers lack it."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Follower(Protocol):
    """Goes on with what the correlator has taken or found, behind it and at a pace of its own."""

    def step(self, until: int | None) -> tuple[int, int] | None:
        """Take some of what is waiting, at least as much as the correlator does in a step.

        Args:
            until: event time, ns, before which nothing should come any more; None where all is read that there is.

        Returns:
            How many alerts that led to, and how many of them were new; None when nothing was waiting.
        """
        ...

    def write(self, until: int | None) -> None:
        """Nothing is waiting for a while: write down what is remembered; `until` as in `step`."""
        ...

"""What an event store promises, whether embedded or Elasticsearch: one contract test runs on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from correlation.query.model import Query
from sensors.delivery.ports import Record
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
    """Events found: flat dicts of dotted ECS names, how many match in all, and where the next page goes on (or None)."""

    events: Sequence[Mapping[str, Any]]
    total: int
    after: str | None


class EventStore(Protocol):
    """Keeps events, once each by id, and finds them again."""

    def append(self, records: Sequence[Record]) -> list[Stored]:
        """Store the events of these records durably; returns one answer for each record, in order."""
        ...

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        ...

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events, most frequent first, ties by value."""
        ...

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

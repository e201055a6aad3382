"""Events for the tests of stores: records made of plain dicts."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.query.parsing import parse
from sensors.delivery.ports import Record
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND

SOURCE = Source("ab" * 16, "file", "/var/log/made.log")
START = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z."""

Row = Mapping[str, Any]


def event_id(number: int) -> str:
    """The id of the n-th event of a test."""
    return blake2b(f"event {number}".encode(), digest_size=16).hexdigest()


def record(
    sequence: int, rows: Sequence[Row], *, first: int = 0, times: Sequence[int] | None = None, dataset: str = "made.log"
) -> Record:
    """A record of these rows, numbered from `first`, a second apart; rows with the same keys share a batch."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(tuple(row), []).append(index)
    moments = times or [START + (first + index) * SECOND for index in range(len(rows))]
    batches = []
    for names, indices in groups.items():
        batches.append(
            Batch(
                dataset=dataset,
                source=SOURCE,
                received=START + 3_600 * SECOND,
                times=np.array([moments[index] for index in indices], dtype=np.int64),
                ids=[event_id(first + index) for index in indices],
                ordinals=np.array([first + index + 1 for index in indices], dtype=np.int64),
                constants={},
                columns={name: [rows[index][name] for index in indices] for name in names},
            )
        )
    return Record(sequence, SOURCE, tuple(batches))


def settle(store: EventStore) -> None:
    """Make what was appended searchable, where the store takes its time."""
    refresh = getattr(store, "refresh", None)
    if refresh is not None:
        refresh()


def found(store: EventStore, text: str, **more: Any) -> set[int]:
    """The numbers of the events that a query finds."""
    page = store.search(Query(parse(text, START), limit=10_000, **more))
    assert not page.problems
    assert page.total == len(page.events)
    return {int(event["event.sequence"]) - 1 for event in page.events}

"""Stored events as batches again, so that they are matched as they were when they came."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import from_iso

_OWN: Final = frozenset({
    "@timestamp", "ecs.version", "event.id", "event.dataset", "event.created", "event.sequence", "hanwatch.source.id",
    "hanwatch.source.kind", "log.file.path",
})  # fmt: skip
"""What a batch says of its rows beside their fields (`Batch.row`)."""


def batches(events: Iterable[Mapping[str, Any]], constant: Iterable[str]) -> Iterator[Batch]:
    """Batches of events as `Batch.row` gives them.

    Args:
        events: flat, with the fields that every event has.
        constant: names of fields that are the same in all rows of a batch, where events have them.
    """
    fixed = sorted(set(constant))
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for event in events:
        key = (
            event["event.dataset"], event["hanwatch.source.id"], event["hanwatch.source.kind"],
            event.get("log.file.path", ""), tuple(str(event.get(name)) for name in fixed),
            frozenset(event.keys() - _OWN),
        )  # fmt: skip
        group = groups.setdefault(key, [])
        group.append(event)
        if len(group) == BATCH_ROWS:
            yield _batch(groups.pop(key), fixed)
    for group in groups.values():
        yield _batch(group, fixed)


def _batch(events: Sequence[Mapping[str, Any]], fixed: Sequence[str]) -> Batch:
    first = events[0]
    names = sorted(first.keys() - _OWN)
    return Batch(
        dataset=first["event.dataset"],
        source=Source(first["hanwatch.source.id"], first["hanwatch.source.kind"], first.get("log.file.path", "")),
        received=from_iso(first["event.created"]),
        times=np.array([from_iso(event["@timestamp"]) for event in events], dtype=np.int64),
        ids=[event["event.id"] for event in events],
        ordinals=np.array([event["event.sequence"] for event in events], dtype=np.int64),
        constants={name: first[name] for name in names if name in fixed},
        columns={name: [event[name] for event in events] for name in names if name not in fixed},
    )

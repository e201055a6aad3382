"""An event as a JSON document: what a store that refuses an event keeps of it, and the event made from it again."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from sensors.event.model import Batch, Source
from sensors.event.times import from_iso
from sensors.reading.model import MAX_REJECT_BYTES, Reject

# What Batch.row adds of itself, and what is made from the batch's own parts again.
_OWN = frozenset({
    "@timestamp",
    "ecs.version",
    "event.id",
    "event.dataset",
    "event.created",
    "event.sequence",
    "hanwatch.source.id",
    "hanwatch.source.kind",
    "log.file.path",
})


def event_reject(batch: Batch, index: int, reason: str, detail: str) -> Reject:
    """The reject of one event that a store refuses; its bytes are the flat document of `Batch.row` as JSON."""
    raw = orjson.dumps(batch.row(index), option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return Reject(int(batch.ordinals[index]), 0, reason, detail, raw[:MAX_REJECT_BYTES], len(raw))


def event_batch(raw: bytes, source: Source) -> Batch:
    """The event of such a reject as a batch of one row.

    Raises:
        ValueError: the bytes are no such document.
    """
    document = orjson.loads(raw)
    if not isinstance(document, Mapping):
        raise ValueError("not a JSON object")  # noqa: TRY004 - damaged data, whatever its type
    try:
        return _batch(document, source)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an event: {error!r}") from error


def _batch(document: Mapping[str, Any], source: Source) -> Batch:
    return Batch(
        dataset=document["event.dataset"],
        source=source,
        received=from_iso(document["event.created"]),
        times=np.array([from_iso(document["@timestamp"])], dtype=np.int64),
        ids=[document["event.id"]],
        ordinals=np.array([document["event.sequence"]], dtype=np.int64),
        constants={},
        columns={name: [value] for name, value in document.items() if name not in _OWN},
    )

"""Keys of de-duplication: event time first, so that an index stays fast while it grows, then half of the id.

An event whose source says no usable time carries its receipt time, which differs when it is sent again; its key is its
id alone. Keys of the two kinds differ in length.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import numpy as np

from correlation.store.embedded.arranging import packed_ids
from sensors.delivery.ports import Record
from sensors.event.model import Batch

ORIGIN: Final = "hanwatch.time.origin"
RECEIVED: Final = "received"
TIMED_BYTES: Final = 16
UNTIMED_BYTES: Final = 17


def keys(batch: Batch) -> list[bytes]:
    """The key of each event: 16 bytes (time big-endian, 8 bytes of the id), or 17 where the time is the receipt's."""
    rows = len(batch)
    ids = np.frombuffer(packed_ids(batch.ids), dtype=np.uint8).reshape(rows, 16)
    joined = np.empty((rows, TIMED_BYTES), dtype=np.uint8)
    joined[:, :8] = np.ascontiguousarray(batch.times, dtype=">i8").view(np.uint8).reshape(rows, 8)
    joined[:, 8:] = ids[:, :8]
    flat = joined.tobytes()
    found = [flat[start : start + TIMED_BYTES] for start in range(0, len(flat), TIMED_BYTES)]
    for index in _untimed(batch):
        found[index] = b"i" + ids[index].tobytes()
    return found


def _untimed(batch: Batch) -> Sequence[int]:
    if batch.constants.get(ORIGIN) == RECEIVED:
        return range(len(batch))
    column = batch.columns.get(ORIGIN)
    return () if column is None else [index for index, value in enumerate(column) if value == RECEIVED]


def digest(record: Record) -> bytes:
    """Tells whether a record with a known sequence number is the one that was known."""
    state = blake2b(digest_size=16)
    state.update(record.source.id.encode())
    for batch in record.batches:
        state.update(packed_ids(batch.ids))
    return state.digest()

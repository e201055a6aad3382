"""Segments as they are made: events as one file, and what the manifest knows of it."""

from pathlib import Path
from secrets import token_hex
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from correlation.store.embedded.arranging import Arranged
from correlation.store.embedded.columns import CREATED, TIME
from correlation.store.embedded.files import write_segment
from correlation.store.embedded.manifest import Segment
from correlation.store.embedded.sql import ANY_NAME

MOST_NAMES: Final = 256
"""A segment with more odd leaves than this only says that it has them."""


def write(
    root: Path, prefix: str, arranged: Arranged, *, day: int | None = None, dataset: str | None = None
) -> Segment:
    """Write events as a file below `root` whose name begins with `prefix`; it counts once the manifest has it.

    With a `day` it is a compacted file: the events are sorted already, and it is written for keeping.

    Raises:
        StoreDiskFull, StoreReadOnly, StoreUnwritable: nothing is left behind.
    """
    table = arranged.table
    times = table.column(TIME)
    if day is None and pc.any(_falls(times)).as_py():
        table = table.take(pc.sort_indices(times))
    path = f"{prefix}{token_hex(12)}.parquet"
    size = write_segment(root / path, table, compact=day is not None)
    span = pc.min_max(times).as_py()
    return Segment(
        id=0, path=path, level=0 if day is None else 1, day=day, dataset=dataset, min_time=span["min"],
        max_time=span["max"], max_received=pc.max(table.column(CREATED)).as_py(), rows=table.num_rows, bytes=size,
        leaves=_few(arranged.leaves), misfits=_few(arranged.misfits), columns=frozenset(table.column_names),
    )  # fmt: skip


def _falls(times: pa.ChunkedArray) -> pa.Array:
    """Whether each time is before its predecessor."""
    whole = times.combine_chunks()
    return pc.less(whole[1:], whole[:-1])


def _few(names: frozenset[str]) -> frozenset[str]:
    return names if len(names) <= MOST_NAMES else frozenset({ANY_NAME})

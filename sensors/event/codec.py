"""Batches as bytes and back, for the spool and for Kafka: columns as JSON, a line to a batch, compressed with lz4.

JSON keeps null and absent apart and any mixture of types in a column. The first byte is the version of the form.
Batches are read back one by one: whoever looks at each before asking for the next finds its values in the processor's
cache (measured, docs/decisions/0009).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from sensors.event.model import Batch, Source
from sensors.event.texts import plain

_VERSION = b"\x02"
_LZ4 = pa.Codec("lz4")
_SIZE_BYTES = 8


def encode(batches: Sequence[Batch]) -> bytes:
    """Batches of one source as bytes."""
    lines = b"\n".join(
        orjson.dumps(_document(batch), default=plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
        for batch in batches
    )
    packed: bytes = _LZ4.compress(lines, asbytes=True)
    return _VERSION + len(lines).to_bytes(_SIZE_BYTES, "big") + packed


def decode(data: bytes) -> Iterator[Batch]:
    """The batches that `encode` made into these bytes, each read when it is asked for.

    Raises:
        ValueError: the bytes are of another version or damaged; on asking for any of the batches, too.
    """
    if data[:1] != _VERSION:
        raise ValueError(f"unknown version of a batch: {data[:1]!r}")
    size = int.from_bytes(data[1 : 1 + _SIZE_BYTES], "big")
    try:
        plain = _LZ4.decompress(data[1 + _SIZE_BYTES :], decompressed_size=size, asbytes=True)
    except OSError as error:
        raise ValueError(f"damaged batch: {error}") from error
    return (_batch(orjson.loads(line)) for line in plain.splitlines())


def _document(batch: Batch) -> dict[str, Any]:
    return {
        "dataset": batch.dataset,
        "source": [batch.source.id, batch.source.kind, batch.source.name, batch.source.variant],
        "received": batch.received,
        "times": np.ascontiguousarray(batch.times),
        "ids": batch.ids,
        "ordinals": np.ascontiguousarray(batch.ordinals),
        "constants": batch.constants,
        "columns": {
            name: np.ascontiguousarray(column) if isinstance(column, np.ndarray) else column
            for name, column in batch.columns.items()
        },
    }


def _batch(document: dict[str, Any]) -> Batch:
    return Batch(
        dataset=document["dataset"],
        source=Source(*document["source"]),
        received=document["received"],
        times=np.array(document["times"], dtype=np.int64),
        ids=document["ids"],
        ordinals=np.array(document["ordinals"], dtype=np.int64),
        constants=document["constants"],
        columns=document["columns"],
    )

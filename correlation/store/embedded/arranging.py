"""Batches as one Arrow table: columns for the fields that have one, JSON text for the rest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from correlation.store.embedded.columns import (
    COLUMNS,
    CREATED,
    ID,
    LEAVES,
    MISFITS,
    NULLS,
    RESERVED,
    REST,
    TIME,
)
from correlation.store.embedded.placing import Extras
from correlation.store.embedded.remaining import remaining
from correlation.store.embedded.spreading import Part, Shared, says_null, spread
from correlation.store.errors import ReservedField
from sensors.event.model import ECS_VERSION, Batch


@dataclass(frozen=True, slots=True)
class Arranged:
    """Events as a table, and the names of leaves that some of them have outside of column and `rest`."""

    table: pa.Table
    leaves: frozenset[str]
    misfits: frozenset[str]


class _Split(NamedTuple):
    """The fields of a batch: those with a column, and the others, those that all its events share apart."""

    parts: Mapping[str, Part]
    constants: Mapping[str, Any]
    columns: Mapping[str, Sequence[Any]]


def arrange(batches: Sequence[Batch]) -> Arranged:
    """All events of the batches, in order.

    Raises:
        ReservedField: a batch sets a field that it carries itself.
    """
    rows = [len(batch) for batch in batches]
    split = [_split(batch) for batch in batches]
    extras = [Extras(number) for number in rows]
    made = _own(batches, rows)
    made.update(_fields(split, rows, extras))
    made[REST] = _texts([remaining(one.constants, one.columns, more) for one, more in zip(split, extras, strict=True)])
    every = [one for more in extras for one in more.some]
    leaves, misfits = set[str](), set[str]()
    if every:
        made[LEAVES] = _texts([[_json(one.leaves) for one in more.some] or [None] * more.rows for more in extras])
        made[MISFITS] = _texts([[_json(one.misfits) for one in more.some] or [None] * more.rows for more in extras])
        leaves, misfits = leaves.union(*(one.leaves for one in every)), misfits.union(*(one.misfits for one in every))
    table = pa.table({name: array for name, array in made.items() if array is not None})
    return Arranged(table, frozenset(leaves), frozenset(misfits))


def packed_ids(ids: Iterable[str]) -> bytes:
    """Ids of 32 hexadecimal digits as 16 bytes each, one after the other."""
    return bytes.fromhex("".join(ids))


def refuse_reserved(batch: Batch) -> None:
    """Make sure that a batch does not set what it carries itself.

    Raises:
        ReservedField: it does.
    """
    for name in RESERVED:
        if name in batch.columns or name in batch.constants:
            raise ReservedField(dataset=batch.dataset, field=name)


def _own(batches: Sequence[Batch], rows: Sequence[int]) -> dict[str, pa.Array | None]:
    """What every batch carries itself and is no field like the others: times and ids."""
    ids = pa.py_buffer(b"".join(packed_ids(batch.ids) for batch in batches))
    return {
        TIME: pa.array(np.concatenate([np.asarray(batch.times, dtype=np.int64) for batch in batches])),
        ID: pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), sum(rows), [None, ids]),
        CREATED: pa.array(np.repeat(np.array([batch.received for batch in batches], dtype=np.int64), rows)),
    }


def _split(batch: Batch) -> _Split:
    refuse_reserved(batch)
    constants = {
        "ecs.version": ECS_VERSION, "event.dataset": batch.dataset, "hanwatch.source.id": batch.source.id,
        "hanwatch.source.kind": batch.source.kind, "log.file.path": batch.source.name, **batch.constants,
    }  # fmt: skip
    parts: dict[str, Part] = {name: Shared(value) for name, value in constants.items() if name in COLUMNS}
    parts["event.sequence"] = np.asarray(batch.ordinals)
    parts.update((name, values) for name, values in batch.columns.items() if name in COLUMNS)
    rest = {
        name: values.tolist() if isinstance(values, np.ndarray) else values
        for name, values in batch.columns.items()
        if name not in COLUMNS
    }
    return _Split(parts, {name: value for name, value in constants.items() if name not in COLUMNS}, rest)


def _fields(split: Sequence[_Split], rows: Sequence[int], extras: Sequence[Extras]) -> dict[str, pa.Array | None]:
    """The columns of all fields that have one and that a batch speaks of; and which of them are null where."""
    found: dict[str, pa.Array | None] = {}
    nulls: list[list[str]] = [[] for _ in split]
    for name in dict.fromkeys(chain.from_iterable(one.parts for one in split)):
        parts = [one.parts.get(name) for one in split]
        arrays = spread(COLUMNS[name], parts, rows, extras)
        found.update(arrays)
        if arrays[0][1].null_count > sum(number for part, number in zip(parts, rows, strict=True) if part is None):
            for part, some in zip(parts, nulls, strict=True):
                if says_null(part):
                    some.append(name)
    if any(nulls):
        texts = pa.array([orjson.dumps(some).decode() if some else None for some in nulls], pa.string())
        found[NULLS] = texts.take(pa.array(np.repeat(np.arange(len(split)), rows)))
    return found


def _texts(texts: Sequence[Sequence[bytes | None]]) -> pa.Array | None:
    """A column of the texts of each batch's events; None where no event has any."""
    array = pa.array(list(chain.from_iterable(texts)), pa.binary())
    return array.cast(pa.string()) if array.null_count < len(array) else None


def _json(said: Mapping[str, Any]) -> bytes | None:
    return orjson.dumps(said) if said else None

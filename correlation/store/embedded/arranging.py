"""Batches as one Arrow table: columns for the fields that have one, JSON text for the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from correlation.query.values import LONGEST_VALUE
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
    Column,
)
from correlation.store.embedded.placing import Extra, fast_column, plain_in_rest, searched_as_is, slow_column
from correlation.store.errors import ReservedField
from sensors.event.fields import field_type
from sensors.event.model import ECS_VERSION, Batch

_JSON = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True, slots=True)
class Arranged:
    """Events as a table, and the names of leaves that some of them have outside of column and `rest`."""

    table: pa.Table
    leaves: frozenset[str]
    misfits: frozenset[str]


def arrange(batches: Sequence[Batch]) -> Arranged:
    """All events of the batches, in order.

    Raises:
        ReservedField: a batch sets a field that it carries itself.
    """
    tables, leaves, misfits = [], set[str](), set[str]()
    for batch in batches:
        table, extras = _table(batch)
        tables.append(table)
        for extra in extras:
            leaves.update(extra.leaves)
            misfits.update(extra.misfits)
    return Arranged(pa.concat_tables(tables, promote_options="default"), frozenset(leaves), frozenset(misfits))


def packed_ids(ids: Iterable[str]) -> bytes:
    """Ids of 32 hexadecimal digits as 16 bytes each, one after the other."""
    return bytes.fromhex("".join(ids))


def _table(batch: Batch) -> tuple[pa.Table, Sequence[Extra]]:
    for name in RESERVED:
        if name in batch.columns or name in batch.constants:
            raise ReservedField(dataset=batch.dataset, field=name)
    rows = len(batch)
    ids = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), rows, [None, pa.py_buffer(packed_ids(batch.ids))])
    arrays: dict[str, pa.Array] = {
        TIME: pa.array(np.ascontiguousarray(batch.times, dtype=np.int64)),
        ID: ids,
        CREATED: pa.repeat(pa.scalar(batch.received, pa.int64()), rows),
    }
    own = {
        "ecs.version": ECS_VERSION, "event.dataset": batch.dataset, "hanwatch.source.id": batch.source.id,
        "hanwatch.source.kind": batch.source.kind, "log.file.path": batch.source.name,
    }  # fmt: skip
    extras = _Extras(rows)
    nulls: list[str] = []
    rest: dict[str, Any] = {}
    constant_rest: dict[str, Any] = {}
    arrays.update(fast_column(COLUMNS["event.sequence"], np.asarray(batch.ordinals)) or ())
    for name, value in (*own.items(), *batch.constants.items()):
        column = COLUMNS.get(name)
        if column is None:
            constant_rest[name] = value
        else:
            alone = fast_column(column, [value])
            if alone is None or value is None:
                _add(arrays, column, [value] * rows, extras, nulls)
            else:
                arrays.update((key, pa.repeat(array[0], rows)) for key, array in alone)
    for name, values in batch.columns.items():
        column = COLUMNS.get(name)
        if column is None:
            rest[name] = values.tolist() if isinstance(values, np.ndarray) else values
        else:
            _add(arrays, column, values, extras, nulls)
    texts = _rest(constant_rest, rest, rows, extras)
    if texts is not None:
        arrays[REST] = texts
    if nulls:
        arrays[NULLS] = pa.repeat(pa.scalar(orjson.dumps(nulls).decode(), pa.string()), rows)
    for name, made in ((LEAVES, [one.leaves for one in extras.made]), (MISFITS, [one.misfits for one in extras.made])):
        if any(made):
            arrays[name] = pa.array([orjson.dumps(one).decode() if one else None for one in made], pa.string())
    return pa.table(arrays), extras.made


class _Extras:
    """The extras of a batch's events, made when the first is needed."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.made: list[Extra] = []

    def all(self) -> list[Extra]:
        if not self.made:
            self.made = [Extra() for _ in range(self._rows)]
        return self.made


def _add(arrays: dict[str, pa.Array], column: Column, values: Any, extras: _Extras, nulls: list[str]) -> None:
    found = fast_column(column, values)
    if found is None:
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        found = slow_column(column, listed, extras.all())
    arrays.update(found)
    if found[0][1].null_count and None in values:
        nulls.append(column.field)


def _rest(constants: dict[str, Any], columns: dict[str, Sequence[Any]], rows: int, extras: _Extras) -> pa.Array | None:
    """The JSON texts; `None` where no event has any. Enters what a search sees where it cannot read the text itself."""
    odd: list[str] = []
    for name, value in constants.items():
        if not searched_as_is(name, field_type(name), value):
            odd.append(name)
    odd += [name for name, values in columns.items() if not plain_in_rest(name, field_type(name), values)]
    for name in odd:
        kind = field_type(name)
        values = columns.get(name) or [constants[name]] * rows
        for value, extra in zip(values, extras.all(), strict=True):
            if not searched_as_is(name, kind, value):
                extra.see(name, value)
    if not columns and not any(extra.rest for extra in extras.made):
        text = orjson.dumps(constants)
        _cut_long(constants, columns, [text] * rows, extras)
        _merge_collisions(constants, columns, extras.made)
        return pa.repeat(pa.scalar(text.decode(), pa.string()), rows) if constants else None
    head = orjson.dumps(constants)[:-1] + b"," if constants else b"{"
    names = tuple(columns)
    dumps = orjson.dumps
    if columns and not any(extra.rest for extra in extras.made):
        texts = [head + dumps(dict(zip(names, row, strict=True)))[1:] for row in zip(*columns.values(), strict=True)]
    else:
        made = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)] or [{}] * rows
        more = extras.made or [Extra()] * rows
        both = [{**constants, **one, **extra.rest} for one, extra in zip(made, more, strict=True)]
        texts = [dumps(one, option=_JSON) if one else b"" for one in both]
    _cut_long(constants, columns, texts, extras)
    _merge_collisions(constants, columns, extras.made)
    return pa.array([text or None for text in texts], pa.binary()).cast(pa.string())


def _cut_long(
    constants: dict[str, Any], columns: dict[str, Sequence[Any]], texts: Sequence[bytes], extras: _Extras
) -> None:
    """Long keywords are searched by their beginning, so a long text is looked at field by field."""
    for index, text in enumerate(texts):
        if len(text) <= LONGEST_VALUE:
            continue
        for name in (*constants, *columns):
            value = columns[name][index] if name in columns else constants[name]
            if isinstance(value, str | list | tuple) and not searched_as_is(name, field_type(name), value):
                extra = extras.all()[index]
                if name not in extra.seen:
                    extra.see(name, value)


def _merge_collisions(constants: dict[str, Any], columns: dict[str, Sequence[Any]], extras: Sequence[Extra]) -> None:
    """A leaf of an object may have the name of a field that stands in `rest` itself: a search must see both."""
    names = {*constants, *columns}
    for index, extra in enumerate(extras):
        for name in names.intersection(extra.leaves):
            value = columns[name][index] if name in columns else constants[name]
            if name not in extra.seen and value is not None:
                extra.see(name, value)

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


def refuse_reserved(batch: Batch) -> None:
    """Make sure that a batch does not set what it carries itself.

    Raises:
        ReservedField: it does.
    """
    for name in RESERVED:
        if name in batch.columns or name in batch.constants:
            raise ReservedField(dataset=batch.dataset, field=name)


def _table(batch: Batch) -> tuple[pa.Table, Sequence[Extra]]:
    refuse_reserved(batch)
    rows = len(batch)
    ids = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), rows, [None, pa.py_buffer(packed_ids(batch.ids))])
    made = _Made(rows)
    made.arrays[TIME] = pa.array(np.ascontiguousarray(batch.times, dtype=np.int64))
    made.arrays[ID] = ids
    made.arrays[CREATED] = pa.repeat(pa.scalar(batch.received, pa.int64()), rows)
    made.add(COLUMNS["event.sequence"], np.asarray(batch.ordinals))
    own = {
        "ecs.version": ECS_VERSION, "event.dataset": batch.dataset, "hanwatch.source.id": batch.source.id,
        "hanwatch.source.kind": batch.source.kind, "log.file.path": batch.source.name,
    }  # fmt: skip
    rest: dict[str, Any] = {}
    constant_rest: dict[str, Any] = {}
    for name, value in (*own.items(), *batch.constants.items()):
        if name in COLUMNS:
            made.add_constant(COLUMNS[name], value)
        else:
            constant_rest[name] = value
    for name, values in batch.columns.items():
        if name in COLUMNS:
            made.add(COLUMNS[name], values)
        else:
            rest[name] = values.tolist() if isinstance(values, np.ndarray) else values
    texts = _rest(constant_rest, rest, made)
    if texts is not None:
        made.arrays[REST] = texts
    return made.table(), made.extras


class _Made:
    """The columns of a batch as they are made, and its events' extras, which exist from when the first is needed."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.arrays: dict[str, pa.Array] = {}
        self.extras: list[Extra] = []
        self._nulls: list[str] = []

    def every_extra(self) -> list[Extra]:
        """The extras of all events."""
        if not self.extras:
            self.extras = [Extra() for _ in range(self.rows)]
        return self.extras

    def add(self, column: Column, values: Any) -> None:
        """Add a field's column."""
        found = fast_column(column, values)
        if found is None:
            listed = values.tolist() if isinstance(values, np.ndarray) else values
            found = slow_column(column, listed, self.every_extra())
        self.arrays.update(found)
        if found[0][1].null_count and None in values:
            self._nulls.append(column.field)

    def add_constant(self, column: Column, value: Any) -> None:
        """Add a field that is the same in all events."""
        alone = fast_column(column, [value])
        if alone is None or value is None:
            self.add(column, [value] * self.rows)
        else:
            self.arrays.update((name, pa.repeat(array[0], self.rows)) for name, array in alone)

    def table(self) -> pa.Table:
        """All columns, those of the extras included."""
        if self._nulls:
            text = orjson.dumps(self._nulls).decode()
            self.arrays[NULLS] = pa.repeat(pa.scalar(text, pa.string()), self.rows)
        odd = ((LEAVES, [one.leaves for one in self.extras]), (MISFITS, [one.misfits for one in self.extras]))
        for name, some in odd:
            if any(some):
                self.arrays[name] = pa.array([orjson.dumps(one).decode() if one else None for one in some], pa.string())
        return pa.table(self.arrays)


def _rest(constants: dict[str, Any], columns: dict[str, Sequence[Any]], made: _Made) -> pa.Array | None:
    """The JSON texts; `None` where no event has any. Enters what a search sees where it cannot read the text itself."""
    rows = made.rows
    odd = [name for name, value in constants.items() if not searched_as_is(name, field_type(name), value)]
    odd += [name for name, values in columns.items() if not plain_in_rest(name, field_type(name), values)]
    for name in odd:
        kind = field_type(name)
        values = columns.get(name) or [constants[name]] * rows
        for value, extra in zip(values, made.every_extra(), strict=True):
            if not searched_as_is(name, kind, value):
                extra.see(name, value)
    if not columns and not any(extra.rest for extra in made.extras):
        text = orjson.dumps(constants)
        _cut_long(constants, columns, [text] * rows, made)
        _merge_collisions(constants, columns, made.extras)
        return pa.repeat(pa.scalar(text.decode(), pa.string()), rows) if constants else None
    head = orjson.dumps(constants)[:-1] + b"," if constants else b"{"
    names = tuple(columns)
    dumps = orjson.dumps
    if columns and not any(extra.rest for extra in made.extras):
        texts = [head + dumps(dict(zip(names, row, strict=True)))[1:] for row in zip(*columns.values(), strict=True)]
    else:
        plain = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)] or [{}] * rows
        more = made.extras or [Extra()] * rows
        both = [{**constants, **one, **extra.rest} for one, extra in zip(plain, more, strict=True)]
        texts = [dumps(one, option=_JSON) if one else b"" for one in both]
    _cut_long(constants, columns, texts, made)
    _merge_collisions(constants, columns, made.extras)
    return pa.array([text or None for text in texts], pa.binary()).cast(pa.string())


def _cut_long(
    constants: dict[str, Any], columns: dict[str, Sequence[Any]], texts: Sequence[bytes], made: _Made
) -> None:
    """Long keywords are searched by their beginning, so a long text is looked at field by field."""
    for index, text in enumerate(texts):
        if len(text) <= LONGEST_VALUE:
            continue
        for name in (*constants, *columns):
            value = columns[name][index] if name in columns else constants[name]
            if isinstance(value, str | list | tuple) and not searched_as_is(name, field_type(name), value):
                extra = made.every_extra()[index]
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

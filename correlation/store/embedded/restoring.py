"""Rows of a segment as events again, exactly as they were handed over."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
import pyarrow as pa

from correlation.store.embedded.columns import ID, LEAVES, MISFITS, NULLS, REST
from sensors.event.times import iso

_OTHER: Final = frozenset({ID, REST, LEAVES, MISFITS, NULLS, "filename", "file_row_number"})


def events_of(table: pa.Table) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    """The events of a table by their id (16 bytes)."""
    plain = [(name.rpartition(":"), name) for name in table.column_names if name not in _OTHER and name[-1] != "#"]
    columns = [(field, kind == "date", table.column(name).to_pylist()) for (field, _, kind), name in plain]
    rest = _texts(table, REST)
    nulls = _texts(table, NULLS)
    for index, packed in enumerate(table.column(ID).to_pylist()):
        event: dict[str, Any] = {"event.id": packed.hex()}
        for field, is_date, values in columns:
            value = values[index]
            if value is not None:
                event[field] = iso(value) if is_date else value
        text = rest[index]
        if text is not None:
            event.update(orjson.loads(text))
        empty = nulls[index]
        if empty is not None:
            for field in orjson.loads(empty):
                event.setdefault(field, None)
        yield packed, event


def _texts(table: pa.Table, name: str) -> list[str | None]:
    if name not in table.column_names:
        return [None] * table.num_rows
    found: list[str | None] = table.column(name).to_pylist()
    return found

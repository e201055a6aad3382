"""One field over many batches as one column: made at once where all values fit, else batch by batch.

A batch of Windows events has thirty rows, and Arrow takes as long for the column of thirty as for that of a thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from correlation.store.embedded.columns import Column
from correlation.store.embedded.placing import Extras, Found, fast_column, slow_column
from sensors.event import model


@dataclass(frozen=True, slots=True)
class Shared:
    """A value that all events of a batch have."""

    value: Any


Part: TypeAlias = model.Column | Shared | None
"""What one batch says of a field: a value for each of its events, one for all of them, or nothing."""


def spread(column: Column, parts: Sequence[Part], rows: Sequence[int], extras: Sequence[Extras]) -> Found:
    """The field's Arrow columns over batches.

    Args:
        column: the field.
        parts: what each batch says of it.
        rows: how many events each batch has.
        extras: of each batch, where what a column cannot hold or give back is entered.
    """
    found = _shared(column, parts, rows) if all(part is None or isinstance(part, Shared) for part in parts) else None
    if found is None and (values := _values(parts, rows)) is not None:
        found = fast_column(column, values)
    return found or _each(column, parts, rows, extras)


def says_null(part: Part) -> bool:
    """Whether a batch says of an event that the field is null, which is not the same as saying nothing."""
    if isinstance(part, Shared):
        return part.value is None
    return part is not None and not isinstance(part, np.ndarray) and None in part


def _shared(column: Column, parts: Sequence[Part], rows: Sequence[int]) -> Found | None:
    """Where no event of a batch differs from another: each batch's value, as often as it has events."""
    values = [part.value if isinstance(part, Shared) else None for part in parts]
    found = fast_column(column, values)
    if found is None:
        return None
    places = pa.array(np.repeat(np.arange(len(parts)), rows))
    return [(name, array.take(places)) for name, array in found]


def _values(parts: Sequence[Part], rows: Sequence[int]) -> model.Column | None:
    """All values, None for an event that has none; None where they are better looked at batch by batch."""
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if len(arrays) == len(parts) and len({array.dtype for array in arrays}) == 1:
        return np.concatenate(arrays)
    if any(array.dtype.kind not in "iu" for array in arrays):
        return None
    values: list[Any] = []
    for part, number in zip(parts, rows, strict=True):
        if part is None:
            values += [None] * number
        elif isinstance(part, Shared):
            values += [part.value] * number
        else:
            values += part.tolist() if isinstance(part, np.ndarray) else part
    return values


def _each(column: Column, parts: Sequence[Part], rows: Sequence[int], extras: Sequence[Extras]) -> Found:
    made = []
    for part, number, more in zip(parts, rows, extras, strict=True):
        values: Any = [part.value if isinstance(part, Shared) else None] * number
        if part is not None and not isinstance(part, Shared):
            values = part
        found = fast_column(column, values)
        if found is None:
            listed = values.tolist() if isinstance(values, np.ndarray) else values
            found = slow_column(column, listed, more.every())
        made.append(found)
    return [(name, pa.concat_arrays([found[index][1] for found in made])) for index, (name, _) in enumerate(made[0])]

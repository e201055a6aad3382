"""Where the values of one field go: into its column, into `rest` as they stand, or there with what a search sees.

Fast for a column of one type, value by value where types are mixed, nested or do not fit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from correlation.query.values import (
    LONGEST_NAME,
    LONGEST_VALUE,
    Misfit,
    Scalar,
    canonical,
    ip_bytes,
    ip_text,
    leaves,
    misfit_text,
)
from correlation.store.embedded.columns import Column
from sensors.event.fields import FieldType, field_type

Found: TypeAlias = list[tuple[str, pa.Array]]
"""A field's Arrow columns by name: one, and for an address that of its bytes behind it."""

_NONE = type(None)
_CANONICAL_DATE = re.compile(
    r"(?:19[7-9]\d|20\d\d|21\d\d|22[0-5]\d|226[01])-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:\d{3}){0,2}Z",
    re.ASCII,
)


@dataclass(slots=True)
class Extra:
    """What one event has beside its columns: originals for `rest`, and what a search sees in their place."""

    rest: dict[str, Any] = field(default_factory=dict)
    leaves: dict[str, list[Scalar]] = field(default_factory=dict)
    misfits: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def see(self, name: str, value: Any) -> None:
        """Enter what a search sees of a value that stands in `rest` but is not searched there."""
        self.seen.add(name)
        self.leaves.setdefault(name, [])
        for leaf, scalar in leaves(name, value):
            fitting = canonical(field_type(leaf), scalar)
            if isinstance(fitting, Misfit):
                self.misfits.setdefault(leaf, []).append(misfit_text(scalar))
            else:
                self.leaves.setdefault(leaf, []).append(fitting)


class Extras:
    """The extras of a batch's events: none, or one of each event from when the first is needed."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.some: list[Extra] = []

    def every(self) -> list[Extra]:
        """The extras of all events."""
        if not self.some:
            self.some = [Extra() for _ in range(self.rows)]
        return self.some


def same(canonical_value: Scalar | Misfit, value: Any) -> bool:
    """Whether the canonical form is the value itself, so that the one gives back the other."""
    return type(canonical_value) is type(value) and canonical_value == value


def searched_as_is(name: str, kind: FieldType, value: Any) -> bool:  # noqa: PLR0911 - one return for each case
    """Whether a search may read this value of a field out of `rest` as it stands."""
    if value is None:
        return True
    if len(name) > LONGEST_NAME or "\0" in name:
        return False
    if isinstance(value, list | tuple):
        return all(not isinstance(one, list | tuple | None) and searched_as_is(name, kind, one) for one in value)
    if isinstance(value, dict):
        return False
    if kind in ("keyword", "text") and isinstance(value, int):
        return True
    if kind == "double" and isinstance(value, int) and not isinstance(value, bool):
        return True
    return same(canonical(kind, value), value)


def plain_in_rest(  # noqa: PLR0911 - one return for each type
    name: str, kind: FieldType, values: Sequence[Any]
) -> bool:
    """Whether `searched_as_is` holds for all values of a column, found out quickly; False where it may not.

    Lengths of keywords are not looked at: the caller knows the length of the whole JSON text.
    """
    if len(name) > LONGEST_NAME or "\0" in name:
        return False
    classes = set(map(type, values))
    classes.discard(_NONE)
    if not classes:
        return True
    if kind in ("keyword", "text"):
        return classes <= {str, int, bool}
    if kind == "boolean":
        return classes == {bool}
    if kind == "double":
        return classes <= {float, int}
    if kind == "long":
        return classes == {int} and _fits_long(values)
    if kind == "date":
        return classes == {str} and all(
            value is None or _CANONICAL_DATE.fullmatch(value) or same(canonical("date", value), value)
            for value in values
        )
    if kind == "ip":
        return classes == {str} and _canonical_addresses(values) is not None
    return False


def _canonical_addresses(values: Sequence[str | None]) -> dict[str | None, bytes | None] | None:
    """The 16 bytes of each distinct address; None where a text is not the canonical one of an address."""
    packed: dict[str | None, bytes | None] = {}
    for text in set(values):
        one = None if text is None else ip_bytes(text)
        if text is not None and (one is None or ip_text(one) != text):
            return None
        packed[text] = one
    return packed


def _fits_long(values: Sequence[Any]) -> bool:
    try:
        pa.array(values, pa.int64())
    except (pa.ArrowInvalid, OverflowError):
        return False
    return True


def fast_column(  # noqa: C901, PLR0911 - one return for each case
    column: Column, values: Any
) -> Found | None:
    """The field's Arrow columns where every value fits and comes back as it was; None where it takes a closer look."""
    if isinstance(values, np.ndarray):
        if column.many or column.kind != "long" or values.dtype.kind not in "iu" or values.dtype == np.uint64:
            return None
        return [(column.name, pa.array(values.astype(np.int64, copy=False)))]
    classes = set(map(type, values))
    classes.discard(_NONE)
    if not classes:
        found = [(column.name, pa.nulls(len(values), column.arrow))]
        if column.kind == "ip":
            kind = pa.list_(pa.binary(16)) if column.many else pa.binary(16)
            found.append((column.bytes_name, pa.nulls(len(values), kind)))
        return found
    if column.many:
        return _fast_lists(column, values) if classes == {list} else None
    if len(classes) > 1:
        return None
    wanted = {"long": int, "double": float, "boolean": bool}.get(column.kind, str)
    if classes != {wanted}:
        return None
    try:
        array = pa.array(values, column.arrow)
    except (pa.ArrowInvalid, OverflowError):
        return None
    if column.kind == "keyword":
        longest = pc.max(pc.binary_length(array)).as_py()
        return [(column.name, array)] if longest is None or longest <= LONGEST_VALUE else None
    if column.kind == "ip":
        packed = _canonical_addresses(values)
        if packed is None:
            return None
        return [(column.name, array), (column.bytes_name, pa.array([packed[one] for one in values], pa.binary(16)))]
    return [(column.name, array)]


def _fast_lists(column: Column, values: Sequence[list[Any] | None]) -> Found | None:
    flat = [one for value in values if value is not None for one in value]
    if None in flat:
        return None
    found = fast_column(replace(column, many=False), flat)
    if found is None:
        return None
    lengths = np.array([0 if value is None else len(value) for value in values], dtype=np.int32)
    ends = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    empty = pa.array([value is None for value in values])
    names = (column.name, column.bytes_name)
    return [
        (name, pa.ListArray.from_arrays(ends, array, mask=empty))
        for name, (_, array) in zip(names, found, strict=False)  # only addresses have the second
    ]


def slow_column(column: Column, values: Sequence[Any], extras: Sequence[Extra]) -> Found:
    """The field's Arrow columns from any values; what they cannot hold or give back goes into the events' extras."""
    made: list[Any] = []
    for value, extra in zip(values, extras, strict=True):
        if value is None:
            made.append(None)
        elif column.many:
            made.append(_many(column, value, extra))
        else:
            made.append(_one(column, value, extra))
    arrays = [(column.name, pa.array(made, column.arrow))]
    if column.kind == "ip":
        packed = [
            None if one is None else [ip_bytes(each) for each in one] if column.many else ip_bytes(one) for one in made
        ]
        kind = pa.list_(pa.binary(16)) if column.many else pa.binary(16)
        arrays.append((column.bytes_name, pa.array(packed, kind)))
    return arrays


def _one(column: Column, value: Any, extra: Extra) -> Scalar | None:
    fitting = None if isinstance(value, dict | list | tuple) else canonical(column.kind, value)
    if fitting is None or isinstance(fitting, Misfit):
        extra.rest[column.field] = value
        extra.see(column.field, value)
        return None
    if not same(fitting, value):
        extra.rest[column.field] = value
    return fitting


def _many(column: Column, value: Any, extra: Extra) -> list[Scalar] | None:
    if isinstance(value, list | tuple):
        fitting = [
            None if one is None or isinstance(one, dict | list | tuple) else canonical(column.kind, one)
            for one in value
        ]
        if all(one is not None and same(one, each) for one, each in zip(fitting, value, strict=True)):
            return list(value)
    extra.rest[column.field] = value
    extra.see(column.field, value)
    return None

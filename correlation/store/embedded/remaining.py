"""What has no column: the JSON text of each event of a batch, and what a search sees where it cannot read that."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from correlation.query.values import LONGEST_VALUE
from correlation.store.embedded.placing import Extra, Extras, plain_in_rest, searched_as_is
from sensors.event.fields import field_type

_JSON = orjson.OPT_SERIALIZE_NUMPY


def remaining(
    constants: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], extras: Extras
) -> Sequence[bytes | None]:
    """The text of each event, None for one that has none left.

    Args:
        constants: the fields of a batch that all its events share, without those that have a column in a segment.
        columns: its other fields that have none there.
        extras: what its events have beside their columns; what a search sees is entered there.
    """
    _enter_odd(constants, columns, extras)
    texts = _texts(constants, columns, extras)
    long = [index for index, text in enumerate(texts) if text is not None and len(text) > LONGEST_VALUE]
    _cut_long(constants, columns, long, extras)
    _merge_collisions(constants, columns, extras.some)
    return texts


def _texts(
    constants: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], extras: Extras
) -> Sequence[bytes | None]:
    dumps = orjson.dumps
    names = tuple(columns)
    if any(extra.rest for extra in extras.some):
        plain = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        both = [
            {**constants, **one, **extra.rest}
            for one, extra in zip(plain or [{}] * extras.rows, extras.some, strict=True)
        ]
        return [dumps(one, option=_JSON) if one else None for one in both]
    if columns:
        head = dumps(constants)[:-1] + b"," if constants else b"{"
        return [head + dumps(dict(zip(names, row, strict=True)))[1:] for row in zip(*columns.values(), strict=True)]
    return [dumps(constants) if constants else None] * extras.rows


def _enter_odd(constants: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], extras: Extras) -> None:
    odd = [name for name, value in constants.items() if not searched_as_is(name, field_type(name), value)]
    odd += [name for name, values in columns.items() if not plain_in_rest(name, field_type(name), values)]
    for name in odd:
        kind = field_type(name)
        values = columns.get(name) or [constants[name]] * extras.rows
        for value, extra in zip(values, extras.every(), strict=True):
            if not searched_as_is(name, kind, value):
                extra.see(name, value)


def _cut_long(
    constants: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], long: Sequence[int], extras: Extras
) -> None:
    """Long keywords are searched by their beginning, so a long text is looked at field by field."""
    for index in long:
        for name in (*constants, *columns):
            value = columns[name][index] if name in columns else constants[name]
            if isinstance(value, str | list | tuple) and not searched_as_is(name, field_type(name), value):
                extra = extras.every()[index]
                if name not in extra.seen:
                    extra.see(name, value)


def _merge_collisions(
    constants: Mapping[str, Any], columns: Mapping[str, Sequence[Any]], extras: Sequence[Extra]
) -> None:
    """A leaf of an object may have the name of a field that stands in `rest` itself: a search must see both."""
    names = {*constants, *columns}
    for index, extra in enumerate(extras):
        for name in names.intersection(extra.leaves):
            value = columns[name][index] if name in columns else constants[name]
            if name not in extra.seen and value is not None:
                extra.see(name, value)

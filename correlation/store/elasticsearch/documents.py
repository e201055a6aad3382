"""Batches as documents for `_bulk`, and documents as the events they were.

A value stands in its place of the document if it can be indexed there and comes back from there as it was; all others
are in `hanwatch.rest` as they were, and what a search sees of them is put where it fits. So reading is: the fields in
place, without those that are leaves of the rest, and the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from correlation.query.values import LONGEST_VALUE, Scalar, Seen, leaves
from correlation.store.elasticsearch.layout import RECORD, REST, UNMAPPED, misfit_slot, namespaces, slot
from correlation.store.embedded.arranging import refuse_reserved
from correlation.store.embedded.columns import RESERVED
from correlation.store.embedded.placing import plain_in_rest, searched_as_is
from sensors.event.model import Batch
from sensors.event.times import iso

Document = dict[str, Any]


def documents(batch: Batch, record: str) -> Iterator[bytes]:
    """The batch's events as JSON, each marked with its spool record.

    Raises:
        ReservedField: the batch sets a field that it carries itself.
    """
    refuse_reserved(batch)
    columns = {
        name: values.tolist() if isinstance(values, np.ndarray) else values for name, values in batch.columns.items()
    }
    stand = all(_stands(name, value) for name, value in batch.constants.items()) and all(
        _all_stand(name, values) for name, values in columns.items()
    )
    if not stand:
        yield from (orjson.dumps(document(event, record)) for event in batch.rows())
        return
    for index, made in enumerate(_standing(batch, columns, record)):
        # Lengths of keywords were not looked at; only a long document can hold a long one.
        yield made if len(made) <= LONGEST_VALUE else orjson.dumps(document(batch.row(index), record))


def _standing(batch: Batch, columns: Mapping[str, Sequence[Any]], record: str) -> Iterator[bytes]:
    """Documents of events whose values all stand in their places: what is the same in all is written once."""
    same = _nested({**_of_batch(batch), **batch.constants}) | {RECORD: record}
    own: dict[str, Sequence[Any]] = {
        "@timestamp": [iso(time) for time in batch.times.tolist()],
        "event.id": batch.ids,
        "event.sequence": batch.ordinals.tolist(),
    }
    below: dict[str, dict[str, Sequence[Any]]] = {}
    for name, values in columns.items():
        place = slot(name)
        if place.place == "own":
            own[name] = values
        else:
            below.setdefault(place.root, {})[place.key] = values
    for root, keys in below.items():
        fixed = same.pop(root, {})
        names = tuple(keys)
        own[root] = [fixed | dict(zip(names, row, strict=True)) for row in zip(*keys.values(), strict=True)]
    head = orjson.dumps(same)[:-1] + b","
    names = tuple(own)
    for row in zip(*own.values(), strict=True):
        yield head + orjson.dumps(dict(zip(names, row, strict=True)))[1:]


def _of_batch(batch: Batch) -> dict[str, Any]:
    """What the batch says of every event, as `Batch.row` has it."""
    first = batch.row(0)
    return {name: first[name] for name in RESERVED - {"@timestamp", "event.id", "event.sequence"}}


def _all_stand(name: str, values: Sequence[Any]) -> bool:
    place = slot(name)
    if place.place == "unmapped":
        return False
    return plain_in_rest(name, place.kind, values) or all(searched_as_is(name, place.kind, value) for value in values)


def _stands(name: str, value: Any) -> bool:
    place = slot(name)
    return place.place != "unmapped" and searched_as_is(name, place.kind, value)


def _nested(event: Mapping[str, Any]) -> Document:
    """Fields of flattened namespaces below their root: a hostile key must not be taken for a path."""
    made: Document = {}
    for name, value in event.items():
        place = slot(name)
        if place.place == "own":
            made[name] = value
        else:
            made.setdefault(place.root, {})[place.key] = value
    return made


def document(event: Mapping[str, Any], record: str) -> Document:
    """One event as a document."""
    rest = {name: value for name, value in event.items() if not _stands(name, value)}
    if not rest:
        return _nested(event) | {RECORD: record}
    hidden = {leaf for name, value in rest.items() for leaf, _ in leaves(name, value)}
    rest |= {name: event[name] for name in hidden.intersection(event)}
    made = _nested({name: value for name, value in event.items() if name not in rest})
    seen = Seen(rest)
    for leaf, values in seen.typed.items():
        _see(made, leaf, values)
    for leaf, texts in seen.misfits.items():
        place = misfit_slot(leaf)
        made.setdefault(place.root, {}).setdefault(place.key, []).extend(texts)
    return made | {REST: orjson.dumps(rest).decode(), RECORD: record}


def _see(made: Document, leaf: str, values: Sequence[Scalar]) -> None:
    place = slot(leaf)
    if place.place == "own":
        made[leaf] = list(values)
    else:
        made.setdefault(place.root, {}).setdefault(place.key, []).extend(values)


def event_of(source: Document) -> dict[str, Any]:
    """The event that a document was made from."""
    rest: dict[str, Any] = orjson.loads(source[REST]) if REST in source else {}
    hidden = {leaf for name, value in rest.items() for leaf, _ in leaves(name, value)} | rest.keys()
    event: dict[str, Any] = {}
    for name, value in source.items():
        if name in namespaces() and isinstance(value, dict):
            event.update((f"{name}.{key}", one) for key, one in value.items() if f"{name}.{key}" not in hidden)
        elif name not in (UNMAPPED, REST, RECORD) and name not in hidden:
            event[name] = value
    return event | rest



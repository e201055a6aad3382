"""`_bulk` with every item's status looked at: stored, already there, refused, or to be sent again.

Elasticsearch, "Bulk API". Each item says `create` with the event's id, so that a repeated request stores nothing twice.
Items that the cluster was too busy for are sent again by themselves; what it will never take becomes a reject.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError

from correlation.store.elasticsearch.cluster import BUSY, Cluster, reason_of
from correlation.store.errors import StoreRefused, StoreUnavailable

Fate: TypeAlias = Literal["created", "exists", "refused"]
_TOO_LARGE: Final = 413
_CONFLICT: Final = 409
_CREATED: Final = frozenset({200, 201})
_NOT_THE_DOCUMENT: Final = frozenset({401, 403, 404})
"""Statuses of an item that speak of rights, blocks or missing streams, not of its document."""


@dataclass(frozen=True, slots=True)
class Item:
    """A document to be created in a stream under an id."""

    stream: str
    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item; `reason` says why it was refused."""

    fate: Fate
    reason: str = ""


def send(cluster: Cluster, items: Iterable[Item]) -> list[Outcome]:
    """Create documents, in requests of about `bulk_bytes`; one outcome for each item, in order.

    Raises:
        StoreUnavailable: the cluster was away or busy to the last attempt; some items may have been created, which
            sending them again finds out.
        StoreRefused: the cluster does not let us write.
    """
    found: list[Outcome] = []
    chunk: list[Item] = []
    size = 0
    for item in items:
        if chunk and size + len(item.body) > cluster.settings.bulk_bytes:
            found += _chunk(cluster, chunk)
            chunk, size = [], 0
        chunk.append(item)
        size += len(item.body)
    return found + _chunk(cluster, chunk) if chunk else found


def _chunk(cluster: Cluster, items: Sequence[Item]) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(items)))
    reason = ""
    for attempt in range(cluster.settings.attempts):
        if attempt:
            cluster.pause(attempt - 1)
        try:
            answer = _request(cluster, [items[index] for index in waiting])
        except ApiError as error:
            status = error.meta.status
            if status == _TOO_LARGE:
                return _halves(cluster, items, reason_of(error))
            if status not in BUSY:
                raise StoreRefused(what="_bulk", status=status, reason=reason_of(error)) from error
            reason = f"{status} {reason_of(error)}"
            continue
        except TransportError as error:
            reason = str(error)
            continue
        busy = []
        for index, item in zip(waiting, answer, strict=True):
            outcome = _outcome(item)
            if outcome is None:
                busy.append(index)
                reason = f"{item['status']} {_reason(item)}"
            else:
                outcomes[index] = outcome
        waiting = busy
        if not waiting:
            return [outcomes[index] for index in range(len(items))]
    raise StoreUnavailable(where=cluster.where, reason=reason)


def _request(cluster: Cluster, items: Sequence[Item]) -> list[Mapping[str, Any]]:
    lines: list[Any] = []  # the client takes bytes as they are
    for item in items:
        lines += (orjson.dumps({"create": {"_index": item.stream, "_id": item.id}}), item.body)
    answer = cluster.client.bulk(
        operations=lines, filter_path="errors,items.*.status,items.*.error.type,items.*.error.reason"
    )
    found = [item["create"] for item in answer["items"]]
    if len(found) != len(items):
        raise StoreRefused(what="_bulk", status=200, reason=f"{len(found)} answers to {len(items)} documents")
    return found


def _halves(cluster: Cluster, items: Sequence[Item], reason: str) -> list[Outcome]:
    """The cluster takes no body of this size: smaller ones, or never this document."""
    if len(items) == 1:
        return [Outcome("refused", reason)]
    half = len(items) // 2
    return _chunk(cluster, items[:half]) + _chunk(cluster, items[half:])


def _outcome(item: Mapping[str, Any]) -> Outcome | None:
    status = item["status"]
    if status in _CREATED:
        return Outcome("created")
    if status == _CONFLICT:
        return Outcome("exists")
    if status in BUSY or status >= 500:
        return None
    if status in _NOT_THE_DOCUMENT:
        raise StoreRefused(what="_bulk", status=status, reason=_reason(item))
    return Outcome("refused", _reason(item))


def _reason(item: Mapping[str, Any]) -> str:
    error = item.get("error") or {}
    return f"{error.get('type', '')}: {error.get('reason', '')}"



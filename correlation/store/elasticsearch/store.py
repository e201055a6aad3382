"""The Elasticsearch event store: one data stream for each dataset, every event once by its id.

Ids are unique in one backing index only, so an append first asks which of its ids are stored anywhere, and creates the
rest; what was created a moment ago and cannot be searched yet is remembered here, and after a start everything is made
searchable once before the first append. Of an event that is there, the mark of its spool record tells whether it is our
own, from an append that was interrupted, or a duplicate.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from correlation.ports import Dropped, Page, Stored
from correlation.query.errors import FieldNotCountable, FieldNotSortable
from correlation.query.meaning import resolve
from correlation.query.model import MILLISECOND, Query, check_interval
from correlation.query.values import canonical
from correlation.settings import ElasticsearchSettings
from correlation.store.cursor import Cursor, read_cursor, write_cursor
from correlation.store.elasticsearch.bulk import Item, Outcome, send
from correlation.store.elasticsearch.cluster import Cluster, Jitter, Sleep
from correlation.store.elasticsearch.documents import documents, event_of
from correlation.store.elasticsearch.dsl import times, translate
from correlation.store.elasticsearch.layout import RECORD, slot
from correlation.store.elasticsearch.templates import (
    fields_name,
    fields_template,
    index_template,
    pattern,
    settings_name,
    settings_template,
    stream,
)
from correlation.store.embedded.keys import digest
from correlation.store.errors import QueryTooHeavy, StoreRefused
from sensors.delivery.ports import Record
from sensors.errors import Problem
from sensors.event.fields import field_type
from sensors.reading.model import MAX_REJECT_BYTES, Reject

REJECTED: Final = "store-refused-event"
"""The reason of a reject: the store will never take this event; the detail is the store's own word."""
IDS_AT_ONCE: Final = 5_000
HITS_AT_ONCE: Final = 5_000
"""A search answers with at most 10,000 events; longer pages are made of several."""
REMEMBERED: Final = 200_000
"""Ids of the latest appends: far more than are written between two refreshes."""
MOST_TERMS: Final = 65_000
TOO_MANY_CLAUSES: Final = "maxClauseCount"
"""In the cluster's word on a query with more words and fields than its heap allows."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One event of an append: where it came from, and its document once it is needed."""

    record: int
    batch: int
    index: int
    id: str
    mark: str


class ElasticsearchStore:
    """`EventStore` of Elasticsearch data streams."""

    def __init__(self, settings: ElasticsearchSettings, *, sleep: Sleep, jitter: Jitter) -> None:
        """Open the store; nothing is sent before the first question.

        Raises:
            StoreRefused: the certificate authority's file cannot be used.
        """
        self.settings = settings
        self._cluster = Cluster(settings, sleep=sleep, jitter=jitter)
        self._pattern = pattern(settings.namespace)
        self._recent: OrderedDict[str, str] = OrderedDict()
        self.lifecycle: bool | None = None
        """Whether the cluster takes care of retention; None as long as this store has not written."""

    def prepare(self) -> None:
        """Bring templates and mappings up to date and make everything searchable, once, before the first append.

        Raises:
            StoreUnavailable: the cluster does not answer.
            StoreRefused: it does not let us, or is of a version that we do not know.
        """
        if self.lifecycle is not None:
            return
        lifecycle = self._put_templates()
        self._update_mappings()
        self.refresh()
        self.lifecycle = lifecycle

    def _update_mappings(self) -> None:
        """Tell streams that began earlier of fields declared since; where a type has changed, begin a new index."""
        found = self._cluster.ask(
            "indices",
            lambda es: es.indices.get(
                index=self._pattern, allow_no_indices=True, ignore_unavailable=True, filter_path="*.data_stream"
            ),
        )
        for name in sorted({one["data_stream"] for one in found.values()}):
            self._update_mapping(name)

    def _update_mapping(self, name: str) -> None:
        mapping = fields_template()["template"]["mappings"]["properties"]
        try:
            self._cluster.ask(
                name, lambda es: es.indices.put_mapping(index=name, properties=mapping, write_index_only=True)
            )
        except StoreRefused:
            self._cluster.ask(name, lambda es: es.indices.rollover(alias=name))

    def _put_templates(self) -> bool:
        """Put the templates; returns whether the cluster takes care of retention."""
        ask, namespace = self._cluster.ask, self.settings.namespace
        fields = fields_name(namespace)
        ask(fields, lambda es: es.cluster.put_component_template(name=fields, **fields_template()))
        name = settings_name(namespace)
        lifecycle = True
        try:
            body = settings_template(self.settings.replicas, self.settings.keep_days)
            ask(name, lambda es: es.cluster.put_component_template(name=name, **body))
        except StoreRefused:
            lifecycle = False
            body = settings_template(self.settings.replicas, None)
            ask(name, lambda es: es.cluster.put_component_template(name=name, **body))
        template = index_template(namespace)
        whole = f"hanwatch-{namespace}"
        ask(whole, lambda es: es.indices.put_index_template(name=whole, **template))
        return lifecycle

    def append(self, records: Sequence[Record]) -> list[Stored]:
        """Store the events of these records durably; returns one answer for each record, in order.

        Raises:
            StoreUnavailable: the cluster was away or busy; nothing is acknowledged, and sending again is harmless.
            StoreRefused: the cluster does not let us write.
        """
        self.prepare()
        rows, duplicates = _rows(records)
        stored = [0] * len(records)
        rejects: list[list[Reject]] = [[] for _ in records]
        known = self._marks([row.id for row in rows])
        new = [row for row in rows if row.id not in known]
        for row in rows:
            if row.id in known:
                self._settle(row, known[row.id], stored, duplicates)
        outcomes = send(self._cluster, self._items(records, new))
        late = self._late_marks([row.id for row, one in zip(new, outcomes, strict=True) if one.fate == "exists"])
        for row, outcome in zip(new, outcomes, strict=True):
            if outcome.fate == "created":
                stored[row.record] += 1
                self._remember(row.id, row.mark)
            elif outcome.fate == "exists":
                self._settle(row, late.get(row.id, ""), stored, duplicates)
            else:
                rejects[row.record].append(_reject(records, row, outcome))
        return [
            Stored(record.sequence, stored[number], duplicates[number], tuple(rejects[number]))
            for number, record in enumerate(records)
        ]

    @staticmethod
    def _settle(row: _Row, mark: str, stored: list[int], duplicates: list[int]) -> None:
        """An event is there already: by this very record, in an append that was interrupted, or by another."""
        counts = stored if mark == row.mark else duplicates
        counts[row.record] += 1

    def _items(self, records: Sequence[Record], rows: Sequence[_Row]) -> Iterator[Item]:
        wanted: dict[tuple[int, int], set[int]] = {}
        for row in rows:
            wanted.setdefault((row.record, row.batch), set()).add(row.index)
        marks = {row.record: row.mark for row in rows}
        for (number, place), indices in wanted.items():
            batch = records[number].batches[place]
            name = stream(batch.dataset, self.settings.namespace)
            chosen = batch if len(indices) == len(batch) else batch.take(sorted(indices))
            for event_id, body in zip(chosen.ids, documents(chosen, marks[number]), strict=True):
                yield Item(name, event_id, body)

    def _remember(self, event_id: str, mark: str) -> None:
        self._recent[event_id] = mark
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    def _marks(self, ids: Sequence[str]) -> dict[str, str]:
        """The marks of those of these events that are stored and searchable, or were stored a moment ago."""
        found = {event_id: self._recent[event_id] for event_id in ids if event_id in self._recent}
        missing = [event_id for event_id in ids if event_id not in found]
        for start in range(0, len(missing), IDS_AT_ONCE):
            chunk = missing[start : start + IDS_AT_ONCE]
            answer = self._search(
                size=len(chunk), query={"bool": {"filter": [{"terms": {"event.id": chunk}}]}},
                source=["event.id", RECORD], track_total_hits=False,
            )  # fmt: skip
            found.update((hit["_source"]["event.id"], hit["_source"].get(RECORD, "")) for hit in answer["hits"]["hits"])
        return found

    def _late_marks(self, ids: Sequence[str]) -> dict[str, str]:
        """The marks of events that turned out to exist when they were sent, perhaps by a request that was cut off."""
        if not ids:
            return {}
        self.refresh()
        return self._marks(ids)

    def refresh(self) -> None:
        """Make everything that was stored searchable; otherwise it is within a second."""
        self._cluster.ask(
            "refresh",
            lambda es: es.indices.refresh(index=self._pattern, allow_no_indices=True, ignore_unavailable=True),
        )

    def _search(self, *, source: Any = True, **body: Any) -> Any:
        try:
            return self._cluster.ask(
                "search",
                lambda es: es.search(
                    index=self._pattern, allow_no_indices=True, ignore_unavailable=True, source=source,
                    allow_partial_search_results=False, **body,
                ),
            )  # fmt: skip
        except StoreRefused as error:
            reason = str(error.parameters["reason"])
            if TOO_MANY_CLAUSES in reason:
                raise QueryTooHeavy(reason=reason) from error
            raise

    @staticmethod
    def _filter(query: Query) -> dict[str, Any]:
        return {"bool": {"filter": [translate(resolve(query.where)), *times(query.start, query.end)]}}

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        kind = field_type(query.sort)
        if kind in ("text", "object"):
            raise FieldNotSortable(field=query.sort, type=kind)
        cursor = read_cursor(query)
        order = "desc" if query.descending else "asc"
        by: dict[str, Any] = {"order": order, "missing": "_last", "unmapped_type": _unmapped_type(kind)}
        sort = [{slot(query.sort).field: by}, {"event.id": {"order": order, "unmapped_type": "keyword"}}]
        after = None if cursor is None else [cursor.value, cursor.event_id]
        total = None if cursor is None else cursor.total
        hits: list[Any] = []
        while True:
            size = min(query.limit + 1 - len(hits), HITS_AT_ONCE)
            more = {} if after is None else {"search_after": after}
            answer = self._search(
                size=size, query=self._filter(query), track_total_hits=total is None, sort=sort, **more
            )
            if total is None:
                total = int(answer["hits"]["total"]["value"])
            found = answer["hits"]["hits"]
            hits += found
            if len(found) < size or len(hits) > query.limit:
                break
            after = found[-1]["sort"]
        page = hits[: query.limit]
        token = None
        if len(hits) > query.limit > 0:
            value, event_id = page[-1]["sort"]
            token = write_cursor(query, Cursor(value, event_id, total))
        return Page([event_of(hit["_source"]) for hit in page], total, token)

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events, most frequent first, ties by value."""
        kind = field_type(field)
        if kind in ("text", "object", "date"):
            raise FieldNotCountable(field=field, type=kind)
        wanted = max(limit * 10, 1_000)
        while True:
            terms = {
                "field": slot(field).field, "size": limit, "shard_size": wanted,
                "order": [{"_count": "desc"}, {"_key": "asc"}], "show_term_doc_count_error": True,
            }  # fmt: skip
            answer = self._search(
                size=0, query=self._filter(query), track_total_hits=False, aggregations={"values": {"terms": terms}}
            )
            found = answer.get("aggregations", {}).get("values", {"buckets": []})
            if not found.get("doc_count_error_upper_bound"):
                return [(_counted(kind, bucket), bucket["doc_count"]) for bucket in found["buckets"]]
            if wanted >= MOST_TERMS:
                raise QueryTooHeavy(reason=f"{field} has too many values to count exactly")
            wanted = min(wanted * 8, MOST_TERMS)

    def histogram(self, query: Query, interval: int) -> list[tuple[int, int]]:
        """How many matching events each interval (ns, whole milliseconds, from 1970) has, empty ones left out."""
        check_interval(interval)
        histogram = {
            "field": "@timestamp", "fixed_interval": f"{interval // MILLISECOND}ms", "min_doc_count": 1,
        }  # fmt: skip
        answer = self._search(
            size=0, query=self._filter(query), track_total_hits=False,
            aggregations={"times": {"date_histogram": histogram}},
        )  # fmt: skip
        found = answer.get("aggregations", {}).get("times", {"buckets": []})
        return [(bucket["key"] * MILLISECOND, bucket["doc_count"]) for bucket in found["buckets"]]

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        query = {"bool": {"filter": [{"term": {"event.id": {"value": event_id}}}]}}
        hits = self._search(size=1, query=query, track_total_hits=False)["hits"]["hits"]
        return event_of(hits[0]["_source"]) if hits else None

    def maintain(self) -> Sequence[Dropped]:
        """Nothing to do: the cluster keeps house by its data-stream lifecycle (`lifecycle` says if it has one)."""
        return ()

    def dropped(self) -> Sequence[Dropped]:
        """Nothing: what the cluster's lifecycle deletes, the cluster knows."""
        return ()

    def problems(self) -> Sequence[Problem]:
        """Nothing: a search over a shard that is away is an error, never a short answer."""
        return ()

    def close(self) -> None:
        """Let go of the connections."""
        self._cluster.close()


def _rows(records: Sequence[Record]) -> tuple[list[_Row], list[int]]:
    """The events of these records, each id once, and how many of each record come again within them."""
    rows: list[_Row] = []
    again = [0] * len(records)
    first: set[str] = set()
    for number, record in enumerate(records):
        mark = f"{record.sequence}-{digest(record).hex()}"
        for place, batch in enumerate(record.batches):
            for index, event_id in enumerate(batch.ids):
                if event_id in first:
                    again[number] += 1
                else:
                    first.add(event_id)
                    rows.append(_Row(number, place, index, event_id, mark))
    return rows, again


def _unmapped_type(kind: str) -> str:
    return "date_nanos" if kind == "date" else kind


def _counted(kind: str, bucket: Mapping[str, Any]) -> Any:
    if kind == "boolean":
        return bucket["key_as_string"] == "true"
    return canonical("ip", bucket["key"]) if kind == "ip" else bucket["key"]


def _reject(records: Sequence[Record], row: _Row, outcome: Outcome) -> Reject:
    batch = records[row.record].batches[row.batch]
    raw = orjson.dumps(batch.row(row.index))
    return Reject(int(batch.ordinals[row.index]), 0, REJECTED, outcome.reason, raw[:MAX_REJECT_BYTES], len(raw))



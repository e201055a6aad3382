"""What only the Elasticsearch store promises, against a real cluster behind a proxy that misbehaves."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import orjson
import pytest
from elasticsearch import Elasticsearch

from correlation.ports import Stored
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.query.tree import Phrase, Term
from correlation.settings import ElasticsearchSettings
from correlation.store.elasticsearch.layout import RECORD, REST, UNMAPPED
from correlation.store.elasticsearch.store import REJECTED, ElasticsearchStore
from correlation.store.elasticsearch.templates import fields_name, fields_template, pattern, stream
from correlation.store.errors import QueryTooHeavy, StoreRefused, StoreUnavailable
from tests.correlation.store.conftest import open_elasticsearch
from tests.correlation.store.events import START, event_id, found, record
from tests.engines.proxy import Fault, Proxy, proxy

pytestmark = pytest.mark.engine

ROWS = [{"user.name": f"u{number}"} for number in range(20)]


@pytest.fixture
def between(cluster: str) -> Iterator[Proxy]:
    """A proxy in front of the cluster."""
    with proxy(cluster) as running:
        yield running


@pytest.fixture
def behind(between: Proxy, elasticsearch_settings: ElasticsearchSettings) -> Iterator[ElasticsearchStore]:
    """A store that talks through the proxy."""
    with closing(open_elasticsearch(replace(elasticsearch_settings, url=(between.url,), attempts=5))) as store:
        yield store


def _first(times: int, fault: Fault, path: str = "/_bulk") -> Callable[[str, str], Fault]:
    left = [times]

    def decide(_method: str, where: str) -> Fault:
        if where.startswith(path) and left[0]:
            left[0] -= 1
            return fault
        return None

    return decide


@pytest.mark.parametrize("fault", [429, 502, 503, 504, "cut before", "cut after"])
def test_a_bulk_request_that_fails_is_sent_again(between: Proxy, behind: ElasticsearchStore, fault: Fault) -> None:
    between.fault = _first(3, fault)
    assert behind.append([record(1, ROWS)]) == [Stored(1, 20, 0)]
    assert sum(path.startswith("/_bulk") for _, path in between.requests) == 4
    behind.refresh()
    assert found(behind, "") == set(range(20))


@pytest.mark.parametrize("fault", [429, "cut before", "cut after"])
def test_a_cluster_that_stays_away_is_unavailable(between: Proxy, behind: ElasticsearchStore, fault: Fault) -> None:
    between.fault = _first(1_000, fault)
    with pytest.raises(StoreUnavailable):
        behind.append([record(1, ROWS)])
    assert sum(path.startswith("/_bulk") for _, path in between.requests) == 5
    # Whatever the cluster did meanwhile, the record that is handed over again gets its answer once.
    between.fault = lambda *_: None
    assert behind.append([record(1, ROWS), record(2, ROWS)]) == [Stored(1, 20, 0), Stored(2, 0, 20)]
    behind.refresh()
    assert found(behind, "") == set(range(20))


def test_pauses_grow_and_vary(elasticsearch_settings: ElasticsearchSettings, between: Proxy) -> None:
    pauses: list[float] = []
    numbers = iter([0.0, 0.5, 0.999, 0.25] * 10)
    settings = replace(elasticsearch_settings, url=(between.url,), attempts=4)
    with closing(ElasticsearchStore(settings, sleep=pauses.append, jitter=lambda: next(numbers))) as store:
        store.prepare()
        between.fault = _first(1_000, 429)
        with pytest.raises(StoreUnavailable):
            store.append([record(1, ROWS)])
    assert pauses == pytest.approx([0.1, 0.3, 0.7996])


def test_items_that_the_cluster_was_too_busy_for_are_sent_again_alone(
    between: Proxy, behind: ElasticsearchStore
) -> None:
    bodies: list[int] = []

    def busy_for_two(body: bytes) -> bytes:
        answer = orjson.loads(body)
        if "items" not in answer:
            return body
        bodies.append(len(answer["items"]))
        if len(bodies) == 1:
            for item in answer["items"][3:5]:
                item["create"] = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "busy"}}
        return orjson.dumps(answer)

    between.rewrite = busy_for_two
    # The two were stored all the same: the second answer is "exists", and the mark says that it was us.
    assert behind.append([record(1, ROWS)]) == [Stored(1, 20, 0)]
    assert bodies == [20, 2]


def test_a_refusal_of_the_whole_request_is_said(between: Proxy, behind: ElasticsearchStore) -> None:
    between.fault = lambda _method, path: 403 if path.startswith("/_bulk") else None
    with pytest.raises(StoreRefused) as raised:
        behind.append([record(1, ROWS)])
    assert raised.value.parameters == {"what": "_bulk", "status": 403, "reason": "made by the proxy"}


def test_a_body_that_is_too_large_is_halved(between: Proxy, behind: ElasticsearchStore) -> None:
    between.fault = _first(3, 413)
    assert behind.append([record(1, ROWS)]) == [Stored(1, 20, 0)]


def test_an_event_that_the_cluster_never_takes_is_a_reject(
    cluster: str, elasticsearch_settings: ElasticsearchSettings
) -> None:
    namespace = elasticsearch_settings.namespace
    with closing(open_elasticsearch(elasticsearch_settings)) as store, Elasticsearch(cluster) as client:
        store.prepare()
        # An administrator has set a stricter mapping on one stream than the templates do.
        client.indices.put_index_template(
            name=f"strict-{namespace}", index_patterns=[stream("strict.log", namespace)], data_stream={}, priority=900,
            composed_of=[fields_name(namespace)],
            template={"mappings": {"properties": {"user": {"properties": {"name": {"type": "long"}}}}}},
        )  # fmt: skip
        rows = [{"user.name": "5"}, {"user.name": "not a number"}, {"user.name": "6"}]
        (stored,) = store.append([record(1, rows, dataset="strict.log")])
        assert (stored.stored, stored.duplicates, len(stored.rejects)) == (2, 0, 1)
        reject = stored.rejects[0]
        assert (reject.ordinal, reject.reason) == (2, REJECTED)
        assert "document_parsing_exception" in reject.detail
        assert orjson.loads(reject.raw)["user.name"] == "not a number"
        assert reject.size == len(reject.raw)
        assert store.append([record(1, rows, dataset="strict.log")]) == [stored]


def test_a_restarted_store_knows_what_it_stored(new_elasticsearch: Callable[[], ElasticsearchStore]) -> None:
    assert new_elasticsearch().append([record(1, ROWS)]) == [Stored(1, 20, 0)]
    again = new_elasticsearch()
    assert again.append([record(1, ROWS), record(2, ROWS[:5])]) == [Stored(1, 20, 0), Stored(2, 0, 5)]


def test_duplicates_are_found_after_a_rollover(
    cluster: str, elasticsearch_settings: ElasticsearchSettings, new_elasticsearch: Callable[[], ElasticsearchStore]
) -> None:
    store = new_elasticsearch()
    assert store.append([record(1, ROWS)]) == [Stored(1, 20, 0)]
    with Elasticsearch(cluster) as client:
        client.indices.rollover(alias=stream("made.log", elasticsearch_settings.namespace))
        assert store.append([record(2, ROWS), record(3, ROWS, first=19)]) == [Stored(2, 0, 20), Stored(3, 19, 1)]
        again = new_elasticsearch()
        assert again.append([record(1, ROWS), record(4, ROWS)]) == [Stored(1, 20, 0), Stored(4, 0, 20)]
        again.refresh()
        assert found(again, "") == set(range(39))
        indices = client.indices.get(index=pattern(elasticsearch_settings.namespace))
        assert len(indices) == 2


def test_the_mapping_never_grows(
    cluster: str, elasticsearch_settings: ElasticsearchSettings, new_elasticsearch: Callable[[], ElasticsearchStore]
) -> None:
    store = new_elasticsearch()
    store.append([record(1, [{"user.name": "a"}])])
    with Elasticsearch(cluster) as client:
        name = pattern(elasticsearch_settings.namespace)
        before = {one["mappings"].__repr__() for one in client.indices.get_mapping(index=name).values()}
        store.append([record(2, [{f"made.field.{n}": n for n in range(500)} | {"event.severity": "x"}], first=3)])
        after = {one["mappings"].__repr__() for one in client.indices.get_mapping(index=name).values()}
    assert before == after
    store.refresh()
    assert found(store, "made.field.77:77") == {3}


@pytest.mark.parametrize("before", [None, "long"])
def test_a_field_that_was_declared_later_or_otherwise_is_found_in_later_events(
    elasticsearch_settings: ElasticsearchSettings, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    earlier = fields_template()
    user = earlier["template"]["mappings"]["properties"]["user"]["properties"]
    if before is None:
        del user["name"]
    else:
        user["name"] = {"type": before}
    with closing(open_elasticsearch(elasticsearch_settings)) as store, monkeypatch.context() as patched:
        patched.setattr("correlation.store.elasticsearch.store.fields_template", lambda: earlier)
        store.append([record(1, [{"event.severity": 1}])])
    with closing(open_elasticsearch(elasticsearch_settings)) as store:
        store.append([record(2, [{"user.name": "a"}], first=3)])
        store.refresh()
        # Where the type has changed, the old index refuses to be asked for text: it must be indexed anew.
        assert found(store, "user.name:a" if before is None else "event.sequence:4") == {3}
        assert store.get(event_id(3)) is not None


def test_what_another_version_declares_in_its_namespace_does_not_count_in_ours(
    elasticsearch_settings: ElasticsearchSettings, new_namespace: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fields_template()
    del other["template"]["mappings"]["properties"]["user"]["properties"]["name"]
    theirs = replace(elasticsearch_settings, namespace=new_namespace())
    with closing(open_elasticsearch(elasticsearch_settings)) as store, closing(open_elasticsearch(theirs)) as neighbour:
        store.prepare()
        with monkeypatch.context() as patched:
            patched.setattr("correlation.store.elasticsearch.store.fields_template", lambda: other)
            neighbour.prepare()
        # Its first event makes the stream, after the other has written its templates.
        store.append([record(1, [{"user.name": " "}])])
        store.refresh()
        assert store.count_by(Query(), "user.name", 10) == [(" ", 1)]


def test_what_a_document_looks_like(
    cluster: str, elasticsearch_settings: ElasticsearchSettings, new_elasticsearch: Callable[[], ElasticsearchStore]
) -> None:
    store = new_elasticsearch()
    store.append([record(7, [{"user.name": "a", "process.pid": "x", "made.up": "b"}])])
    store.refresh()
    with Elasticsearch(cluster) as client:
        (hit,) = client.search(index=pattern(elasticsearch_settings.namespace))["hits"]["hits"]
    source = hit["_source"]
    assert hit["_id"] == source["event.id"] == event_id(0)
    assert source["user.name"] == "a"
    assert source[UNMAPPED] == {"process.pid": ["x"], "made.up": ["b"]}
    assert orjson.loads(source[REST]) == {"process.pid": "x", "made.up": "b"}
    assert source[RECORD].startswith("7-")


def test_the_lifecycle_is_used_where_the_cluster_has_one(new_elasticsearch: Callable[[], ElasticsearchStore]) -> None:
    store = new_elasticsearch()
    assert store.lifecycle is None
    store.prepare()
    assert store.lifecycle
    assert list(store.maintain()) == []


def test_an_address_where_nothing_answers(elasticsearch_settings: ElasticsearchSettings) -> None:
    settings = replace(elasticsearch_settings, url=("http://127.0.0.1:9",), attempts=2)
    store = open_elasticsearch(settings)
    for ask in (lambda: store.append([record(1, ROWS)]), lambda: store.search(Query())):
        with pytest.raises(StoreUnavailable) as raised:
            ask()
    store.close()
    assert raised.value.parameters["where"] == "http://127.0.0.1:9"


def test_pages_longer_than_one_search_may_answer(
    monkeypatch: pytest.MonkeyPatch, new_elasticsearch: Callable[[], ElasticsearchStore]
) -> None:
    monkeypatch.setattr("correlation.store.elasticsearch.store.HITS_AT_ONCE", 7)
    store = new_elasticsearch()
    store.append([record(1, ROWS)])
    store.refresh()
    for limit in (6, 7, 8, 19, 20, 21):
        page = store.search(Query(limit=limit))
        assert len(page.events) == min(limit, 20)
        assert (page.after is None) == (limit >= 20)


def test_a_query_of_more_words_than_the_cluster_takes_is_too_heavy(
    new_elasticsearch: Callable[[], ElasticsearchStore],
) -> None:
    store = new_elasticsearch()
    store.append([record(1, ROWS)])
    store.refresh()
    for query in (Query(Phrase(None, "登" * 9_000)), Query(parse(" OR ".join(f"w{n}" for n in range(900)), START))):
        with pytest.raises(QueryTooHeavy) as raised:
            store.search(query)
        assert "maxClauseCount" in str(raised.value.parameters["reason"])
        with pytest.raises(QueryTooHeavy):
            store.count_by(query, "user.name", 10)
    assert store.search(Query(Term(None, "登"))).total == 0

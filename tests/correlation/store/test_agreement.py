"""Random events and random queries: the embedded store and Elasticsearch find what the store in memory finds."""

import itertools
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from correlation.ports import EventStore
from correlation.query.errors import QueryProblem
from correlation.query.model import Query
from correlation.query.tree import And, Everything, Exists, Node, Not, Or, Phrase, Range, Term
from correlation.store.errors import QueryTooHeavy
from correlation.store.memory import MemoryStore
from sensors.event.times import SECOND
from tests.correlation.store.events import START, record, settle

MANY = 200 if os.environ.get("PROVE") else 25

TEXTS = (
    "a", "A", "ab", "abc", "a b", "a-b", "b a", "a_b", "", " ", "*", "?", "a*", "\\", "%", "_", "a%b", '"', "'", "/",
    "~",
    "失败", "登录失败", "失", "张三", "é", "É", "Привет", "😀", "😀a", "\u0000", "a\u0000b", "\n", "a\nb", "\u200b",
    "。", "Ａ",
    "true", "false", "null", "0", "1", "-1", "5", "05", "1.5", "1e3", "NaN", "9223372036854775807",
    "9223372036854775808",
    "10.0.0.1", "10.0.0.255", "::ffff:10.0.0.1", "2001:db8::1", "2001:DB8::1", "::", "10.0.0.1 ", "fe80::1%eth0",
    "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T08:00:00+08:00", "1969-12-31",
    "2026-13-01", "2026", "x" * 7_499, "x" * 7_500, "x" * 7_501, "x" * 9_000, "中" * 7_501, "😀" * 7_501,
)  # fmt: skip
NUMBERS = (0, 1, -1, 5, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**64 - 1, -(2**63), 0.0, -0.0, 1.0, 1.5, -1.5, 1e16, 1e300)
NAMES = (
    "user.name", "process.pid", "message", "event.original", "host.ip", "event.start", "event.severity", "tags",
    "event.type",
    "made", "made.up", "made.up.a", "made.up.b", "process", "host", "made.x", "", "made..up", "event.action", "a b",
)  # fmt: skip

texts = st.integers(0, len(TEXTS) - 1).map(lambda index: TEXTS[index])
scalars = st.one_of(texts, st.sampled_from(NUMBERS), st.booleans(), st.none())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("a", "b", "pid", "name")), inner, max_size=2)
    ),
    max_leaves=4,
)  # fmt: skip
rows = st.dictionaries(st.sampled_from(NAMES), values, max_size=5)


def _wild(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def _cut(text: str, start: int, size: int) -> str:
    start %= len(text) + 1
    return text[start : start + size]


wild = st.builds(
    lambda text, start, size, before, after: before + _wild(_cut(text, start, size)) + after,
    texts, st.integers(0, 9), st.integers(0, 4), st.sampled_from(("", "*", "?", "*?")),
    st.sampled_from(("", "*", "?", "?*")),
)  # fmt: skip
literal = st.one_of(texts, st.sampled_from(("10.0.0.0/24", "2001:db8::/32", "::/0", "1.50", "2026-01")))
names = st.sampled_from(NAMES)
conditions = st.one_of(
    st.builds(Term, names | st.none(), literal),
    st.builds(Phrase, names | st.none(), literal),
    st.builds(lambda name, text: Term(name, text, wild=True), names | st.none(), wild),
    st.builds(Range, names, literal | st.none(), literal | st.none(), st.booleans(), st.booleans()),
    st.builds(Exists, names),
    st.just(Everything()),
)
queries: st.SearchStrategy[Node] = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)
_EXAMPLE = itertools.count(1)


def _answer(store: EventStore, query: Query) -> Any:
    try:
        page = store.search(query)
    except (QueryProblem, QueryTooHeavy) as problem:
        return type(problem)
    return page.total, [(event["event.id"], event) for event in page.events]


def _agree(store: EventStore, made: list[dict[str, Any]], asked: list[Node], sorts: list[str]) -> None:
    number = next(_EXAMPLE)
    start = START + number * 1_000 * SECOND
    times = [start + index * SECOND for index in range(len(made))]
    handed = record(number, made, first=number * 1_000, times=times)
    oracle = MemoryStore()
    assert store.append([handed]) == oracle.append([handed])
    settle(store)
    different: list[Any] = []
    for where, sort in itertools.zip_longest(asked, sorts, fillvalue=None):
        query = Query(where or Everything(), start, start + 1_000 * SECOND, sort=sort or "@timestamp")
        answer = _answer(store, query)
        # Each Chinese character is a word, and a cluster takes so many in one query as its heap allows.
        if answer is QueryTooHeavy and len(str(where)) > 7_000:
            continue
        if answer != _answer(oracle, query):
            different.append(query)
    for field in NAMES:
        query = Query(start=start, end=start + 1_000 * SECOND)
        counted = []
        for one in (store, oracle):
            try:
                counted.append(one.count_by(query, field, 50))
            except QueryProblem as problem:
                counted.append([(type(problem), 0)])
        if counted[0] != counted[1]:
            different.append((field, counted))
    assert not different


@pytest.mark.parametrize("lasting_store", ["embedded"], indirect=True)
@settings(
    max_examples=MANY, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    derandomize=not os.environ.get("PROVE"),
)  # fmt: skip
@given(
    st.lists(rows, min_size=1, max_size=6),
    st.lists(queries, min_size=4, max_size=8),
    st.lists(st.sampled_from(NAMES), max_size=4),
)  # fmt: skip
def test_the_embedded_store_agrees(
    lasting_store: EventStore, made: list[dict[str, Any]], asked: list[Node], sorts: list[str]
) -> None:
    _agree(lasting_store, made, asked, sorts)


@pytest.mark.engine
@pytest.mark.parametrize("lasting_store", ["elasticsearch"], indirect=True)
@settings(
    max_examples=max(8, MANY // 3), suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    derandomize=not os.environ.get("PROVE"),
)  # fmt: skip
@given(
    st.lists(rows, min_size=10, max_size=20),
    st.lists(queries, min_size=15, max_size=25),
    st.lists(st.sampled_from(NAMES), max_size=6),
)  # fmt: skip
def test_elasticsearch_agrees(
    lasting_store: EventStore, made: list[dict[str, Any]], asked: list[Node], sorts: list[str]
) -> None:
    _agree(lasting_store, made, asked, sorts)

"""What every event store promises, held against each of them, with the store in memory as the plainest reading."""

from typing import Any

import pytest

from correlation.ports import EventStore, Page, Stored
from correlation.query.errors import CursorMismatch, FieldNotCountable, FieldNotSortable, QueryValue, QueryWildcard
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.query.tree import Term
from correlation.query.values import LONGEST_NAME, LONGEST_VALUE
from correlation.query.words import LONGEST_WORD
from correlation.store.memory import MemoryStore
from sensors.event.times import SECOND
from tests.correlation.store.events import START, Row, event_id, found, record, settle

LONG = "x" * (LONGEST_VALUE + 5_000)

ROWS: tuple[Row, ...] = (
    {"user.name": "alice", "process.pid": 5, "message": "Login failed for ALICE", "tags": ["a", "b"]},
    {"user.name": "Alice", "process.pid": 443, "message": "登录失败：用户 张三", "tags": []},
    {"user.name": None, "process.pid": None, "message": None, "tags": None},
    {"user.name": ["bob", "carol"], "process.pid": [1, 2], "message": ["one two", "three"], "tags": "single"},
    {"user.name": "a*b?c\\d", "process.pid": "not a number", "message": "x_1 foo-bar.baz"},
    {"user.name": 7, "process.pid": "17", "message": 8.5},
    {"user.name": True, "process.pid": 5.0, "message": {"inner": "deep"}},
    {"user.name": 1.5, "process.pid": 2.5, "host.ip": "10.0.0.1"},
    {"host.ip": ["10.0.0.2", "2001:db8::1"], "event.start": "2026-01-01T00:00:00Z"},
    {"host.ip": "2001:DB8:0::1", "event.start": "2026-03-04T05:06:07.123456789+08:00"},
    {"host.ip": "::ffff:10.0.0.1", "event.start": "yesterday"},
    {"host.ip": "not an address", "event.start": "2026-01-02T03:04:05.678Z", "event.severity": 9_007_199_254_740_993},
    {"host.ip": ["10.0.0.9", "nonsense"], "event.severity": 18_446_744_073_709_551_615},
    {"made.up": "value", "made.up.too": 5, "made.list": ["x", 1, True, None, 2.5], "made.null": None},
    {"made.object": {"a": {"b": "deep"}, "c": [{"d": 1}, {"d": 2}]}, "made.objects": [{"k": "v1"}, {"k": "v2"}, "own"]},
    {"made.object.a.b": "direct", "made.object": {"a": {"b": "nested"}}},
    {'made/slash~tilde"quote': "odd", "": "empty name", "a..b": "dots", " ": "space", "*": "star", "n\0ul": "nul"},
    {"n" * (LONGEST_NAME + 1): "long name", "made.long": LONG, "process.command_line": LONG, "message": f"{LONG} end"},
    {"user.name": "张三", "made.up": "武汉 政务外网", "message": "武汉市政务外网。Ｗｉｄｅ café naïve Привет"},
    {"source": "where an object is declared", "host": {"name": "web1", "odd": 3}, "host.name": "web2"},
    {"user.name": "", "message": "", "made.up": ""},
    {"made.up": 'line\nbreak\ttab\u0001\u0000nul "quoted" \\back', "message": "a\nb\tc"},
    {"made.float": 1e16, "made.up": -0.0, "process.pid": -5},
    {"process": {"pid": 99, "executable": "C:\\Windows\\cmd.exe"}, "made.up": [[1, [2]], "x"]},
    {"user.name": "😀smile", "made.up": "😀", "process.executable": "C:\\Windows\\System32\\cmd.exe"},
    {"event.kind": "alert", "event.severity": 3, "event.duration": 2**62},
)  # fmt: skip

QUERIES = (
    "", "*", "*:*",
    # keywords: exact, case-sensitive, wildcards, any of several
    "user.name:alice", "user.name:Alice", "user.name:bob", "user.name:carol", "user.name:7", "user.name:true",
    "user.name:1.5", "user.name:a\\*b\\?c\\\\d", 'user.name:"a*b?c\\\\d"', "user.name:al*", "user.name:?lice",
    "user.name:*o*", "user.name:a\\**", "user.name:张*", 'user.name:""', "user.name:?smile", "user.name:???????",
    "user.name:*", "user.name:(alice OR bob)", "user.name:[a TO b]", "user.name:{alice TO *]", "user.name:>=b",
    "user.name:[* TO A}", "tags:a", "tags:single", "tags:*", "user.name:😀*",
    # texts: words, phrases, Chinese, wildcards inside of a word
    "message:login", "message:FAILED", 'message:"login failed"', 'message:"failed login"', "message:失败",
    "message:败失", 'message:"登录失败"', "message:张三", "message:张", "message:one", 'message:"two three"',
    "message:fail*", "message:*ail?d", "message:f?*", "message:*失败*", "message:x_1", "message:foo",
    "message:bar.baz",
    "message:foo-bar", "message:8", "message:8.5", "message:end", 'message:""', "message:café", "message:caf",
    "message:привет", "message:Привет", "message:ривет", "message:Ｗｉｄｅ", "message:。", "message:deep",
    'message:"a b c"', "message:?", "message:*", "message.inner:deep",
    # numbers
    "process.pid:5", "process.pid:17", "process.pid:443", "process.pid:[1 TO 5]", "process.pid:{1 TO 5}",
    "process.pid:>=17", "process.pid:<0", "process.pid:-5", 'process.pid:"not a number"', "process.pid:2.5",
    "process.pid:05", "process.pid:*", "process.pid:99", "event.severity:9007199254740993",
    "event.severity:9007199254740992", "event.severity:18446744073709551615", "event.severity:>0",
    "event.duration:[4611686018427387904 TO *]", "process.pid:[-10 TO 1]",
    # addresses
    "host.ip:10.0.0.1", 'host.ip:"::ffff:10.0.0.1"', "host.ip:10.0.0.0/30", "host.ip:10.0.0.0/8",
    "host.ip:2001:db8::1",
    "host.ip:2001:db8::/32", "host.ip:[10.0.0.2 TO 10.0.0.9]", "host.ip:>10.0.0.1",
    "host.ip:*", 'host.ip:"not an address"',
    "host.ip:nonsense", "host.ip:0.0.0.0/0", 'host.ip:"::/0"', "host.ip:[* TO 10.0.0.1]", "host.ip:{10.0.0.1 TO *}",
    # dates
    "event.start:2026-01-01", "event.start:2026", "event.start:2026-03", "event.start:[2026-01-02 TO *]",
    "event.start:yesterday", "event.start:*", 'event.start:"2026-03-03T21:06:07.123456789Z"',
    "event.start:[2026-03-03T21:06:07.123456789 TO 2026-03-03T21:06:07.123456789]",
    "event.start:{2026-03-03T21:06:07.123456789 TO *}", "event.start:<2026-01-02",
    "@timestamp:[2026-01-01T00:00:05 TO *]",
    "@timestamp:[now TO now+9s]", "@timestamp:2026-01-01", "event.created:2026-01-01T01:00:00",
    # undeclared fields, nested ones, odd names
    "made.up:value", "made.up:val*", "made.up.too:5", "made.up.too:[4 TO 6]", "made.list:x", "made.list:1",
    "made.list:true", "made.list:2.5", "made.list:*", "made.null:*", "made.object.a.b:deep", "made.object.a.b:direct",
    "made.object.a.b:nested", "made.object.c.d:2", "made.object:*", "made.objects.k:v2", "made.objects:own",
    "made.objects:*", 'made\\/slash\\~tilde\\"quote:odd', "a..b:dots", "made.long:xxx*", "process.command_line:x*",
    "made.up:武汉*", "made.up:*外网", 'made.up:"武汉 政务外网"', "source:*object*", "source:*", "host.name:web1",
    "host.name:web2", "host.odd:3", 'made.up:""', "made.up:*quoted*", "made.up:*back", "made.float:*",
    "made.up:\\-0.0",
    "made.up:😀", "made.up:?", "made.up:2", "made.up:[a TO z]", "made.up:>=x", "made.up:<b", "made.float:1e16",
    "process.executable:C\\:\\\\Windows\\\\*", "process.executable:*cmd.exe", "made.up:*u*e", "made.up:v?l?e", "*x",
    # a word without a field
    "alice", "Alice", "失败", "failed", "443", "5", "10.0.0.1", "10.0.0.0/8", "2001:db8::1", "nonsense", "value",
    "val*", "*lic*", '"login failed"', "deep", "own", "odd", "true", "1.5", "yesterday", "*smile", "2.5",
    # existence and connectives
    "_exists_:user.name", "NOT _exists_:user.name", "_exists_:made.object", "_exists_:host", "_exists_:message",
    "NOT user.name:alice", "user.name:alice AND process.pid:5", "user.name:alice AND process.pid:6",
    "user.name:alice OR user.name:Alice AND process.pid:443",
    "(user.name:alice OR user.name:Alice) AND process.pid:443",
    "user.name:alice host.ip:10.0.0.1", "+_exists_:host.ip -host.ip:10.0.0.1", "user.name:(-alice)", "NOT NOT tags:a",
    "NOT message:失败", "NOT host.ip:10.0.0.0/8", "NOT made.up:val*", "NOT process.pid:[1 TO 5]", "NOT made.list:x",
    "event.id:" + event_id(3), "event.dataset:made.log", "event.dataset:made*", "log.file.path:*made.log",
    "hanwatch.source.id:" + "ab" * 16, "event.sequence:[3 TO 5]", "ecs.version:*", "event.id:" + event_id(3)[:8] + "*",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(lasting_store: EventStore) -> EventStore:
    """A store that holds `ROWS`; only to be read."""
    assert lasting_store.append([record(1, ROWS)]) == [Stored(1, len(ROWS), 0)]
    settle(lasting_store)
    return lasting_store


@pytest.fixture(scope="module")
def oracle() -> EventStore:
    """The store in memory with the same events."""
    memory = MemoryStore()
    memory.append([record(1, ROWS)])
    return memory


def test_an_event_comes_back_as_it_was(filled: EventStore) -> None:
    handed = record(1, ROWS)
    for batch in handed.batches:
        for index, row in enumerate(batch.rows()):
            got = filled.get(batch.ids[index])
            assert got == row
            assert repr(_ordered(got)) == repr(_ordered(row))  # 1, 1.0 and True are equal, and not the same


def _ordered(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, dict) else value


def test_what_is_not_there_is_none(filled: EventStore) -> None:
    assert filled.get("0" * 32) is None
    assert filled.get("no id") is None


def test_the_same_answers_to_every_form_of_query(filled: EventStore, oracle: EventStore) -> None:
    different = {}
    for text in QUERIES:
        expected, got = found(oracle, text), found(filled, text)
        if got != expected:
            different[text] = (sorted(got - expected), sorted(expected - got))
    assert not different


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user.name:alice", {0}),
        ("user.name:al*", {0}),
        ("message:登录失败", {1}),
        ("message:LOGIN", {0}),
        ('message:"two three"', set()),
        ("process.pid:5", {0, 6}),
        ("process.pid:17", {5}),
        ('process.pid:"not a number"', {4}),
        ("host.ip:10.0.0.1", {7, 10}),
        ("host.ip:10.0.0.0/8", {7, 8, 10, 12}),
        ("host.ip:2001:db8::1", {8, 9}),
        ("host.ip:nonsense", {12}),
        ("event.start:2026-01", {8, 11}),
        ("made.object.a.b:*", {14, 15}),
        ("made.object.c.d:2", {14}),
        ("_exists_:made.null", set()),
        ("made.up:*外网", {18}),
        ("alice", {0}),
        ("443", {1}),
    ],
)
def test_what_a_person_expects(filled: EventStore, text: str, expected: set[int]) -> None:
    assert found(filled, text) == expected


def test_a_range_of_time_bounds_the_answer(filled: EventStore) -> None:
    assert found(filled, "", start=START + 3 * SECOND, end=START + 6 * SECOND) == {3, 4, 5}
    assert found(filled, "", start=START + 3 * SECOND + 1, end=START + 6 * SECOND + 1) == {4, 5, 6}
    assert found(filled, "", start=START - 10**18, end=None) == set(range(len(ROWS)))
    assert found(filled, "", start=10**19) == set()


@pytest.mark.parametrize(
    "sort", ["@timestamp", "user.name", "process.pid", "host.ip", "event.start", "made.up", "event.id"]
)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_go_on_without_gap_or_repeat(
    filled: EventStore, oracle: EventStore, sort: str, *, descending: bool
) -> None:
    whole = oracle.search(Query(sort=sort, descending=descending, limit=1_000))
    for limit in (1, 4, 1_000):
        got: list[str] = []
        after = None
        for _ in range(len(ROWS) + 1):
            page = filled.search(Query(sort=sort, descending=descending, limit=limit, after=after))
            assert page.total == len(ROWS)
            got += [event["event.id"] for event in page.events]
            after = page.after
            if after is None:
                break
        assert got == [event["event.id"] for event in whole.events]


def test_ties_are_sorted_by_id(store: EventStore) -> None:
    rows = [{"user.name": "same"}] * 20
    store.append([record(1, rows, times=[START] * 20)])
    settle(store)
    ids = sorted(event_id(number) for number in range(20))
    first = store.search(Query(limit=11))
    second = store.search(Query(limit=11, after=first.after))
    assert [event["event.id"] for event in (*first.events, *second.events)] == ids[::-1]
    assert second.after is None
    ascending = store.search(Query(limit=20, descending=False))
    assert [event["event.id"] for event in ascending.events] == ids


def test_a_cursor_belongs_to_its_order(filled: EventStore) -> None:
    after = filled.search(Query(limit=3)).after
    for query in (Query(after=after, descending=False), Query(after=after, sort="user.name"), Query(after="nonsense")):
        with pytest.raises(CursorMismatch):
            filled.search(query)


def test_an_empty_store_answers(store: EventStore) -> None:
    assert store.search(Query()) == Page([], 0, None)
    assert store.search(Query(sort="user.name")).total == 0
    assert store.count_by(Query(), "user.name", 5) == []
    assert store.histogram(Query(), SECOND) == []
    assert store.get(event_id(1)) is None
    assert store.append([]) == []


@pytest.mark.parametrize(
    "field",
    [
        "user.name", "process.pid", "host.ip", "tags", "made.up", "event.severity", "event.dataset", "made.object.a.b",
        "made.list",
    ],
)  # fmt: skip
def test_values_are_counted(filled: EventStore, oracle: EventStore, field: str) -> None:
    for limit in (1, 3, 100):
        expected = oracle.count_by(Query(), field, limit)
        got = filled.count_by(Query(), field, limit)
        assert got == expected
        assert [type(value) for value, _ in got] == [type(value) for value, _ in expected]


def test_most_frequent_first_then_by_value(store: EventStore) -> None:
    rows = [{"user.name": name} for name in ("b", "a", "c", "b", "c", "d")]
    store.append([record(1, rows)])
    settle(store)
    assert store.count_by(Query(), "user.name", 3) == [("b", 2), ("c", 2), ("a", 1)]
    assert store.count_by(Query(parse("NOT user.name:b")), "user.name", 3) == [("c", 2), ("a", 1), ("d", 1)]


def test_a_histogram_counts_intervals(filled: EventStore) -> None:
    counted = filled.histogram(Query(parse("_exists_:host.ip")), 4 * SECOND)
    assert counted == [(START + 4 * SECOND, 1), (START + 8 * SECOND, 4), (START + 12 * SECOND, 1)]


def test_what_cannot_be_sorted_or_counted_is_said(filled: EventStore) -> None:
    with pytest.raises(FieldNotSortable):
        filled.search(Query(sort="message"))
    with pytest.raises(FieldNotCountable):
        filled.count_by(Query(), "message", 5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("process.pid:[a TO 5]", QueryValue), ("host.ip:10.0.0.0/99", QueryValue), ("message:[a TO b]", QueryValue),
        ("event.start:[x TO *]", QueryValue), ("process.pid:5*", QueryWildcard), ("host.ip:10.*", QueryWildcard),
        ("message:a*失败", QueryWildcard),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(filled: EventStore, text: str, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        filled.search(Query(parse(text)))


def test_the_same_events_are_stored_once(store: EventStore) -> None:
    rows = [{"user.name": f"u{number}"} for number in range(10)]
    assert store.append([record(1, rows)]) == [Stored(1, 10, 0)]
    assert store.append([record(2, rows)]) == [Stored(2, 0, 10)]
    settle(store)
    assert store.append([record(3, rows[:4]), record(4, rows, first=8)]) == [Stored(3, 0, 4), Stored(4, 8, 2)]
    settle(store)
    assert store.search(Query(limit=100)).total == 18


def test_doubles_within_a_record_and_an_append_are_stored_once(store: EventStore) -> None:
    one = record(1, [{"user.name": "a"}, {"user.name": "b"}])
    twice = type(one)(1, one.source, one.batches * 2)
    assert store.append([twice, record(2, [{"user.name": "a"}])]) == [Stored(1, 2, 2), Stored(2, 0, 1)]
    settle(store)
    assert store.search(Query(limit=100)).total == 2


def test_a_record_handed_over_again_gets_the_same_answer(store: EventStore) -> None:
    rows = [{"user.name": f"u{number}"} for number in range(10)]
    first = store.append([record(1, rows), record(2, rows, first=5)])
    assert first == [Stored(1, 10, 0), Stored(2, 5, 5)]
    assert store.append([record(1, rows), record(2, rows, first=5)]) == first
    assert store.append([record(2, rows, first=5), record(3, rows, first=14)]) == [Stored(2, 5, 5), Stored(3, 9, 1)]
    settle(store)
    assert store.search(Query(limit=100)).total == 24


def test_a_sequence_number_that_is_used_again_is_no_redo(store: EventStore) -> None:
    store.append([record(1, [{"user.name": "a"}])])
    assert store.append([record(1, [{"user.name": "b"}], first=7)]) == [Stored(1, 1, 0)]


def test_datasets_and_hostile_names_of_them(store: EventStore) -> None:
    names = ["network.flow", "../../etc/passwd", "UPPER case", "数据", "-", "x" * 300]
    for number, name in enumerate(names):
        store.append([record(number + 1, [{"user.name": "a"}], first=number, dataset=name)])
    settle(store)
    assert {value for value, _ in store.count_by(Query(), "event.dataset", 10)} == set(names)


def test_times_to_the_nanosecond_and_to_the_ends_of_time(store: EventStore) -> None:
    times = [0, 1, START + 123_456_789, START + 123_456_790, 9_214_646_399 * SECOND + 999_999_999]
    store.append([record(1, [{"user.name": "a"}] * 5, times=times)])
    settle(store)
    page = store.search(Query(descending=False))
    assert [event["event.sequence"] for event in page.events] == [1, 2, 3, 4, 5]
    assert page.events[2]["@timestamp"] == "2026-01-01T00:00:00.123456789Z"
    assert found(store, "", start=START + 123_456_790, end=START + 123_456_791) == {3}


@pytest.mark.parametrize("name", [None, "user.name", "made.up"])
def test_an_empty_pattern_finds_empty_texts(store: EventStore, name: str | None) -> None:
    rows: list[Row] = [{"user.name": "", "message": "x"}, {"made.up": ""}, {"user.name": "a", "made.up": "b"}]
    expected = {None: 2, "user.name": 1, "made.up": 1}
    store.append([record(1, rows)])
    settle(store)
    assert store.search(Query(Term(name, "", wild=True))).total == expected[name]
    assert store.search(Query(Term(name, ""))).total == expected[name]


@pytest.mark.parametrize("field", ["message", "event.original"])
def test_a_word_that_is_too_long_is_not_searched(store: EventStore, field: str) -> None:
    long = "x" * (LONGEST_WORD + 1)
    rows: list[Row] = [{field: long}, {field: f"y {long}"}, {field: long[1:]}, {field: [long, "yes"]}]
    store.append([record(1, rows)])
    settle(store)
    for pattern, expected in (("*", 3), ("x*", 1), ("?", 1), ("y*", 2), ("*x", 1)):
        assert store.search(Query(Term(field, pattern, wild=True))).total == expected, pattern

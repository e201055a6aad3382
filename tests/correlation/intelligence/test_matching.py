"""What events show is found, judged at their time, and told; and a naive matcher agrees."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from correlation.intelligence import matching
from correlation.intelligence.allowing import AllowList
from correlation.intelligence.decay import DAY
from correlation.intelligence.looking import Lookup
from correlation.intelligence.matching import Intelligence
from correlation.intelligence.model import Indicator
from correlation.matcher.engine import Matcher
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.loading import load_rules
from correlation.settings import IntelligenceSettings
from sensors.event.fields import fields
from sensors.event.model import Batch
from sensors.event.times import SECOND
from sensors.parser import Lines
from sensors.parsers.suricata_eve import SuricataEve
from sensors.reading.model import Portion, Position
from tests.correlation.intelligence.making import JA3, JA4, SHA256, book_of, enricher, make
from tests.correlation.matcher.making import NOON, make_batch
from tests.correlation.test_service import Part
from tests.sensors.delivery.making import source

PACK = Path(__file__).parents[3] / "correlation" / "pack"


def names(batch: Batch) -> Sequence[Any]:
    found: Sequence[Any] = batch.columns.get("threat.indicator.name", [None] * len(batch))
    return found


OWN = [{"name": "good.example", "type": "CNAME", "data": "a.evil.example"}, {"type": "A", "data": "45.9.148.3"}]
EVE = [{"rrname": "good.example", "rrtype": "CNAME", "rdata": "a.evil.example"}, {"rrtype": "A", "rdata": "45.9.148.3"}]


@pytest.mark.parametrize(
    ("text", "kind", "shown", "field", "form"),
    [
        ("45.9.148.3", None, {"source.ip": "45.9.148.3"}, "source.ip", "ip-addr"),
        ("45.9.0.0/16", None, {"destination.ip": "::ffff:45.9.1.1"}, "destination.ip", "network-traffic"),
        ("2a0b::/32", None, {"destination.ip": "2A0B:0:1::1"}, "destination.ip", "network-traffic"),
        ("evil.example", None, {"dns.question.name": "WWW.Evil.example."}, "dns.question.name", "domain-name"),
        ("45.9.148.3", None, {"dns.resolved_ip": ["45.9.148.2", "45.9.148.3"]}, "dns.resolved_ip", "ip-addr"),
        ("evil.example", None, {"zeek.dns.answers": ["45.1.1.1", "c.evil.example"]}, "zeek.dns.answers", "domain-name"),
        ("evil.example", None, {"dns.answers": OWN, "dns.resolved_ip": ["45.1.1.1"]}, "dns.answers", "domain-name"),
        ("45.9.148.3", None, {"dns.answers": OWN}, "dns.answers", "ip-addr"),
        ("evil.example", None, {"suricata.eve.dns.answers": EVE}, "suricata.eve.dns.answers", "domain-name"),
        ("45.9.148.3", None, {"suricata.eve.dns.answers": EVE}, "suricata.eve.dns.answers", "ip-addr"),
        (
            "evil.example", None, {"suricata.eve.dns.answer.answers": EVE}, "suricata.eve.dns.answer.answers",
            "domain-name",
        ),
        (
            "evil.example", None, {"suricata.eve.dns.grouped.CNAME": ["x.example", "a.evil.example"]},
            "suricata.eve.dns.grouped.CNAME", "domain-name",
        ),
        (
            "2a0b::/32", None, {"suricata.eve.dns.grouped.AAAA": ["2a0b::1"]}, "suricata.eve.dns.grouped.AAAA",
            "network-traffic",
        ),
        ("evil.example", None, {"tls.client.server_name": "evil.example"}, "tls.client.server_name", "domain-name"),
        ("45.9.148.3", None, {"url.domain": "45.9.148.3"}, "url.domain", "ip-addr"),
        ("https://cdn.example/x?y", None, {"url.full": "http://cdn.example/x?y#z"}, "url.full", "url"),
        ("http://cdn.example/x", None, {"url.domain": "CDN.example", "url.original": "/x"}, "url.original", "url"),
        (SHA256, None, {"process.hash.sha256": SHA256.upper()}, "process.hash.sha256", "file"),
        (JA3, "ja3", {"tls.client.ja3": JA3}, "tls.client.ja3", "network-traffic"),
        (JA4, None, {"tls.client.ja4": JA4}, "tls.client.ja4", "network-traffic"),
    ],
)
def test_every_kind_is_found_where_it_shows(  # noqa: PLR0917 - one for each column of the table above
    tmp_path: Path, text: str, kind: str, shown: dict[str, Any], field: str, form: str
) -> None:
    one = make(text, kind, marking="AMBER", provider="市网信办")
    (row,) = enricher(tmp_path, one).enrich(make_batch([shown])).rows()
    assert {name: row[name] for name in row if "indicator" in name} == {
        "threat.indicator.type": form,
        "threat.indicator.name": one.value,
        "threat.indicator.provider": "市网信办",
        "threat.indicator.confidence": "High",
        "threat.indicator.marking.tlp": "AMBER",
        "hanwatch.indicator.confidence": 80,
        "hanwatch.indicator.field": field,
        "hanwatch.indicator.id": one.id,
    }
    assert all(name in fields() for name in row if "indicator" in name)
    constant = make_batch([{"message": "x"}, {"message": "y"}], constants=shown)
    assert names(enricher(tmp_path, one).enrich(constant)) == [one.value] * 2


@pytest.mark.parametrize(
    "shown",
    [
        {"source.ip": None}, {"source.ip": 7}, {"source.ip": {"a": 1}}, {"source.ip": [["45.9.148.3"]]},
        {"source.ip": "45.9.148.3 "}, {"dns.question.name": "notevil.example"}, {"dns.question.name": "example"},
        {"dns.question.name": "evil.example\0"}, {"dns.question.name": "\ud800.evil.example"},
        {"dns.question.name": "." * 300}, {"url.domain": "evil.example" * 50, "url.original": "/x" * 5_000},
        {"url.original": "/x"}, {"message": "45.9.148.3"}, {"dns.question.name": ""}, {"destination.ip": ":"},
    ],
)  # fmt: skip
def test_what_shows_nothing_is_given_back_as_it_is(tmp_path: Path, shown: dict[str, Any]) -> None:
    known = enricher(tmp_path, make("45.9.148.3"), make("evil.example"), make("http://evil.example/x"))
    batch = make_batch([shown])
    assert known.enrich(batch) is batch
    assert known.enrich(batch) is batch


TXT = {"type": "TXT", "data": "v=spf1 include:spf.evil.example"}


@pytest.mark.parametrize(
    "answers",
    [
        [TXT], [{"type": "NS", "data": "evil.example"}], [{"type": "CNAME"}], [{"type": "CNAME", "data": 7}],
        [{"type": "CNAME", "data": ["evil.example"]}, {"type": "CNAME", "data": {}}],
        [{"type": ["CNAME"], "data": "evil.example"}], [{"data": "evil.example"}], ["evil.example", None, 3], "CNAME",
        {"type": "CNAME", "data": "evil.example"}, None, [],
    ],
)  # fmt: skip
def test_of_answers_only_names_and_addresses_count(tmp_path: Path, answers: Any) -> None:
    batch = make_batch([{"dns.answers": answers, "suricata.eve.dns.answers": answers}] * 2)
    assert enricher(tmp_path, make("evil.example")).enrich(batch) is batch


def test_each_row_of_answers_has_its_own(tmp_path: Path) -> None:
    known = enricher(tmp_path, make("evil.example"))
    rows = [{"dns.answers": one} for one in (OWN, None, [TXT], [*OWN, *OWN])]
    assert names(known.enrich(make_batch(rows))) == ["evil.example", None, None, "evil.example"]


def test_what_suricata_logs_of_dns_is_looked_at(tmp_path: Path) -> None:
    head = '{"timestamp":"2025-12-01T20:00:00.0+0800","event_type":"%s","src_ip":"10.0.0.1","dns":%s}'
    answers = orjson.dumps(EVE).decode()
    said = [
        ("dns", f'{{"type":"answer","rrname":"good.example","answers":{answers}}}'),
        ("dns", '{"type":"response","queries":[{"rrname":"good.example"}],"grouped":{"CNAME":["a.evil.example"]}}'),
        ("alert", f'{{"query":[{{"rrname":"good.example"}}],"answer":{{"answers":{answers}}}}}'),
        ("dns", '{"type":"answer","rrname":"good.example","grouped":{"TXT":["a.evil.example"]}}'),
    ]
    texts = [(head % one).encode() for one in said]
    parsed = SuricataEve().parse(Lines(source("a"), NOON, texts, [0] * len(texts), 1), None)
    known = enricher(tmp_path, make("evil.example"))
    found = sorted((int(batch.ordinals[0]), names(known.enrich(batch))) for batch in parsed.batches)
    assert [name for _, (name,) in found] == ["evil.example"] * 3 + [None]


def test_an_empty_book_costs_and_changes_nothing(tmp_path: Path) -> None:
    batch = make_batch([{"source.ip": "45.9.148.3"}])
    assert enricher(tmp_path).enrich(batch) is batch


def test_the_surest_counts_and_rows_without_have_null(tmp_path: Path) -> None:
    known = enricher(
        tmp_path, make("45.9.148.3", confidence=40), make("45.9.0.0/16", confidence=60),
        make("evil.example", confidence=90), make("evil.example", confidence=95, provider="a"),
    )  # fmt: skip
    batch = make_batch(
        [
            {"source.ip": "45.9.148.3", "dns.question.name": "good.example"},
            {"source.ip": "46.9.148.3", "dns.question.name": "good.example"},
            {"source.ip": "45.9.148.3", "dns.question.name": "evil.example"},
        ]
    )
    found = known.enrich(batch)
    assert names(found) == ["45.9.0.0/16", None, "evil.example"]
    assert found.columns["hanwatch.indicator.confidence"] == [60, None, 95]
    assert found.columns["threat.indicator.provider"][2] == "a"


def test_each_event_is_judged_at_its_own_time(tmp_path: Path) -> None:
    batch = make_batch([{"source.ip": "45.9.148.3"}] * 3)
    known = enricher(tmp_path, make("45.9.148.3", valid_from=NOON + SECOND, valid_until=NOON + 2 * SECOND))
    assert names(known.enrich(batch)) == [None, "45.9.148.3", None]
    old = enricher(tmp_path / "old", make("45.9.148.3", seen=NOON - 80 * DAY))
    assert old.enrich(batch) is batch


def test_the_allow_list_holds_back_hosts_but_no_urls(tmp_path: Path) -> None:
    allowed = AllowList([ipaddress.ip_network("45.9.148.0/24")], ["good.example"])
    known = enricher(
        tmp_path, make("45.9.148.3"), make("10.0.0.0/8"), make("www.good.example"), make("http://good.example/x"),
        make("http://10.1.1.1/x"), allowed=allowed,
    )  # fmt: skip
    silent = make_batch(
        [
            {"source.ip": "45.9.148.3", "dns.question.name": "www.good.example"},
            {"source.ip": "10.1.1.1", "dns.question.name": "www.good.example"},
        ]
    )
    assert known.enrich(silent) is silent
    batch = make_batch([{"url.full": "http://good.example/x"}, {"url.full": "http://10.1.1.1/x"}])
    assert names(known.enrich(batch)) == ["http://good.example/x", None]


def test_what_an_event_says_itself_stays(tmp_path: Path) -> None:
    known = enricher(tmp_path, make("45.9.148.3"))
    rows = [{"source.ip": "45.9.148.3", "threat.indicator.name": said} for said in ("Web shell upload", None)]
    assert names(known.enrich(make_batch(rows))) == ["Web shell upload", "45.9.148.3"]
    constant = make_batch([{"source.ip": "45.9.148.3"}], constants={"threat.indicator.name": "Botnet"})
    found = known.enrich(constant)
    assert names(found) == ["Botnet"]
    assert found.columns["hanwatch.indicator.confidence"] == [80]


def test_a_changed_book_is_noticed(tmp_path: Path) -> None:
    book, now = book_of(tmp_path, [make("45.9.148.3")]), [NOON]
    known = Intelligence(book, IntelligenceSettings(), AllowList(), lambda: now[0])
    batch = make_batch([{"source.ip": "45.9.148.9"}])
    assert known.enrich(batch) is batch
    book.add([make("45.9.148.9")])
    book.compile()
    assert known.enrich(batch) is batch
    now[0] += 11 * SECOND
    assert names(known.enrich(batch)) == ["45.9.148.9"]


def test_what_changes_while_the_index_is_opened_is_noticed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, now = book_of(tmp_path, [make("45.9.148.3")]), [NOON]
    opened = Lookup(book, book.index(), AllowList())

    def slow(*_: object) -> Lookup:
        # The index of before is open; another process makes the next one.
        book.add([make("45.9.148.9")])
        book.compile()
        return opened

    with monkeypatch.context() as patched:
        patched.setattr(matching, "Lookup", slow)
        known = Intelligence(book, IntelligenceSettings(), AllowList(), lambda: now[0])
    now[0] += 11 * SECOND
    assert names(known.enrich(make_batch([{"source.ip": "45.9.148.9"}]))) == ["45.9.148.9"]


def test_what_an_indicator_says_now_is_noticed_without_another_index(tmp_path: Path) -> None:
    book, now = book_of(tmp_path, [make("45.9.148.3")]), [NOON]
    known = Intelligence(book, IntelligenceSettings(), AllowList(), lambda: now[0])
    batch = make_batch([{"source.ip": "45.9.148.3"}])
    assert names(known.enrich(batch)) == ["45.9.148.3"]
    book.add([make("45.9.148.3", valid_until=NOON - SECOND)])
    assert not book.compile()
    now[0] += 11 * SECOND
    assert known.enrich(batch) is batch


def test_matching_does_not_make_the_index_of_a_book_that_is_being_filled(tmp_path: Path) -> None:
    book, now = book_of(tmp_path, [make("45.9.148.3"), make("45.9.148.4")]), [NOON]
    known = Intelligence(book, IntelligenceSettings(), AllowList(), lambda: now[0])
    made = book.index_path.stat()
    book.add([make("45.9.148.9")])
    book.withdraw([("synthetic", make("45.9.148.4").id)])
    now[0] += 11 * SECOND
    batch = make_batch([{"source.ip": f"45.9.148.{last}"} for last in (3, 4, 9)])
    assert names(known.enrich(batch)) == ["45.9.148.3", None, None]
    assert book.index_path.stat() == made


LABEL = st.sampled_from(["a", "b", "evil", "good"])
NAME = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
ADDRESS = st.integers(0, 255).flatmap(lambda low: st.sampled_from([f"45.9.{low % 3}.{low}", f"2a0b::{low:x}"]))
NETWORK = st.tuples(ADDRESS, st.integers(17, 32)).map(lambda one: f"{one[0]}/{one[1]}")


@settings(max_examples=60)
@given(
    known=st.lists(st.one_of(NAME, ADDRESS, NETWORK), max_size=8, unique=True),
    shown=st.lists(st.tuples(NAME, ADDRESS, st.lists(ADDRESS, max_size=2)), min_size=1, max_size=8),
)
def test_a_naive_matcher_agrees(known: list[str], shown: list[tuple[str, str, list[str]]]) -> None:
    indicators = [make(text) for text in known]
    rows = [{"dns.question.name": one, "source.ip": two, "dns.resolved_ip": three} for one, two, three in shown]
    with TemporaryDirectory() as folder:
        found = enricher(Path(folder), *indicators).enrich(make_batch(rows))
    matched = [name is not None for name in names(found)]
    wanted = [
        any(_naive(each, value) for each in indicators for value in (one, two, *three)) for one, two, three in shown
    ]
    assert matched == wanted


def _naive(indicator: Indicator, value: str) -> bool:
    if indicator.kind == "domain":
        return value == indicator.value or value.endswith("." + indicator.value)
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(indicator.value)
    except ValueError:
        return False


def test_an_event_with_an_indicator_alerts_and_is_stored_with_it(engine: Engine, tmp_path: Path) -> None:
    rules = [rule for rule in load_rules([PACK])[0] if "known_indicator" in rule.path]
    known = enricher(tmp_path, make("evil.example"), make("45.9.148.3", confidence=50))
    part = Part(engine, matcher=Matcher(rules), enrichers=[known])
    asked = make_batch(
        [{"dns.question.name": name} for name in ("c2.evil.example", "good.example")], dataset="network.dns"
    )
    flows = make_batch([{"destination.ip": ip} for ip in ("45.9.148.3", "45.9.148.4")], dataset="network.flow")
    flows = Batch(**{name: getattr(flows, name) for name in flows.__slots__} | {"ids": ["a" * 32, "b" * 32]})
    part.spool.append(source("a"), "made", Portion((asked, flows), (), {}, Position()), Position())
    done = part.correlator.drain()
    assert (done.events, done.matched, done.fresh) == (4, 2, 2)
    alerts = part.book.page(limit=9).alerts
    assert sorted((alert.level, alert.evidence[0].dataset) for alert in alerts) == [
        ("high", "network.dns"), ("medium", "network.flow"),
    ]  # fmt: skip
    found = part.store.search(Query(parse("hanwatch.indicator.confidence:>=50"))).events
    assert {event["threat.indicator.name"] for event in found} == {"evil.example", "45.9.148.3"}

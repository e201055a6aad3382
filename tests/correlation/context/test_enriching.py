"""What is added to batches; and through the correlator: a rule asks for it and the store has it."""

from pathlib import Path
from typing import Any

import numpy as np

from correlation.alerts.book import AlertBook
from correlation.alerts.schema import open_database
from correlation.context.enriching import Context
from correlation.context.model import Space
from correlation.context.table import Table
from correlation.matcher.engine import Matcher
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.service import Correlator, Progress
from correlation.store.memory import MemoryStore
from sensors.delivery.memory import MemorySpool
from sensors.event.fields import fields
from sensors.event.model import Batch
from sensors.event.texts import Texts
from sensors.reading.model import Portion, Position
from tests.correlation.context.making import make_entry
from tests.correlation.matcher.making import NOON, make_batch, make_rule
from tests.sensors.delivery.making import source, ticking

ENTRIES = [
    make_entry("10.0.0.0/8", unit="city", domain="extranet"),
    make_entry("10.1.0.0/16", unit="water", domain="cii", cii=True, grade=3),
    make_entry("10.1.0.7", asset="pump station", host="pump7", begins="2025-12-01T12:00:01Z"),
    make_entry("10.1.0.0/16", unit="tenant a", domain="tenant", space="a"),
    make_entry("2001:db8::/32", domain="iot"),
]
CONTEXT = Context(Table(ENTRIES), [Space("a", vlan=frozenset({"100"}))], remembered=4)


def _added(rows: list[dict[str, Any]], **constants: Any) -> dict[str, Any]:
    before = make_batch(rows, constants=constants)
    after = CONTEXT.enrich(before)
    assert (after.ids, after.ordinals.tolist()) == (before.ids, before.ordinals.tolist())
    added = {**after.columns, **after.constants}
    assert {name for name in added if name.startswith("hanwatch.")} <= fields().keys()
    return {name: value for name, value in added.items() if name not in before.columns and name not in before.constants}


def test_both_ends_get_what_is_known_and_nothing_else() -> None:
    rows = [
        {"source.ip": "8.8.8.8", "destination.ip": "10.1.0.1"},
        {"source.ip": "10.9.0.1", "destination.ip": "192.168.0.1"},
        {"source.ip": "203.0.113.1", "destination.ip": None},
    ]
    assert _added(rows) == {
        "hanwatch.source.domain": ["internet", "extranet", None],
        "hanwatch.source.unit": [None, "city", None],
        "hanwatch.destination.unit": ["water", None, None],
        "hanwatch.destination.domain": ["cii", None, None],
        "hanwatch.destination.grade": [3, None, None],
        "hanwatch.destination.cii": [True, None, None],
    }


def test_each_row_gets_what_was_known_at_its_time() -> None:
    rows = [{"destination.ip": "10.1.0.7"}] * 2
    assert _added(rows)["hanwatch.destination.asset"] == [None, "pump station"]
    assert _added([{"x": 1}, {"x": 2}], **{"destination.ip": "10.1.0.7"})["hanwatch.destination.asset"] == [
        None, "pump station",
    ]  # fmt: skip


def test_what_all_rows_share_stays_a_constant() -> None:
    after = CONTEXT.enrich(make_batch([{"x": 1}, {"x": 2}], constants={"source.ip": "10.9.0.1"}))
    assert after.constants["hanwatch.source.unit"] == "city"
    assert after.columns.keys() == {"x"}


def test_a_batch_about_which_nothing_is_known_stays_as_it_is() -> None:
    batch = make_batch([{"source.ip": "192.168.0.1"}])
    assert CONTEXT.enrich(batch) is batch
    assert CONTEXT.enrich(make_batch([{"x": 1}])).columns == {"x": [1]}


def test_what_is_no_address_fails_open() -> None:
    odd: list[Any] = ["", "10.1.0", 7, True, None, {"a": 1}, [], ["x", "10.1.0.1"], "10.1.0.1", 1.5, [["10.1.0.1"]]]
    found = _added([{"destination.ip": value} for value in odd])["hanwatch.destination.unit"]
    assert found == [None, None, None, None, None, None, None, "water", "water", None, "water"]


def test_spaces_tell_overlapping_addresses_apart() -> None:
    rows = [{"source.ip": "10.1.0.1", "network.vlan.id": vlan} for vlan in ("100", "7")]
    added = _added(rows)
    assert added["hanwatch.source.unit"] == ["tenant a", "water"]
    assert added["hanwatch.space"] == ["a", None]
    one = _added([{"source.ip": "10.1.0.1"}], **{"network.vlan.id": "100"})
    assert (one["hanwatch.source.unit"], one["hanwatch.space"]) == (["tenant a"], "a")
    assert _added([{"x": 1}, {"x": 1}], **{"network.vlan.id": "100", "source.ip": "10.1.0.1"}) == {
        "hanwatch.source.unit": "tenant a", "hanwatch.source.domain": "tenant", "hanwatch.space": "a",
    }  # fmt: skip


def test_a_host_is_known_by_name_and_else_by_its_addresses() -> None:
    rows = [
        {"host.name": "pump7", "host.ip": ["192.168.0.1"]},
        {"host.name": "PUMP7", "host.ip": None},
        {"host.name": "other", "host.ip": ["fe80::1", "8.8.8.8", "10.1.0.9"]},
        {"host.name": None, "host.ip": "8.8.8.8"},
    ]
    added = _added(rows)
    assert added["hanwatch.host.asset"] == [None, "pump station", None, None]
    assert added["hanwatch.host.unit"] == [None, "water", "water", None]
    assert added["hanwatch.host.domain"] == [None, "cii", "cii", None]
    constant = _added([{"x": 1}], **{"host.name": "nobody", "host.ip": ["10.9.0.1"]})
    assert constant == {"hanwatch.host.unit": "city", "hanwatch.host.domain": "extranet"}
    mixed = _added([{"host.ip": "10.9.0.1"}, {"host.ip": None}], **{"host.name": "nobody"})
    assert mixed["hanwatch.host.unit"] == ["city", None]


def test_columns_of_any_form_are_read() -> None:
    octets = b"10.1.0.1\n10.9.0.1\n"
    for column in (Texts(octets, np.array([0, 9, 18])), np.array(["10.1.0.1", "10.9.0.1"], object)):
        batch = make_batch([{"x": 1}, {"x": 2}])
        made = Batch(
            batch.dataset, batch.source, NOON, batch.times, batch.ids, batch.ordinals, {}, {"source.ip": column}
        )
        assert CONTEXT.enrich(made).columns["hanwatch.source.unit"] == ["water", "city"]


def test_more_values_than_are_remembered_change_nothing() -> None:
    rows = [{"source.ip": f"10.1.0.{number % 50 + 1}"} for number in range(300)]
    assert _added(rows)["hanwatch.source.unit"] == ["water"] * 300


def test_what_was_said_before_gives_way() -> None:
    rows = [{"source.ip": "10.9.0.1", "hanwatch.source.unit": "old"}]
    once = CONTEXT.enrich(make_batch(rows, constants={"hanwatch.source.domain": "old"}))
    assert (once.columns["hanwatch.source.unit"], once.columns["hanwatch.source.domain"]) == (["city"], ["extranet"])
    assert "hanwatch.source.domain" not in once.constants


def test_a_rule_on_context_alerts_and_the_store_keeps_it(tmp_path: Path) -> None:
    detection = {"s": {"hanwatch.destination.cii": True, "hanwatch.source.domain": "internet"}, "condition": "s"}
    spool, store = MemorySpool(), MemoryStore()
    book = AlertBook(open_database(f"sqlite:///{tmp_path / 'alerts.db'}"))
    matcher = Matcher([make_rule(detection, "cii", product="hanwatch")])
    correlator = Correlator(spool, store, book, matcher, ticking(), enrichers=[CONTEXT])
    batch = make_batch([
        {"source.ip": "8.8.8.8", "destination.ip": "10.1.0.1"},
        {"source.ip": "10.9.0.1", "destination.ip": "10.1.0.1"},
        {"source.ip": "no address", "destination.ip": "10.1.0.1"},
    ])  # fmt: skip
    spool.append(source("a"), "lines", Portion((batch,), (), {}, Position(offset=3, ordinal=4)), Position())
    assert correlator.drain() == Progress(events=3, matched=1, fresh=1)
    (alert,) = book.page().alerts
    assert alert.title == "cii"
    event = store.get(alert.evidence[0].event_id)
    assert event is not None
    assert (event["hanwatch.destination.unit"], event["hanwatch.destination.grade"]) == ("water", 3)
    assert store.search(Query(parse("hanwatch.destination.cii:true"))).total == 3
    assert store.search(Query(parse("hanwatch.source.domain:internet"))).total == 1
    assert store.search(Query(parse("hanwatch.enrichment.failed:true"))).total == 0

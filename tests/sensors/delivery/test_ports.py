"""The contract of delivery, on every implementation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensors.delivery.errors import NameRefused, OutOfOrder, Superseded
from sensors.delivery.ledger import ALERTS, EVENTS, RECORDS
from sensors.delivery.memory import MemorySpool
from sensors.delivery.ports import STORE, Delivery, Outcome
from sensors.delivery.report import verdict
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.model import Source
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion, reject, source, stored, ticking

Either = EmbeddedSpool | MemorySpool
START = Position()


@pytest.fixture(params=["embedded", "memory"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Either]:
    if request.param == "memory":
        yield MemorySpool()
        return
    with EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), ticking()) as opened:
        yield opened


def kept(spool: Either) -> list[tuple[str, str, int]]:
    if isinstance(spool, MemorySpool):
        return [(entry.source.name, entry.stage, entry.reject.ordinal) for entry in spool.kept]
    return [(entry.source.name, entry.stage, entry.reject.ordinal) for entry in spool.quarantined()]


def fill(spool: Either, of: Source, *sizes: int) -> Position:
    at = spool.position(of) or START
    for size in sizes:
        made = portion(of, at, size)
        spool.append(of, "lines", made, at)
        at = made.position
    return at


def test_a_portion_comes_out_as_it_went_in(spool: Either) -> None:
    made = portion(source(), START, 2_500)
    assert spool.append(source(), "lines", made, START) == 1

    (record,) = spool.read(STORE, 1)

    assert (record.sequence, record.source, record.events) == (1, source(), 2_500)
    assert [list(batch.rows()) for batch in record.batches] == [list(batch.rows()) for batch in made.batches]


def test_a_look_is_taken_at_each_batch_in_order(spool: Either) -> None:
    fill(spool, source("a"), 2_500, 3)
    looked: list[int] = []
    records = list(spool.read(STORE, 5_000, lambda batch: looked.append(len(batch)) or len(batch)))
    assert [record.seen for record in records] == [(1_000, 1_000, 500), (3,)]
    assert looked == [1_000, 1_000, 500, 3]
    assert [record.seen for record in spool.read(STORE, 5_000)] == [(), ()]


def test_sequences_are_dense_over_all_sources(spool: Either) -> None:
    fill(spool, source("a"), 1, 1)
    fill(spool, source("b"), 1)
    fill(spool, source("a"), 1)
    assert [(r.sequence, r.source.name) for r in spool.read(STORE, 100)] == [(1, "a"), (2, "a"), (3, "b"), (4, "a")]


def test_reading_stops_at_the_limit_but_gives_at_least_one(spool: Either) -> None:
    fill(spool, source(), 10, 10, 30, 1)
    assert [record.events for record in spool.read(STORE, 20)] == [10, 10]
    assert [record.events for record in spool.read(STORE, 1)] == [10]
    spool.acknowledge(STORE, [stored(record) for record in spool.read(STORE, 20)])
    assert [record.events for record in spool.read(STORE, 5)] == [30]


def test_a_record_comes_again_until_it_is_acknowledged(spool: Either) -> None:
    fill(spool, source(), 1, 1)
    first, second = spool.read(STORE, 100)
    assert [record.sequence for record in spool.read(STORE, 100)] == [1, 2]
    spool.acknowledge(STORE, [stored(first)])
    assert [record.sequence for record in spool.read(STORE, 100)] == [2]
    spool.acknowledge(STORE, [stored(second)])
    assert not list(spool.read(STORE, 100))
    assert spool.acknowledged(STORE) == 2


def test_consumers_have_positions_of_their_own(spool: Either) -> None:
    fill(spool, source(), 1, 1)
    (first, _) = spool.read("observations", 100)
    spool.acknowledge("observations", [Outcome(first.sequence, {})])
    assert (spool.acknowledged("observations"), spool.acknowledged(STORE)) == (1, 0)
    assert [record.sequence for record in spool.read(STORE, 100)] == [1, 2]


@pytest.mark.parametrize("wrong", [[2], [1, 1], [1, 3], [0], [4], [2, 1]])
def test_acknowledging_out_of_order_enters_nothing(spool: Either, wrong: list[int]) -> None:
    fill(spool, source(), 1, 1, 1)
    with pytest.raises(OutOfOrder):
        spool.acknowledge(STORE, [Outcome(sequence, {(EVENTS, "stored"): 1}, [reject(1)]) for sequence in wrong])
    assert spool.acknowledged(STORE) == 0
    assert (EVENTS, "stored") not in spool.counts()
    assert not kept(spool)


def test_acknowledging_twice_is_refused(spool: Either) -> None:
    fill(spool, source(), 1, 1)
    outcome = Outcome(1, {(EVENTS, "stored"): 1})
    spool.acknowledge(STORE, [outcome])
    with pytest.raises(OutOfOrder) as caught:
        spool.acknowledge(STORE, [outcome])
    assert caught.value.parameters == {"consumer": STORE, "sequence": 1, "after": 1}
    assert spool.counts()[EVENTS, "stored"] == 1


def test_the_position_is_that_of_the_last_portion(spool: Either) -> None:
    assert spool.position(source()) is None
    end = fill(spool, source(), 3, 4)
    assert spool.position(source()) == end
    assert spool.position(replace(source(), variant=1)) is None


def test_a_portion_that_was_begun_elsewhere_is_refused(spool: Either) -> None:
    late = portion(source(), START, 2)
    end = fill(spool, source(), 2, 2)
    before = spool.counts()
    with pytest.raises(Superseded) as caught:
        spool.append(source(), "lines", late, START)
    assert caught.value.parameters == {"source": source().id}
    assert (spool.position(source()), spool.counts()) == (end, before)
    assert len(list(spool.read(STORE, 100))) == 2
    assert fill(spool, source(), 1) != end, "going on from the right place still works"
    assert [record.sequence for record in spool.read(STORE, 100)] == [1, 2, 3]


def test_a_state_that_json_changes_is_the_same_place(spool: Either) -> None:
    made = portion(source(), START, 1)
    made = replace(made, position=replace(made.position, state={"columns": ("a", "b"), "n": 1}))
    spool.append(source(), "lines", made, START)
    spool.append(source(), "lines", portion(source(), made.position, 1), made.position)
    assert spool.counts()[EVENTS, "spooled"] == 2


def test_several_portions_go_in_together_or_not_at_all(spool: Either) -> None:
    a, b = source("a"), source("b")
    first, other = portion(a, START, 2), portion(b, START, 3)
    second = portion(a, first.position, 4)
    wrong = Delivery(b, "lines", portion(b, second.position, 1), second.position)
    with pytest.raises(Superseded):
        spool.append_many([Delivery(a, "lines", first, START), wrong])
    assert (spool.position(a), spool.counts(), list(spool.read(STORE, 9))) == (None, {}, [])

    whole = [(a, first, START), (b, other, START), (a, second, first.position)]
    assert spool.append_many([Delivery(of, "lines", made, begun) for of, made, begun in whole]) == [1, 2, 3]
    assert [(record.source.name, record.events) for record in spool.read(STORE, 9)] == [("a", 2), ("b", 3), ("a", 4)]


def test_a_portion_without_events_moves_on_without_a_record(spool: Either) -> None:
    nothing = portion(source(), START, 0, rejects=2, skipped=3)
    assert spool.append(source(), "lines", nothing, START) == 0
    assert spool.position(source()) == nothing.position
    assert not list(spool.read(STORE, 100))
    end = fill(spool, source(), 1)
    fill(spool, source("b"), 1)
    assert spool.append(source(), "lines", portion(source(), end, 0, skipped=1), end) == 1, "what came before it"
    assert spool.counts() == {
        (RECORDS, "read"): 8, (RECORDS, "rejected"): 2, (RECORDS, "skipped"): 4, (RECORDS, "event"): 2,
        (EVENTS, "sensed"): 2, (EVENTS, "spooled"): 2,
    }
    assert verdict(spool.report()).complete


def test_rejects_are_kept_with_who_refused_them(spool: Either) -> None:
    spool.append(source("a"), "lines", portion(source("a"), START, 2, rejects=1), START)
    (record,) = spool.read(STORE, 9)
    counts = {(EVENTS, "stored"): 1, (EVENTS, "quarantined"): 1}
    spool.acknowledge(STORE, [Outcome(record.sequence, counts, [reject(2)])])
    assert kept(spool) == [("a", "sensor", 3), ("a", STORE, 2)]


def test_the_report_balances_each_source_and_tells_what_fails(spool: Either) -> None:
    fill(spool, source("a"), 5)
    fill(spool, source("b"), 7)
    spool.append(source("b"), "lines", portion(source("b"), spool.position(source("b")) or START, 0, rejects=1),
                 spool.position(source("b")) or START)
    a, b = spool.report()
    assert (a.source.name, a.format, a.pending, b.source.name, b.pending) == ("a", "lines", 5, "b", 7)
    assert a.complete
    assert verdict([a, b]).complete

    first, second = spool.read(STORE, 100)
    half = Outcome(second.sequence, {(EVENTS, "stored"): 4, (EVENTS, "duplicate"): 1, (ALERTS, "matched"): 2})
    spool.acknowledge(STORE, [stored(first), half])
    a, b = spool.report()
    assert (a.pending, a.complete, b.pending, b.complete) == (0, True, 0, False)
    assert verdict([a, b]).missing == {"delivered": 2}


def test_a_reader_cannot_count_for_the_spool(spool: Either) -> None:
    made = portion(source(), START, 1)
    with pytest.raises(ValueError, match="by the spool alone"):
        spool.append(source(), "lines", replace(made, counts={**made.counts, (EVENTS, "spooled"): 1}), START)
    assert spool.counts() == {}


@pytest.mark.parametrize("name", ["", "Store", "../x", "a b", "x" * 65])
def test_names_of_consumers_are_plain(spool: Either, name: str) -> None:
    with pytest.raises(NameRefused):
        spool.acknowledged(name)

"""The correlator: everything goes all the way or comes again, and a fault of the matcher is counted."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database
from correlation.matcher.engine import Matcher
from correlation.matcher.model import Match
from correlation.ports import Stored
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.service import Correlator, Progress
from correlation.store.memory import MemoryStore
from sensors.delivery.ledger import ALERTS, EVENTS
from sensors.delivery.memory import MemorySpool
from sensors.delivery.ports import STORE, Record
from sensors.delivery.report import verdict
from sensors.event.model import Batch
from sensors.reading.model import Position
from tests.correlation.matcher.making import make_rule
from tests.sensors.delivery.making import portion, source, ticking

RULE = make_rule({"s": {"message|endswith": "7"}, "condition": "s"}, "seven", product="hanwatch")


class Part:
    """A correlator with all that it works on."""

    def __init__(self, folder: Path, matcher: Any = None, store: Any = None, enrichers: Any = ()) -> None:
        self.spool = MemorySpool()
        self.book = AlertBook(open_database(f"sqlite:///{folder / 'alerts.db'}"))
        self.store = store or MemoryStore()
        matcher = matcher or Matcher([RULE])
        self.correlator = Correlator(self.spool, self.store, self.book, matcher, ticking(), enrichers=enrichers)

    def fill(self, name: str, *sizes: int) -> None:
        at = Position()
        for size in sizes:
            made = portion(source(name), at, size)
            self.spool.append(source(name), "lines", made, at)
            at = made.position


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path)


def test_matches_become_alerts_with_their_evidence(part: Part) -> None:
    part.fill("a", 20, 2_010)
    part.fill("b", 5)
    assert part.correlator.drain() == Progress(events=2_035, matched=203, fresh=203)
    assert part.correlator.step() is None
    counts = part.spool.counts()
    assert (counts[EVENTS, "stored"], counts[ALERTS, "matched"]) == (2_035, 203)
    assert (ALERTS, "unmatched") not in counts
    assert verdict(part.spool.report()).complete
    proofs = [proof for found in part.book.page(limit=300).alerts for proof in found.evidence]
    assert {proof.ordinal % 10 for proof in proofs} == {7}
    assert {(proof.source_name, proof.unit) for proof in proofs} == {("a", "line")}
    assert all(str(proof.summary["message"]).endswith("7") for proof in proofs)


class Failing:
    """A matcher that fails on batches of an odd length."""

    def match(self, batch: Batch) -> list[Match]:
        if len(batch) % 2:
            raise RuntimeError("made to fail")
        return [Match(0, (RULE,))]


def test_a_fault_of_the_matcher_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    part = Part(tmp_path, matcher=Failing())
    part.fill("a", 1_003, 4)
    assert part.correlator.drain() == Progress(events=1_007, matched=2, fresh=2)
    counts = part.spool.counts()
    assert (counts[EVENTS, "stored"], counts[ALERTS, "matched"], counts[ALERTS, "unmatched"]) == (1_007, 2, 3)


class Lost(MemoryStore):
    """A store that is gone the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def append(self, records: Sequence[Record]) -> list[Stored]:
        self.asked += 1
        if self.asked == 1:
            raise ConnectionError("made to fail")
        return super().append(records)


def test_what_could_not_be_stored_comes_again_without_new_alerts(tmp_path: Path) -> None:
    part = Part(tmp_path, store=Lost())
    part.fill("a", 30)
    with pytest.raises(ConnectionError):
        part.correlator.step()
    assert part.spool.acknowledged(STORE) == 0
    assert part.correlator.drain() == Progress(events=30, matched=3, fresh=0)
    assert part.spool.acknowledged(STORE) == 1
    assert verdict(part.spool.report()).complete


class Knowing:
    """Knows of every event what its place in the batch is, and fails on batches of an odd length."""

    def enrich(self, batch: Batch) -> Batch:
        if len(batch) % 2:
            raise RuntimeError("made to fail")
        return replace(batch, columns={**batch.columns, "hanwatch.place": list(range(len(batch)))})


def test_rules_and_the_store_see_what_was_added_and_a_fault_of_enriching_loses_nothing(tmp_path: Path) -> None:
    rule = make_rule({"s": {"hanwatch.place": 3}, "condition": "s"}, "third", product="hanwatch")
    part = Part(tmp_path, matcher=Matcher([rule]), enrichers=[Knowing()])
    part.fill("a", 1_003, 6)
    assert part.correlator.drain() == Progress(events=1_009, matched=2, fresh=2)
    assert verdict(part.spool.report()).complete
    assert part.store.search(Query(parse("hanwatch.place:3"))).total == 2
    assert part.store.search(Query(parse("hanwatch.enrichment.failed:true"))).total == 3

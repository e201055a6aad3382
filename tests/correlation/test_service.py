"""The correlator: everything goes all the way or comes again, and a fault of the matcher is counted."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.exceptions.excepting import NO_EXCEPTIONS, Excepting
from correlation.exceptions.loading import load_exceptions
from correlation.matcher.engine import Matcher
from correlation.matcher.model import Match
from correlation.ports import Stored
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.loading import Loaded, load_rules
from correlation.service import Correlator, Progress
from correlation.store.memory import MemoryStore
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from sensors.delivery.ledger import ALERTS, EVENTS, EXCEPTIONS
from sensors.delivery.memory import MemorySpool
from sensors.delivery.ports import STORE, Record
from sensors.delivery.report import verdict
from sensors.event.model import Batch
from sensors.reading.model import Position
from tests.correlation.matcher.making import make_rule
from tests.databases import Databases
from tests.sensors.delivery.making import portion, source, ticking

RULE = make_rule({"s": {"message|endswith": "7"}, "condition": "s"}, "seven", product="hanwatch")


class Part:
    """A correlator with all that it works on."""

    def __init__(
        self, engine: Engine, matcher: Any = None, store: Any = None, enrichers: Any = (), *,
        loaded: Loaded | None = None, exceptions: Excepting = NO_EXCEPTIONS,
    ) -> None:  # fmt: skip
        self.spool = MemorySpool()
        self.book = AlertBook(engine)
        self.store = store or MemoryStore()
        matcher = matcher or Matcher(loaded.rules if loaded else [RULE])
        windows = WindowBook(engine, Windows(loaded.correlations, None)) if loaded else None
        self.correlator = Correlator(
            self.spool, self.store, self.book, matcher, ticking(),
            enrichers=enrichers, windows=windows, exceptions=exceptions,
        )  # fmt: skip

    def fill(self, name: str, *sizes: int) -> None:
        at = Position()
        for size in sizes:
            made = portion(source(name), at, size)
            self.spool.append(source(name), "lines", made, at)
            at = made.position


@pytest.fixture
def part(engine: Engine) -> Part:
    return Part(engine)


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


def test_a_fault_of_the_matcher_is_counted_and_the_rest_goes_on(databases: Databases) -> None:
    part = Part(databases(), matcher=Failing())
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


def test_what_could_not_be_stored_comes_again_without_new_alerts(databases: Databases) -> None:
    part = Part(databases(), store=Lost())
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


def test_rules_and_the_store_see_what_was_added_and_a_fault_of_enriching_loses_nothing(databases: Databases) -> None:
    rule = make_rule({"s": {"hanwatch.place": 3}, "condition": "s"}, "third", product="hanwatch")
    part = Part(databases(), matcher=Matcher([rule]), enrichers=[Knowing()])
    part.fill("a", 1_003, 6)
    assert part.correlator.drain() == Progress(events=1_009, matched=2, fresh=2)
    assert verdict(part.spool.report()).complete
    assert part.store.search(Query(parse("hanwatch.place:3"))).total == 2
    assert part.store.search(Query(parse("hanwatch.enrichment.failed:true"))).total == 3


SEVENS = """
title: A seven
name: seven
id: 11111111-1111-4111-8111-111111111111
logsource: {product: hanwatch}
detection: {s: {message|endswith: "7"}, condition: s}
---
title: Many sevens
id: 22222222-2222-4222-8222-222222222222
level: high
tags: [attack.impact, attack.t1499]
hanwatch: {title_zh: 许多七}
correlation:
  type: event_count
  rules: [seven]
  timespan: 1h
  condition: {gte: 10}
"""


@pytest.mark.parametrize("generate", [False, True])
def test_a_correlation_alerts_with_the_events_behind_it_and_for_the_rules_it_looks_at(
    databases: Databases, tmp_path: Path, *, generate: bool
) -> None:
    text = SEVENS + f"  generate: {str(generate).lower()}\n"
    (tmp_path / "rules.yml").write_text(text, encoding="utf-8")
    loaded = load_rules([tmp_path])
    assert not loaded.problems
    part = Part(databases(), loaded=loaded)
    part.fill("a", 205, 20)
    sevens = 22 if generate else 0
    assert part.correlator.drain() == Progress(events=225, matched=sevens, fresh=sevens)
    assert part.correlator.settle() == Progress(matched=1, fresh=1)
    (found,) = part.book.page(minimum="high").alerts
    assert (found.title_zh, found.level, found.attack) == ("许多七", "high", ("impact", "T1499"))
    assert [proof.ordinal % 10 for proof in found.evidence] == [7] * 10
    assert verdict(part.spool.report()).complete
    assert part.correlator.settle() == Progress()


def test_what_correlations_found_is_told_though_the_database_refused_at_first(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.yml").write_text(SEVENS, encoding="utf-8")
    part = Part(databases(), loaded=load_rules([tmp_path]))
    part.fill("a", 105)
    part.correlator.drain()

    def refuse(*_: object) -> int:
        raise OSError("made to fail")

    with monkeypatch.context() as patch:
        patch.setattr(part.book, "record", refuse)
        with pytest.raises(OSError, match="made to fail"):
            part.correlator.settle()
    assert part.correlator.settle() == Progress(matched=1, fresh=1)


def test_what_came_too_late_to_be_correlated_is_told_once(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.yml").write_text(SEVENS, encoding="utf-8")
    part = Part(databases(), loaded=load_rules([tmp_path]))
    part.fill("a", 20)
    part.correlator.drain()
    part.correlator.settle()
    part.fill("b", 20)
    part.correlator.drain()
    part.fill("c", 5)
    part.correlator.drain()
    told = [line for line in capsys.readouterr().out.splitlines() if "correlated" in line]
    assert len(told) == 1
    assert "late" in told[0]


def test_a_fault_of_correlating_is_told_and_the_stream_goes_on(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.yml").write_text(SEVENS, encoding="utf-8")
    part = Part(databases(), loaded=load_rules([tmp_path]))
    part.fill("a", 20)

    def fail(*_: object) -> None:
        raise RuntimeError("made to fail")

    with monkeypatch.context() as patch:
        patch.setattr(Windows, "take", fail)
        assert part.correlator.drain() == Progress(events=20)
    assert "made to fail" in capsys.readouterr().out
    assert verdict(part.spool.report()).complete
    part.fill("b", 105)
    part.correlator.drain()
    assert part.correlator.settle() == Progress(matched=1, fresh=1)


EXCEPTED = """
exceptions:
- id: sevens
  rules: [seven]
  fields: {message|endswith: ["17", "27"]}
  owner: Li Wei
  reason: made for this test
  end: 2999-12-31
"""


@pytest.mark.parametrize("generate", [False, True])
def test_what_is_excepted_is_counted_and_neither_alerts_nor_is_correlated(
    databases: Databases, tmp_path: Path, *, generate: bool
) -> None:
    (tmp_path / "rules.yml").write_text(SEVENS + f"  generate: {str(generate).lower()}\n", encoding="utf-8")
    (tmp_path / "exceptions.txt").write_text(EXCEPTED, encoding="utf-8")
    loaded = load_rules([tmp_path])
    exceptions, problems = load_exceptions([tmp_path / "exceptions.txt"], loaded)
    assert not problems
    part = Part(databases(), loaded=loaded, exceptions=Excepting(exceptions, loaded.rules))
    part.fill("a", 105)
    part.fill("b", 20)
    part.correlator.drain()
    counts = part.spool.counts()
    excepted = counts[ALERTS, "excepted"]
    assert excepted == counts[EXCEPTIONS, "sevens"] == 3
    assert counts.get((ALERTS, "matched"), 0) == (12 - excepted if generate else 0)
    # Ten of twelve would have been enough for the correlation: it saw nine.
    assert part.correlator.settle() == Progress()
    assert verdict(part.spool.report()).complete


HIDDEN = """
exceptions:
- id: known-host
  rules: [many-sevens]
  fields: {host.name: A}
  owner: Li Wei
  reason: made for this test
  end: 2999-12-31
"""
GROUPED = SEVENS.replace("correlation:\n", "name: many-sevens\ncorrelation:\n  group-by: [host.name]\n")


class Named:
    """Says that an event's host is called as its source."""

    def enrich(self, batch: Batch) -> Batch:
        return replace(batch, constants={**batch.constants, "host.name": batch.source.name})


@pytest.mark.parametrize("steps", [(105,), (52, 53)])
def test_a_correlation_that_is_excepted_is_counted_once_and_does_not_alert(
    databases: Databases, tmp_path: Path, steps: tuple[int, ...]
) -> None:
    (tmp_path / "rules.yml").write_text(GROUPED, encoding="utf-8")
    (tmp_path / "exceptions.txt").write_text(HIDDEN, encoding="utf-8")
    loaded = load_rules([tmp_path])
    exceptions, problems = load_exceptions([tmp_path / "exceptions.txt"], loaded)
    assert not problems
    excepting = Excepting(exceptions, [*loaded.rules, *loaded.correlations])
    part = Part(databases(), loaded=loaded, exceptions=excepting, enrichers=[Named()])
    for name in "ab":
        part.fill(name, *steps)
    part.correlator.drain()
    assert part.correlator.settle() == Progress(matched=1, fresh=1)
    (told,) = part.book.page().alerts
    assert {proof.source_name for proof in told.evidence} == {"b"}
    assert part.book.hidden() == (1, {"known-host": 1})
    assert (ALERTS, "excepted") not in part.spool.counts(), "what rules found was a signal"
    # What is found once more, after a kill for instance, is counted once.
    again = Part(databases("again"), loaded=loaded, exceptions=excepting, enrichers=[Named()])
    again.correlator._book = part.book  # the same book, and windows that know nothing
    for name in "ab":
        again.fill(name, 105)
    again.correlator.drain()
    assert again.correlator.settle() == Progress(matched=1, fresh=0)
    assert part.book.hidden() == (1, {"known-host": 1})

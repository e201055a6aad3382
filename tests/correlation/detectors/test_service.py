"""Detectors at the spool: nothing is lost, told twice or changed by a kill, and a fault of one stops nobody."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.alerts.model import Alert
from correlation.detectors import service as module
from correlation.detectors.bench import detectors
from correlation.detectors.book import DetectorBook
from correlation.detectors.exporting import exported
from correlation.detectors.labelled import labelled
from correlation.detectors.model import Detection, Detector, State
from correlation.detectors.reading import Reading
from correlation.detectors.scanning import PortScan
from correlation.detectors.service import CONSUMER, REASON, SEARCH, Detecting
from correlation.exceptions.excepting import Excepting
from correlation.exceptions.model import RuleException
from correlation.query.parsing import parse
from correlation.rules.condition import StartsWith
from sensors.delivery.ledger import EXCEPTIONS
from sensors.delivery.memory import MemorySpool
from sensors.errors import Place
from sensors.event.model import Batch
from sensors.reading.model import Portion, Position
from tests.databases import Databases
from tests.sensors.delivery.making import source, ticking


@pytest.fixture(scope="module", params=["flows", "netflow"])
def batches(request: pytest.FixtureRequest) -> list[Batch]:
    traffic = labelled(hosts=10, days=2)
    return list(traffic.batches() if request.param == "flows" else exported(traffic))


def filled(batches: Iterable[Batch]) -> MemorySpool:
    spool, at = MemorySpool(), Position()
    for number, batch in enumerate(batches, 1):
        after = Position(offset=number, ordinal=number)
        spool.append(source("a"), "lines", Portion((batch,), (), {}, after), at)
        at = after
    return spool


def detecting(spool: MemorySpool, engine: Engine, chosen: dict[str, Detector] | None = None) -> Detecting:
    return Detecting(spool, chosen or dict(detectors()), AlertBook(engine), DetectorBook(engine), ticking())


def drained(one: Detecting) -> tuple[int, int]:
    """All that is waiting, taken; how many alerts that led to, and how many of them were new."""
    matched = fresh = 0
    while (done := one.step()) is not None:
        matched, fresh = matched + done[0], fresh + done[1]
    return matched, fresh


def alerts(engine: Engine) -> list[Any]:
    found = AlertBook(engine).page(limit=10_000).alerts
    return sorted((one.rule_id, one.id, [proof.summary.get(REASON) for proof in one.evidence]) for one in found)


@pytest.mark.parametrize("between", [1, 3_000, 40_000])
def test_a_kill_after_any_step_changes_nothing(
    batches: list[Batch], databases: Databases, monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    monkeypatch.setattr(module, "EVENTS_BETWEEN", between)
    monkeypatch.setattr(module, "SECONDS_BETWEEN", 10**9)
    calm = databases("calm")
    matched, fresh = drained(detecting(filled(batches), calm))
    assert matched == fresh == len(alerts(calm)) > 10
    spool, engine = filled(batches), databases()
    steps = 0
    while detecting(spool, engine).step(limit=4_000) is not None:
        # Killed: what was not written down is looked at once more, together with the next step.
        steps += 1
        victim = detecting(spool, engine)
        victim.step(limit=3_000)
        victim.step(limit=3_000)
        if steps % 3 == 0:
            victim.write()
        assert steps < 500
        if between > 10_000 and steps > 40:
            break
    drained(detecting(spool, engine))
    assert alerts(engine) == alerts(calm)


def test_records_of_a_spool_that_was_made_anew_are_not_taken_for_the_old_ones(
    batches: list[Batch], databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = databases()
    first = detecting(filled(batches[:6]), engine)
    drained(first)
    first.write()
    anew = filled(batches[6:9])
    second = detecting(anew, engine)
    seen: list[Batch] = []

    def look(batch: Batch, _excepted: object) -> list[Alert]:
        seen.append(batch)
        return []

    monkeypatch.setattr(second, "_look", look)
    drained(second)
    assert seen == batches[6:9]
    second.write()
    assert detecting(anew, engine)._sequence == 3


def test_that_the_spool_was_replaced_is_not_forgotten_by_a_kill(batches: list[Batch], databases: Databases) -> None:
    engine = databases()
    first = detecting(filled(batches[:6]), engine)
    drained(first)
    first.write()
    known = DetectorBook(engine).read()[1]
    # Killed after the new spool's first records; at the next start as many are waiting as there were in the old one.
    drained(detecting(filled(batches[6:9]), engine))
    assert detecting(filled(batches[6:15]), engine)._sequence == 0
    assert DetectorBook(engine).read() == (0, known)


def test_the_spool_is_let_go_only_behind_what_was_written_down(batches: list[Batch], databases: Databases) -> None:
    spool = filled(batches[:6])
    one = detecting(spool, databases())
    drained(one)
    assert spool.acknowledged(CONSUMER) == 0
    one.write()
    assert spool.acknowledged(CONSUMER) == 6
    assert drained(one) == (0, 0)


def test_an_alert_says_why_and_how_to_find_the_rest(batches: list[Batch], databases: Databases) -> None:
    engine = databases()
    drained(detecting(filled(batches), engine, {"port_scan": PortScan()}))
    found = AlertBook(engine).page().alerts
    assert {one.title for one in found} == {PortScan.about.title}
    for one in found:
        summary = one.evidence[-1].summary
        assert str(summary[REASON]).startswith(str(summary["source.ip"]))
        parse(str(summary[SEARCH]))


def test_what_is_excepted_is_counted_and_not_told(batches: list[Batch], databases: Databases) -> None:
    scanner = PortScan()
    known = RuleException(
        id="our-scanner", rules=frozenset({"port_scan"}), tags=frozenset(), owner="ops", reason="ours", end=1 << 62,
        condition=StartsWith("source.ip", "10.1.21."), place=Place("made"),
    )  # fmt: skip
    spool, engine = filled(batches), databases()
    one = Detecting(
        spool, {"port_scan": scanner}, AlertBook(engine), DetectorBook(engine), ticking(),
        exceptions=Excepting([known], [scanner.about]),
    )  # fmt: skip
    assert drained(one) == (0, 0)
    one.write()
    assert spool.counts()[EXCEPTIONS, "our-scanner"] >= 5
    assert alerts(engine) == []


def test_detectors_are_named_as_in_the_registry() -> None:
    assert {name: one.about.name for name, one in detectors().items()} == {name: name for name in detectors()}


class Failing:
    """A detector that fails at every second batch."""

    about = PortScan.about
    datasets = PortScan.datasets
    given_up = 0
    looked = 0

    def look(self, reading: Reading) -> Iterator[Detection]:
        self.looked += 1
        if self.looked % 2:
            raise RuntimeError(f"no {reading.batch.dataset} today")
        yield Detection(self.about, (0,), "a", "b", "c")

    def dump(self) -> State:
        return {}

    def load(self, state: State) -> None:
        assert state == {}


def test_a_fault_of_one_detector_stops_neither_it_nor_the_others(batches: list[Batch], databases: Databases) -> None:
    engine = databases()
    failing = Failing()
    drained(detecting(filled(batches), engine, {"failing": failing, "port_scan": PortScan()}))
    assert failing.looked > 2
    reasons = [reason for _, _, (reason, *_) in alerts(engine)]
    assert reasons.count("a") == failing.looked // 2
    assert len(reasons) > reasons.count("a")

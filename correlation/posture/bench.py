"""What a posture costs for a city of the plan's size: 15 districts, 101 municipal and 4,929 district units.

100,000 assets are declared, nine of ten are in events of the day, and 2,000 incidents are open. All is made; facts
are read as in a run: from the event store, the context and the relational database.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.alerts.book import AlertBook
from correlation.alerts.model import LEVELS, Alert, Evidence, alert_id
from correlation.alerts.schema import open_database
from correlation.context.addresses import text_of
from correlation.context.enriching import Context
from correlation.context.model import Address, Entry, Known, Range
from correlation.context.table import Table
from correlation.incidents.deriving import Deriving
from correlation.incidents.linking import linking_policy
from correlation.incidents.severity import weights
from correlation.posture.landscape import Landscape
from correlation.posture.policy import posture_policy
from correlation.posture.scoring import score
from correlation.posture.service import PostureService
from correlation.posture.snapshots import SnapshotBook
from correlation.settings import StoreSettings
from correlation.store.embedded.opening import open_store
from sensors.delivery.activity import SourceActivity
from sensors.delivery.ports import Record
from sensors.delivery.quarantine import Filter
from sensors.delivery.report import SourceReport
from sensors.event.identity import event_ids
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND

Result: TypeAlias = dict[str, Any]

ASSETS: Final = 100_000
INCIDENTS: Final = 2_000
DISTRICTS: Final = 15
MUNICIPAL: Final = 101
UNITS: Final = 4_929
NOON: Final = 1_767_225_600 * SECOND
_TEN: Final = 10 << 24
_SOURCE: Final = Source("00" * 16, "capture", "made")


class NoSources:
    """A spool that nothing was read into."""

    def report(self) -> Sequence[SourceReport]:
        """No source."""
        return ()

    def activity(self) -> Sequence[SourceActivity]:
        """No source."""
        return ()

    def quarantine_tally(self, wanted: Filter | None = None) -> Mapping[tuple[str, str], int]:
        """No entry."""
        del wanted
        return {}


def bench(folder: Path, events: int | None = None) -> Iterator[Result]:
    """Measure below `folder`; `events` bounds assets and incidents.

    Yields:
        One result each for loading the context, reading all facts, scoring, recording and making the record again.
    """
    assets, incidents = min(ASSETS, events or ASSETS), min(INCIDENTS, events or INCIDENTS)
    entries = made_entries(assets)
    begun = _clock()
    land = Landscape(entries, (), Table(entries))
    yield _result("posture.context", begun, entries=len(entries))
    store = open_store(StoreSettings(), folder, lambda: NOON)
    engine = open_database(f"sqlite:///{folder / 'posture.db'}")
    try:
        context = Context(land.table)
        store.append([Record(number, _SOURCE, (context.enrich(one),)) for number, one in enumerate(_flows(assets), 1)])
        AlertBook(engine).record([_alert(number, entries) for number in range(incidents)])
        Deriving(engine, linking_policy(), weights(), lambda: NOON).derive(None)
        policy = posture_policy()
        service = PostureService(
            engine, store, NoSources(), lambda: NOON, policy=policy, weights=weights(), landscape=lambda: land,
            rules=lambda: (),
        )  # fmt: skip
        begun = _clock()
        facts = service.facts(NOON)
        yield _result("posture.facts", begun, entries=len(entries), incidents=len(facts.incidents))
        begun = _clock()
        posture = score(facts, policy, NOON)
        done = _clock()
        items = sum(len(one.items) for one in posture.standings.values())
        yield _result("posture.score", begun, done, entries=len(posture.standings), items=items)
        book = SnapshotBook(engine)
        begun = _clock()
        size = book.record(facts, policy, posture)
        yield _result("posture.record", begun, entries=len(posture.standings), bytes=size)
        begun = _clock()
        (checked,) = book.verify(0, NOON + 1)
        yield _result("posture.verify", begun, entries=len(posture.standings), same=not checked.part)
    finally:
        engine.dispose()
        store.close()


def made_entries(assets: int = ASSETS) -> list[Entry]:
    """Units with a /22 network each, in districts or of the city, and assets in them, a fiftieth of them CII."""
    units = MUNICIPAL + UNITS
    plan = [
        Entry(
            Known(
                unit=f"synthetic unit {number}",
                district=None if number < MUNICIPAL else f"synthetic district {number % DISTRICTS}",
                domain="extranet",
            ),
            Range(4, _TEN + number * 1_024, _TEN + number * 1_024 + 1_023),
        )
        for number in range(units)
    ]
    hosts = [
        Entry(
            Known(f"synthetic asset {number}", f"system {number % 2_000}", grade=number % 4 + 1, cii=number % 50 == 0),
            Range(4, _address(number), _address(number)),
        )
        for number in range(assets)
    ]
    return plan + hosts


def _address(number: int) -> int:
    units = MUNICIPAL + UNITS
    return _TEN + number % units * 1_024 + number // units % 1_024


def _flows(assets: int) -> Iterator[Batch]:
    """A flow to nine of ten assets."""
    seen = [text_of(Address(4, _address(number))) for number in range(assets) if number % 10]
    for first in range(0, len(seen), BATCH_ROWS):
        targets = seen[first : first + BATCH_ROWS]
        ordinals = np.arange(first + 1, first + 1 + len(targets), dtype=np.int64)
        ids = event_ids(_SOURCE.id, ordinals.tolist(), [b""] * len(targets))
        times = NOON - ordinals * (SECOND // 2)
        columns = {"source.ip": ["192.0.2.1"] * len(targets), "destination.ip": targets}
        yield Batch("network.flow", _SOURCE, NOON, times, ids, ordinals, {"event.kind": "event"}, columns)


def _alert(number: int, entries: Sequence[Entry]) -> Alert:
    """An alert on an asset of its own, by a source of its own."""
    target = entries[MUNICIPAL + UNITS + number * 37 % (len(entries) - MUNICIPAL - UNITS)].known
    summary = {
        "source.ip": text_of(Address(4, (198 << 24) + (18 << 16) + number)),
        "destination.ip": text_of(Address(4, _address(number * 37 % (len(entries) - MUNICIPAL - UNITS)))),
        "hanwatch.destination.asset": target.asset,
        "hanwatch.destination.cii": target.cii,
    }
    moment = NOON - number * 600 * SECOND
    rule = f"rule-{number % 50}"
    proof = Evidence(f"{number:032x}", "network.flow", moment, _SOURCE.id, _SOURCE.name, "packet", number + 1, summary)
    name = alert_id(rule, (proof.event_id,))
    return Alert(name, rule, f"Made Rule {number % 50}", LEVELS[1 + number % 4], (), moment, NOON, (proof,), "")


def _clock() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _result(name: str, begun: tuple[float, float], done: tuple[float, float] | None = None, **work: Any) -> Result:
    cpu, wall = (end - start for start, end in zip(begun, done or _clock(), strict=True))
    return {"bench": name, **work, "cpu_seconds": cpu, "wall_seconds": wall}

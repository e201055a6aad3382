"""A hunt finds in the store what the matcher found when the events came: every rule of the pack, on every sample."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from correlation.alerts.making import Witness, alert
from correlation.hunting.service import Hunt
from correlation.matcher.engine import Matcher
from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded.store import EmbeddedStore
from correlation.store.memory import MemoryStore
from sensors.delivery.ports import Record
from sensors.event.model import Batch, Source
from sensors.reading.detection import detect
from sensors.reading.model import Position
from tests.sensors.delivery.making import ticking

PACK = Path(__file__).parents[3] / "correlation" / "pack"
SAMPLES = sorted(path for kind in ("fires", "silent") for path in PACK.rglob(f"{kind}.*"))


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    found = []
    for number, path in enumerate(SAMPLES):
        # Sources of their own, so that equal lines of two samples are two events.
        source = Source(f"{number:032x}", "file", path.name)
        for portion in detect(path).portions(path, source, Position(), 1_795_000_000 * 10**9):
            found += portion.batches
    assert len(found) > len(SAMPLES) // 2
    return found


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    return load_rules([PACK]).rules


def stored(store: EventStore, batches: Sequence[Batch]) -> EventStore:
    store.append([Record(number, batch.source, (batch,)) for number, batch in enumerate(batches, 1)])
    return store


@pytest.fixture(scope="module", params=["memory", "embedded"])
def store(
    request: pytest.FixtureRequest, batches: list[Batch], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EventStore]:
    if request.param == "memory":
        yield stored(MemoryStore(), batches)
        return
    embedded = EmbeddedStore(tmp_path_factory.mktemp("store"), EmbeddedStoreSettings(), ticking())
    yield stored(embedded, batches)
    embedded.close()


def matched(rules: Sequence[Rule], batches: Sequence[Batch]) -> set[str]:
    matcher = Matcher(rules)
    return {
        alert(rule, (Witness(batch).evidence(match.row),), 0).id
        for batch in batches
        for match in matcher.match(batch)
        for rule in match.rules
    }


def hunted(store: EventStore, rules: Sequence[Rule], within: Query | None = None) -> tuple[set[str], int]:
    found: set[str] = set()
    looked = 0
    for step in Hunt(store, rules, ticking()).run(within or Query()):
        found |= {one.id for one in step.alerts}
        looked = step.looked
    return found, looked


def test_all_rules_find_all_that_they_did(store: EventStore, rules: list[Rule], batches: list[Batch]) -> None:
    expected = matched(rules, batches)
    assert len(expected) > 100
    assert hunted(store, rules)[0] == expected


def test_each_rule_by_itself_finds_the_same_among_fewer_candidates(
    store: EventStore, rules: list[Rule], batches: list[Batch]
) -> None:
    events = sum(map(len, batches))
    looked = 0
    for rule in rules:
        found, candidates = hunted(store, [rule])
        assert found == matched([rule], batches), rule.title
        looked += candidates
    assert looked < events * len(rules) / 10


def test_a_query_and_a_time_bound_the_hunt(store: EventStore, rules: list[Rule]) -> None:
    everything, _ = hunted(store, rules)
    some, _ = hunted(store, rules, Query(where=parse("event.dataset:web.access", 0)))
    assert set() < some < everything
    assert hunted(store, rules, Query(end=0)) == (set(), 0)

"""A store with the samples of every rule of the pack."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from correlation.ports import EventStore
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

"""Opening the event store that the settings choose: the edge where clock, sleep and randomness come in."""

import time
from pathlib import Path
from secrets import SystemRandom
from typing import Final

from correlation.ports import EventStore
from correlation.settings import StoreSettings
from correlation.store.elasticsearch.store import ElasticsearchStore
from correlation.store.embedded.store import EmbeddedStore
from sensors.event.times import Clock

FOLDER: Final = "store"
"""The embedded store's folder below the data folder, where the settings name no other."""


def open_store(settings: StoreSettings, data: Path, clock: Clock) -> EventStore:
    """The chosen store, made where it does not exist.

    Any number of processes may open it; only the one that holds the writer's lease may append to it.

    Raises:
        StoreProblem: the store cannot be opened.
    """
    if settings.kind == "elasticsearch":
        return ElasticsearchStore(settings.elasticsearch, sleep=time.sleep, jitter=SystemRandom().random)
    return EmbeddedStore(settings.embedded.path or data / FOLDER, settings.embedded, clock)

"""Opening the event store that the settings choose: the edge where its clock comes in."""

from pathlib import Path
from typing import Final

from correlation.ports import EventStore
from correlation.settings import StoreSettings
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
    return EmbeddedStore(settings.embedded.path or data / FOLDER, settings.embedded, clock)

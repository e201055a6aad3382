"""Opening the event store that the settings choose, and loading only that one: the other's libraries take a while."""

from importlib import import_module
from pathlib import Path
from typing import Final

from correlation.ports import EventStore
from correlation.settings import StoreKind, StoreSettings
from sensors.event.times import Clock

_KINDS: Final[dict[StoreKind, str]] = {
    "embedded": "correlation.store.embedded.opening",
    "elasticsearch": "correlation.store.elasticsearch.opening",
}


def load(kind: StoreKind) -> None:
    """Load the libraries of a store that is opened later, when they may no longer be readable."""
    import_module(_KINDS[kind])


def open_store(settings: StoreSettings, data: Path, clock: Clock) -> EventStore:
    """The chosen store, made where it does not exist.

    Any number of processes may open it; only the one that holds the writer's lease may append to it.

    Raises:
        StoreProblem: the store cannot be opened.
    """
    opened: EventStore = import_module(_KINDS[settings.kind]).open_store(settings, data, clock)
    return opened

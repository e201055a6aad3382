"""How the embedded store is opened: the edge where it meets the disk that the settings name."""

from pathlib import Path
from typing import Final

from correlation.settings import StoreSettings
from correlation.store.embedded.store import EmbeddedStore
from sensors.event.times import Clock

FOLDER: Final = "store"
"""Its folder below the data folder, where the settings name no other."""


def open_store(settings: StoreSettings, data: Path, clock: Clock) -> EmbeddedStore:
    """The store in its folder, made where it does not exist.

    Raises:
        StoreProblem: the store cannot be opened.
    """
    return EmbeddedStore(settings.embedded.path or data / FOLDER, settings.embedded, clock)

"""The events of a run."""

from functools import cached_property

from cli.ground import Ground
from correlation.ports import EventStore
from correlation.store.factory import open_store


class WithStore(Ground):
    """A run that reads or writes events."""

    @cached_property
    def store(self) -> EventStore:
        """The event store that the settings choose."""
        store = open_store(self.settings.store, self.settings.data, self.clock)
        self._open.callback(store.close)
        return store

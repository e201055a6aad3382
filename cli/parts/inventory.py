"""The registers of a run."""

from functools import cached_property

from cli.parts.database import WithDatabase
from inventory.store.book import Inventory


class WithInventory(WithDatabase):
    """A run that reads or writes registers."""

    @cached_property
    def inventory(self) -> Inventory:
        """The registers."""
        return Inventory(self.database)

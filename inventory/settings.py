"""The inventory's section of the settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InventorySettings:
    """What the inventory does by itself."""

    observe: bool = True
    """Whether `hanwatch run` keeps what traffic and logs show of addresses (docs/inventory.md)."""
    silent_days: int = 30
    """For how long what is in service may be silent before it is listed as gone."""

    def __post_init__(self) -> None:
        if self.silent_days < 1:
            raise ValueError("silent_days: one day at least")

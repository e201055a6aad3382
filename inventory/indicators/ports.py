"""What indicators ask of whoever keeps the registers: columns of what was so at a moment."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from inventory.model import Moment, Register


class Columns(Protocol):
    """A part of `inventory.ports.Known`, which `inventory.indicators.replaying` implements as well."""

    def columns(self, register: Register, keys: Sequence[str], moment: Moment) -> Iterator[tuple[Any, ...]]:
        """Ids and some fields of all records that were there at a moment."""

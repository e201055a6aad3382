"""What the context declares, as posture reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from correlation.context.model import Entry, Space
from correlation.context.table import Table


@dataclass(frozen=True, slots=True)
class Landscape:
    """Entries, address spaces, and the table of the entries."""

    entries: Sequence[Entry]
    spaces: Sequence[Space]
    table: Table

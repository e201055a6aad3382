"""Formats that need code to be taken apart, by the name that a declaration says: `code: cef`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sensors.parsers.declared.cef import Cef
from sensors.parsers.declared.leef import Leef
from sensors.parsers.declared.pairs import Rows


class Coded(Protocol):
    """Takes texts apart into rows by layout; gives the indices of those that are none of its format."""

    def take(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Rows], list[int]]:
        """The texts at these indices."""
        ...


CODED: Mapping[str, Callable[[], Coded]] = {"cef": Cef, "leef": Leef}

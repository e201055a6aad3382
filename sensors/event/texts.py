"""Columns of plain texts that compiled code wrote, kept as octets until somebody asks for one of them.

Addresses, times and ids are made for every event and mostly go on as octets, to the spool. Making an object of each
took a tenth of the time of reading captures (docs/benchmarks.md).
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import orjson


class Texts(Sequence[str]):
    """Texts of a column: ASCII that JSON needs no escapes for, a newline behind each."""

    __slots__ = ("_made", "_octets", "_starts")

    def __init__(self, octets: bytes, starts: npt.NDArray[np.int64]) -> None:
        """Texts that stand in `octets`.

        Args:
            octets: the texts, each with a newline behind it; there may be more than those of this column.
            starts: where each text begins, and where one behind the last would.
        """
        self._octets = octets
        self._starts = starts
        self._made: list[str] | None = None

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _within(self) -> bytes:
        """The octets of these texts, with newlines between them."""
        return self._octets[self._starts[0] : self._starts[-1] - 1]

    def _list(self) -> list[str]:
        if self._made is None:
            self._made = self._within().decode("ascii").split("\n") if len(self) else []
        return self._made

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            if step == 1:
                return Texts(self._octets, self._starts[first : max(first, last) + 1])
        return self._list()[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._list())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Texts):
            return self._within() == other._within()
        return self._list() == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # a list has none either

    def __repr__(self) -> str:
        return repr(self._list())

    def json(self) -> bytes:
        """The texts as a JSON array."""
        return b'["' + self._within().replace(b"\n", b'","') + b'"]' if len(self) else b"[]"


def plain(value: Any) -> Any:
    """What `orjson.dumps` writes for a value that it does not know, for its argument `default`.

    Raises:
        TypeError: nor do we.
    """
    if isinstance(value, Texts):
        return orjson.Fragment(value.json())
    raise TypeError(f"JSON has no form for {type(value).__name__}")

"""Fields of which rules ask in which networks an address lies, and nothing else.

Addresses are many, and most of what a network shows is seen for the first or the second time: a column of IPv4
addresses is led to the intervals between the networks' ends at once, and nothing is remembered.
"""

import socket
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from correlation.matcher.patterns import FieldPatterns, Numbers
from correlation.matcher.regexes import Guards
from correlation.rules.condition import Cidr, Exists, Leaf, Null, Present

FEW: Final = 32
"""In a column of fewer values each is better looked up by itself."""


class AddressPatterns(FieldPatterns):
    """As FieldPatterns, for atoms that `are_addresses`; keywords are looked for elsewhere."""

    sees_keywords = False
    gives_arrays = True

    def __init__(self, atoms: Mapping[int, Leaf], guards: Guards | None = None) -> None:
        super().__init__(atoms, guards)
        assert self._networks is not None
        self._index = self._networks
        self._starts: npt.NDArray[np.uint32] | None = None
        self._answers: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def texts(self, values: Any) -> Numbers | None:
        """As in FieldPatterns."""
        octets = None if len(values) < FEW or values.__class__ is np.ndarray else _octets(values)
        if octets is None:
            return super().texts(values)
        if self._starts is None:
            self._starts = self._intervals()
        return self._answers[np.searchsorted(self._starts, np.frombuffer(octets, dtype=">u4"), "right")]

    def _intervals(self) -> npt.NDArray[np.uint32]:
        """Where intervals of IPv4 addresses begin; an answer more than these is kept, the first for what is before."""
        starts, owners = self._index.table(4)
        # What ends with the last address leaves a start behind it, where no address is.
        inside = [place for place, start in enumerate(starts) if start < 1 << 32]
        numbers = [self.number_of(self._any), *(self.number_of(self._any | owners[place]) for place in inside)]
        self._answers = np.array(numbers, dtype=np.int64)
        return np.array([starts[place] for place in inside], dtype=np.uint32)

    def _match(self, text: str) -> frozenset[int]:
        return self._any | self._index.find(text)


def are_addresses(leaves: Iterable[Leaf]) -> bool:
    """Whether these, all of one field, ask for networks and for nothing that only texts have."""
    asked = list(leaves)
    return any(isinstance(leaf, Cidr) for leaf in asked) and all(
        isinstance(leaf, Cidr | Null | Exists | Present) for leaf in asked
    )


def _octets(texts: Sequence[Any]) -> bytes | None:
    """The octets of these IPv4 addresses, four of each; None if one of them is something else."""
    try:
        return b"".join(map(socket.inet_pton, repeat(socket.AF_INET), texts))
    except (OSError, TypeError, ValueError):  # ValueError: a NUL, or a character that ASCII does not have
        return None

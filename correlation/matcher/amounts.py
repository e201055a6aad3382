"""Fields of which rules ask how large a number is: octets, packets, durations, status codes.

Such fields hold another number in nearly every event. The numbers that rules name cut all others into intervals, inside
each of which every answer is the same: a column of numbers is led to its intervals at once, and nothing is remembered.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from correlation.matcher.patterns import FieldPatterns, Numbers
from correlation.matcher.regexes import Guards
from correlation.matcher.values import text_of
from correlation.rules.condition import Compare, Equals, Exists, Leaf, Null, Present

_EXACT: Final = float(1 << 53)
"""Integers below it are themselves as floating-point numbers."""
_NUMBERS: Final = frozenset({int, type(None)})


class AmountPatterns(FieldPatterns):
    """As FieldPatterns, for atoms that `are_amounts`; keywords are looked for elsewhere."""

    sees_keywords = False
    gives_arrays = True

    def __init__(self, atoms: Mapping[int, Leaf], guards: Guards | None = None) -> None:
        super().__init__(atoms, guards)
        self._ends: npt.NDArray[np.float64] = np.unique([_number(leaf) for leaf in _numbered(atoms.values())])
        self._answers: npt.NDArray[np.int64] | None = None

    def texts(self, values: Any) -> Numbers | None:
        """As in FieldPatterns, of columns of numbers too."""
        numbers = _as_numbers(values)
        if numbers is None:
            return super().texts(values)
        if self._answers is None:
            self._answers = self._intervals()
        # An end itself is an odd place, what lies between two of them an even one.
        places = np.searchsorted(self._ends, numbers, "left") + np.searchsorted(self._ends, numbers, "right")
        found: npt.NDArray[np.int64] = self._answers[places]
        unknown = np.isnan(numbers)
        if unknown.any():
            found[unknown] = self.number_of(self._null)
        return found

    def _intervals(self) -> npt.NDArray[np.int64]:
        """The numbers of the sets of atoms that are true below the first end, at it, behind it, and so on."""
        ends = self._ends.tolist()
        examples = [float(np.nextafter(ends[0], -np.inf))]
        for end in ends:
            examples += [end, float(np.nextafter(end, np.inf))]
        return np.array([self.number_of(self.atoms_of(text_of(example))) for example in examples], dtype=np.int64)


def are_amounts(leaves: Iterable[Leaf]) -> bool:
    """Whether these, all of one field, compare it with numbers and ask for nothing that only texts have."""
    asked = list(leaves)
    return any(isinstance(leaf, Compare) for leaf in asked) and all(map(_is_amount, asked))


def _is_amount(leaf: Leaf) -> bool:
    if isinstance(leaf, Compare):
        return leaf.unit is None
    if isinstance(leaf, Equals):
        return leaf.value.isascii() and leaf.value.isdecimal() and int(leaf.value) < _EXACT
    return isinstance(leaf, Null | Exists | Present)


def _numbered(leaves: Iterable[Leaf]) -> Iterable[Compare | Equals]:
    return (leaf for leaf in leaves if isinstance(leaf, Compare | Equals))


def _number(leaf: Compare | Equals) -> float:
    return leaf.number if isinstance(leaf, Compare) else float(leaf.value)


def _as_numbers(values: Any) -> npt.NDArray[np.float64] | None:
    """A column of whole numbers, some of which may be null (NaN), as floating-point numbers; None if it is none."""
    if values.__class__ is np.ndarray:
        return values.astype(np.float64) if values.dtype.kind in "iu" else None
    if set(map(type, values)) <= _NUMBERS:
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            pass
    return None

"""Fields of which rules ask only for a few short values: ports, numbers of logons, masks. No value is remembered.

Such fields hold something else in nearly every event, so a memory of their values would only be filled. Instead, every
spelling of the values that rules ask for is known beforehand.
"""

from collections.abc import Iterable, Mapping
from itertools import product, repeat
from math import prod
from typing import Any, Final

import numpy as np

from correlation.matcher.patterns import FieldPatterns, Numbers
from correlation.matcher.regexes import Guards
from correlation.matcher.values import keys_of
from correlation.rules.condition import Equals, Leaf, Null

MAX_SPELLINGS: Final = 1_024
"""Of all values of a field; where there would be more, values are remembered after all."""
_TEXTS: Final = frozenset({str, type(None)})
_INTEGER: Final = frozenset({int})
_KELVIN: Final = "\u212a"
"""The one character outside ASCII that is an ASCII letter in lower case."""


class ExactPatterns(FieldPatterns):
    """As FieldPatterns, for atoms that `are_exact`; keywords are looked for elsewhere."""

    sees_keywords = False

    def __init__(self, atoms: Mapping[int, Leaf], guards: Guards | None = None) -> None:
        super().__init__(atoms, guards)
        self._known: dict[str | None, int] = {
            text: self.number_of(self.atoms_of(text))
            for leaf in atoms.values() if isinstance(leaf, Equals)
            for text in map("".join, product(*_spellings(leaf)))
        }
        self._known[None] = self.number_of(self._null)
        self._known_numbers = {int(text): number for text, number in self._known.items() if text and _is_number(text)}

    def texts(self, values: Any) -> Numbers | None:
        """As in FieldPatterns."""
        if values.__class__ is np.ndarray:
            if values.dtype.kind not in "iu":
                return None
            values = values.tolist()
        kinds = set(map(type, values))
        if kinds <= _TEXTS:
            return list(map(self._known.get, values, repeat(0)))
        if kinds == _INTEGER:
            return list(map(self._known_numbers.get, values, repeat(0)))
        return None

    def column(self, values: Any) -> Numbers:
        """As in FieldPatterns."""
        keys = keys_of(values)
        found = self.texts(keys)
        return super().column(keys) if found is None else found


def are_exact(leaves: Iterable[Leaf]) -> bool:
    """Whether these, all of one field, ask for so few values that all their spellings can be known."""
    spellings = 0
    for leaf in leaves:
        if isinstance(leaf, Equals) and leaf.value.isascii():
            spellings += prod(map(len, _spellings(leaf)))
        elif not isinstance(leaf, Null):
            return False
    return 0 < spellings <= MAX_SPELLINGS


def _is_number(text: str) -> bool:
    """Whether an integer is matched as this text."""
    try:
        return str(int(text)) == text
    except ValueError:
        return False


def _spellings(leaf: Equals) -> list[tuple[str, ...]]:
    """For each character of a value those that may stand there."""
    return [(letter,) if leaf.cased else _cases(letter.lower()) for letter in leaf.value]


def _cases(letter: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((letter, letter.upper(), *(_KELVIN if letter == "k" else ""))))

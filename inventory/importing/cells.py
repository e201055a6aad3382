"""The cells of a row as values of fields, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inventory.errors import ChoiceUnknown, RecordProblem, ValueUnusable
from inventory.importing.model import Said
from inventory.model import Field, Register
from inventory.values import UnusableError, read
from sensors.errors import Place

_SHOWN: Final = 100
"""Characters of a wrong value that are shown."""
_REMEMBERED: Final = 10_000
"""Values of a field that are remembered."""


@dataclass(slots=True)
class Read:
    """A row whose cells were read; `values` has texts where references are to be, until they are resolved."""

    place: Place
    cells: Mapping[str, str]
    values: dict[str, Any]
    id: str = ""


def at_field(place: Place, field: Field) -> Place:
    """The cell of a row."""
    return Place(place.file, place.line, place.column, field.key)


class Cells:
    """Reads the cells of a register's rows; tables repeat their values, and each is read once."""

    def __init__(self, register: Register, *, clears: bool) -> None:
        """`clears`: an empty cell means that nothing is known any more."""
        self._clears = clears
        self._memos: list[tuple[Field, dict[str, Any]]] = [(field, {}) for field in register.fields]

    def read(self, said: Said) -> tuple[Read, Sequence[RecordProblem]]:
        """The values of a row; None, where empty cells clear, for what is not known any more."""
        values: dict[str, Any] = {}
        problems: list[RecordProblem] = []
        cells = said.cells
        for field, memo in self._memos:
            text = cells.get(field.key)
            if text is None:
                continue
            if text not in memo:
                try:
                    value = read(field, text)
                except UnusableError as error:
                    problems.append(_unusable(field, text, str(error), at_field(said.place, field)))
                    continue
                if len(memo) >= _REMEMBERED:
                    memo.clear()
                memo[text] = value
            value = memo[text]
            if value is not None or self._clears:
                values[field.key] = value
        return Read(said.place, cells, values, said.id), problems


def _unusable(field: Field, text: str, wanted: str, place: Place) -> RecordProblem:
    value = text[:_SHOWN]
    if wanted == "choice":
        choices = ", ".join(f"{words.zh} ({code})" for code, words in field.choices.items())
        return ChoiceUnknown(place=place, value=value, choices=choices)
    return ValueUnusable(place=place, value=value, wanted=f"wanted-{wanted}")

"""The cells of a row as values of fields, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inventory.errors import ChoiceUnknown, RecordProblem, ValueUnusable
from inventory.importing.model import Said
from inventory.model import Field, Register
from inventory.values import UnusableError, read
from sensors.errors import Place

_SHOWN: Final = 100
"""Characters of a wrong value that are shown."""


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


def read_cells(register: Register, said: Said, *, clears: bool) -> tuple[Read, Sequence[RecordProblem]]:
    """The values of a row; None, where `clears`, for what is not known any more."""
    values: dict[str, Any] = {}
    problems: list[RecordProblem] = []
    for field, text in _cells(register, said.cells):
        try:
            value = read(field, text)
        except UnusableError as error:
            problems.append(_unusable(field, text, str(error), at_field(said.place, field)))
            continue
        if value is not None or clears:
            values[field.key] = value
    return Read(said.place, said.cells, values, said.id), problems


def _cells(register: Register, cells: Mapping[str, str]) -> Iterator[tuple[Field, str]]:
    return ((field, cells[field.key]) for field in register.fields if field.key in cells)


def _unusable(field: Field, text: str, wanted: str, place: Place) -> RecordProblem:
    value = text[:_SHOWN]
    if wanted == "choice":
        choices = ", ".join(f"{words.zh} ({code})" for code, words in field.choices.items())
        return ChoiceUnknown(place=place, value=value, choices=choices)
    return ValueUnusable(place=place, value=value, wanted=f"wanted-{wanted}")

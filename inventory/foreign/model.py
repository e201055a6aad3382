"""What an export says about a register: a proposal, which nothing is written of until somebody imports it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from inventory.errors import InventoryProblem
from inventory.importing.model import Said
from inventory.registers import registers
from sensors.errors import Place


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row for a register.

    Attributes:
        register: the register's name.
        place: where in the export it stands; the line is the row of a table, and of a document the entry's number.
        cells: texts by field, as in the cells of a table; what the export says nothing of is absent.
        key: the fields by which it says which record it means; empty: the register's own.
        evidence: further facts that no field holds, by the names that the other program gives them.
    """

    register: str
    place: Place
    cells: Mapping[str, str]
    key: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = self.cells.keys() - registers()[self.register].by_key.keys()
        if unknown:
            raise ValueError(f"{self.register} has no field {sorted(unknown)}")

    @property
    def said(self) -> Said:
        """The row as an import takes it."""
        return Said(self.place, self.cells)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What holds where an export says nothing: texts by field, for whatever register has such a field."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def completed(self, register: str, cells: Mapping[str, str]) -> dict[str, str]:
        """The cells of a row, empty ones left out, with what is assumed."""
        known = registers()[register].by_key
        more = {key: text for key, text in self.fields.items() if key in known}
        return more | {key: text for key, text in cells.items() if text}


NOTHING_ASSUMED = Assumed()
Found: TypeAlias = Proposal | InventoryProblem
"""What a format gives, in the order of the export: a row, or what is wrong with one."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format of exports.

    Attributes:
        name: what it is called on the command line.
        recognises: whether the first octets of a file are of this format.
        read: the rows of a file; raises `ForeignUnreadable` where nothing of it can be used.
        evidence: where its makers say what it looks like.
    """

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Path, Assumed], Iterator[Found]]
    evidence: str

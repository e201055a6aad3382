"""What an import consists of: the rows that were said, what is asked of them, and what would become of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from inventory.model import Change, Register
from sensors.errors import Place, Problem

Becomes: TypeAlias = Literal["new", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Said:
    """One row of a table.

    Attributes:
        place: where it stands.
        cells: the texts of its cells by field; fields without a column are absent.
        problems: what makes it unusable, whatever the register.
        id: the record that it means; empty where its cells say that.
    """

    place: Place
    cells: Mapping[str, str]
    problems: Sequence[Problem] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an import.

    Attributes:
        key: the fields by which a row says which record it means; empty: the register's own.
        valid_from: from when on it is so, ns since 1970.
        at: when this is said, ns since 1970.
        clears: whether an empty cell means that nothing is known any more, instead of that nothing is said.
        complete: whether the table is the whole register, so that what it does not name is there no more.
        unlocks: whether locked fields are changed as well.
    """

    valid_from: int
    at: int
    key: tuple[str, ...] = ()
    clears: bool = False
    complete: bool = False
    unlocks: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one row.

    Attributes:
        place: where the row stands.
        key: what people call the record.
        becomes: whether it is new, changed, or as it was.
        change: what is written; None where it is as it was.
        before: the values that it had in the fields that the row says.
        untils: of fields that are known to become something else later, when they do: that stays as it is.
    """

    place: Place
    key: str
    becomes: Becomes
    change: Change | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    untils: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: nothing of it is written yet.

    Attributes:
        register: the register that it is about.
        outcomes: of every row that can be used, in their order.
        gone: records that the table does not name any more, by id, with what people call them.
        problems: what is wrong, in the order of rows; with one of these nothing is written unless somebody says so.
        since: the number of the batch that was the last one when this was planned.
    """

    register: Register
    outcomes: Sequence[Outcome]
    problems: Sequence[Problem]
    gone: Mapping[str, str] = field(default_factory=dict)
    since: int = 0

    def counts(self) -> dict[str, int]:
        """How many records become what, and how many rows cannot be used."""
        places = {(one.place.file, one.place.line) for one in self.problems if one.place is not None}
        kinds = [one.becomes for one in self.outcomes]
        return {
            "new": kinds.count("new"), "changed": kinds.count("changed"), "same": kinds.count("same"),
            "gone": len(self.gone), "faulty": len(places),
        }  # fmt: skip

"""Versions of records as rows of their tables, and back."""

from functools import cache
from typing import Any

from sqlalchemy import RowMapping

from inventory.model import Recorded, Register, Version
from inventory.registers import registers
from inventory.store.tables import column_of


def row_of(register: Register, id: str, version: Version, recorded_from: int, recorded_to: int) -> dict[str, Any]:  # noqa: A002 - what it is called everywhere
    """The row of a version; every column has a value, so that many rows go in one statement."""
    values = version.values
    row = {column: values.get(key) for key, column in _columns(register.name)}
    row |= {
        "id": id, "valid_from": version.valid_from, "valid_to": version.valid_to, "recorded_from": recorded_from,
        "recorded_to": recorded_to, "said": dict(version.said), "locked": sorted(version.locked),
    }  # fmt: skip
    return row


def version_of(register: Register, row: RowMapping) -> Version:
    """The version that a row says."""
    columns = _columns(register.name)
    values = {key: value for key, column in columns if (value := row[column]) is not None}
    return Version(row["valid_from"], row["valid_to"], values, row["said"], frozenset(row["locked"]))


def recorded_of(register: Register, row: RowMapping) -> Recorded:
    """The version that a row says, with the time in which it was known."""
    return Recorded(version_of(register, row), row["recorded_from"], row["recorded_to"])


@cache
def _columns(register: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.key, column_of(one.key)) for one in registers()[register].fields)

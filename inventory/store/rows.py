"""Versions of records as rows of their tables, and back."""

from typing import Any

from sqlalchemy import RowMapping

from inventory.model import Recorded, Register, Version
from inventory.store.tables import column_of


def row_of(register: Register, id: str, version: Version, recorded_from: int, recorded_to: int) -> dict[str, Any]:  # noqa: A002 - what it is called everywhere
    """The row of a version; every column has a value, so that many rows go in one statement."""
    fields = {column_of(one.key): version.values.get(one.key) for one in register.fields}
    times = {"recorded_from": recorded_from, "recorded_to": recorded_to}
    return {
        "id": id, "valid_from": version.valid_from, "valid_to": version.valid_to, **times,
        "said": dict(version.said), "locked": sorted(version.locked), **fields,
    }  # fmt: skip


def version_of(register: Register, row: RowMapping) -> Version:
    """The version that a row says."""
    values = {one.key: value for one in register.fields if (value := row[column_of(one.key)]) is not None}
    return Version(row["valid_from"], row["valid_to"], values, row["said"], frozenset(row["locked"]))


def recorded_of(register: Register, row: RowMapping) -> Recorded:
    """The version that a row says, with the time in which it was known."""
    return Recorded(version_of(register, row), row["recorded_from"], row["recorded_to"])

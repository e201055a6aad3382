"""The relational tables of the inventory: one for each register, made from its fields, and the batches.

The migrations beside this module make them; a test holds that they make the same.
"""

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

from inventory.model import Field, Kind, Register
from inventory.registers import registers

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)

_TYPES: Final[dict[Kind, Any]] = {
    "text": Text, "integer": BigInteger, "decimal": Float, "flag": Boolean, "day": String(10), "choice": String(40),
    "reference": String(32), "references": JSON, "network": String(50), "addresses": JSON, "mac": String(17),
    "domain": String(255), "url": Text, "texts": JSON,
}  # fmt: skip

batch = Table(
    "inventory_batch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False, doc="ns since 1970"),
    Column("by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""What was written together, and from what: where every value comes from."""


def _table(register: Register) -> Table:
    name = f"inventory_{register.name}"
    indexed = {register.key[-1], *register.known_by, *(one.key for one in register.fields if one.kind == "reference")}
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("recorded_from", BigInteger, primary_key=True, autoincrement=False, doc="ns since 1970"),
        Column("valid_from", BigInteger, primary_key=True, autoincrement=False, doc="ns since 1970"),
        Column("valid_to", BigInteger, nullable=False, doc="ns since 1970; OPEN for open"),
        Column("recorded_to", BigInteger, nullable=False, doc="ns since 1970; OPEN for what is known now"),
        Column("said", JSON, nullable=False, doc="the batch by field; that of the empty name for the rest"),
        Column("locked", JSON, nullable=False, doc="fields that only people change"),
        *(_column(one) for one in register.fields),
        *(Index(None, column_of(key)) for key in sorted(indexed)),
    )


def _column(field: Field) -> Column[Any]:
    kind = _TYPES[field.kind]
    # A null of JSON would be a value of its own beside that of the database.
    return Column(column_of(field.key), JSON(none_as_null=True) if kind is JSON else kind)


def column_of(key: str) -> str:
    """The column of a field; no field can be taken for one of those that every register has."""
    return f"f_{key}"


TABLES: Final = {name: _table(register) for name, register in registers().items()}
"""The table of each register by its name."""

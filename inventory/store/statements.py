"""Parts of statements about registers: which versions are meant, by time, by key and by value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, and_, or_, select

from inventory.model import OPEN, Moment
from inventory.store.tables import column_of

_Any = TypeVar("_Any")


def in_parts(values: Iterable[_Any], size: int) -> Iterator[list[_Any]]:
    """The values in lists of at most `size`: a statement takes a limited number of them."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def known_at(table: Table, recorded: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What was known at a moment."""
    return table.c.recorded_from <= recorded, table.c.recorded_to > recorded


def at_moment(table: Table, moment: Moment) -> ColumnElement[bool]:
    """What was so at a moment, as it was known at another."""
    return and_(
        *known_at(table, moment.recorded), table.c.valid_from <= moment.valid, table.c.valid_to > moment.valid
    )


def with_values(table: Table, where: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """What has these values in these fields."""
    return [table.c[column_of(key)] == value for key, value in where.items()]


def with_key(table: Table, fields: Sequence[str], wanted: Sequence[tuple[Any, ...]]) -> Select[Any]:
    """The ids and keys of what has one of these keys, as it is known now."""
    columns = [table.c[column_of(key)] for key in fields]
    asked: ColumnElement[bool]
    if len(columns) == 1:
        asked = columns[0].in_([key[0] for key in wanted])
    else:
        asked = or_(*(and_(*(one == part for one, part in zip(columns, key, strict=True))) for key in wanted))
    return select(table.c.id, *columns).where(asked, table.c.recorded_to == OPEN)

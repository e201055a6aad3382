"""Registers read once, with all versions of their records, and asked for many moments: what a trend needs.

A database is asked anew for every moment otherwise, sixty times for five years.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from inventory.model import Moment, Register
from inventory.store.statements import known_at
from inventory.store.tables import TABLES, column_of

_FETCHED = 5_000


class Replay:
    """Columns of registers as they were known at one moment, for any moment of valid time."""

    def __init__(self, engine: Engine, recorded: int) -> None:
        """The registers of a database; `recorded` is when it was known, whatever moments say of it."""
        self._engine = engine
        self._recorded = recorded
        self._read: dict[tuple[str, tuple[str, ...]], tuple[Any, Any, list[tuple[Any, ...]]]] = {}

    def columns(self, register: Register, keys: Sequence[str], moment: Moment) -> Iterator[tuple[Any, ...]]:
        """Ids and some fields of all records that were there at a moment."""
        asked = (register.name, tuple(keys))
        if asked not in self._read:
            self._read[asked] = self._all(*asked)
        begins, ends, rows = self._read[asked]
        for place in np.flatnonzero((begins <= moment.valid) & (ends > moment.valid)).tolist():
            yield rows[place]

    def _all(self, name: str, keys: Sequence[str]) -> tuple[Any, Any, list[tuple[Any, ...]]]:
        table = TABLES[name]
        columns = [table.c[column_of(key)] for key in keys]
        asked = select(table.c.valid_from, table.c.valid_to, table.c.id, *columns).where(
            *known_at(table, self._recorded)
        )
        begins, ends, rows = [], [], []
        with self._engine.connect() as connection:
            for begin, end, *row in connection.execution_options(yield_per=_FETCHED).execute(asked):
                begins.append(begin)
                ends.append(end)
                rows.append(tuple(row))
        return np.array(begins, dtype=np.int64), np.array(ends, dtype=np.int64), rows

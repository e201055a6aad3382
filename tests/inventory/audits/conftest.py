"""Registers of an audit's own: a copy of an empty database each, filled by tables as people would."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from inventory.database import open_database
from inventory.registers import NAMES
from inventory.store import schema
from tests.databases import closing
from tests.inventory.filling import Filled

City = Callable[[Mapping[str, Sequence[Mapping[str, Any]]]], Filled]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audits") / "empty.db"
    with closing(open_database(f"sqlite:///{path}", (schema.SCHEMA,))) as engine, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def city(empty_database: Path, tmp_path: Path) -> Iterator[City]:
    """Make registers of rows by register; each call begins anew."""
    numbers = count()
    with ExitStack() as open_:

        def make(registers: Mapping[str, Sequence[Mapping[str, Any]]]) -> Filled:
            path = tmp_path / f"{next(numbers)}.db"
            shutil.copyfile(empty_database, path)
            filled = Filled(open_.enter_context(closing(open_database(f"sqlite:///{path}", (schema.SCHEMA,)))))
            for name in NAMES:
                if name in registers:
                    filled.fill(name, *registers[name])
            return filled

        yield make

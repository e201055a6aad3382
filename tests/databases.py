"""Relational databases of a test's own, of SQLite and of a real PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from correlation.alerts import schema as alerts
from inventory.database import open_database
from inventory.store import schema as registers

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.engine)]
Filled: TypeAlias = Literal["with tables", "empty"]
_NUMBERS = count()
_OPEN = 50


def with_all_tables(url: str) -> Engine:
    """A database with the tables of all rooms."""
    return open_database(url, (registers.SCHEMA, alerts.SCHEMA))


def address(engine: Engine) -> str:
    """Where a database is, for whoever opens it anew."""
    return engine.url.render_as_string(hide_password=False)


@contextmanager
def closing(engine: Engine) -> Iterator[Engine]:
    """An engine that is let go at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def cut_all(engine: Engine) -> None:
    """Have the server cut all connections to a database, as one does that is started anew."""
    administrator = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with administrator.connect() as connection:
        connection.execute(cut, {"name": engine.url.database})


class Databases:
    """The databases of one test, each made when it is named first and open until the test ends."""

    def __init__(self, make: Callable[[str, Filled], str]) -> None:
        """Databases that `make` makes: of a name, with the tables or without; it returns the address."""
        self._make = make
        self._engines: dict[str, Engine] = {}

    def __call__(self, name: str = "hanwatch") -> Engine:
        """The database of this name with all its tables."""
        if name not in self._engines:
            if len(self._engines) >= _OPEN:
                # A server takes so many connections and no more.
                list(self._engines.values())[-_OPEN].dispose()
            self._engines[name] = with_all_tables(self._make(name, "with tables"))
            if self._engines[name].dialect.name == "sqlite":
                # Nothing here ends the machine; what is begun and not ended is taken back all the same.
                event.listen(self._engines[name], "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
                self._engines[name].dispose()
        return self._engines[name]

    def empty(self, name: str = "empty") -> str:
        """The address of a database without a table."""
        return self._make(name, "empty")

    def close(self) -> None:
        """Let go of all of them."""
        for engine in self._engines.values():
            engine.dispose()


def in_folder(folder: Path, template: Path) -> Databases:
    """Databases of SQLite in a folder; those with tables are copies."""

    def make(name: str, filled: Filled) -> str:
        if filled == "with tables":
            shutil.copy(template, folder / f"{name}.db")
        return f"sqlite:///{folder / f'{name}.db'}"

    return Databases(make)


@contextmanager
def on_server(server: str) -> Iterator[Databases]:
    """Databases of a PostgreSQL server, those with tables copies of one that is called `template`; gone at the end."""
    administrator = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    made: list[str] = []

    def make(name: str, filled: Filled) -> str:
        made.append(f"t{next(_NUMBERS)}_{name}")
        with administrator.connect() as connection:
            source = "template0" if filled == "empty" else "template"
            connection.execute(text(f'CREATE DATABASE "{made[-1]}" TEMPLATE {source}'))
        return f"{server}/{made[-1]}"

    databases = Databases(make)
    yield databases
    databases.close()
    with administrator.connect() as connection:
        for name in made:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))

"""What one process does at a time for a database, whichever data folder it works in.

Windows of correlations, what detectors remember, and how far the notifier has come are rows that belong to one of them:
a second one that stood on the same database would write over them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, event, text

from correlation.alerts.errors import DatabaseTaken
from inventory.database import OUR_LOCKS, shown
from sensors.delivery.errors import LeaseTaken
from sensors.delivery.lease import lease


class RoleLostError(Exception):
    """The server has forgotten who had the role: whoever had it must begin anew."""


@contextmanager
def sole(engine: Engine, role: str) -> Iterator[None]:
    """Have a role of this database while the block lasts; a process that was killed has it no longer.

    Raises:
        DatabaseTaken: another process has it.
    """
    with (_in_postgresql if engine.dialect.name == "postgresql" else _beside_file)(engine, role):
        yield


@contextmanager
def _beside_file(engine: Engine, role: str) -> Iterator[None]:
    file = Path(engine.url.database or "").absolute()
    try:
        with lease(file.parent, f"{role}-{blake2b(bytes(file), digest_size=8).hexdigest()}"):
            yield
    except LeaseTaken:
        raise DatabaseTaken(url=shown(engine), role=role) from None


@contextmanager
def _in_postgresql(engine: Engine, role: str) -> Iterator[None]:
    which = {"ours": OUR_LOCKS, "which": crc32(role.encode()) >> 1}
    # The lock is the connection's: it goes with the process, and with the server.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        if not holder.execute(text("SELECT pg_try_advisory_lock(:ours, :which)"), which).scalar_one():
            raise DatabaseTaken(url=shown(engine), role=role)

        def still_there(fresh: Any, _record: object) -> None:
            """Before anything goes to a server that was started anew, or over a connection in place of one cut."""
            if not _alive(holder):
                fresh.close()
                raise RoleLostError(role)

        event.listen(engine, "connect", still_there)
        try:
            yield
        finally:
            event.remove(engine, "connect", still_there)
            if _alive(holder):
                holder.execute(text("SELECT pg_advisory_unlock(:ours, :which)"), which)
            else:
                holder.invalidate()


def _alive(holder: Connection) -> bool:
    # The driver's connection, since other threads may ask as well.
    driver: Any = holder.connection.dbapi_connection
    try:
        cursor = driver.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
    except holder.dialect.loaded_dbapi.Error:
        return False
    return True

"""Opening the spool's folder: made, checked, and brought up to date by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sensors.delivery.ballast import Ballast
from sensors.delivery.database import Database
from sensors.delivery.errors import SpoolUnusable
from sensors.delivery.producer import sweep
from sensors.delivery.segments import segment_number
from sensors.errors import Place


@dataclass(frozen=True, slots=True)
class Opened:
    """An open spool: its database, the folders of its segments and of its leases, its ballast."""

    database: Database
    segments: Path
    leases: Path
    ballast: Ballast


def open_folder(folder: Path, busy_seconds: float) -> Opened:
    """Open the spool in this folder, making it where there is none.

    Raises:
        SpoolUnusable: the folder cannot be made, read or written, is something else, or has lost its database.
        SpoolTooNew: a newer version of the program has written here.
        SpoolFull: the disk has no room.
    """
    ballast = Ballast(folder / "ballast")
    segments, leases, file = folder / "segments", folder / "leases", folder / "spool.db"
    try:
        for each in (folder, segments, leases):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(each, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
                raise PermissionError(13, os.strerror(13), str(each))
        with _alone(folder / "open.lock"):
            if not file.exists() and any(segment_number(each) is not None for each in segments.iterdir()):
                # Going on would take the segments for orphans and remove what they hold.
                raise SpoolUnusable(place=Place(str(file)), reason="missing, while segments are there")
            # Even to open it SQLite needs a few pages, and who opens it may be about to make room.
            database = ballast.behind(lambda: Database(file, busy_seconds))
            try:
                sweep(segments, database)
            except BaseException:
                database.close()
                raise
    except OSError as error:
        raise SpoolUnusable(place=Place(str(error.filename or folder)), reason=error.strerror or str(error)) from error
    return Opened(database, segments, leases, ballast)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Wait until no other process opens the spool: SQLite switches to its write-ahead log without waiting."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

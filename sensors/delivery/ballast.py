"""Ballast: disk that is held so that it can be let go when the disk is full.

To acknowledge, and to forget old segments, needs a few pages of the database's log. On a full disk neither would work,
and so nothing would ever make it less full; letting the ballast go gives them the room.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sensors.delivery.errors import SpoolFull

BALLAST_BYTES = 4 << 20
"""As long as SQLite lets its log grow before it moves pages out of it (1,000 pages of 4 KiB)."""

Done = TypeVar("Done")


class Ballast:
    """One file of a fixed length whose blocks are really taken."""

    def __init__(self, file: Path, size: int = BALLAST_BYTES) -> None:
        self._file = file
        self._size = size

    def load(self) -> bool:
        """Take the ballast on, if there is room for it; False if not, and then nothing is held."""
        with suppress(OSError):
            if self._file.stat().st_size == self._size:
                return True
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            self.drop()
            return False
        finally:
            os.close(descriptor)
        return True

    def drop(self) -> bool:
        """Let the ballast go; False if there was none."""
        try:
            self._file.unlink()
        except OSError:
            return False
        return True

    def behind(self, action: Callable[[], Done]) -> Done:
        """Do something that makes the disk less full in the end; if it finds the disk full, once more without ballast.

        Raises:
            SpoolFull: there was no ballast any more, or it was not enough.
        """
        try:
            return action()
        except SpoolFull:
            if not self.drop():
                raise
            return action()

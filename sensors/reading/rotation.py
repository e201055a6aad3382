"""Followed files stay open, so that what is written to one after it was moved away or deleted is read to its end.

logrotate renames a log while its program still writes to it, and only then lets it begin a new one. The old file is let
go when a new one stands at its path and nothing came for some looks; while no new one is there, it is kept.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

IDLE_LOOKS: Final = 5
"""Looks in a row without anything new after which a file that was moved away is finished."""
MOST_HELD: Final = 256
"""Files held open, a quarter of what a process may usually have; the one longest unchanged is let go first."""


@dataclass(slots=True)
class _Held:
    """An open file, who it is, how long it was at the last look and for how many looks it has been so."""

    descriptor: int
    file: tuple[int, int]
    size: int
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was moved away from `path`: where it can still be read, and whether this is the last time."""

    path: Path
    content: Path
    last: bool


class Holding:
    """The files that are followed."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._here: OrderedDict[Path, _Held] = OrderedDict()
        self._left: dict[tuple[Path, tuple[int, int]], _Held] = {}

    def hold(self, path: Path) -> None:
        """Keep the file open that stands at a path now; what stood there before is left, to be read to its end."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return  # it went away again, or cannot be read: the reader has said so
        self._enter(path, descriptor)
        while len(self._here) > self._most:
            os.close(self._here.popitem(last=False)[1].descriptor)

    def adopt(self, path: Path, moved: Path) -> None:
        """Take a file for one that was left: it stood at a path before, or was copied from there."""
        try:
            descriptor = os.open(moved, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return
        status = os.fstat(descriptor)
        old = self._left.setdefault((path, (status.st_dev, status.st_ino)), _Held(descriptor, (0, 0), -1))
        if old.descriptor != descriptor:
            os.close(descriptor)

    def left(self) -> Iterator[Left]:
        """The files that were moved away, each to be read again now."""
        for path, held in list(self._here.items()):
            if _standing(path) != held.file:
                del self._here[path]
                self._left[path, held.file] = held
        for (path, file), held in list(self._left.items()):
            size = os.fstat(held.descriptor).st_size
            held.idle = held.idle + 1 if size == held.size else 0
            held.size = size
            last = held.idle >= IDLE_LOOKS and _standing(path) is not None
            yield Left(path, Path(f"/proc/self/fd/{held.descriptor}"), last)
            if last:
                os.close(self._left.pop((path, file)).descriptor)

    def close(self) -> None:
        """Let go of all files."""
        for held in (*self._here.values(), *self._left.values()):
            os.close(held.descriptor)
        self._here.clear()
        self._left.clear()

    def _enter(self, path: Path, descriptor: int) -> None:
        status = os.fstat(descriptor)
        file, before = (status.st_dev, status.st_ino), self._here.get(path)
        if before is not None and before.file == file:
            os.close(descriptor)
            if status.st_size != before.size:
                before.size = status.st_size
                self._here.move_to_end(path)
            return
        if before is not None:
            self._left[path, before.file] = before
        self._here[path] = _Held(descriptor, file, status.st_size)
        self._here.move_to_end(path)


def _standing(path: Path) -> tuple[int, int] | None:
    """Which file stands at a path; None where none does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""Standard input as a file: what comes is kept in a nameless file, which readers read as one that grows.

So a stream has an identity and a position like any file, and reading it goes on where it was left when the same stream
is given again. What was read and persisted is given back to the disk, so that a stream may go on for ever.
"""

import ctypes
import os
import select
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sensors.event.identity import HEAD_BYTES
from sensors.reading.files import unreadable

_PIECE: Final = 1 << 20
_ENOUGH: Final = 4 << 20
"""Bytes after which readers are let at them even while more is coming."""
_IDLE: Final = 0.2
"""Seconds without anything new after which they are, too."""
_LONGEST: Final = 1.0
"""Seconds after which they are in any case, and whoever waits is told that nothing came."""
_PUNCH_HOLE_KEEP_SIZE: Final = 0x02 | 0x01  # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, fallocate(2)
_BLOCK: Final = 4_096


class Stream:
    """What has come from a descriptor so far.

    Attributes:
        content: a path to read it by.
        size: how many bytes have come.
        ended: whether nothing more will come.
    """

    def __init__(self, descriptor: int, file: int) -> None:
        self._descriptor = descriptor
        self._file = file
        self._given_back = HEAD_BYTES
        self.content = Path(f"/proc/self/fd/{file}")
        self.size = 0
        self.ended = False

    def wait(self) -> None:
        """Wait until there is enough to read, some time has passed, or the end."""
        before, latest = self.size, time.monotonic() + _LONGEST
        while not self.ended and self.size - before < _ENOUGH:
            left = latest - time.monotonic()
            if self.size > before:
                left = min(_IDLE, left)
            if left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                return
            piece = os.read(self._descriptor, _PIECE)
            self.ended = not piece
            while piece:
                written = os.pwrite(self._file, piece, self.size)
                self.size, piece = self.size + written, piece[written:]

    def give_back(self, offset: int) -> None:
        """Give the disk back what lies before `offset`, but for the beginning and the last bytes, which identify it."""
        begin = -(-self._given_back // _BLOCK) * _BLOCK
        end = (offset - HEAD_BYTES) // _BLOCK * _BLOCK
        if end > begin:
            # Where a file system cannot do it, the bytes stay until the end.
            _libc.fallocate(
                self._file, _PUNCH_HOLE_KEEP_SIZE, ctypes.c_int64(begin), ctypes.c_int64(end - begin)
            )
            self._given_back = end


_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def stream(descriptor: int, folder: Path) -> Iterator[Stream]:
    """What comes from a descriptor, kept in a nameless file below `folder`.

    Raises:
        UnreadableInput: the folder cannot hold it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the context below closes it
    except OSError as error:
        raise unreadable(folder, error) from error
    with file:
        yield Stream(descriptor, file.fileno())

"""What a session has taken so far, in a file that outlives the process: so that a kill loses nothing uncounted.

The numbers stand in shared memory that the file backs, so keeping them costs no call; they survive the end of the
process, not that of the machine. A session that ends as it should removes its file.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import orjson

from sensors.event.model import Source

_HEAD_BYTES: Final = 4_096
_SIZE: Final = _HEAD_BYTES + 64
SUFFIX: Final = ".tally"


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a session had taken whose process has died: packets from the ring, and drops that the kernel had told."""

    path: Path
    source: Source
    packets: int
    drops: int


class Tally:
    """The present numbers of a session."""

    def __init__(self, folder: Path, source: Source) -> None:
        """Make the file of a session; the folder is there.

        Raises:
            OSError: the file cannot be made.
        """
        self._path = folder / f"{source.id}{SUFFIX}"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        head = orjson.dumps({"id": source.id, "kind": source.kind, "name": source.name})
        os.write(self._file, head.ljust(_HEAD_BYTES))
        os.ftruncate(self._file, _SIZE)
        self._map = mmap.mmap(self._file, _SIZE)
        self._numbers = np.frombuffer(self._map, np.int64, offset=_HEAD_BYTES)

    def note(self, packets: int, drops: int) -> None:
        """Say how many packets were taken and dropped since the session's start."""
        self._numbers[0], self._numbers[1] = packets, drops

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close(done=False)

    def close(self, *, done: bool) -> None:
        """End; `done` says that everything was delivered, so that nothing is left to be counted."""
        if self._file < 0:
            return
        if done:
            self._path.unlink(missing_ok=True)
        del self._numbers
        self._map.close()
        os.close(self._file)
        self._file = -1


def leftovers(folder: Path) -> Iterator[Leftover]:
    """Sessions whose processes have died; what is no file of a session, or one that lives, is passed over."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                data = file.read(_SIZE)
        except OSError:
            continue
        found = _read(path, data)
        if found is not None:
            yield found


def _read(path: Path, data: bytes) -> Leftover | None:
    try:
        head = orjson.loads(data[:_HEAD_BYTES].rstrip())
        source = Source(head["id"], head["kind"], head["name"])
    except (ValueError, TypeError, KeyError):
        return None
    if len(data) < _SIZE:
        return Leftover(path, source, 0, 0)
    packets, drops = np.frombuffer(data, np.int64, 2, _HEAD_BYTES).tolist()
    return Leftover(path, source, packets, drops)

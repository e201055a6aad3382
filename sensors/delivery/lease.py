"""Leases: a name that one process at a time holds, and who holds it.

The lock (flock) is the kernel's and ends with the process, however that ends; the file's text only tells who it is.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sensors.delivery.errors import LeaseTaken, NameRefused, SpoolUnusable
from sensors.errors import Place

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_TRIES = 5
_PAUSE_SECONDS = 0.02
"""Between tries: who only wants to know who holds a lease takes it for a moment, and must not keep a holder out."""


def checked_name(name: str) -> str:
    """The name of a consumer or a lease, if it is one.

    Raises:
        NameRefused: it is none.
    """
    if not _NAME.fullmatch(name):
        raise NameRefused(name=name)
    return name


@contextmanager
def lease(folder: Path, name: str) -> Iterator[None]:
    """Hold the lease `name` of this folder.

    Raises:
        LeaseTaken: another one holds it; `pid` says who.
        SpoolUnusable: the lock file cannot be made or written.
    """
    file = folder / f"{checked_name(name)}.lock"
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SpoolUnusable(place=Place(str(file)), reason=error.strerror) from error
    try:
        if not _locked(descriptor):
            raise LeaseTaken(name=name, pid=_holder(descriptor))
        # On a full disk nobody learns who holds it, but it must be held: the holder is who makes room.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            # Said aloud, since a child that was forked meanwhile would keep the lock alive.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    for tried in range(_TRIES):
        if tried:
            time.sleep(_PAUSE_SECONDS)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 20, 0)
    return int(text) if text.isdigit() else None

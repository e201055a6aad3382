"""Files as inputs: what identifies one, where reading it may go on, and which files a folder holds.

A file is the fingerprint of its first bytes, `HEAD_BYTES` of them or as many as it has when it is first seen; whoever
keeps the source keeps that length with it, since a small file's beginning still grows. To find a file again: take
`head(path, length)` for each length that is kept, longest first, and compare fingerprints; then `check(path, offset)`
must be what the position carries, or it is another file that only begins alike. An EVTX file begins with counters that
Windows rewrites, so there the identity is the first record and the check keeps to records.
"""

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from sensors.errors import Place, UnreadableInput
from sensors.event.identity import HEAD_BYTES, fingerprint
from sensors.event.model import Source

EVTX_MAGIC = b"ElfFile\0"
EVTX_HEADER_BYTES = 4_096
EVTX_CHUNK_BYTES = 65_536
EVTX_CHUNK_HEADER_BYTES = 512
_EVTX_FIRST_RECORD = EVTX_HEADER_BYTES + EVTX_CHUNK_HEADER_BYTES
_RECORD_MAGIC = b"**\0\0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a file is: its source, the length of the head that says so, and its size when that was read."""

    source: Source
    head_length: int
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a walk leaves out by design: the path and why, as a message code."""

    path: Path
    reason: str


@dataclass(slots=True)
class Walk:
    """What some paths lead to: files in sorted order, what was left out and why, and what could not be read."""

    files: list[Path] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[UnreadableInput] = field(default_factory=list)


def unreadable(path: Path, error: OSError) -> UnreadableInput:
    """The problem that an error of the system means for this path."""
    return UnreadableInput(place=Place(str(path)), reason=error.strerror or str(error))


def head(path: Path, length: int = HEAD_BYTES) -> bytes:
    """The first bytes that identify a file: `length` of them, fewer where there are fewer.

    Raises:
        UnreadableInput: the file cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            return _head(file, length)
    except OSError as error:
        raise unreadable(path, error) from error


def _head(file: BinaryIO, length: int) -> bytes:
    first = file.read(length)
    if not first.startswith(EVTX_MAGIC[:length]):
        return first
    file.seek(_EVTX_FIRST_RECORD)
    record = file.read(HEAD_BYTES)
    if record[:4] != _RECORD_MAGIC:
        return first
    return record[: min(length, int.from_bytes(record[4:8], "little"))]


def identify(path: Path) -> Identity:
    """Who the file is that stands at this path now.

    Raises:
        UnreadableInput: the file cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            first = _head(file, HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    return Identity(Source(fingerprint(first), "file", str(path)), len(first), size)


def check(path: Path, offset: int) -> str:
    """The digest of the up to `HEAD_BYTES` bytes before `offset`, as `Position.check` carries it.

    Raises:
        UnreadableInput: the file cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            return check_at(file, offset)
    except OSError as error:
        raise unreadable(path, error) from error


def check_at(file: BinaryIO, offset: int) -> str:
    """`check` of an open file; its place is left as it is."""
    descriptor = file.fileno()
    begin = max(0, offset - HEAD_BYTES)
    if os.pread(descriptor, len(EVTX_MAGIC), 0) == EVTX_MAGIC and offset > EVTX_HEADER_BYTES:
        within = (offset - 1 - EVTX_HEADER_BYTES) // EVTX_CHUNK_BYTES * EVTX_CHUNK_BYTES
        begin = max(begin, EVTX_HEADER_BYTES + within + EVTX_CHUNK_HEADER_BYTES)
    data = os.pread(descriptor, max(0, offset - begin), begin)
    return blake2b(data, digest_size=16, person=b"hanwatch.check").hexdigest()


def walk(paths: Iterable[Path]) -> Walk:
    """The files that these paths are or hold, folders in sorted order and every file once.

    What was named itself is taken even if it is hidden; in folders hidden files are left out. Special files (pipes,
    devices, sockets) and empty files are left out and told. A path that is no file but a pattern (`*`, `?`, `[`; `**`
    for folders at any depth) leads to all that fit.
    """
    found = Walk()
    seen: set[tuple[int, int]] = set()
    for path in paths:
        for one in _fitting(path):
            _visit(one, found, seen, frozenset(), named=True)
    return found


def _fitting(path: Path) -> list[Path]:
    """What a path names: itself, or where there is no such file and it is a pattern, whatever fits it."""
    text = str(path)
    if not glob.has_magic(text) or os.path.lexists(path):
        return [path]
    fitting = glob.glob(text, recursive=True)  # noqa: PTH207 - patterns may be absolute, which Path.glob refuses
    return [Path(one) for one in sorted(fitting)] or [path]


def _visit(
    path: Path, found: Walk, seen: set[tuple[int, int]], above: frozenset[tuple[int, int]], *, named: bool
) -> None:
    if not named and path.name.startswith("."):
        found.skipped.append(Skipped(path, "hidden"))
        return
    try:
        status = path.stat()
    except OSError as error:
        found.problems.append(unreadable(path, error))
        return
    key = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        if key in above:
            found.skipped.append(Skipped(path, "loop"))
            return
        for child in _children(path, found):
            _visit(child, found, seen, above | {key}, named=False)
    elif not stat.S_ISREG(status.st_mode):
        found.skipped.append(Skipped(path, "special"))
    elif not status.st_size:
        found.skipped.append(Skipped(path, "empty"))
    elif key in seen:
        found.skipped.append(Skipped(path, "again"))
    elif not os.access(path, os.R_OK):
        found.problems.append(UnreadableInput(place=Place(str(path)), reason=os.strerror(13)))
    else:
        seen.add(key)
        found.files.append(path)


def _children(path: Path, found: Walk) -> Iterator[Path]:
    try:
        children = sorted(path.iterdir())
    except OSError as error:
        found.problems.append(unreadable(path, error))
        return
    yield from children

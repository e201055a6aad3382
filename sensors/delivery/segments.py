"""Segment files: the payloads of the spool's records, appended by one producer each and never written over.

A frame is a header (magic, CRC-32 of all that follows, length, number of the segment, place in it) and the payload.
Only the database says which frames exist: a frame that no row names is a torn or orphaned tail, which nobody reads and
which goes when its segment goes. The writer holds a lock on its file (flock), so that others know it is in use.
"""

import errno
import fcntl
import os
import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sensors.delivery.errors import SpoolFull, SpoolUnusable
from sensors.errors import Place

_MAGIC = b"HWR1"
_HEADER = struct.Struct(">4sIQQQ")
_PLACE = struct.Struct(">QQQ")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a frame lies: number of the segment, offset of the frame in its file, length of the payload, in bytes."""

    segment: int
    offset: int
    length: int

    @property
    def end(self) -> int:
        """Offset of the byte after the frame."""
        return self.offset + _HEADER.size + self.length


class DamagedFrame(ValueError):  # noqa: N818 - it says what it is
    """A frame that a row of the database names is not what was written."""


class Disk(Protocol):
    """The two calls that can find the disk full; tests put failing ones in their place."""

    def write(self, descriptor: int, data: memoryview, offset: int) -> int:
        """As os.pwrite."""
        ...

    def sync(self, descriptor: int) -> None:
        """As os.fdatasync."""
        ...


class SystemDisk:
    """The operating system's."""

    def write(self, descriptor: int, data: memoryview, offset: int) -> int:
        """As os.pwrite."""
        return os.pwrite(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        """As os.fdatasync."""
        os.fdatasync(descriptor)


def segment_path(folder: Path, number: int) -> Path:
    """The file of a segment; segments sort by name as by number."""
    return folder / f"{number:012d}.segment"


def segment_number(file: Path) -> int | None:
    """The number of a segment from its file's name; None where the file is something else."""
    stem, point, ending = file.name.partition(".")
    return int(stem) if point and ending == "segment" and stem.isascii() and stem.isdigit() else None


def lock_segment(file: Path, *, create: bool = False) -> int | None:
    """Open a segment for writing and lock it; None where it is in use by another producer.

    Raises:
        OSError: it cannot be made or opened.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if create else 0)
    descriptor = os.open(file, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SegmentWriter:
    """Appends frames to one locked segment."""

    def __init__(self, file: Path, number: int, descriptor: int, disk: Disk) -> None:
        self.number = number
        self.file = file
        self._descriptor = descriptor
        self._disk = disk
        # What a producer that died has left after its last record stays where it is. Were it written over, a
        # transaction that seemed to fail and reappears when SQLite recovers its log would point at other bytes.
        self.end = os.fstat(descriptor).st_size
        self._before = self.end

    def write(self, payloads: Sequence[bytes]) -> list[Extent]:
        """Append frames and wait until they are on the disk; they count for nothing until the database names them.

        Raises:
            SpoolFull: the disk has no room; nothing was appended.
            SpoolUnusable: the disk cannot be written; the segment must not be used any more.
        """
        self._before = at = self.end
        extents = []
        frames = bytearray()
        for payload in payloads:
            extent = Extent(self.number, at + len(frames), len(payload))
            frames += _frame(extent, payload)
            extents.append(extent)
        try:
            with memoryview(frames) as view:
                done = 0
                while done < len(frames):
                    done += self._disk.write(self._descriptor, view[done:], at + done)
            self._disk.sync(self._descriptor)
        except OSError as error:
            self._truncate()
            reason = error.strerror or str(error)
            if error.errno in NO_ROOM:
                raise SpoolFull(place=Place(str(self.file)), reason=reason) from error
            raise SpoolUnusable(place=Place(str(self.file)), reason=reason) from error
        self.end = at + len(frames)
        return extents

    def undo(self) -> None:
        """Take the last `write` back; only where no transaction that names its frames was ever about to commit."""
        self._truncate()

    def close(self) -> None:
        """Let go of file and lock."""
        os.close(self._descriptor)

    def _truncate(self) -> None:
        # What cannot be cut off stays behind as an orphan; either way the next frame begins where the file ends.
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._before)
        self.end = os.fstat(self._descriptor).st_size


def read_frame(folder: Path, extent: Extent) -> bytes:
    """The payload of a frame.

    Raises:
        DamagedFrame: it is missing, cut short or not what was written.
        OSError: the file cannot be read.
    """
    try:
        with segment_path(folder, extent.segment).open("rb", buffering=0) as file:
            data = os.pread(file.fileno(), _HEADER.size + extent.length, extent.offset)
    except FileNotFoundError:
        raise DamagedFrame("the segment is missing") from None
    if len(data) < _HEADER.size + extent.length:
        raise DamagedFrame("the segment is cut short")
    payload = data[_HEADER.size :]
    if data != _frame(extent, payload):
        raise DamagedFrame("the checksum differs")
    return payload


def _frame(extent: Extent, payload: bytes) -> bytes:
    place = _PLACE.pack(extent.length, extent.segment, extent.offset)
    checksum = zlib.crc32(payload, zlib.crc32(place))
    return _HEADER.pack(_MAGIC, checksum, extent.length, extent.segment, extent.offset) + payload

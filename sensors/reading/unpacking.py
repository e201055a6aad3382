"""Compressed inputs: told by their first bytes, unpacked into a nameless file, then read like any other.

What is read, and what identifies the input, is what was packed: a log that logrotate has compressed goes on where it
was left before. The nameless file goes with the process, whatever happens to it, and holds `most` bytes at most, so a
bomb fills nothing and is refused whole. gzip (RFC 1952), bzip2, xz, Zstandard (RFC 8878) and LZ4 frames.
"""

import bz2
import gzip
import lzma
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from sensors.errors import Place, SensorProblem
from sensors.reading.files import unreadable
from sensors.settings import MOST_UNPACKED

_PIECE: Final = 64 << 10
"""Where an input breaks off, at most so much before it is lost with it."""
_ROOM: Final = 64 << 20
"""Free disk that unpacking leaves, so that it is not what keeps the spool from writing."""


class UnpackedTooLarge(SensorProblem):
    """A compressed input holds more than may be unpacked here: `most` bytes, and `packed` of it are on disk."""

    code = "unpacked-too-large"


class UnpackedDamaged(SensorProblem):
    """A compressed input is cut or damaged; what came before, `size` bytes, was read. `reason` is the library's."""

    code = "unpacked-damaged"


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to compress: its name, the bytes that a file begins with, and what reads it."""

    name: str
    magic: bytes
    open: Callable[[Path], IO[bytes] | Any]


def _arrow(compression: str) -> Callable[[Path], Any]:
    return lambda path: pa.CompressedInputStream(pa.OSFile(str(path)), compression)


# By their first bytes, which no format of ours begins with.
PACKINGS: Final = (
    Packing("gzip", b"\x1f\x8b\x08", gzip.open),
    Packing("bzip2", b"BZh", bz2.open),
    Packing("xz", b"\xfd7zXZ\x00", lzma.open),
    Packing("zstd", b"\x28\xb5\x2f\xfd", _arrow("zstd")),
    Packing("lz4", b"\x04\x22\x4d\x18", _arrow("lz4")),
)
_DAMAGED: Final = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, pa.ArrowException)


def packing(path: Path) -> Packing | None:
    """How a file is compressed; None where it is not.

    Raises:
        UnreadableInput: the file cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            first = file.read(8)
    except OSError as error:
        raise unreadable(path, error) from error
    return next((way for way in PACKINGS if first.startswith(way.magic)), None)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a compressed input holds: a path to read it by while the context lasts, and what broke it off, if it did."""

    path: Path
    damage: UnpackedDamaged | None


@contextmanager
def unpacked(path: Path, way: Packing, folder: Path, most: int = MOST_UNPACKED) -> Iterator[Unpacked]:
    """Unpack a file into a nameless one below `folder`.

    Raises:
        UnreadableInput: the file cannot be read, or the folder cannot hold what is in it.
        UnpackedTooLarge: it holds more than `most` bytes, or more than the disk has room for.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the context below closes it
    except OSError as error:
        raise unreadable(folder, error) from error
    with file:
        room = shutil.disk_usage(folder).free - _ROOM
        damage = _unpack(path, way, file, min(most, room))
        yield Unpacked(Path(f"/proc/self/fd/{file.fileno()}"), damage)


def _unpack(path: Path, way: Packing, file: IO[bytes], most: int) -> UnpackedDamaged | None:
    size = 0
    try:
        with way.open(path) as source:
            read = getattr(source, "read1", source.read)
            while piece := read(_PIECE):
                size += len(piece)
                if size > most:
                    raise UnpackedTooLarge(place=Place(str(path)), most=most, packed=path.stat().st_size)
                file.write(piece)
    except _DAMAGED as error:
        return _damaged(path, way, size, error)
    except OSError as error:
        if error.errno is None:  # bz2 and Arrow have no error of their own for data that is damaged
            return _damaged(path, way, size, error)
        raise unreadable(path, error) from error
    finally:
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    return None


def _damaged(path: Path, way: Packing, size: int, error: Exception) -> UnpackedDamaged:
    return UnpackedDamaged(place=Place(str(path)), compression=way.name, size=size, reason=str(error))

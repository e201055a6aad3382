"""The book's keys in one file that is mapped into memory: a filter that says no at once, then sorted hashes and rows.

The filter is a field of bits under CRC-32, which costs 60 ns and is wrong for one key in 64; what passes is hashed with
BLAKE2b and found by bisection. A hash only points to a row of the book, where the key itself is compared: no collision,
by chance or by design, can alert. The file is replaced as a whole, so that readers have the old one or the new one.
"""

import mmap
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import orjson

_MAGIC: Final = b"HANWATCH-INDICATORS-1\n"
_HEAD: Final = 4_096
_BITS_PER_KEY: Final = 64
_LEAST_BITS, _MOST_BITS = 1 << 16, 1 << 32


class IndexDamagedError(ValueError):
    """The file is no index, or not a whole one: it is made anew from the book."""


def write_index(path: Path, keys: Iterable[tuple[int, bytes]], count: int, about: dict[str, Any]) -> None:
    """Write the index of `count` keys with their rows; `about` is kept with it."""
    bits = _LEAST_BITS
    while bits < min(count * _BITS_PER_KEY, _MOST_BITS):
        bits *= 2
    field = bytearray(bits >> 3)
    hashes = np.empty(count, dtype="<u8")
    rows = np.empty(count, dtype="<i8")
    filled = 0
    for row, key in keys:
        place = crc32(key) & (bits - 1)
        field[place >> 3] |= 1 << (place & 7)
        hashes[filled], rows[filled] = _hash(key), row
        filled += 1
    order = np.argsort(hashes[:filled], kind="stable")
    head = _MAGIC + orjson.dumps(about | {"count": filled, "bits": bits})
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as opened:
            opened.write(head.ljust(_HEAD, b"\n"))
            opened.write(field)
            opened.write(hashes[:filled][order].tobytes())
            opened.write(rows[:filled][order].tobytes())
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Index:
    """An index that was written before.

    Raises:
        IndexDamagedError: it is not one, or was cut.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as opened:
            try:
                self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise IndexDamagedError(path) from error
        head = self._map[:_HEAD]
        try:
            self.about: dict[str, Any] = orjson.loads(head.removeprefix(_MAGIC)) if head.startswith(_MAGIC) else {}
            count, bits = int(self.about["count"]), int(self.about["bits"])
        except (orjson.JSONDecodeError, KeyError) as error:
            raise IndexDamagedError(path) from error
        if len(self._map) != _HEAD + (bits >> 3) + 16 * count:
            raise IndexDamagedError(path)
        self._mask = bits - 1
        at = _HEAD + (bits >> 3)
        self._filter = memoryview(self._map)[_HEAD:at]
        self._hashes: npt.NDArray[np.uint64] = np.frombuffer(self._map, dtype="<u8", count=count, offset=at)
        self._rows: npt.NDArray[np.int64] = np.frombuffer(self._map, dtype="<i8", count=count, offset=at + 8 * count)

    def __len__(self) -> int:
        return len(self._rows)

    def may_hold(self, checksum: int) -> int:
        """0 where the book holds no key of this CRC-32; it may be built up piece by piece, as `crc32` does."""
        return self._filter[(checksum & self._mask) >> 3] >> (checksum & 7) & 1

    def rows(self, key: bytes) -> list[int]:
        """Rows of the book whose key is this one, most likely; they are to be compared there."""
        if not self.may_hold(crc32(key)):
            return []
        wanted = np.uint64(_hash(key))
        first = int(np.searchsorted(self._hashes, wanted))
        last = int(np.searchsorted(self._hashes, wanted, side="right"))
        found: list[int] = self._rows[first:last].tolist()
        return found


def _hash(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little")

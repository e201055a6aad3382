"""The chunks of an EVTX file and the records in them, found by their lengths, apart from the library that renders them.

So every record is counted, has its bytes and its place, whatever becomes of it. The format: Joachim Metz, "Windows XML
Event Log (EVTX) format", sections 2 (file header), 3 (chunk) and 3.3 (event record).
"""

import struct
from dataclasses import dataclass

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
RECORD_MAGIC = b"**\0\0"
FILE_HEADER_BYTES = 4_096
CHUNK_BYTES = 65_536
CHUNK_HEADER_BYTES = 512
_FREE_SPACE = 48
_RECORD_HEAD = struct.Struct("<4sIQ")
_RECORD_LEAST = 28
"""Magic, length, number and time before the record's XML, and the length again behind it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a chunk: where it stands in the chunk, how long it is, and its number (not always unique)."""

    offset: int
    size: int
    number: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a chunk holds: its records, and from where on to where its bytes are no records though they should be.

    `end` is where the next record would be written; `broken` is where the chain of records breaks, or `end`.
    """

    records: tuple[Record, ...]
    broken: int
    end: int


def is_blank(chunk: bytes) -> bool:
    """Whether nothing was ever written here."""
    return not chunk.strip(b"\0")


def records_of(chunk: bytes) -> Chunk | None:
    """The records of a chunk; None where this is no chunk."""
    if chunk[: len(CHUNK_MAGIC)] != CHUNK_MAGIC or len(chunk) < CHUNK_HEADER_BYTES:
        return None
    (free,) = struct.unpack_from("<I", chunk, _FREE_SPACE)
    end = max(CHUNK_HEADER_BYTES, min(free, CHUNK_BYTES))
    records = []
    place = CHUNK_HEADER_BYTES
    while place < end:
        if place + _RECORD_LEAST > min(end, len(chunk)):
            break
        magic, size, number = _RECORD_HEAD.unpack_from(chunk, place)
        if magic != RECORD_MAGIC or size < _RECORD_LEAST or place + size > min(end, len(chunk)):
            break
        records.append(Record(place, size, number))
        place += size
    return Chunk(tuple(records), place, end)


def file_of(chunk: bytes) -> bytes:
    """A file of this one chunk, as the library wants it."""
    return _HEADER + chunk.ljust(CHUNK_BYTES, b"\0")


# One chunk, from 0 to 0; header of 128 bytes in a block of 4,096, version 3.1 (section 2).
_HEADER = struct.pack("<8sQQQIHHHH", FILE_MAGIC, 0, 0, 1, 128, 1, 3, FILE_HEADER_BYTES, 1)
_HEADER = _HEADER.ljust(FILE_HEADER_BYTES, b"\0")

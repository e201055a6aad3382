"""Windows event logs (EVTX), record by record; the library `evtx` renders each chunk, we count and place its records.

Each chunk is given to the library by itself, so that a broken one costs its own records only, and reading goes on in
the middle of a file without what came before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

from evtx import PyEvtxParser

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.errors import Place, UnreadableInput
from sensors.event.identity import event_ids
from sensors.event.model import Source
from sensors.parsers.assembly import Assembly
from sensors.parsers.evtx_chunks import (
    CHUNK_BYTES,
    CHUNK_HEADER_BYTES,
    FILE_HEADER_BYTES,
    FILE_MAGIC,
    Chunk,
    file_of,
    is_blank,
    records_of,
)
from sensors.parsers.windows import Windows
from sensors.reading.files import check_at, unreadable
from sensors.reading.model import MAX_REJECT_BYTES, PORTION_BYTES, PORTION_EVENTS, Portion, Position, Reject

ANSI = "gb18030"
"""Records rarely hold text in the machine's ANSI code page; here that is the Chinese one."""


RECORD_BYTES = 4 * PORTION_BYTES
"""About how many bytes of records make a portion at most. Windows' events are of a hundred kinds, each with batches of
its own: the more events a portion holds, the longer they are (a quarter of the whole path, docs/benchmarks.md)."""


@dataclass(slots=True)
class _Take:
    """The records of one portion: every one has its ordinal, `first` + its index, be it text or broken."""

    first: int
    size: int = 0
    places: list[int] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, place: int, content: bytes) -> int:
        self.places.append(place)
        self.contents.append(content)
        self.size += len(content)
        return len(self.places) - 1

    def refuse(self, index: int, reason: str, detail: str = "") -> None:
        content = self.contents[index]
        self.rejects.append(
            Reject(
                self.first + index, self.places[index], reason, detail[:500], content[:MAX_REJECT_BYTES], len(content)
            )
        )


class EvtxReader:
    """Reads an EVTX file; what is written later is read later, a chunk that the file's end cuts short is told."""

    format = "windows.evtx"

    def __init__(self) -> None:
        self._windows = Windows()

    def portions(self, path: Path, source: Source, start: Position, received: int) -> Iterator[Portion]:
        """The portions from `start` to the present end of the file; none where nothing is new.

        Raises:
            UnreadableInput: the file cannot be opened or read, or is no EVTX file.
        """
        try:
            with path.open("rb") as file:
                if file.read(len(FILE_MAGIC)) != FILE_MAGIC:
                    raise UnreadableInput(place=Place(str(path)), reason="not an EVTX file")
                yield from self._portions(file, source, start, received)
        except OSError as error:
            raise unreadable(path, error) from error

    def _portions(self, file: BufferedReader, source: Source, start: Position, received: int) -> Iterator[Portion]:
        offset = max(start.offset, FILE_HEADER_BYTES)
        take = _Take(start.ordinal)
        read = FILE_HEADER_BYTES + (offset - FILE_HEADER_BYTES) // CHUNK_BYTES * CHUNK_BYTES
        file.seek(read)
        while data := file.read(CHUNK_BYTES):
            if not is_blank(data):
                offset = read + _take_chunk(take, data, read, max(offset - read, CHUNK_HEADER_BYTES))
            read += len(data)
            if len(take.places) >= PORTION_EVENTS or take.size >= RECORD_BYTES:
                done = not file.peek(1)
                portion = self._portion(take, source, received, offset, check_at(file, offset), done=done)
                yield portion
                take = _Take(portion.position.ordinal)
        if take.places:
            yield self._portion(take, source, received, offset, check_at(file, offset), done=True)

    def _portion(  # noqa: PLR0913 - what a portion is made of
        self, take: _Take, source: Source, received: int, offset: int, check: str, *, done: bool
    ) -> Portion:
        assembly = Assembly(
            source, received, take.first, event_ids(source.id, _ordinals(take), take.contents), encodings={}
        )
        for index, reason in self._windows.parse(take.texts, assembly):
            take.refuse(index, reason)
        events = sum(map(len, assembly.batches))
        return Portion(
            batches=tuple(assembly.batches),
            rejects=tuple(sorted(take.rejects, key=lambda reject: reject.ordinal)),
            counts={
                (RECORDS, "read"): len(take.places),
                (RECORDS, "event"): events,
                (RECORDS, "rejected"): len(take.rejects),
                (RECORDS, "skipped"): 0,
                (EVENTS, "sensed"): events,
            },
            position=Position(offset, take.first + len(take.places), None, check),
            done=done,
        )


def _ordinals(take: _Take) -> range:
    return range(take.first, take.first + len(take.places))


def _take_chunk(take: _Take, data: bytes, place: int, begin: int) -> int:
    """Take a chunk's records from `begin` on; returns where in the chunk reading goes on."""
    chunk = records_of(data)
    if chunk is None:
        take.refuse(take.add(place, data), "evtx-chunk-broken", "no chunk header")
        return CHUNK_BYTES
    if chunk.records and chunk.records[-1].offset >= begin:
        texts, detail = _rendered(chunk, data)
        for record in chunk.records:
            if record.offset < begin:
                continue
            index = take.add(place + record.offset, data[record.offset : record.offset + record.size])
            text = texts.get(record.offset)
            if text is None:
                take.refuse(index, "evtx-record-broken", detail)
            else:
                take.texts[index] = text
    if max(chunk.broken, begin) < chunk.end:
        # Nobody can say how many records the rest held: it is told as one, with all of its bytes.
        reason = "evtx-truncated" if len(data) < CHUNK_BYTES else "evtx-chunk-broken"
        rest = data[chunk.broken : chunk.end]
        take.refuse(take.add(place + chunk.broken, rest), reason, f"{chunk.end - chunk.broken} bytes without a record")
        return CHUNK_BYTES
    return max(chunk.end, begin)


def _rendered(chunk: Chunk, data: bytes) -> tuple[dict[int, str], str]:
    """The library's texts by the records' offsets, matched in order and by number, and what it complained of."""
    records = chunk.records
    texts, faults = _texts(data, limit=len(records) + 2)
    found: dict[int, str] = {}
    at = 0
    for number, text in texts:
        ahead = next((index for index in range(at, len(records)) if records[index].number == number), None)
        if ahead is not None:
            found[records[ahead].offset] = text
            at = ahead + 1
    return found, "; ".join(faults)


def _texts(data: bytes, limit: int) -> tuple[list[tuple[int, str]], list[str]]:
    """The library's (record number, JSON) of one chunk and what it complained of."""
    texts: list[tuple[int, str]] = []
    faults: list[str] = []
    try:
        found = PyEvtxParser(BytesIO(file_of(data)), 1, ANSI).records_json()
    except Exception as error:  # noqa: BLE001 - whatever the library says of hostile bytes is the reject's detail
        return texts, [str(error)]
    while len(texts) + len(faults) < limit:
        try:
            entry: Any = next(found)
        except StopIteration:
            break
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a panic in Rust arrives as a BaseException
            faults.append(str(error))
        else:
            texts.append((entry["event_record_id"], entry["data"]))
    return texts, faults

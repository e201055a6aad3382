"""EVTX files made of given events: for samples, benchmarks and tests, since no EVTX can be written by hand.

Binary XML without templates, all values text (Joachim Metz, "Windows XML Event Log (EVTX) format", sections 3 and 4):
what Windows itself writes is shorter, and the library that we read with takes both.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sensors.event.times import iso
from sensors.parsers.evtx_chunks import CHUNK_BYTES, CHUNK_HEADER_BYTES, CHUNK_MAGIC, FILE_HEADER_BYTES, FILE_MAGIC

_FRAGMENT = b"\x0f\x01\x01\x00"
_END = b"\x00"
_FILETIME_EPOCH = 11_644_473_600
"""Seconds from 1601 to 1970."""


@dataclass(frozen=True, slots=True)
class Element:
    """An XML element: its name, attributes, and its text or children."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    content: "str | Sequence[Element]" = ""


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """An event as Windows describes it; `data` are the named values of EventData, `moment` is in ns since 1970."""

    channel: str
    provider: str
    code: int
    moment: int
    computer: str
    data: Mapping[str, str]

    def xml(self, number: int) -> Element:
        """The Event element of this event as the channel's record `number`."""
        return Element(
            "Event",
            {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
            (
                Element(
                    "System",
                    content=(
                        Element("Provider", {"Name": self.provider}),
                        Element("EventID", content=str(self.code)),
                        Element("Version", content="0"),
                        Element("Level", content="4"),
                        Element("TimeCreated", {"SystemTime": iso(self.moment)}),
                        Element("EventRecordID", content=str(number)),
                        Element("Execution", {"ProcessID": "1234", "ThreadID": "5678"}),
                        Element("Channel", content=self.channel),
                        Element("Computer", content=self.computer),
                        Element("Security", {"UserID": "S-1-5-18"}),
                    ),
                ),
                Element("EventData", content=[Element("Data", {"Name": k}, v) for k, v in self.data.items()]),
            ),
        )


class _Writer:
    """Binary XML of one record, which begins at `place` in its chunk: names are said by where they stand there."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._out = bytearray(_FRAGMENT)

    def done(self) -> bytes:
        return bytes(self._out + _END)

    def _name(self, name: str) -> None:
        # A name's offset that points right behind itself says that the name stands there.
        self._out += struct.pack("<I", self._place + len(self._out) + 4)
        self._out += struct.pack("<IHH", 0, _hash(name), len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _text(self, text: str) -> None:
        data = text.encode("utf-16-le")
        self._out += b"\x05\x01" + struct.pack("<H", len(data) // 2) + data

    def element(self, element: Element) -> None:
        self._out += b"\x41" if element.attributes else b"\x01"
        size_at = len(self._out)
        self._out += b"\0\0\0\0"
        self._name(element.name)
        if element.attributes:
            list_at = len(self._out)
            self._out += b"\0\0\0\0"
            last = len(element.attributes) - 1
            for index, (name, value) in enumerate(element.attributes.items()):
                self._out += b"\x06" if index == last else b"\x46"
                self._name(name)
                self._text(value)
            struct.pack_into("<I", self._out, list_at, len(self._out) - list_at - 4)
        self._out += b"\x02"
        if isinstance(element.content, str):
            if element.content:
                self._text(element.content)
        else:
            for child in element.content:
                self.element(child)
        self._out += b"\x04"
        struct.pack_into("<I", self._out, size_at, len(self._out) - size_at - 4)


def _hash(name: str) -> int:
    value = 0
    for character in name:
        value = (value * 65_599 + ord(character)) & 0xFFFFFFFF
    return value & 0xFFFF


def evtx_file(events: Iterable[WindowsEvent]) -> bytes:
    """The bytes of an EVTX file with these events, in order, numbered from 1."""
    chunks: list[bytes] = []
    records: list[bytes] = []
    place, first, number = CHUNK_HEADER_BYTES, 1, 0
    for event in events:
        record = _record(event, number + 1, place)
        if place + len(record) > CHUNK_BYTES:
            chunks.append(_chunk(records, first))
            records, first, place = [], number + 1, CHUNK_HEADER_BYTES
            record = _record(event, number + 1, place)
        records.append(record)
        number += 1
        place += len(record)
    if records:
        chunks.append(_chunk(records, first))
    return _file_header(len(chunks), number + 1) + b"".join(chunks)


def _record(event: WindowsEvent, number: int, place: int) -> bytes:
    writer = _Writer(place + 24)
    writer.element(event.xml(number))
    body = writer.done()
    size = 24 + len(body) + 4
    filetime = event.moment // 100 + _FILETIME_EPOCH * 10_000_000
    return struct.pack("<4sIQQ", b"**\0\0", size, number, filetime) + body + struct.pack("<I", size)


def _chunk(records: list[bytes], first: int) -> bytes:
    body = b"".join(records)
    last = first + len(records) - 1
    free = CHUNK_HEADER_BYTES + len(body)
    head = bytearray(CHUNK_HEADER_BYTES)
    struct.pack_into(
        "<8sQQQQIIII",
        head, 0, CHUNK_MAGIC, first, last, first, last, 128, free - len(records[-1]), free, zlib.crc32(body),
    )  # fmt: skip
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120]) + bytes(head[128:])))
    return (bytes(head) + body).ljust(CHUNK_BYTES, b"\0")


def _file_header(chunks: int, following: int) -> bytes:
    head = bytearray(FILE_HEADER_BYTES)
    struct.pack_into(
        "<8sQQQIHHHH", head, 0, FILE_MAGIC, 0, max(chunks - 1, 0), following, 128, 1, 3, FILE_HEADER_BYTES, chunks
    )
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head)

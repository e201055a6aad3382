"""The container of a workbook: a zip file of XML parts, opened only where it is what it says and of bounded size.

Office Open XML, ECMA-376-1 (the parts) and ECMA-376-2 (the container). No part of such a file has a document type, so
that none is read: entities, in which small files can be large, cannot be declared.
"""

import struct
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from inventory.sheets.errors import SheetTooLarge, SheetUnreadable
from inventory.sheets.model import Limits
from sensors.errors import Place

ZIP: Final = b"PK\x03\x04"
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound File Binary (MS-CFB): Excel until 2003, and newer files that have a password."""
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""MS-OFFCRYPTO 2.3.2: the stream of a workbook with a password."""
_CHUNK: Final = 1 << 18
MOST_DEPTH: Final = 50
"""Elements within each other; a workbook needs about ten."""
LONGEST_TAG: Final = 4 << 20
_BROKEN: Final = (
    BadZipFile, zlib.error, struct.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip
"""What zip, deflate and XML say of octets that are not theirs."""


class Parts:
    """The parts of a workbook by their names, which are compared without regard to capitals (ECMA-376-2, 6.2.2.3)."""

    def __init__(self, opened: ZipFile, file: str, limits: Limits) -> None:
        self._opened = opened
        self.place = Place(file)
        self._limits = limits
        self._parts = {one.filename.lstrip("/").lower(): one for one in opened.infolist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> list[str]:
        """All names, in small letters."""
        return list(self._parts)

    def chunks(self, name: str) -> Generator[bytes, None, None]:
        """The octets of a part.

        Raises:
            SheetUnreadable: there is none of this name, or it is broken.
            SheetTooLarge: it becomes larger than is read, or much larger than it is packed, as no sheet does.
        """
        part = self._parts.get(name.lower())
        if part is None:
            raise SheetUnreadable(place=self.place, reason="sheet-part-missing")
        self._check(part)
        with self._opened.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def _check(self, part: ZipInfo) -> None:
        limits = self._limits
        if part.file_size > limits.unpacked:
            raise SheetTooLarge(place=self.place, reason="sheet-unpacked", most=limits.unpacked)
        if part.file_size > limits.harmless and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise SheetTooLarge(place=self.place, reason="sheet-ratio", most=limits.ratio)

    def parse(self, name: str, begin: Callable[[str, dict[str, str]], None]) -> None:
        """Tells each element of a small part by its local name."""
        parser = safe_parser()
        depth = 0

        def begins(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > MOST_DEPTH:
                raise ValueError("elements that are nested too deeply")
            begin(tag.rpartition(":")[2], attributes)

        def ends(_: str) -> None:
            nonlocal depth
            depth -= 1

        parser.StartElementHandler, parser.EndElementHandler = begins, ends
        part = self._parts.get(name.lower())
        if part is not None and part.file_size > self._limits.harmless:
            raise SheetTooLarge(place=self.place, reason="sheet-unpacked", most=self._limits.harmless)
        self.feed(parser, name)

    def feed(self, parser: expat.XMLParserType, name: str) -> None:
        """Parses a part; a tag that never ends would be kept until memory ends, and is refused."""
        fed = 0
        # Nothing but closing ends a stream at once: a traceback keeps what was suspended.
        with closing(self.chunks(name)) as chunks:
            for chunk in chunks:
                parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise ValueError("a tag that is too long")
        parser.Parse(b"", True)  # noqa: FBT003


def safe_parser() -> expat.XMLParserType:
    """A parser that refuses document types, and with them entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


@contextmanager
def telling(place: Place) -> Iterator[None]:
    """Raises what a broken file makes of the libraries below as a problem of the file."""
    try:
        yield
    except OSError as error:
        raise SheetUnreadable(place=place, reason=error.strerror or str(error)) from error
    except _BROKEN as error:
        raise SheetUnreadable(place=place, reason="sheet-zip-broken") from error


@contextmanager
def open_parts(path: Path, limits: Limits) -> Iterator[Parts]:
    """The parts of a workbook.

    Raises:
        SheetUnreadable: it is no workbook of this kind, has macros or a password, or is broken.
        SheetTooLarge: it is larger than is read.
    """
    place = Place(str(path))
    with telling(place):
        opened = ZipFile(path)
    with opened:
        parts = Parts(opened, str(path), limits)
        _check(parts, opened.infolist(), limits)
        yield parts


def _check(parts: Parts, listed: Sequence[ZipInfo], limits: Limits) -> None:
    if len(listed) > limits.parts:
        raise SheetTooLarge(place=parts.place, reason="sheet-parts", most=limits.parts)
    if any(part.flag_bits & 1 for part in listed):
        raise SheetUnreadable(place=parts.place, reason="sheet-password")
    if any(part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in listed):
        raise SheetUnreadable(place=parts.place, reason="sheet-zip-broken")
    names = parts.names()
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise SheetUnreadable(place=parts.place, reason="sheet-macros")
    if "xl/workbook.bin" in names:
        raise SheetUnreadable(place=parts.place, reason="sheet-binary")
    if "mimetype" in names:
        raise SheetUnreadable(place=parts.place, reason="sheet-open-document")
    if "[content_types].xml" not in names:
        raise SheetUnreadable(place=parts.place, reason="sheet-no-table")


def refuse_compound(opened: IO[bytes], place: Place) -> None:
    """Raises what an old or encrypted workbook is told as; its directory names a stream that only the latter has."""
    head = opened.read(1 << 20)
    raise SheetUnreadable(place=place, reason="sheet-password" if _ENCRYPTED in head else "sheet-old-excel")

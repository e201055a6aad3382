"""The shared strings of a workbook: most stay in memory, the rest go to a file that vanishes when it is closed.

A workbook keeps each text once and cells refer to it by number (ECMA-376-1, 18.4.9 sst), so that all of them are
needed until the last row; a sheet of a million rows may have twenty million.
"""

import mmap
import re
from array import array
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Final

from inventory.sheets.container import LONGEST_TAG, MOST_DEPTH, Parts, safe_parser, telling
from inventory.sheets.errors import SheetUnreadable
from inventory.sheets.plainly import TEXT, Pieces, Plainly
from inventory.sheets.texts import LOST

IN_MEMORY: Final = 16 << 20
"""Characters that are kept in memory; a short text takes about five times its length there."""
_BEGINS: Final = re.compile(rb"<sst(?: [^<>]*)?>")
_PLAIN: Final = re.compile(
    rf'\s*<si><t(?: xml:space="preserve")?>({TEXT}*)</t>(?:<phoneticPr(?: [a-zA-Z]+="[^"<>&]*")*/>)?'
)
"""A string without runs; Excel in Chinese and Japanese says of each how it would be pronounced."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A text in which `_x000D_` stands for characters that XML cannot hold (ECMA-376-1, 22.4.2.4 bstr)."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    # Halves of a pair are no characters.
    return LOST if 0xD800 <= number <= 0xDFFF else chr(number)


class Strings:
    """Texts by their number."""

    def __init__(self, spill: IO[bytes], in_memory: int = IN_MEMORY) -> None:
        self._near: list[str] = []
        self._room = in_memory
        self._spill = spill
        self._ends = array("Q", [0])
        self._map: mmap.mmap | None = None

    def append(self, text: str) -> None:
        """Takes the next text."""
        if self._room > 0:
            self._room -= len(text) + 10
            self._near.append(text)
        else:
            octets = text.encode("utf-8", "surrogatepass")
            self._spill.write(octets)
            self._ends.append(self._ends[-1] + len(octets))

    def close(self) -> None:
        """Says that all texts were taken."""
        self._spill.flush()
        if self._ends[-1]:
            self._map = mmap.mmap(self._spill.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, number: int) -> str:
        near = len(self._near)
        if 0 <= number < near:
            return self._near[number]
        if number < 0 or number - near + 1 >= len(self._ends):
            raise ValueError(f"no shared string {number}")
        begin, end = self._ends[number - near], self._ends[number - near + 1]
        return self._map[begin:end].decode("utf-8", "surrogatepass") if self._map is not None and end > begin else ""


@contextmanager
def shared_strings(parts: Parts, name: str | None, longest: int, in_memory: int = IN_MEMORY) -> Iterator[Strings]:
    """The shared strings of a workbook, none where it has no such part; texts beyond `longest` are cut behind it."""
    with TemporaryFile() as spill:
        strings = Strings(spill, in_memory)
        if name is not None:
            if name not in parts:
                raise SheetUnreadable(place=parts.place, reason="sheet-part-missing")
            with telling(parts.place):
                _read(parts, name, strings, longest)
        strings.close()
        yield strings


def _read(parts: Parts, name: str, strings: Strings, longest: int) -> None:
    def take(piece: str) -> bool:
        found = _PLAIN.fullmatch(piece)
        if found is None or len(found[1]) > longest:
            return False
        strings.append(unescaped(found[1]))
        return True

    plainly = Plainly(Pieces(_BEGINS, b"</si>", take), _Collector(strings, longest))
    with closing(parts.chunks(name)) as chunks:
        for chunk in chain(chunks, (b"",)):
            plainly.feed(chunk)


class _Collector:
    """A parser of the elements of shared strings: si holds t, or runs (r) with a t each."""

    def __init__(self, strings: Strings, longest: int) -> None:
        self._parser = safe_parser()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._begin, self._end
        self._strings, self._longest = strings, longest
        self._pieces: list[str] = []
        self._length = self._depth = self._fed = 0
        self._phonetic = False

    def feed(self, octets: bytes, *, last: bool = False) -> None:
        """Parses what comes next; a tag that never ends would be kept until memory ends."""
        self._parser.Parse(octets, last)
        self._fed += len(octets)
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            raise ValueError("a tag that is too long")

    def _begin(self, tag: str, _: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ValueError("elements that are nested too deeply")
        if tag == "si":
            self._pieces, self._length = [], 0
        elif tag == "rPh":
            # How a text is pronounced, as Japanese workbooks say above it.
            self._phonetic = True
        elif tag == "t" and not self._phonetic:
            self._parser.CharacterDataHandler = self._characters

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        self._depth -= 1
        if tag == "t":
            self._parser.CharacterDataHandler = None
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self._strings.append(unescaped("".join(self._pieces)))

    def _characters(self, text: str) -> None:
        if self._length <= self._longest:
            self._pieces.append(text[: self._longest + 1 - self._length])
            self._length += len(text)

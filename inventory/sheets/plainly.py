"""Takes large parts of a workbook apart piece by piece, as nearly all programs write them, without parsing XML.

A piece (a row, a string) that is written in any other way goes to the parser, which sees a document of those pieces
alone. A document that could mislead an expression, by its encoding, comments, CDATA or instructions, goes there as a
whole. Measured: three times as fast as the parser for all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from inventory.sheets.container import LONGEST_TAG

TEXT: Final = r"[^<&\x00-\x08\x0b-\x1f\ufffe\uffff]"
"""Characters that stand for themselves: neither markup nor entities, nor what parsers change or refuse."""
_UTF_8: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml version=\"1\.0\"(?: encoding=\"[Uu][Tt][Ff]-8\")?[^<>]{0,40}\?>")


class Parser(Protocol):
    """A parser of XML that takes octets as they come."""

    def feed(self, octets: bytes, *, last: bool = False) -> None:
        """Parses what comes next."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What stands before the first piece of a part, what ends each, and who takes one: false where it is not plain."""

    begin: re.Pattern[bytes]
    end: bytes
    take: Callable[[str], bool]


class Plainly:
    """Takes the octets of a part as they come; an empty portion is the end."""

    def __init__(self, pieces: Pieces, parser: Parser) -> None:
        self._pieces, self._parser = pieces, parser
        self._rest = b""
        self._begun = self._plain = False

    def feed(self, octets: bytes) -> None:
        """Tells the pieces that are complete."""
        data = self._rest + octets
        self._rest = b""
        if not self._begun:
            data = self._begin(data, last=not octets)
        if not octets:
            self._parser.feed(data, last=True)
        elif not self._begun:
            self._rest = data
        elif self._plain and self._can_be_cut(data, len(octets)):
            cut = data.rfind(self._pieces.end) + len(self._pieces.end)
            if cut >= len(self._pieces.end):
                self._tell(data[:cut].decode())
                data = data[cut:]
            self._rest = data
        else:
            self._plain = False
            self._parser.feed(data)

    def _begin(self, data: bytes, *, last: bool) -> bytes:
        """Gives what stands before the pieces to the parser, as soon as they are seen, and returns the rest."""
        there = self._pieces.begin.search(data)
        if there is None and len(data) < LONGEST_TAG and not last:
            return data
        self._begun = True
        head = data[: there.end()] if there is not None else b""
        # Its declaration is the one instruction that may stand before the pieces.
        self._plain = _UTF_8.match(head) is not None and b"<!" not in head and head.count(b"<?") == 1
        self._parser.feed(head)
        return data[len(head) :]

    def _can_be_cut(self, data: bytes, came: int) -> bool:
        return b"<!" not in data and b"<?" not in data and (len(data) <= LONGEST_TAG + came or self._pieces.end in data)

    def _tell(self, text: str) -> None:
        end = self._pieces.end.decode()
        for piece in text.split(end)[:-1]:
            if not self._pieces.take(piece):
                self._parser.feed((piece + end).encode())

"""Records of XML documents, one after the other, from pieces of any size: bounded in depth, width and length.

A record is an element that the format names; it is given once it is closed, and nothing of it is kept. Documents with
a DTD or entities are refused (defusedxml).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable, VulnerabilityFileUnreadable
from sensors.errors import Place, Problem

PIECE: Final = 1 << 16
DEEPEST: Final = 64
LONGEST_TEXT: Final = 4 << 20
"""Characters of one text; what is beyond is cut off. The longest that is needed is the list of a scan's plugins."""
MOST_TEXT: Final = 64 << 20
MOST_ELEMENTS: Final = 300_000
"""Characters and elements of one record: a record with more is left out and told. A host has 40 for each finding."""
MOST_BYTES: Final = 8 << 30


@dataclass(slots=True)
class Element:
    """An element with what is in it; `line` is where it begins."""

    tag: str
    attributes: dict[str, str]
    line: int
    texts: list[str] = field(default_factory=list)
    length: int = 0
    children: list["Element"] = field(default_factory=list)

    @property
    def cut(self) -> bool:
        """Whether its text was longer than what is kept."""
        return self.length > LONGEST_TEXT

    @property
    def text(self) -> str:
        """Its own text, without that of what is in it."""
        return "".join(self.texts).strip()

    def first(self, *tags: str) -> "Element | None":
        """The first of its children with one of these tags."""
        return next((child for child in self.children if child.tag in tags), None)

    def every(self, tag: str) -> Iterator["Element"]:
        """All of its children with a tag."""
        return (child for child in self.children if child.tag == tag)

    def said(self, *path: str) -> str:
        """The text of what a path of tags leads to; empty where it leads nowhere."""
        at: Element | None = self
        for tag in path:
            at = at.first(tag) if at else None
        return at.text if at else ""


class _Collector:
    """What the parser calls: it builds records and forgets everything around them."""

    def __init__(self, records: frozenset[str], place: str) -> None:
        self.records = records
        self.place = place
        self.ready: deque[Element | Problem] = deque()
        self.open: list[Element] = []
        self.depth = 0
        self.count = 0
        self.size = 0
        self.skipped = 0
        self.parser: Any = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        name = tag.rpartition("}")[2]
        line = int(self.parser.parser.CurrentLineNumber)
        if self.depth > DEEPEST:
            raise VulnerabilityFileUnreadable(place=Place(self.place, line), reason="xml-too-deep")
        if not self.open and name not in self.records:
            return
        if not self.open:
            self.count = self.size = 0
        self.count += 1
        if self.skipped or self.count > MOST_ELEMENTS:
            self.skipped += 1
            return
        element = Element(name, attributes, line)
        if self.open:
            self.open[-1].children.append(element)
        self.open.append(element)

    def data(self, text: str) -> None:
        """Characters of the element that is open."""
        if self.open and not self.skipped:
            element = self.open[-1]
            self.size += len(text)
            if self.size < MOST_TEXT and element.length <= LONGEST_TEXT:
                element.texts.append(text[: LONGEST_TEXT - element.length])
                element.length += len(text)

    def end(self, _tag: str) -> None:
        """An element ends."""
        self.depth -= 1
        if self.skipped:
            self.skipped -= 1
            return
        if not self.open:
            return
        element = self.open.pop()
        if self.open:
            return
        if self.count > MOST_ELEMENTS or self.size >= MOST_TEXT:
            place = Place(self.place, element.line)
            self.ready.append(VulnerabilityEntryUnusable(place=place, value=element.tag, reason="entry-too-large"))
        else:
            self.ready.append(element)

    def close(self) -> None:
        """The document ends."""


def xml_records(octets: IO[bytes], place: str, *tags: str) -> Iterator[Element | Problem]:
    """The records of a document with one of these tags, outermost first; what breaks it is a problem at its end."""
    collector = _Collector(frozenset(tags), place)
    parser = DefusedXMLParser(target=collector, forbid_dtd=True)
    collector.parser = parser
    size = 0
    try:
        while piece := octets.read(PIECE):
            size += len(piece)
            if size > MOST_BYTES:
                raise VulnerabilityFileUnreadable(place=Place(place), reason="file-too-large")  # noqa: TRY301
            parser.feed(piece)
            while collector.ready:
                yield collector.ready.popleft()
        parser.close()
    except ParseError as error:
        line = error.position[0] if error.position else None
        problem = VulnerabilityFileUnreadable(place=Place(place, line), reason=str(error))
    except DefusedXmlException:
        problem = VulnerabilityFileUnreadable(place=Place(place), reason="xml-forbidden")
    except (OSError, EOFError, ValueError, LookupError) as error:
        problem = VulnerabilityFileUnreadable(place=Place(place), reason=str(error))
    except VulnerabilityFileUnreadable as error:
        problem = error
    else:
        yield from collector.ready
        return
    yield from collector.ready
    yield problem

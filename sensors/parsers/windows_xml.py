"""Windows events rendered as XML, one to a line, as forwarders send them: `<Event xmlns="…"><System>…`.

Windows SDK, "Event Schema" (EventType), as `wevtutil qe /f:xml` and EvtRender write it. What the XML says is the same
as in an EVTX file, and goes the same way. Text before the element (a syslog header) is passed over. Declarations of
types and entities are refused: no event has any, and they are how XML makes much of little.
"""

from collections.abc import Sequence
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import orjson

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.encoding import decode_lines
from sensors.parsers.locality import locality
from sensors.parsers.windows import Windows

MAX_DEPTH = 32
MAX_ELEMENTS = 4_096
_BEGIN, _END = "<Event ", "</Event>"
_UNNAMED = "Data"


class _RefusedError(ValueError):
    """The XML is deeper, longer or odder than an event's is."""


class WindowsXml:
    """Windows events as lines of XML."""

    name = "windows.xml"

    def __init__(self) -> None:
        self._windows = Windows()

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines hold a whole event."""
        texts, _ = decode_lines(head)
        return sum(_element(text) is not None and "<System>" in text for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line with an event is one of the dataset of its channel."""
        texts, encodings = decode_lines(lines.texts, lines.said(locality(lines.placed).encoding))
        rendered: dict[int, str] = {}
        rejects = []
        skipped = 0
        for row, text in enumerate(texts):
            if not text.strip():
                skipped += 1
                continue
            element = _element(text)
            try:
                if element is None:
                    rejects.append(reject(lines, row, "windows-no-event"))
                else:
                    rendered[row] = orjson.dumps({"Event": event_of(element)}).decode()
            except (ExpatError, _RefusedError, orjson.JSONEncodeError) as error:
                rejects.append(reject(lines, row, "windows-odd-xml", str(error)))
        if not rendered:
            return Parsed((), tuple(rejects), skipped)
        assembly = Assembly.of(lines, encodings)
        rejects += [reject(lines, row, reason) for row, reason in self._windows.parse(rendered, assembly)]
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped)


def _element(text: str) -> str | None:
    """The event's element in a line."""
    begin, end = text.find(_BEGIN), text.rfind(_END)
    return text[begin : end + len(_END)] if 0 <= begin < end else None


def event_of(element: str) -> dict[str, Any]:
    """The event as rendered EVTX has it: attributes below `#attributes`, data by their names.

    Raises:
        ExpatError: it is no well-formed XML.
        ValueError: it is too deep or too long, or declares types or entities.
    """
    tree = _Tree()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = tree.refuse
    parser.Parse(element, True)  # noqa: FBT003 - expat takes it by position
    return tree.root


class _Tree:
    """Elements as dicts; the stack holds each open element's attributes, children and text."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, str], dict[str, Any], list[str]]] = []
        self._elements = 0

    def refuse(self, *parts: object) -> None:
        raise _RefusedError(f"declares a type: {str(parts[0])[:60]}")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise _RefusedError("too deep or too long")
        said = {key: value for key, value in attributes.items() if key != "xmlns" and not key.startswith("xmlns:")}
        self._open.append((name.rpartition(":")[2], said, {}, []))

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1][3].append(data)

    def end(self, name: str) -> None:  # noqa: ARG002 - expat has checked it
        tag, attributes, children, pieces = self._open.pop()
        text = "".join(pieces)
        if tag == _UNNAMED and set(attributes) <= {"Name"} and not children:
            self._put(attributes.get("Name") or _UNNAMED, text)
            return
        value: Any = children
        if attributes:
            children["#attributes"] = attributes
        if text.strip():
            value = {**children, "#text": text} if children else text
        self._put(tag, value or None)

    def _put(self, name: str, value: Any) -> None:
        if not self._open:
            self.root = value if isinstance(value, dict) else {}
            return
        children = self._open[-1][2]
        if name not in children:
            children[name] = value
        elif isinstance(children[name], list):
            children[name].append(value)
        else:
            children[name] = [children[name], value]

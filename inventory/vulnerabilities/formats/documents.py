"""Objects of JSON documents of any size, one after the other, from an array or from lines; bounded one by one."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable, VulnerabilityFileUnreadable
from sensors.errors import Place, Problem

PIECE: Final = 1 << 20
LONGEST: Final = 8 << 20
"""Characters of one object, far beyond what an entry needs."""
MOST_BYTES: Final = 8 << 30
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_decode: Final[Callable[[str, int], tuple[Any, int]]] = json.JSONDecoder().raw_decode


class _Text:
    """What was read and is not yet used up."""

    def __init__(self, octets: IO[bytes], place: str) -> None:
        self.octets, self.place = octets, place
        self.text, self.at, self.size, self.ended = "", 0, 0, False
        self.rest = b""
        self.lines, self.counted = 1, 0

    def more(self) -> bool:
        """Reads another piece; False where there is none."""
        if self.ended:
            return False
        piece = self.octets.read(PIECE)
        self.size += len(piece)
        if self.size > MOST_BYTES:
            raise VulnerabilityFileUnreadable(place=Place(self.place), reason="file-too-large")
        self.ended = not piece
        octets = self.rest + piece
        # A piece may end within a character, which has at most four octets.
        cut = 0 if self.ended else next((n for n in range(1, 4) if octets[-n:][:1] >= b"\xc0"), 0)
        self.rest = octets[len(octets) - cut :] if cut else b""
        said = octets[: len(octets) - cut].decode("utf-8-sig" if self.size == len(piece) else "utf-8")
        self.line()
        self.text, self.at, self.counted = self.text[self.at :] + said, 0, 0
        return True

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """The value that stands next, as a whole."""
        self.peek()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except (json.JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError):
                    raise self.broken("json-too-deep") from error
                if len(self.text) - self.at > LONGEST:
                    raise self.broken("entry-too-large") from error
                # Where it breaks before the end of what was read, reading more would not mend it.
                whole = error.pos < len(self.text) - 16 and "Unterminated" not in error.msg
                if whole or not self.more():
                    raise self.broken(error.msg) from error
                continue
            except ValueError as error:
                raise self.broken(str(error)) from error
            # A number may go on in the next piece.
            if end == len(self.text) and not self.ended and self.more():
                continue
            self.at = end
            return value

    def expect(self, character: str) -> None:
        """Goes over a character that must stand next."""
        if self.peek() != character:
            raise self.broken(f"'{character}' expected")
        self.at += 1

    def line(self) -> int:
        """The line that reading is at."""
        self.lines += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.lines

    def broken(self, reason: str) -> VulnerabilityFileUnreadable:
        """What to tell of a document that is not as it should be."""
        return VulnerabilityFileUnreadable(place=Place(self.place, self.line()), reason=reason)


def array_objects(octets: IO[bytes], place: str, key: str) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    """The objects of the array that stands under a key, or of an array that is the document; each with its line."""
    text = _Text(octets, place)
    try:
        if text.peek() == "[":
            yield from _array(text)
            return
        yield from _within(text, key)
    except VulnerabilityFileUnreadable as problem:
        yield problem
    except (OSError, EOFError, UnicodeError) as error:
        yield VulnerabilityFileUnreadable(place=Place(place, text.line()), reason=str(error))


def _within(text: _Text, key: str) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    text.expect("{")
    while text.peek() != "}":
        name = text.value()
        text.expect(":")
        if name == key and text.peek() == "[":
            yield from _array(text)
        else:
            text.value()
        if text.peek() == ",":
            text.at += 1
        elif text.peek() != "}":
            raise text.broken("',' expected")


def _array(text: _Text) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    text.expect("[")
    while (character := text.peek()) != "]":
        if character == ",":
            text.at += 1
            continue
        line = text.line()
        value = text.value()
        if isinstance(value, dict):
            yield line, value
        else:
            where = Place(text.place, line)
            yield VulnerabilityEntryUnusable(place=where, value=str(value)[:80], reason="entry-no-object")
    text.at += 1


def line_objects(octets: IO[bytes], place: str) -> Iterator[tuple[int, Mapping[str, Any]] | Problem]:
    """The objects of a file with one on each line; a line that is none is told, and the rest goes on."""
    number = 0
    try:
        while line := octets.readline(LONGEST):
            number += 1
            if len(line) == LONGEST and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = octets.readline(LONGEST)
                yield VulnerabilityEntryUnusable(place=Place(place, number), value="", reason="entry-too-large")
                continue
            if not (stripped := line.strip()):
                continue
            try:
                value = json.loads(stripped)
            except (ValueError, RecursionError) as error:
                reason = "json-too-deep" if isinstance(error, RecursionError) else str(error)
                yield VulnerabilityEntryUnusable(place=Place(place, number), value="", reason=reason)
                continue
            if isinstance(value, dict):
                yield number, value
            else:
                yield VulnerabilityEntryUnusable(place=Place(place, number), value="", reason="entry-no-object")
    except (OSError, EOFError) as error:
        yield VulnerabilityFileUnreadable(place=Place(place, number), reason=str(error))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else ()

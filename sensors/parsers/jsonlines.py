"""Lines of JSON objects, loaded; what is not quite JSON is repaired where nothing is lost by it, else rejected.

A name that stands twice in one object keeps its last value, as in most readers of JSON (RFC 8259 section 4).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

import orjson

from sensors.event.block import Block
from sensors.parser import Lines
from sensors.parsers.assembly import reject
from sensors.parsers.compiling import worthwhile
from sensors.parsers.encoding import Encoding, decode
from sensors.parsers.layouts import Gathering, Layout
from sensors.reading.model import Reject

MAX_NESTING = 100
"""Deeper values cannot be written again by every store."""

_BLANK = b" \t\r\n"
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.")


@dataclass(slots=True)
class Loaded:
    """What the lines hold: their objects by layout, each at its line's index; blank lines are skipped.

    `taken` are layouts that compiled code found, `objects` those that were loaded one by one.
    """

    taken: list[Layout] = field(default_factory=list)
    objects: Gathering = field(default_factory=Gathering)
    encodings: dict[int, Encoding] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0

    def layouts(self, lines: Lines) -> Iterator[Layout]:
        """The layouts of these lines; those that cannot be events become rejects."""
        # One after the other: made all at once, the names and columns of hostile lines would fill the memory.
        for layout in merge(sorted(self.taken, key=_first), self.objects.layouts(), key=_first):
            fault = layout.fault
            if fault is None:
                yield layout
            else:
                self.rejects.extend(reject(lines, index, fault) for index in layout.rows)


def load(lines: Lines) -> Loaded:
    """The objects of these lines, those with the same leaves together."""
    found = Loaded()
    found.taken, left = taken_together(lines.texts)
    _load(lines, left, found)
    return found


def taken_together(
    texts: Sequence[bytes] | Sequence[str], fits: Callable[[dict[str, Any]], bool] | None = None
) -> tuple[list[Layout], Sequence[int]]:
    """The layouts that compiled code finds, and the indices of what it leaves: of all texts where they are few.

    `fits` is asked whether objects with the keys of this one are wanted; others are left.
    """
    if not worthwhile(len(texts)):
        return [], range(len(texts))
    from sensors.parsers.json_columns import layouts_of  # noqa: PLC0415 - loads for a second

    # A text that no UTF-8 can say is no JSON either.
    octets = [text.encode(errors="surrogatepass") if isinstance(text, str) else text for text in texts]
    return layouts_of(Block.of(octets), fits)


def _first(layout: Layout) -> int:
    return layout.rows[0]


def _load(lines: Lines, rows: Iterable[int], found: Loaded) -> None:
    """Load these lines one after the other."""
    loads = orjson.loads
    for index in rows:
        text = lines.texts[index]
        try:
            value = loads(text)
        except orjson.JSONDecodeError as error:
            if not text.strip(_BLANK):
                found.skipped += 1
                continue
            mended = _mended(text)
            if mended is None:
                found.rejects.append(reject(lines, index, "json-invalid", str(error)))
                continue
            value, found.encodings[index] = mended
        if value.__class__ is not dict:
            found.rejects.append(reject(lines, index, "json-not-object", type(value).__name__))
        elif not value:
            found.rejects.append(reject(lines, index, "json-empty"))
        elif len(text) > 2 * MAX_NESTING and text.count(b"{") + text.count(b"[") > MAX_NESTING and deeper(value):
            found.rejects.append(reject(lines, index, "json-too-deep"))
        else:
            found.objects.add(index, None, value)


def _mended(text: bytes) -> tuple[Any, Encoding] | None:
    """The value of JSON whose only fault is its encoding: bytes that are not UTF-8, half a surrogate pair."""
    decoded, encoding = decode(text, backslash="\\\\")
    if encoding is not None:
        try:
            return orjson.loads(decoded), encoding
        except orjson.JSONDecodeError:
            pass
    whole = _ESCAPE.sub(lambda escape: escape.group() if _valid(escape.group()) else r"\ufffd", decoded)
    if whole == decoded:
        return None
    try:
        return orjson.loads(whole), "escaped"
    except orjson.JSONDecodeError:
        return None


def _valid(escape: str) -> bool:
    return len(escape) != 6 or escape[1] != "u"


def deeper(value: Any) -> bool:
    """Whether objects and lists are nested deeper than `MAX_NESTING`, found without recursion."""
    level = [value]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if outer.__class__ is dict else outer)
            if inner.__class__ in (dict, list)
        ]
        if not level:
            return False
    return True

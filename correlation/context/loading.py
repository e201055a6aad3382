"""Loading context files: the good entries, and for everything else a problem with file, line and field.

A name that ends in `.csv` is a table as spreadsheets write it, UTF-8 or GB18030; everything else is YAML in UTF-8.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from correlation.context.documents import Document, Row, read_csv, read_yaml
from correlation.context.errors import (
    ContextConflict,
    ContextIncomplete,
    ContextProblem,
    ContextSpaceUnknown,
    ContextUnreadable,
    ContextValueUnusable,
)
from correlation.context.model import NOTHING, Entry, Known, Space
from correlation.context.values import LISTS, READERS, UnusableError
from sensors.errors import Place

_MOST_BYTES: Final = 128 << 20
_SHOWN: Final = 100
"""Characters of a wrong value that are shown."""
_COMPARED: Final = 16
"""Entries about the same addresses that each later one is compared with: a file of nothing else must end too."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What all files say together; `entries` and `spaces` in the order of files and lines."""

    entries: Sequence[Entry]
    spaces: Sequence[Space]
    problems: Sequence[ContextProblem]


def load_context(paths: Iterable[Path]) -> Loaded:
    """Read all files; none stops the others, no line stops the rest of its file."""
    problems: list[ContextProblem] = []
    documents = []
    for path in dict.fromkeys(paths):
        document = _read(path)
        problems += document.problems
        documents.append(document)
    spaces = [space for one in documents for row in one.spaces if (space := _space(row, problems)) is not None]
    names = {space.name for space in spaces}
    entries = [entry for one in documents for row in one.entries if (entry := _entry(row, names, problems)) is not None]
    problems += _conflicts(entries)
    return Loaded(entries, spaces, problems)


def _read(path: Path) -> Document:
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return Document(problems=[ContextUnreadable(place=Place(name), reason=error.strerror or str(error))])
    if len(content) > _MOST_BYTES:
        return Document(problems=[ContextUnreadable(place=Place(name), reason=f"longer than {_MOST_BYTES} bytes")])
    table = path.suffix.lower() == ".csv"
    try:
        text = _text(content, table=table)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = "context-encoding" if table else "context-not-utf-8"
        return Document(problems=[ContextUnreadable(place=Place(name, line), reason=reason)])
    return read_csv(text, name) if table else read_yaml(text, name)


def _text(content: bytes, *, table: bool) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not table:
            raise
        return content.decode("gb18030")


def _entry(row: Row, spaces: set[str], problems: list[ContextProblem]) -> Entry | None:
    values: dict[str, Any] = {}
    faults: list[ContextProblem] = []
    for key, text in row.said.items():
        place = Place(row.place.file, row.place.line, field=key)
        try:
            values[key] = READERS[key](str(text))
        except UnusableError as error:
            faults.append(ContextValueUnusable(place=place, value=str(text)[:_SHOWN], wanted=str(error)))
    begins, ends = values.get("valid_from"), values.get("valid_to")
    space = values.get("space", "")
    known = Known(**{name: values.get(name) for name in Known._fields})
    if faults:
        pass
    elif "network" not in values and "host" not in values:
        faults.append(ContextIncomplete(place=row.place, reason="context-about-nothing"))
    elif known == NOTHING:
        faults.append(ContextIncomplete(place=row.place, reason="context-says-nothing"))
    elif begins is not None and ends is not None and begins >= ends:
        faults.append(ContextIncomplete(place=row.place, reason="context-ends-first"))
    elif space and space not in spaces:
        faults.append(ContextSpaceUnknown(place=row.place, name=space, known=_nearest(space, spaces)))
    problems += faults
    if faults:
        return None
    return Entry(known, values.get("network"), values.get("host"), space, begins, ends, row.place)


def _nearest(name: str, names: set[str]) -> str:
    return ", ".join(get_close_matches(name, names, n=1) or sorted(names)[:5]) or "-"


def _space(row: Row, problems: list[ContextProblem]) -> Space | None:
    name = row.said.get("name")
    if not isinstance(name, str) or not row.said.keys() & LISTS:
        problems.append(ContextIncomplete(place=row.place, reason="context-space-incomplete"))
        return None
    vlan, tunnel_id, source = (_texts(row, key) for key in ("vlan", "tunnel_id", "source"))
    return Space(name, frozenset(vlan), frozenset(tunnel_id), source, row.place)


def _texts(row: Row, key: str) -> tuple[str, ...]:
    said = row.said.get(key, ())
    return (said,) if isinstance(said, str) else tuple(said)


def _conflicts(entries: Iterable[Entry]) -> Iterable[ContextProblem]:
    """Entries about the very same addresses at the same time that contradict each other: the first one counts."""
    same: dict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.range is not None:
            same[entry.space, entry.range].append(entry)
    for group in same.values():
        for place, later in enumerate(group):
            for first in group[: min(place, _COMPARED)]:
                if _overlap(first, later):
                    yield from _contradictions(first, later)


def _overlap(one: Entry, other: Entry) -> bool:
    def before(left: Entry, right: Entry) -> bool:
        return left.valid_to is not None and right.valid_from is not None and left.valid_to <= right.valid_from

    return not before(one, other) and not before(other, one)


def _contradictions(first: Entry, later: Entry) -> Iterable[ContextProblem]:
    for key, mine, other in zip(Known._fields, first.known, later.known, strict=True):
        if mine is not None and other is not None and mine != other:
            place = Place(later.place.file, later.place.line, field=key)
            yield ContextConflict(place=place, key=key, value=str(other), kept=str(mine), first=str(first.place))

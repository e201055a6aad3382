"""Which format a file, a folder or what was fetched has, found by its content, and its portions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from correlation.intelligence.errors import FeedFormatUnknown, FeedUnreadable
from correlation.intelligence.formats.csv_table import read_table, table_portions
from correlation.intelligence.formats.documents import load_document, mapping, parse_document
from correlation.intelligence.formats.misp import event_portion, events_of, is_event, is_feed, read_misp
from correlation.intelligence.formats.stix import bundle_portions
from correlation.intelligence.marks import Marks
from correlation.intelligence.model import Assumed, Portion
from sensors.errors import Place

_HEAD: Final = 64
_JSON: Final = (b"{", b"[{", b"[\n", b"[\r", b"[ ")
"""What a document begins with; a table may begin with an IPv6 address in brackets, or a name of `[.]`."""


def read_feed(path: Path, assumed: Assumed, position: str = "") -> Iterator[Portion]:
    """The portions of a file, of a feed of MISP, or of every file below a folder; what is broken is a problem.

    Files that are as they were when `position` was told are left out: same time of change, same size. What was broken
    is read again, since its rights may have been mended.

    Raises:
        FeedUnreadable: the path does not exist or cannot be read.
        FeedFormatUnknown: the file is of no known format.
    """
    marks = Marks(position)
    folder = path.is_dir()
    events = folder and is_feed(path)
    for file in _files(path) if folder else [path]:
        try:
            # As it is before it is read: what changes meanwhile is read once more.
            mark = _mark(file)
            if marks.known(str(file), mark):
                continue
            yield from _of_file(file, assumed, event=events)
        except (FeedUnreadable, FeedFormatUnknown) as problem:
            if not folder:
                raise
            yield Portion(problems=(problem,))
            continue
        marks.enter(str(file), mark)
        if (now := marks.due()) is not None:
            yield Portion(position=now)
    yield Portion(position=marks.ended())


def read_octets(data: bytes, origin: str, assumed: Assumed) -> Iterator[Portion]:
    """The portions of what was fetched.

    Raises:
        FeedUnreadable: it is not what its format says.
        FeedFormatUnknown: it is of no known format, such as a page for people.
    """
    head = _head(data[:_HEAD])
    if head.startswith(b"<"):
        raise FeedFormatUnknown(place=Place(origin))
    if head.startswith(_JSON):
        yield from _of_document(parse_document(data, Place(origin)), origin, assumed)
    else:
        yield from table_portions(data, origin, assumed)


def _files(folder: Path) -> list[Path]:
    if is_feed(folder):
        return events_of(folder)
    return sorted(one for one in folder.rglob("*") if one.is_file() and not one.name.startswith("."))


def _mark(file: Path) -> list[int]:
    try:
        found = file.stat()
    except OSError as error:
        raise FeedUnreadable(place=Place(str(file)), reason=error.strerror or str(error)) from error
    return [found.st_mtime_ns, found.st_size]


def _of_file(path: Path, assumed: Assumed, *, event: bool) -> Iterator[Portion]:
    """The portions of a file; `event`: it must be one of MISP."""
    try:
        with path.open("rb") as opened:
            head = _head(opened.read(_HEAD))
    except OSError as error:
        raise FeedUnreadable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    if event:
        yield from read_misp(path, assumed)
    elif head.startswith(_JSON):
        yield from _of_document(load_document(path), str(path), assumed)
    else:
        yield from read_table(path, assumed)


def _of_document(document: Any, origin: str, assumed: Assumed) -> Iterator[Portion]:
    if is_event(document):
        yield event_portion(document, origin, assumed)
    elif isinstance(document, list) or mapping(document).get("type") == "bundle" or "objects" in mapping(document):
        yield from bundle_portions(document, origin, assumed)
    else:
        raise FeedFormatUnknown(place=Place(origin))


def _head(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()

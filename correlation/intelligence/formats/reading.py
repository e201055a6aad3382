"""Which format a file or folder of indicators has, found by its content, and its portions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from correlation.intelligence.errors import FeedFormatUnknown, FeedUnreadable
from correlation.intelligence.formats.csv_table import read_table
from correlation.intelligence.formats.documents import load_document, mapping
from correlation.intelligence.formats.misp import event_portion, is_event, is_feed, read_feed_folder
from correlation.intelligence.formats.stix import bundle_portions
from correlation.intelligence.model import Assumed, Portion
from sensors.errors import Place

_HEAD: Final = 64


def read_feed(path: Path, assumed: Assumed) -> Iterator[Portion]:
    """The portions of a file, of a feed of MISP, or of every file below a folder; what is broken is a problem.

    Raises:
        FeedUnreadable: the path does not exist or cannot be read.
        FeedFormatUnknown: the file is of no known format.
    """
    if not path.is_dir():
        yield from _of_file(path, assumed)
    elif is_feed(path):
        yield from read_feed_folder(path, assumed)
    else:
        for file in sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")):
            try:
                yield from _of_file(file, assumed)
            except (FeedUnreadable, FeedFormatUnknown) as problem:
                yield Portion(problems=(problem,))


def _of_file(path: Path, assumed: Assumed) -> Iterator[Portion]:
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise FeedUnreadable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    if not head.startswith((b"{", b"[{", b"[\n", b"[\r", b"[ ")):
        yield from read_table(path, assumed)
        return
    document = load_document(path)
    if is_event(document):
        yield event_portion(document, str(path), assumed)
    elif isinstance(document, list) or mapping(document).get("type") == "bundle" or "objects" in mapping(document):
        yield from bundle_portions(document, str(path), assumed)
    else:
        raise FeedFormatUnknown(place=Place(str(path)))

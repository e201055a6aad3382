"""JSON documents of feeds, bounded, and safe to walk: what is not of the expected type counts as absent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.intelligence.errors import FeedUnreadable
from sensors.errors import Place

MOST_BYTES: Final = 128 << 20
"""A document is held in memory as a whole, usually about five times its size; larger feeds come in several."""
MOST_TAKEN: Final = 1 << 30
"""Octets of memory that a document may take at worst: `[{},{},...]` takes 24 times its size, and `[[[[]]],...]` 34."""
_CONTAINER: Final = 200
"""At most, measured: an object with one member 190, an empty array 87, with their places in what holds them."""
_MEMBER: Final = 150
"""At most, measured: a member of a large object with a name of its own; a short string in an array takes 61."""
_WIDE: Final = 4
"""Octets of a character in a string that has one beyond the Basic Multilingual Plane (PEP 393)."""


def load_document(path: Path) -> Any:
    """The JSON of a file.

    Raises:
        FeedUnreadable: it cannot be read, is too large, or is no JSON.
    """
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise FeedUnreadable(place=Place(str(path)), reason=str(error)) from error
    return parse_document(data, Place(str(path)))


def parse_document(data: bytes, place: Place) -> Any:
    """The JSON of these octets.

    Raises:
        FeedUnreadable: there are too many, or they would take too much memory, or they are no JSON (orjson refuses
            what is nested 1,024 deep).
    """
    if len(data) > MOST_BYTES or taken_at_most(data) > MOST_TAKEN:
        raise FeedUnreadable(place=place, reason="feed-too-large")
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise FeedUnreadable(place=place, reason=str(error)) from error


def taken_at_most(data: bytes) -> int:
    """How many octets of memory the document of these octets may take, by what opens and parts its values.

    Such characters in strings are counted as well; usual feeds come to nine times their size, to twelve in Chinese.
    """
    containers = data.count(b"{") + data.count(b"[")
    return containers * _CONTAINER + data.count(b",") * _MEMBER + len(data) * (1 if data.isascii() else _WIDE)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else ()

"""JSON documents of feeds, bounded, and safe to walk: what is not of the expected type counts as absent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.intelligence.errors import FeedUnreadable
from sensors.errors import Place

MOST_BYTES: Final = 256 << 20
"""A document is held in memory as a whole, about five times its size; larger feeds come in several."""


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
        FeedUnreadable: there are too many, or they are no JSON (orjson refuses what is nested 1,024 deep).
    """
    if len(data) > MOST_BYTES:
        raise FeedUnreadable(place=place, reason="feed-too-large")
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise FeedUnreadable(place=place, reason=str(error)) from error


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else ()

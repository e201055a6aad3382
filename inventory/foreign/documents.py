"""JSON and YAML documents of exports, bounded, and safe to walk: what is not of the expected type counts as absent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from inventory.foreign.errors import ForeignUnreadable
from sensors.errors import Place

MOST_OCTETS: Final = 256 << 20
MOST_YAML: Final = 4 << 20
_MOST_EVENTS: Final = 200_000
"""Pieces of a YAML document; aliases, by which small ones become large, are refused."""
_DEEPEST: Final = 50
"""Values within each other; what makes objects of them calls itself for each."""
_LONGEST: Final = 4_000
_CELL_ENDS: Final = (str, int, float)


def octets_of(path: Path, most: int = MOST_OCTETS) -> bytes:
    """A file as a whole.

    Raises:
        ForeignUnreadable: it cannot be read, or is larger than is read.
    """
    try:
        with path.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise ForeignUnreadable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    if len(data) > most:
        raise ForeignUnreadable(place=Place(str(path)), reason="foreign-too-large")
    return data


def json_of(data: bytes, place: Place) -> Any:
    """A JSON document (RFC 8259).

    Raises:
        ForeignUnreadable: it is none; nesting beyond 1,024 is refused by the parser.
    """
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ForeignUnreadable(place=place, reason="foreign-json") from error


def yaml_of(data: bytes, place: Place) -> Any:
    """A YAML document without aliases and without tags that make anything but plain values.

    Raises:
        ForeignUnreadable: it is none.
    """
    if len(data) > MOST_YAML:
        raise ForeignUnreadable(place=place, reason="foreign-too-large")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for count, event in enumerate(yaml.parse(data, Loader=loader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or count > _MOST_EVENTS or depth > _DEEPEST:
                raise ForeignUnreadable(place=place, reason="foreign-too-large")
        return yaml.load(data, Loader=loader)  # noqa: S506 - both loaders are the safe ones
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise ForeignUnreadable(place=Place(place.file, line), reason="foreign-yaml") from error


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def members(value: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list."""
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, Mapping))


def text(value: Any) -> str:
    """A text, a number or a truth value as the text of a cell; empty for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()[:_LONGEST] if isinstance(value, _CELL_ENDS) else ""

"""A file of indicators behind an address: a table, a STIX bundle or an event of MISP, asked for only if it has changed.

Conditional requests are those of RFC 9110, section 13.1: If-None-Match with the ETag of the last answer, and
If-Modified-Since with its Last-Modified for servers that have no ETag.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from correlation.intelligence.fetching import Fetcher, shown
from correlation.intelligence.formats.documents import mapping
from correlation.intelligence.formats.reading import read_octets
from correlation.intelligence.model import Assumed, Portion

MOST_BYTES: Final = 128 << 20
"""It is held in memory as a whole."""
_LONGEST: Final = 256
_CONDITIONS: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""Which field of an answer is asked about with which of the next request."""


def read_one_file(fetcher: Fetcher, url: str, position: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of the file; nothing where it is what it was when `position` was told.

    Raises:
        FeedUnreadable: it cannot be got or read.
        FeedFormatUnknown: it is of no known format.
    """
    answer = fetcher.get(url, MOST_BYTES, conditions=_conditions(position))
    if answer.unchanged:
        return
    yield from read_octets(answer.data, shown(url), assumed)
    yield Portion(position=_position(answer.headers))


def _conditions(position: str) -> Mapping[str, str]:
    try:
        said = mapping(orjson.loads(position))
    except orjson.JSONDecodeError:
        return {}
    return {asked: said[told] for told, asked in _CONDITIONS.items() if _usable(said.get(told))}


def _position(headers: Mapping[str, str]) -> str:
    said = {told: headers.get(told) for told in _CONDITIONS}
    return orjson.dumps({told: value for told, value in said.items() if _usable(value)}).decode()


def _usable(value: object) -> bool:
    """Whether this may stand in a request: what a server said goes back to it as it was."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()

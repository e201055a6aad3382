"""A file of indicators behind an address: a table, a STIX bundle or an event of MISP, asked for only if it has changed.

Conditional requests are those of RFC 9110, section 13.1: If-None-Match with the ETag of the last answer, and
If-Modified-Since with its Last-Modified for servers that have no ETag. Now and then it is asked for as a whole all the
same: a list without times says of what it still holds that it is bad today, and would decay while it does.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from correlation.intelligence.decay import DAY
from correlation.intelligence.fetching import Fetcher, shown
from correlation.intelligence.formats.documents import mapping
from correlation.intelligence.formats.reading import read_octets
from correlation.intelligence.model import Assumed, Portion

MOST_BYTES: Final = 128 << 20
"""It is held in memory as a whole."""
WHOLE: Final = 7 * DAY
"""After so long it is read whether it has changed or not: of the shortest lifetime a thirteenth."""
_READ: Final = "read"
_LONGEST: Final = 256
_CONDITIONS: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""Which field of an answer is asked about with which of the next request."""


def read_one_file(fetcher: Fetcher, url: str, position: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of the file; nothing where it is what it was when `position` was told.

    Raises:
        FeedUnreadable: it cannot be got or read.
        FeedFormatUnknown: it is of no known format.
    """
    answer = fetcher.get(url, MOST_BYTES, conditions=_conditions(position, assumed.now))
    if answer.unchanged:
        return
    yield from read_octets(answer.data, shown(url), assumed)
    yield Portion(position=_position(answer.headers, assumed.now))


def _conditions(position: str, now: int) -> Mapping[str, str]:
    try:
        said = mapping(orjson.loads(position))
    except orjson.JSONDecodeError:
        return {}
    read = said.get(_READ)
    if not isinstance(read, int) or not read <= now < read + WHOLE:
        # Long ago, or with a clock that was wrong.
        return {}
    return {asked: said[told] for told, asked in _CONDITIONS.items() if _usable(said.get(told))}


def _position(headers: Mapping[str, str], now: int) -> str:
    said = {told: headers.get(told) for told in _CONDITIONS}
    return orjson.dumps({_READ: now} | {told: value for told, value in said.items() if _usable(value)}).decode()


def _usable(value: object) -> bool:
    """Whether this may stand in a request: what a server said goes back to it as it was."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()

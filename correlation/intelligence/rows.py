"""Indicators as rows of the book, and what becomes of a row when its provider says something of the value once more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from correlation.intelligence.keys import key_of
from correlation.intelligence.model import Indicator

_FIELDS: Final = (
    "kind", "value", "provider", "confidence", "seen", "valid_from", "valid_until", "first_seen", "last_seen", "tags",
    "name", "description", "marking", "id",
)  # fmt: skip
_TAGS: Final = _FIELDS.index("tags")
COLUMNS: Final = ", ".join(_FIELDS)
"""What `indicator_of` takes, in SQL."""
_SIGHTINGS: Final = {
    name: f"{way}(coalesce({name}, excluded.{name}), coalesce(excluded.{name}, {name}))"
    for name, way in (("first_seen", "min"), ("last_seen", "max"))
}
_LATER: Final = {name: _SIGHTINGS.get(name, f"excluded.{name}") for name in _FIELDS if name != "provider"}
"""What each column becomes when a provider says something of a value once more."""
_ADD: Final = f"INSERT INTO indicator (key, {COLUMNS}) VALUES ({', '.join('?' * (len(_FIELDS) + 1))})"  # noqa: S608 - constants
NEW: Final = f"{_ADD} ON CONFLICT (key, provider) DO NOTHING"
"""Enters a row whose value its provider never told of."""
RENEW: Final = (
    f"{_ADD} ON CONFLICT (key, provider) DO UPDATE "
    f"SET {', '.join(f'{name} = {said}' for name, said in _LATER.items())} "
    f"WHERE ({', '.join(_LATER)}) IS NOT ({', '.join(_LATER.values())})"
)
"""Enters any row; one that says nothing new is left alone."""


def folded(indicators: Iterable[Indicator]) -> list[tuple[Any, ...]]:
    """A row, its key first and then `COLUMNS`, for each value of a provider: its last word, with all sightings.

    Were each word entered, the row would become another one twice at every reading of what did not change.
    """
    found: dict[tuple[bytes, str], Indicator] = {}
    for one in indicators:
        name = key_of(one.kind, one.value), one.provider
        before = found.get(name)
        if before is not None and (before.first_seen, before.last_seen) != (one.first_seen, one.last_seen):
            first = min(_known(before.first_seen, one.first_seen), default=None)
            last = max(_known(before.last_seen, one.last_seen), default=None)
            one = replace(one, first_seen=first, last_seen=last)  # noqa: PLW2901 - the same with more sightings
        found[name] = one
    return [_row(key, one) for (key, _), one in found.items()]


def _known(*times: int | None) -> list[int]:
    return [time for time in times if time is not None]


def _row(key: bytes, indicator: Indicator) -> tuple[Any, ...]:
    values = [getattr(indicator, name) for name in _FIELDS]
    values[_TAGS] = orjson.dumps(indicator.tags).decode()
    return (key, *values)


def indicator_of(row: Sequence[Any]) -> Indicator:
    """The indicator of a row of `COLUMNS`."""
    values = list(row)
    values[_TAGS] = tuple(orjson.loads(values[_TAGS]))
    return Indicator(**dict(zip(_FIELDS, values, strict=True)))

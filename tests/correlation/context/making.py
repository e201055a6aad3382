"""Entries for tests, from what stands in a file."""

from typing import Any

from correlation.context.addresses import range_of
from correlation.context.model import Entry, Known
from sensors.event.times import from_iso


def make_entry(
    network: str | None = None,
    *,
    host: str | None = None,
    space: str = "",
    begins: str | None = None,
    ends: str | None = None,
    **known: Any,
) -> Entry:
    one = None if network is None else range_of(network)
    assert one is not None or network is None
    return Entry(
        Known(**known),
        one,
        host,
        space,
        None if begins is None else from_iso(begins),
        None if ends is None else from_iso(ends),
    )

"""From values to the indicators of the book: what was looked up before is remembered, bounded, by what is not there.

Whether a value is in the book depends on the book alone; whether its indicator counts depends on the event's time, and
is judged for each event (correlation.intelligence.decay).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, Literal, TypeAlias

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.index import Index
from correlation.intelligence.keys import address_keys, observed_domain, packed, parents, url_key
from correlation.intelligence.model import Indicator, Kind

Shape: TypeAlias = Literal["host", "url", "hash", "ja3", "ja4"]
"""What a field holds: `host` is an address or a name."""
SHAPES: Final[Mapping[Shape, frozenset[Kind]]] = {
    "host": frozenset({"ip", "network", "domain"}),
    "url": frozenset({"url"}),
    "hash": frozenset({"hash"}),
    "ja3": frozenset({"ja3"}),
    "ja4": frozenset({"ja4"}),
}
_PREFIX: Final[Mapping[Shape, bytes]] = {"hash": b"h", "ja3": b"j", "ja4": b"k"}
MOST_KNOWN: Final = 200_000
"""Values remembered of each shape, some 25 MB; then it begins anew."""


class Lookup:
    """One state of the book, with what was asked of it."""

    def __init__(self, book: IndicatorBook, index: Index, allowed: AllowList) -> None:
        self._book = book
        self._index = index
        self._allowed = allowed
        kinds = set(index.about["kinds"])
        self.shapes = frozenset(shape for shape, those in SHAPES.items() if kinds & those)
        self._lengths = {int(size): tuple(found) for size, found in index.about["lengths"].items()}
        self._clean: dict[Shape, set[Any]] = {shape: set() for shape in SHAPES}
        self._hits: dict[Shape, dict[Any, tuple[Indicator, ...]]] = {shape: {} for shape in SHAPES}

    def find(self, shape: Shape, values: Sequence[Any]) -> Mapping[Any, tuple[Indicator, ...]]:
        """The values that have indicators, with these; a list in the column stands for each of its values."""
        clean = self._clean[shape]
        try:
            fresh = set(values) - clean
        except TypeError:
            fresh = set(chain.from_iterable(map(several, values))) - clean
        if not fresh:
            return {}
        hits, found = self._hits[shape], {}
        for value in fresh:
            known = hits.get(value)
            if known is None:
                known = self._ask(shape, value)
                (hits.__setitem__(value, known) if known else clean.add(value))
            if known:
                found[value] = known
        if len(clean) > MOST_KNOWN:
            self._clean[shape] = set()
        if len(hits) > MOST_KNOWN:
            self._hits[shape] = {}
        return found

    def _ask(self, shape: Shape, value: Any) -> tuple[Indicator, ...]:
        rows = self._index.rows
        found: tuple[Indicator, ...] = ()
        for key in self.keys(shape, value):
            places = rows(key)
            if places:
                found += self._book.at_key(key, places)
        return found

    def keys(self, shape: Shape, value: Any) -> Iterator[bytes]:
        """Under which keys a value may be in the book; none where it is in the allow list."""
        if shape == "url":
            key = url_key(value)
            if key is not None and not self._allowed.has_network(_host(key)):
                yield key
        elif not isinstance(value, str) or not value.isprintable():
            return
        elif shape != "host":
            yield _PREFIX[shape] + value.lower().encode()
        elif (octets := packed(value)) is not None:
            if not self._allowed.has_address(octets):
                yield from address_keys(octets, self._lengths[len(octets)])
        elif (name := observed_domain(value)) is not None and not self._allowed.has_domain(name):
            for one in parents(name):
                yield b"d" + one.encode()


def several(value: Any) -> Sequence[Any]:
    """What a row shows: the hashable members of a list, or the value by itself."""
    if isinstance(value, list):
        return [one for one in value if one.__class__ is str]
    return () if isinstance(value, dict) else (value,)


def _host(key: bytes) -> str:
    """The host in the key of a URL, without its port."""
    text = key[1:].decode().partition("/")[0]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]

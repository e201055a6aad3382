"""From values to the indicators of the book: what was looked up before is remembered, bounded, by what is not there.

Whether a value is in the book depends on the book alone; whether its indicator counts depends on the event's time, and
is judged for each event (correlation.intelligence.decay).
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final, Literal, TypeAlias
from zlib import crc32

from correlation.addresses import packed
from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.index import Index
from correlation.intelligence.keys import observed_domain, url_key
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
_ADDRESS: Final = crc32(b"a")
_DOMAIN: Final = crc32(b"d")
_PREFIX: Final[Mapping[Shape, bytes]] = {"hash": b"h", "ja3": b"j", "ja4": b"k"}
_LISTS: Final = frozenset({list, type(None)})
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
        lengths: Mapping[str, Sequence[int]] = index.about["lengths"]
        self._networks = {
            int(size): tuple(_network(int(size), one) for one in found) for size, found in lengths.items()
        }
        self._clean: dict[Shape, set[Any]] = {shape: set() for shape in SHAPES}
        self._hits: dict[Shape, dict[Any, tuple[Indicator, ...]]] = {shape: {} for shape in SHAPES}

    def find(self, shape: Shape, values: Sequence[Any]) -> Mapping[Any, tuple[Indicator, ...]]:
        """The values that have indicators, with these; a list in the column stands for each of its values."""
        clean = self._clean[shape]
        fresh = _distinct(values) - clean
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
        found: tuple[Indicator, ...] = ()
        for key in self._keys(shape, value):
            places = self._index.rows(key)
            if places:
                found += self._book.at_key(key, places)
        return found

    def _keys(self, shape: Shape, value: Any) -> Sequence[bytes]:
        """Under which keys a value may be in the book; none where it is in the allow list.

        Nearly all values have none: the filter is asked before the allow list.
        """
        if shape == "url":
            return self._url(value)
        if not isinstance(value, str) or not value.isprintable():
            return ()
        if shape != "host":
            return (_PREFIX[shape] + value.lower().encode(),)
        if value[-1:].isdigit() or ":" in value:
            octets = packed(value)
            if octets is not None:
                found = self._address(octets)
                return () if found and self._allowed.has_address(octets) else found
        name = observed_domain(value)
        if name is None:
            return ()
        found = self._domain(name)
        return () if found and self._allowed.has_domain(name) else found

    def _url(self, value: Any) -> Sequence[bytes]:
        """The key of a URL, as far as the filter lets it pass."""
        key = url_key(value)
        if key is None or not self._index.may_hold(crc32(key)):
            return ()
        return () if self._allowed.has_network(_host(key)) else (key,)

    def _address(self, octets: bytes) -> list[bytes]:
        """Keys of an address and of the networks that it lies in, as far as the filter lets them pass.

        This and `_domain` run for every new value: they ask the filter before they make a key.
        """
        may_hold, size = self._index.may_hold, len(octets)
        keys = [b"a" + octets] if may_hold(crc32(octets, _ADDRESS)) else []
        number = int.from_bytes(octets, "big")
        for mask, seed, head in self._networks[size]:
            first = (number & mask).to_bytes(size, "big")
            if may_hold(crc32(first, seed)):
                keys.append(head + first)
        return keys

    def _domain(self, name: str) -> list[bytes]:
        """Keys of a name and of those above it, down to two labels, as far as the filter lets them pass."""
        may_hold, text = self._index.may_hold, name.encode()
        keys = []
        last = text.rfind(b".")
        start = 0
        while start <= last:
            part = text[start:]
            if may_hold(crc32(part, _DOMAIN)):
                keys.append(b"d" + part)
            start = text.find(b".", start) + 1
        return keys


def _distinct(values: Sequence[Any]) -> set[Any]:
    """The values of a column, and those in its lists, each once."""
    try:
        return set(values)
    except TypeError:  # lists, as a rule of texts
        pass
    try:
        if set(map(type, values)) <= _LISTS:
            return set(chain.from_iterable(filter(None, values)))
        return set(chain.from_iterable(value if value.__class__ is list else (value,) for value in values))
    except TypeError:
        return set(chain.from_iterable(map(several, values)))


def several(value: Any) -> Sequence[Any]:
    """What a row shows: the hashable members of a list, or the value by itself."""
    if isinstance(value, list):
        return [one for one in value if one.__class__ is str]
    return () if isinstance(value, dict) else (value,)


def _network(size: int, length: int) -> tuple[int, int, bytes]:
    """Of networks of one length: the mask, and the beginning of their keys, as checksum and as it is."""
    bits = 8 * size
    head = b"n%c" % length
    return (1 << bits) - (1 << (bits - length)), crc32(head), head


def _host(key: bytes) -> str:
    """The host in the key of a URL, without its port."""
    text = key[1:].decode().partition("/")[0]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]

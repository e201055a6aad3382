"""Looking up what events show: the columns that hold addresses, names, URLs and hashes, each distinct value once.

Values repeat, so what is not in the book is remembered and costs a membership in a set from then on; what is new goes
through the index. Of several indicators in one event the surest counts, then the field that stands first below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Final

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import judge, word
from correlation.intelligence.looking import Lookup, Shape, several
from correlation.intelligence.model import ECS_TYPES, Indicator
from correlation.settings import IntelligenceSettings
from sensors.event.model import Batch, Column
from sensors.event.times import SECOND, Clock

FIELDS: Final[tuple[tuple[str, Shape], ...]] = (
    ("source.ip", "host"),
    ("destination.ip", "host"),
    ("dns.question.name", "host"),
    ("dns.resolved_ip", "host"),
    ("zeek.dns.answers", "host"),
    ("suricata.eve.dns.grouped.CNAME", "host"),
    ("suricata.eve.dns.grouped.A", "host"),
    ("suricata.eve.dns.grouped.AAAA", "host"),
    ("tls.client.server_name", "host"),
    ("url.domain", "host"),
    ("url.full", "url"),
    ("file.hash.md5", "hash"),
    ("file.hash.sha1", "hash"),
    ("file.hash.sha256", "hash"),
    ("process.hash.md5", "hash"),
    ("process.hash.sha1", "hash"),
    ("process.hash.sha256", "hash"),
    ("dll.hash.md5", "hash"),
    ("dll.hash.sha1", "hash"),
    ("dll.hash.sha256", "hash"),
    ("tls.client.ja3", "ja3"),
    ("tls.client.ja4", "ja4"),
    ("winlog.event_data.DestinationIp", "host"),
    ("winlog.event_data.DestinationHostname", "host"),
    ("winlog.event_data.QueryName", "host"),
)
"""Where to look, and as what. A URL is also put together from url.domain and url.original."""
ANSWERS: Final[tuple[tuple[str, str, str], ...]] = (
    ("dns.answers", "type", "data"),
    ("suricata.eve.dns.answers", "rrtype", "rdata"),
    ("suricata.eve.dns.answer.answers", "rrtype", "rdata"),
)
"""Columns of answers of DNS, and under which keys each has its type and its data: ECS, Suricata's dns and alert."""
INDICATOR_FIELDS: Final = ("threat.indicator.", "hanwatch.indicator.")
"""Beginnings of the fields that say what was found."""
RESOLVED: Final = "dns.resolved_ip"
ALIASES: Final = ("CNAME", "DNAME")
"""Types whose data is another name for what was asked (RFC 1034, section 3.6.2; RFC 6672)."""
ADDRESSES: Final = ("A", "AAAA")
DOMAIN, TARGET = "url.domain", "url.original"
_REFRESH: Final = 10 * SECOND
"""How long a new index may stay unnoticed."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An indicator that counts for a row, in which field, and how sure it still is."""

    indicator: Indicator
    field: str
    confidence: int


class Intelligence:
    """The enricher that tells events with indicators."""

    def __init__(self, book: IndicatorBook, settings: IntelligenceSettings, allowed: AllowList, clock: Clock) -> None:
        self._book = book
        self._settings = settings
        self._allowed = allowed
        self._clock = clock
        # The stamp comes first: what changes while the index is opened is noticed by the next look at it.
        self._stamp = _stamp(book)
        self._lookup = Lookup(book, book.index(), allowed)
        self._looked = clock()

    def enrich(self, batch: Batch) -> Batch:
        """The batch with threat.indicator.* and hanwatch.indicator.*; the same object where nothing matches."""
        self._refresh()
        if not self._lookup.shapes:
            return batch
        hits: dict[int, Hit] = {}
        for name, shape, values in self._shown(batch):
            found = self._lookup.find(shape, values)
            if found:
                self._judge(batch, name, values if len(values) == len(batch) else values * len(batch), found, hits)
        return told(batch, hits) if hits else batch

    def _shown(self, batch: Batch) -> Iterator[tuple[str, Shape, Any]]:
        """The columns to look at; a constant is a column of one value."""
        columns, constants, shapes = batch.columns, batch.constants, self._lookup.shapes
        for name, shape in FIELDS:
            if shape not in shapes:
                continue
            if name in columns:
                yield name, shape, columns[name]
            elif name in constants:
                yield name, shape, (constants[name],)
        if "host" in shapes:
            # Where the addresses have a column of their own they were looked at there.
            wanted = ALIASES if RESOLVED in columns or RESOLVED in constants else ALIASES + ADDRESSES
            for name, kind, data in ANSWERS:
                if name in columns or name in constants:
                    cells = columns[name] if name in columns else (constants[name],)
                    yield name, "host", _answered(cells, kind, data, wanted)
        if "url" in shapes and (TARGET in columns or TARGET in constants):
            hosts, targets = _column(batch, DOMAIN), _column(batch, TARGET)
            yield TARGET, "url", list(zip(hosts, targets, strict=True))

    def _judge(
        self, batch: Batch, name: str, values: Sequence[Any], found: Mapping[Any, tuple[Indicator, ...]],
        hits: dict[int, Hit],
    ) -> None:  # fmt: skip
        """Enter what counts at the time of each event, where it is surer than what was entered before."""
        lifetimes, minimum = self._settings.lifetimes, self._settings.minimum_confidence
        for row in _rows(values, found):
            for one in several(values[row]):
                for indicator in found.get(one, ()):
                    judged = judge(indicator, int(batch.times[row]), lifetimes, minimum)
                    if judged.reason is None and (row not in hits or judged.confidence > hits[row].confidence):
                        hits[row] = Hit(indicator, name, judged.confidence)

    def _refresh(self) -> None:
        """Take the book as it is now, if it was changed."""
        now = self._clock()
        if now - self._looked < _REFRESH:
            return
        self._looked = now
        stamp = _stamp(self._book)
        if stamp != self._stamp:
            # Another process may be filling the book: it makes the index when it is done, and matching does not wait.
            self._lookup = Lookup(self._book, self._book.last_index(), self._allowed)
            self._stamp = stamp


def told(batch: Batch, hits: Mapping[int, Hit]) -> Batch:
    """The batch with what its hits say. What an event itself says in a field of ECS stays, in its row."""
    columns: dict[str, Any] = dict(batch.columns)
    constants = dict(batch.constants)
    for name, values in _told(hits).items():
        column = batch.columns.get(name)
        said = [batch.constants.get(name)] * len(batch) if column is None else list(column)
        for row, value in values.items():
            if said[row] is None:
                said[row] = value
        constants.pop(name, None)
        columns[name] = said
    return replace(batch, columns=columns, constants=constants)


def _told(hits: Mapping[int, Hit]) -> dict[str, dict[int, Any]]:
    """Values by field and row."""
    said: dict[str, dict[int, Any]] = {
        "threat.indicator.type": {row: ECS_TYPES[hit.indicator.kind] for row, hit in hits.items()},
        "threat.indicator.name": {row: hit.indicator.value for row, hit in hits.items()},
        "threat.indicator.provider": {row: hit.indicator.provider for row, hit in hits.items()},
        "threat.indicator.confidence": {row: word(hit.confidence) for row, hit in hits.items()},
        "threat.indicator.marking.tlp": {row: hit.indicator.marking or None for row, hit in hits.items()},
        "hanwatch.indicator.confidence": {row: hit.confidence for row, hit in hits.items()},
        "hanwatch.indicator.field": {row: hit.field for row, hit in hits.items()},
        "hanwatch.indicator.id": {row: hit.indicator.id for row, hit in hits.items()},
    }
    return {name: values for name, values in said.items() if any(value is not None for value in values.values())}


def _answered(cells: Column, kind: str, data: str, wanted: tuple[str, ...]) -> list[list[Any] | None]:
    """The data of those answers in each cell that are of a wanted type; None where there are none.

    Most cells have none, and a list for each of them would take twice as long.
    """
    found: list[list[Any] | None] = [None] * len(cells)
    for row, cell in enumerate(cells):
        if cell.__class__ is list:
            for one in cell:
                if one.__class__ is dict and one.get(kind) in wanted:
                    shown = found[row]
                    if shown is None:
                        found[row] = [one.get(data)]
                    else:
                        shown.append(one.get(data))
    return found


def _rows(values: Sequence[Any], found: Mapping[Any, Any]) -> list[int]:
    """The rows that show one of these values."""
    try:
        return list(compress(range(len(values)), map(found.__contains__, values)))
    except TypeError:
        return [row for row, value in enumerate(values) if not found.keys().isdisjoint(several(value))]


def _column(batch: Batch, name: str) -> Column:
    """A field's value in every row; None where the batch lacks it."""
    found = batch.columns.get(name)
    return [batch.constants.get(name)] * len(batch) if found is None else found


def _stamp(book: IndicatorBook) -> tuple[int, int, int] | None:
    """What changes when the index is replaced, or indicators say something else than before."""
    try:
        found = book.index_path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, book.content

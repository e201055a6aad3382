"""Messages of the protocols in sensors.capture.protocols: read, brought together by flow, told as batches of events.

They are few beside those of DNS, TLS and HTTP, so each is an object of the interpreter; what waits is bounded for each
flow, and is told alone when its flow ends.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from sensors.capture import flows
from sensors.capture.compiled import Longs, Octets, Words
from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.capture.pairing import OWN_PROTOCOLS, WAITING
from sensors.capture.protocols.model import Context, Fields, Message, NotThis, Pairing, Side
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import FRAMINGS, READERS
from sensors.capture.table import (
    M_AT,
    M_CUT,
    M_FROM,
    M_KEY,
    M_KIND,
    M_LENGTH,
    M_ORDINAL,
    M_ORIGIN,
    M_SLOT,
    M_TALK,
    M_TIME,
    M_TURNED,
    MODE_GENERAL,
    R_TALK,
    Table,
)
from sensors.event.model import BATCH_ROWS, Batch, Column, Source

_KEPT: Final = 4_096
"""How many distinct messages are remembered: polls of controllers and clocks repeat themselves."""
_UNTIMED: Final = 9
"""The bit of a layout's number, beside those of flows, for messages that have no time of their own."""
_TAGS: Final = [int.from_bytes(protocol.name.encode(), "little") for protocol in REGISTRY]
_CONSTANTS: Final[list[dict[str, Any]]] = [
    {
        "event.module": "network", "event.kind": "event", "event.category": list(protocol.category),
        "event.type": list(protocol.types), "network.protocol": protocol.name,
    }
    for protocol in REGISTRY
]


class _Said(NamedTuple):
    """A message that was read, and its row (M_)."""

    message: Message
    row: Words


@dataclass(slots=True)
class _Talk:
    """What a flow has said so far: its protocol, a place in the registry, and what waits, the oldest first."""

    protocol: int
    waiting: deque[_Said] = field(default_factory=deque)


class _Told(NamedTuple):
    """An event: the row of the message that began it."""

    protocol: int
    row: Words
    fields: Fields
    duration: int


@lru_cache(_KEPT)
def _read(protocol: int, octets: bytes, context: Context) -> Message | None:
    """What a message says to a protocol's parser; it is pure, so what it said once holds."""
    try:
        return REGISTRY[protocol].parse(octets, context)
    except NotThis:
        return None


class Exchanges:
    """The messages of one capture that go the general way."""

    def __init__(self, data: Octets, table: Table, source: Source, received: int) -> None:
        """Read messages from the capture's bytes and from the arena in which the table put them together."""
        self._data = data
        self._arena = table.arena
        self._carriers = table.carrier_keys
        self._source = source
        self._received = received
        self._talks: dict[int, _Talk] = {}
        self._ready: list[_Told] = []
        self._told = 0
        self.unread = 0
        """Messages that looked like a protocol and were not."""

    def take(self, messages: Words) -> None:
        """Read messages of general kinds in order (sensors.capture.table, M_)."""
        for row in messages:
            kind, talk = int(row[M_KIND]) - MODE_GENERAL, self._talks.get(int(row[M_TALK]))
            readers = READERS[kind] if talk is None or talk.protocol not in READERS[kind] else (talk.protocol,)
            source = self._data if row[M_SLOT] < 0 else self._arena
            octets = source[row[M_AT] : row[M_AT] + row[M_LENGTH]].tobytes()
            tail = int(row[M_KEY + 4]) & 0xFFFF_FFFF_FFFF_FFFF
            low, high = tail >> 32 & 0xFFFF, tail >> 16 & 0xFFFF
            # The key's lower address is the originator's where M_ORIGIN is 0.
            ports = (low, high) if row[M_FROM] == row[M_ORIGIN] else (high, low)
            context = Context(FRAMINGS[kind], bool(row[M_FROM]), *ports, bool(row[M_CUT]))
            for protocol in readers:
                message = _read(protocol, octets, context)
                if message is not None:
                    if talk is None:
                        talk = self._talks[int(row[M_TALK])] = _Talk(protocol)
                    self._enter(talk, protocol, _Said(message, row.copy()))
                    break
            else:
                self.unread += 1

    def _enter(self, talk: _Talk, protocol: int, said: _Said) -> None:
        """Tell a message, or let it wait for another, or bring it together with one that waits."""
        message, row = said
        if message.side is Side.SILENT:
            return
        if message.side is Side.ALONE:
            self._tell(protocol, row, message.fields)
            return
        pairing = REGISTRY[protocol].pairing
        if pairing is not Pairing.ANSWERS or message.side is Side.ANSWERS:
            same_side = pairing is Pairing.PARTS
            for place, other in enumerate(talk.waiting):
                if (other.row[M_FROM] == row[M_FROM]) == same_side and other.message.key == message.key:
                    del talk.waiting[place]
                    self._pair(protocol, other, said)
                    return
            if pairing is Pairing.ANSWERS:
                self._tell(protocol, row, message.fields)
                return
        if len(talk.waiting) >= WAITING:
            oldest = talk.waiting.popleft()
            self._tell(protocol, oldest.row, oldest.message.fields)
        talk.waiting.append(said)

    def _pair(self, protocol: int, first: _Said, second: _Said) -> None:
        """Tell two messages as one event, at the time of the first."""
        asked, answered = first.message, second.message
        if asked.side is Side.ANSWERS and answered.side is Side.ASKS:
            asked, answered = answered, asked
        duration = -1
        if REGISTRY[protocol].pairing is Pairing.ANSWERS:
            duration = max(int(second.row[M_TIME]) - int(first.row[M_TIME]), 0)
        self._tell(protocol, first.row, REGISTRY[protocol].together(asked, answered), duration)

    def _tell(self, protocol: int, row: Words, fields: Fields, duration: int = -1) -> None:
        self._ready.append(_Told(protocol, row, fields, duration))

    def end(self, ended: Words, names: Words) -> None:
        """Tell what was still waiting in flows that ended, and name their protocol.

        Args:
            ended: their rows (sensors.capture.table, R_).
            names: the place of each flow's protocol in `sensors.capture.pairing.PROTOCOLS`, written where it is known.
        """
        if not self._talks:
            return
        for place, number in enumerate(ended[:, R_TALK].tolist()):
            talk = self._talks.pop(number - 1, None)
            if talk is None:
                continue
            names[place] = OWN_PROTOCOLS + talk.protocol
            for said in talk.waiting:
                self._tell(talk.protocol, said.row, said.message.fields)

    def batches(self) -> Iterator[Batch]:
        """Batches of what is ready to be told, by dataset and layout, in the order in which it became ready."""
        ready, self._ready = self._ready, []
        if not ready:
            return
        rows = np.array([told.row for told in ready])
        keys = rows[:, M_KEY : M_KEY + 6].view(np.uint64)
        layouts = (flows.layouts(keys, self._carriers) | (rows[:, M_TIME] == 0) << _UNTIMED).tolist()
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, (told, layout) in enumerate(zip(ready, layouts, strict=True)):
            group = (told.protocol, layout, told.duration >= 0, tuple(told.fields))
            groups.setdefault(group, []).append(place)
        ids = self._ids(ready, keys, rows)
        for (protocol, layout, timed, names), places in groups.items():
            for begin in range(0, len(places), BATCH_ROWS):
                part = places[begin : begin + BATCH_ROWS]
                chosen = rows[part]
                columns = self._shared(chosen, layout)
                columns |= {name: [ready[place].fields[name] for place in part] for name in names}
                if timed:
                    columns["event.duration"] = np.array([ready[place].duration for place in part], np.int64)
                constants, times = _CONSTANTS[protocol], chosen[:, M_TIME].copy()
                if layout >> _UNTIMED:
                    constants = constants | {"hanwatch.time.origin": "received"}
                    times = np.full(len(part), self._received, np.int64)
                yield Batch(
                    dataset=f"network.{REGISTRY[protocol].name}",
                    source=self._source,
                    received=self._received,
                    times=times,
                    ids=[ids[place] for place in part],
                    ordinals=chosen[:, M_ORDINAL].copy(),
                    constants=constants,
                    columns=columns,
                )

    def _shared(self, rows: Words, layout: int) -> dict[str, Column]:
        """The columns that say between whom and where, of rows of one layout."""
        keys = np.ascontiguousarray(rows[:, M_KEY : M_KEY + 6]).view(np.uint64)
        some = flows.layout_columns(keys, rows[:, M_ORIGIN], rows[:, M_TURNED], self._carriers)
        return flows.endpoints(keys, rows[:, M_ORIGIN]) | {name: some[name] for name in flows.layout_names(layout)}

    def _ids(self, ready: list[_Told], keys: Longs, rows: Words) -> list[str]:
        """Ids of the events; their running number keeps those of one packet apart."""
        contents = np.empty((len(ready), CONTENT_WORDS), np.uint64)
        contents[:, 0] = [_TAGS[told.protocol] for told in ready]
        contents[:, 1:7] = keys
        contents[:, 7] = rows[:, M_TIME]
        contents[:, 8] = np.arange(self._told + 1, self._told + 1 + len(ready))
        self._told += len(ready)
        return event_ids(self._source.id, np.ascontiguousarray(rows[:, M_ORDINAL]), contents)

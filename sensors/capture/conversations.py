"""What the messages of a capture say: DNS transactions, TLS connections and HTTP exchanges as batches of events.

A query and its answer are one event, as are a request and its response, and the two sides of a TLS handshake; its time
and number are those of the packet that began it. What stays unanswered is told when its flow ends, or when too much of
it waits. Fields stay in the parsers' cached answers until a batch is made, so an event costs no dict of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from sensors.capture import dns, flows, http, tls
from sensors.capture.compiled import Longs, Octets, Words
from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.capture.table import (
    KIND_DATAGRAM,
    M_AT,
    M_COLUMNS,
    M_FROM,
    M_KEY,
    M_KIND,
    M_LENGTH,
    M_ORDINAL,
    M_ORIGIN,
    M_SERIAL,
    M_SLOT,
    M_TIME,
    MODE_DNS,
    MODE_HTTP,
    MODE_TLS,
)
from sensors.event.model import BATCH_ROWS, Batch, Column, Source

_WAITING: Final = 128
"""How many queries or requests of one flow wait for their answers; the oldest is then told without one."""

_SHARED: Final[dict[str, Any]] = {"event.module": "network", "event.kind": "event"}
CONSTANTS: Final[dict[str, dict[str, Any]]] = {
    "network.dns": {**_SHARED, "event.category": ["network"], "event.type": ["protocol", "info"]},
    "network.tls": {**_SHARED, "event.category": ["network"], "event.type": ["protocol", "start"]},
    "network.http": {**_SHARED, "event.category": ["network", "web"], "event.type": ["protocol", "access"]},
}
_TAGS: Final = {dataset: int.from_bytes(dataset[8:].encode(), "little") for dataset in CONSTANTS}
_DNS_PORTS: Final = {5353: "mdns", 5355: "llmnr"}


_LINE = M_COLUMNS * 8
_CHOSEN = (M_KIND, M_FROM, M_SERIAL, M_TIME, M_ORDINAL, M_SLOT, M_AT, M_LENGTH, M_KEY + 4)

Fields: TypeAlias = Mapping[str, Any]


class _Event:
    """An event in the making.

    `line` is its message's row as bytes; `parts` are mappings of fields, none of which has a field of another;
    `duration` in ns is there once an answer was seen.
    """

    __slots__ = ("dataset", "duration", "line", "parts", "protocol", "sender", "time")

    def __init__(self, line: bytes, dataset: str, protocol: str, time: int, sender: int, *parts: Fields) -> None:
        self.line = line
        self.dataset = dataset
        self.protocol = protocol
        self.time = time
        self.sender = sender
        self.parts = parts
        self.duration = -1


class _Talk:
    """What one flow has said so far."""

    __slots__ = ("hellos", "protocol", "queried", "queries", "requests")

    def __init__(self) -> None:
        self.protocol = ""
        self.queries: dict[tuple[int, tuple[str, str]], list[_Event]] = {}
        self.queried = 0
        self.requests: list[_Event] = []
        self.hellos: dict[bool, tuple[int, bytes, tls.Hello]] = {}


class Conversations:
    """The messages of one capture, by the flow that they belong to; as many flows as the flow table holds open."""

    def __init__(self, data: Octets, arena: Octets, source: Source, received: int) -> None:
        """Read messages from the capture's bytes and from the arena in which they were put together."""
        self._data = memoryview(data.data)
        self._arena = memoryview(arena.data)
        self._source = source
        self._received = received
        self._talks: dict[int, _Talk] = {}
        self._ready: list[_Event] = []
        self._told = 0
        self.unread = 0
        """Messages that looked like a protocol and were not, or whose beginning alone was seen."""

    def take(self, messages: Words) -> None:
        """Read messages as the flow table hands them out (sensors.capture.table, M_)."""
        lines = messages.tobytes()
        columns = [messages[:, column].tolist() for column in _CHOSEN]
        talks = self._talks
        for nth, (kind, sender, serial, time, ordinal, slot, at, length, tail) in enumerate(zip(*columns, strict=True)):
            line = lines[nth * _LINE : (nth + 1) * _LINE]
            octets = bytes((self._data if slot < 0 else self._arena)[at : at + length])
            talk = talks.get(serial)
            if talk is None:
                talk = talks[serial] = _Talk()
            try:
                if kind == KIND_DATAGRAM:
                    self._dns(talk, line, time, sender, tail, octets)
                elif kind == MODE_HTTP:
                    self._http(talk, line, time, sender, octets)
                elif kind == MODE_TLS:
                    self._tls(talk, line, ordinal, octets)
                elif kind == MODE_DNS:
                    self._dns(talk, line, time, sender, tail, octets[2:])
            except (dns.NotDns, http.NotHttp, tls.NotTls):
                self.unread += 1

    def end(self, serials: Iterable[int]) -> dict[int, str]:
        """Tell what was still waiting in flows that ended; returns the names of their protocols by serial number."""
        names: dict[int, str] = {}
        for serial in serials:
            talk = self._talks.pop(serial, None)
            if talk is None:
                continue
            if talk.protocol:
                names[serial] = talk.protocol
            for waiting in talk.queries.values():
                self._ready += waiting
            self._ready += talk.requests
            if talk.hellos:
                self._tell_tls(talk)
        return names

    def _dns(self, talk: _Talk, line: bytes, time: int, sender: int, tail: int, octets: bytes) -> None:
        message = dns.parse(octets[2:])
        number = octets[0] << 8 | octets[1]
        protocol = _DNS_PORTS.get(tail >> 32 & 0xFFFF) or _DNS_PORTS.get(tail >> 16 & 0xFFFF) or "dns"
        talk.protocol = talk.protocol or protocol
        event = _Event(line, "network.dns", protocol, time, sender, message.fields, {"dns.id": str(number)})
        if protocol == "mdns":
            self._ready.append(event)
            return
        key = (number, message.question)
        if not message.answers:
            if talk.queried >= _WAITING:
                self._ready.append(_first(talk.queries, next(iter(talk.queries))))
                talk.queried -= 1
            talk.queries.setdefault(key, []).append(event)
            talk.queried += 1
            return
        if key not in talk.queries and not message.question[0]:
            key = next((waiting for waiting in talk.queries if waiting[0] == number), key)
        if key in talk.queries:
            asked = _first(talk.queries, key)
            talk.queried -= 1
            event.line, event.time = asked.line, asked.time
            event.duration = max(time - asked.time, 0)
            if "dns.question.name" not in message.fields:
                event.parts = ({**asked.parts[0], **message.fields}, event.parts[1])
        self._ready.append(event)

    def _http(self, talk: _Talk, line: bytes, time: int, sender: int, octets: bytes) -> None:
        if not octets.startswith(b"HTTP/"):
            event = _Event(line, "network.http", "http", time, sender, http.request(octets))
            talk.protocol = talk.protocol or "http"
            if len(talk.requests) >= _WAITING:
                self._ready.append(talk.requests.pop(0))
            talk.requests.append(event)
            return
        version, fields = http.response(octets)
        talk.protocol = talk.protocol or "http"
        # "100 Continue" and its like come before the response proper (RFC 9110 section 15.2).
        if fields["http.response.status_code"] < 200 and fields["http.response.status_code"] != 101:
            return
        for place, asked in enumerate(talk.requests):
            if asked.sender != sender:
                del talk.requests[place]
                asked.parts = (*asked.parts, fields)
                asked.duration = max(time - asked.time, 0)
                self._ready.append(asked)
                return
        self._ready.append(_Event(line, "network.http", "http", time, sender, fields, {"http.version": version}))

    def _tls(self, talk: _Talk, line: bytes, ordinal: int, octets: bytes) -> None:
        hello = tls.read(octets)
        talk.protocol = talk.protocol or "tls"
        if hello.client in talk.hellos:
            self._tell_tls(talk)
        talk.hellos[hello.client] = (ordinal, line, hello)
        if len(talk.hellos) == 2:
            self._tell_tls(talk)

    def _tell_tls(self, talk: _Talk) -> None:
        first = min(talk.hellos.values(), key=lambda side: side[0])[1]
        client, server = (talk.hellos[side][2] if side in talk.hellos else None for side in (True, False))
        talk.hellos = {}
        self._ready.append(_Event(first, "network.tls", "tls", 0, 0, *tls.describe(client, server)))

    def batches(self) -> Iterator[Batch]:
        """Batches of what is ready to be told, by dataset and layout, in the order in which it became ready."""
        ready, self._ready = self._ready, []
        if not ready:
            return
        lines = np.frombuffer(b"".join([event.line for event in ready]), dtype=np.int64).reshape(-1, M_COLUMNS)
        layouts = (flows.layouts(lines[:, M_KEY : M_KEY + 6].view(np.uint64)) | (lines[:, M_TIME] == 0) << 8).tolist()
        groups: dict[tuple[Any, ...], list[int]] = {}
        # The parsers keep their answers, so most parts are the same object again; `ready` holds them all alive here.
        names: dict[int, tuple[str, ...]] = {}
        for place, event in enumerate(ready):
            own: list[tuple[str, ...]] = []
            for part in event.parts:
                known = names.get(id(part))
                if known is None:
                    known = names[id(part)] = tuple(part)
                own.append(known)
            key = (event.dataset, layouts[place], event.duration >= 0, *own)
            found = groups.get(key)
            if found is None:
                groups[key] = [place]
            else:
                found.append(place)
        # Events of one layout are brought together first, so that shared columns are made once and then cut.
        order = [place for places in groups.values() for place in places]
        lines = lines[order]
        ready = [ready[place] for place in order]
        keys = lines[:, M_KEY : M_KEY + 6].view(np.uint64)
        shared = flows.endpoints(keys, lines[:, M_ORIGIN])
        shared["network.protocol"] = [event.protocol for event in ready]
        ids = self._ids(keys, lines, ready)
        edges = [0]
        for places in groups.values():
            edges.append(edges[-1] + len(places))
        for (group, (first, last)) in zip(groups, pairwise(edges), strict=True):
            for begin in range(first, last, BATCH_ROWS):
                end = min(begin + BATCH_ROWS, last)
                columns = {name: column[begin:end] for name, column in shared.items()}
                columns |= flows.layout_columns(keys[begin:end], lines[begin:end, M_ORIGIN])
                columns |= _own_columns(ready[begin:end])
                yield self._batch(group, lines[begin:end], ids[begin:end], columns)

    def _ids(self, keys: Longs, lines: Words, ready: list[_Event]) -> list[str]:
        """Ids of the events; their running number keeps those of one packet apart."""
        contents = np.empty((len(ready), CONTENT_WORDS), np.uint64)
        contents[:, 0] = [_TAGS[event.dataset] for event in ready]
        contents[:, 1:7] = keys
        contents[:, 7] = lines[:, M_TIME]
        contents[:, 8] = np.arange(self._told + 1, self._told + 1 + len(ready))
        self._told += len(ready)
        return event_ids(self._source.id, np.ascontiguousarray(lines[:, M_ORDINAL]), contents)

    def _batch(self, group: tuple[Any, ...], lines: Words, ids: list[str], columns: dict[str, Column]) -> Batch:
        constants = CONSTANTS[group[0]]
        times = lines[:, M_TIME].copy()
        if group[1] >> 8:
            constants = constants | {"hanwatch.time.origin": "received"}
            times = np.full(len(lines), self._received, np.int64)
        return Batch(
            dataset=group[0],
            source=self._source,
            received=self._received,
            times=times,
            ids=ids,
            ordinals=lines[:, M_ORDINAL].copy(),
            constants=constants,
            columns=columns,
        )


def _own_columns(events: list[_Event]) -> dict[str, Column]:
    """The columns of fields that only these events have; they all have the same ones."""
    columns: dict[str, Column] = {}
    for number, part in enumerate(events[0].parts):
        fields = [event.parts[number] for event in events]
        for name in part:
            columns[name] = [one[name] for one in fields]
    if events[0].duration >= 0:
        columns["event.duration"] = [event.duration for event in events]
    return columns


def _first(waiting: dict[tuple[int, tuple[str, str]], list[_Event]], key: tuple[int, tuple[str, str]]) -> _Event:
    """Take the oldest event that waits under a key."""
    events = waiting[key]
    event = events.pop(0)
    if not events:
        del waiting[key]
    return event

"""What the messages of a capture say: DNS transactions, TLS connections and HTTP exchanges as batches of events.

A query and its answer are one event, as are a request and its response, and the two sides of a TLS handshake; its time and
number are those of the packet that began it. What stays unanswered is told when its flow ends, or when too
much of it waits. The number of the event in the capture's passage tells its id from those of others in the same packet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from sensors.capture import dns, flows, http, tls
from sensors.capture.compiled import Octets, Words
from sensors.capture.table import (
    KIND_DATAGRAM,
    M_AT,
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
from sensors.event.identity import event_ids
from sensors.event.model import BATCH_ROWS, Batch, Column, Source

_WAITING: Final = 128
"""How many queries or requests of one flow wait for their answers; the oldest is then told without one."""

CONSTANTS: Final[dict[str, dict[str, Any]]] = {
    "network.dns": {"event.category": ["network"], "event.type": ["protocol", "info"]},
    "network.tls": {"event.category": ["network"], "event.type": ["protocol", "start"]},
    "network.http": {"event.category": ["network", "web"], "event.type": ["protocol", "access"]},
}
_DNS_PORTS: Final = {5353: "mdns", 5355: "llmnr"}


@dataclass(slots=True)
class _Event:
    """An event in the making: its message's row, what it is, and its fields."""

    row: list[int]
    dataset: str
    protocol: str
    fields: dict[str, Any]
    number: int = 0


@dataclass(slots=True)
class _Talk:
    """What one flow has said so far."""

    protocol: str = ""
    queries: dict[tuple[int, str, str], list[_Event]] = field(default_factory=dict)
    queried: int = 0
    requests: list[_Event] = field(default_factory=list)
    hellos: dict[bool, tuple[list[int], tls.Hello]] = field(default_factory=dict)


class Conversations:
    """The messages of one capture, by the flow that they belong to; as many flows as the flow table holds open."""

    def __init__(self, data: Octets, arena: Octets, source: Source, received: int) -> None:
        """Read messages from the capture's bytes and from the arena in which they were put together."""
        self._data = data
        self._arena = arena
        self._source = source
        self._received = received
        self._talks: dict[int, _Talk] = {}
        self._ready: list[_Event] = []
        self._told = 0
        self.unread = 0
        """Messages that looked like a protocol and were not, or whose beginning alone was seen."""

    def take(self, messages: Words) -> None:
        """Read messages as the flow table hands them out (sensors.capture.table, M_)."""
        for row in messages.tolist():
            at = row[M_AT]
            whole = self._data if row[M_SLOT] < 0 else self._arena
            octets = whole[at : at + row[M_LENGTH]].tobytes()
            talk = self._talks.get(row[M_SERIAL])
            if talk is None:
                talk = self._talks[row[M_SERIAL]] = _Talk()
            kind = row[M_KIND]
            try:
                if kind == KIND_DATAGRAM:
                    self._dns(talk, row, octets)
                elif kind == MODE_HTTP:
                    self._http(talk, row, octets)
                elif kind == MODE_TLS:
                    self._tls(talk, row, octets)
                elif kind == MODE_DNS:
                    self._dns(talk, row, octets[2:])
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
                for event in waiting:
                    self._tell(event)
            for event in talk.requests:
                self._tell(event)
            if talk.hellos:
                self._tell_tls(talk)
        return names

    def _tell(self, event: _Event) -> None:
        self._told += 1
        event.number = self._told
        self._ready.append(event)

    def _dns(self, talk: _Talk, row: list[int], octets: bytes) -> None:
        message = dns.parse(octets[2:])
        number = octets[0] << 8 | octets[1]
        tail = row[M_KEY + 4]
        ports = (tail >> 32 & 0xFFFF, tail >> 16 & 0xFFFF)
        protocol = next((name for port, name in _DNS_PORTS.items() if port in ports), "dns")
        talk.protocol = talk.protocol or protocol
        fields = {"dns.id": str(number)} | message.fields
        if protocol == "mdns":
            self._tell(_Event(row, "network.dns", protocol, fields))
            return
        key = (number, *message.question)
        if not message.answers:
            if talk.queried >= _WAITING:
                oldest = next(iter(talk.queries))
                self._tell(_first(talk.queries, oldest))
                talk.queried -= 1
            talk.queries.setdefault(key, []).append(_Event(row, "network.dns", protocol, fields))
            talk.queried += 1
            return
        if key not in talk.queries and not message.question[0]:
            key = next((waiting for waiting in talk.queries if waiting[0] == number), key)
        if key not in talk.queries:
            self._tell(_Event(row, "network.dns", protocol, fields))
            return
        event = _first(talk.queries, key)
        talk.queried -= 1
        fields["event.duration"] = max(row[M_TIME] - event.row[M_TIME], 0)
        event.fields = event.fields | fields
        self._tell(event)

    def _http(self, talk: _Talk, row: list[int], octets: bytes) -> None:
        if not octets.startswith(b"HTTP/"):
            fields = http.request(octets)
            talk.protocol = talk.protocol or "http"
            if len(talk.requests) >= _WAITING:
                self._tell(talk.requests.pop(0))
            talk.requests.append(_Event(row, "network.http", "http", fields))
            return
        fields = http.response(octets)
        talk.protocol = talk.protocol or "http"
        asked = next((event for event in talk.requests if event.row[M_FROM] != row[M_FROM]), None)
        if asked is None:
            self._tell(_Event(row, "network.http", "http", fields))
            return
        # "100 Continue" and its like come before the response proper (RFC 9110 section 15.2).
        if fields["http.response.status_code"] < 200 and fields["http.response.status_code"] != 101:
            return
        talk.requests.remove(asked)
        fields = {name: value for name, value in fields.items() if name != "http.version"}
        fields["event.duration"] = max(row[M_TIME] - asked.row[M_TIME], 0)
        asked.fields = asked.fields | fields
        self._tell(asked)

    def _tls(self, talk: _Talk, row: list[int], octets: bytes) -> None:
        hello = tls.read(octets)
        talk.protocol = talk.protocol or "tls"
        if hello.client in talk.hellos:
            self._tell_tls(talk)
        talk.hellos[hello.client] = (row, hello)
        if len(talk.hellos) == 2:
            self._tell_tls(talk)

    def _tell_tls(self, talk: _Talk) -> None:
        (first, _), *_ = sorted(talk.hellos.values(), key=lambda pair: pair[0][M_ORDINAL])
        client, server = (talk.hellos[side][1] if side in talk.hellos else None for side in (True, False))
        talk.hellos = {}
        self._tell(_Event(first, "network.tls", "tls", tls.describe(client, server)))

    def batches(self) -> Iterator[Batch]:
        """Batches of what is ready to be told, by dataset and layout, in the order in which it became ready."""
        ready, self._ready = self._ready, []
        if not ready:
            return
        rows = np.array([event.row for event in ready], dtype=np.int64)
        keys = rows[:, M_KEY : M_KEY + 6].view(np.uint64)
        shared = flows.endpoints(keys, rows[:, M_ORIGIN])
        groups: dict[tuple[Any, ...], list[int]] = {}
        layouts = flows.layouts(keys).tolist()
        for place, event in enumerate(ready):
            untimed = event.row[M_TIME] == 0
            groups.setdefault((event.dataset, layouts[place], untimed, *event.fields), []).append(place)
        for (dataset, _, untimed, *names), places in groups.items():
            for begin in range(0, len(places), BATCH_ROWS):
                part = places[begin : begin + BATCH_ROWS]
                chosen = [ready[place] for place in part]
                columns: dict[str, Column] = {
                    name: [column[place] for place in part] for name, column in shared.items()
                }
                columns |= flows.layout_columns(keys[part], rows[part, M_ORIGIN])
                columns["network.protocol"] = [event.protocol for event in chosen]
                for name in names:
                    columns[name] = [event.fields[name] for event in chosen]
                yield self._batch(dataset, rows[part], columns, [event.number for event in chosen], untimed=untimed)

    def _batch(
        self, dataset: str, rows: Words, columns: dict[str, Column], numbers: Sequence[int], *, untimed: bool,
    ) -> Batch:
        constants: dict[str, Any] = {"event.module": "network", "event.kind": "event", **CONSTANTS[dataset]}
        times = rows[:, M_TIME].copy()
        if untimed:
            constants["hanwatch.time.origin"] = "received"
            times = np.full(len(rows), self._received, np.int64)
        ordinals = rows[:, M_ORDINAL].copy()
        blob = np.ascontiguousarray(rows[:, [M_TIME, *range(M_KEY, M_KEY + 6)]]).tobytes()
        width = len(blob) // len(rows)
        tag = dataset.encode()
        contents = [
            tag + blob[place * width : (place + 1) * width] + number.to_bytes(8, "big")
            for place, number in enumerate(numbers)
        ]
        return Batch(
            dataset=dataset,
            source=self._source,
            received=self._received,
            times=times,
            ids=event_ids(self._source.id, ordinals.tolist(), contents),
            ordinals=ordinals,
            constants=constants,
            columns=columns,
        )


def _first(waiting: dict[tuple[int, str, str], list[_Event]], key: tuple[int, str, str]) -> _Event:
    """Take the oldest event that waits under a key."""
    events = waiting[key]
    event = events.pop(0)
    if not events:
        del waiting[key]
    return event

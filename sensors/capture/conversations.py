"""What the messages of a capture say, as batches of events: DNS, TLS, HTTP, and what sensors.capture.protocols reads.

A query and its answer are one event, as are a request and its response, and the two sides of a TLS handshake; its time
and number are those of the packet that began it. What stays unanswered is told when its flow ends, or when too much of
it waits.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sensors.capture import pairing, waiting
from sensors.capture.choosing import Choice
from sensors.capture.compiled import Longs, Octets, Words
from sensors.capture.contents import Contents
from sensors.capture.endpoints import BITS, Endpoints
from sensors.capture.endpoints import layouts as endpoint_layouts
from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import FRAMINGS, READERS
from sensors.capture.table import (
    M_KEY,
    M_KIND,
    M_ORDINAL,
    M_ORIGIN,
    M_TALK,
    M_TIME,
    M_TURNED,
    MODE_GENERAL,
    OUT_MESSAGES,
    R_TALK,
    T_SEED,
    Table,
)
from sensors.capture.telling import (
    A_LAYOUT,
    DATASETS,
    DNS,
    HTTP,
    OWN_DATASETS,
    OWN_PROTOCOLS,
    PROTOCOLS,
    TLS,
    Y_COLUMNS,
    Y_DATASET,
    Y_DURATION,
    Y_FIRST,
    Y_NUMBER,
    Y_PROTOCOL,
    Y_SAME,
    Y_SECOND,
)
from sensors.capture.waiting import E_CONTENT, E_QUESTION, K_PROTOCOL, N_UNREAD
from sensors.event.model import BATCH_ROWS, Batch, Column, Source
from sensors.event.texts import Texts

_SHARED: Final[dict[str, Any]] = {"event.module": "network", "event.kind": "event"}
CONSTANTS: Final[dict[str, dict[str, Any]]] = {
    "network.dns": {**_SHARED, "event.category": ["network"], "event.type": ["protocol", "info"]},
    "network.tls": {**_SHARED, "event.category": ["network"], "event.type": ["protocol", "start"]},
    "network.http": {**_SHARED, "event.category": ["network", "web"], "event.type": ["protocol", "access"]},
    **{
        f"network.{protocol.name}": {
            **_SHARED, "event.category": list(protocol.category), "event.type": list(protocol.types),
        }
        for protocol in REGISTRY
    },
}
_TAGS: Final = np.array([int.from_bytes(dataset[8:].encode(), "little") for dataset in DATASETS], np.uint64)
_FEW_LAYOUTS: Final = 32_768
"""So many sets of field names, of each of three parts, leave 18 bits for all else that tells groups apart."""
_PROTOCOL_TEXT: Final = np.array(PROTOCOLS, dtype=object)


class Conversations:
    """The messages of one capture, by the flow that they belong to; as many flows as the flow table holds open."""

    def __init__(
        self, data: Octets, table: Table, source: Source, received: int, choice: Choice | None = None
    ) -> None:
        """Read messages from the capture's bytes and from the arena in which the table put them together.

        `choice` says of which protocols; None: of all.
        """
        self._data = data
        self._arena = table.arena
        self._carriers = table.carrier_keys
        self._source = source
        self._received = received
        self._kinds = None if choice is None else choice.kinds
        seed = int(table.numbers[T_SEED])
        self._contents = Contents(seed) if choice is None else Contents(seed, choice.readers)
        self._waiting = waiting.begin(len(table.free_talks), OUT_MESSAGES)
        gatherers = {
            place: protocol.gatherer() for place, protocol in enumerate(REGISTRY) if protocol.gatherer is not None
        }
        self._gatherers = {
            MODE_GENERAL + FRAMINGS.index(sign.framing): gatherer
            for place, gatherer in gatherers.items()
            for sign in REGISTRY[place].signs
        }
        # An event that waited in vain for the rest of its parts asks for those that came.
        followers: dict[int, Any] = {OWN_DATASETS + place: one for place, one in gatherers.items()}
        self._followers = followers | {
            OWN_DATASETS + place: protocol.follower()
            for place, protocol in enumerate(REGISTRY) if protocol.follower is not None
        }
        self._gathered = np.array(list(self._gatherers), np.int64)
        self._others = np.array(
            [OWN_PROTOCOLS + other for kind in self._gatherers for other in READERS[kind - MODE_GENERAL][1:]], np.int64,
        )
        self._ended: list[Words] = []
        self._ready: list[Words] = []
        self._told = 0
        self._unread = 0

    @property
    def unread(self) -> int:
        """Messages that looked like a protocol and were not, or whose beginning alone was seen."""
        return self._unread + int(self._waiting.numbers[N_UNREAD])

    @property
    def incomplete(self) -> int:
        """Messages of several parts that did not become whole."""
        return sum(gatherer.given_up for gatherer in set(self._gatherers.values()))

    def take(self, messages: Words) -> None:
        """Read messages as the flow table hands them out (sensors.capture.table, M_)."""
        if self._kinds is not None:
            messages = messages[self._kinds[messages[:, M_KIND]]]
        count = len(messages)
        if not count:
            return
        numbers, rows = self._contents.numbers(messages, self._data, self._arena)
        self._unread += int(np.count_nonzero(numbers < 0))
        self._gather(messages, numbers)
        self._waiting = waiting.with_room(self._waiting, count)
        told = np.empty((2 * count, Y_COLUMNS), np.int64)
        self._ready.append(told[: pairing.pair(self._waiting, messages, rows, numbers, self._contents.said, told)])

    def _gather(self, messages: Words, numbers: Words) -> None:
        """Put the numbers of what messages are to be taken for in place of their own."""
        places = np.flatnonzero(np.isin(messages[:, M_KIND], self._gathered) & (numbers >= 0))
        if not len(places):
            return
        # Conversations that are known to be of others who share the framing need not be looked at one by one.
        known = self._waiting.talks[messages[places, M_TALK], K_PROTOCOL]
        places = places[~np.isin(known, self._others)]
        found = messages[places][:, [M_KIND, M_TALK]].tolist()
        for place, (kind, talk), number in zip(places.tolist(), found, numbers[places].tolist(), strict=True):
            numbers[place] = self._contents.gathered(number, kind - MODE_GENERAL, talk, self._gatherers[kind])

    def _tidy(self) -> None:
        """Give up what is known about messages that nothing waits for, once all that is ready was told."""
        entries, used = self._waiting.entries, waiting.in_use(self._waiting)
        entries[used, E_CONTENT], entries[used, E_QUESTION] = self._contents.keep(entries[used, E_CONTENT])

    def end(self, ended: Words) -> Words:
        """Tell what was still waiting in flows that ended.

        Args:
            ended: their rows (sensors.capture.table, R_).

        Returns:
            The protocol of each, a place in `PROTOCOLS`.
        """
        names = np.zeros(len(ended), np.int64)
        told = np.empty((len(waiting.in_use(self._waiting)), Y_COLUMNS), np.int64)
        self._ready.append(told[: pairing.end(self._waiting, ended, told, names)])
        self._ended.append(ended[ended[:, R_TALK] > 0, R_TALK] - 1)
        return names

    def batches(self) -> Iterator[Batch]:
        """Batches of what is ready to be told, by dataset and layout, in the order in which it became ready."""
        rows = np.concatenate(self._ready) if self._ready else np.zeros((0, Y_COLUMNS), np.int64)
        self._ready = []
        if len(rows):
            yield from self._batches(rows)
        for talks in self._ended:
            for follower in self._followers.values():
                follower.forget(talks)
            for gatherer in set(self._gatherers.values()):
                gatherer.forget(talks)
        self._ended = []
        if self._contents.many:
            self._tidy()

    def _batches(self, rows: Words) -> Iterator[Batch]:
        """Batches of these events (Y_)."""
        parts = self._parts(rows)
        keys = rows[:, M_KEY : M_KEY + 6].view(np.uint64)
        layouts = endpoint_layouts(keys, self._carriers) | (rows[:, M_TIME] == 0) << BITS
        groups = self._groups(rows, layouts, parts)
        # Events of one layout are brought together first, so that shared columns are made once and then cut.
        _, first, group = np.unique(groups, return_index=True, return_inverse=True)
        order = np.argsort(first[group], kind="stable")
        rows, layouts = rows[order], layouts[order]
        parts = [part[order] for part in parts]
        edges = [0, *(np.flatnonzero(np.diff(first[group][order])) + 1).tolist(), len(rows)]
        keys = np.ascontiguousarray(rows[:, M_KEY : M_KEY + 6]).view(np.uint64)
        ends = Endpoints(keys, rows[:, M_ORIGIN].copy(), rows[:, M_TURNED], self._carriers)
        shared = ends.shared | {"network.protocol": _PROTOCOL_TEXT[rows[:, Y_PROTOCOL]].tolist()}
        times, ordinals = rows[:, M_TIME].copy(), rows[:, M_ORDINAL].copy()
        ids = self._ids(keys, rows)
        for low, high in pairwise(edges):
            columns = {name: column[low:high] for name, column in shared.items()}
            columns.update(ends.of_layout(int(layouts[low]) & (1 << BITS) - 1, low, high))
            columns |= self._own_columns(rows[low:high], [part[low:high] for part in parts])
            dataset = DATASETS[rows[low, Y_DATASET]]
            constants = CONSTANTS[dataset]
            if layouts[low] >> BITS:
                constants = constants | {"hanwatch.time.origin": "received"}
            for begin in range(low, high, BATCH_ROWS):
                end = min(begin + BATCH_ROWS, high)
                part = columns
                if high - low > BATCH_ROWS:
                    part = {name: column[begin - low : end - low] for name, column in columns.items()}
                moments = times[begin:end]
                if layouts[low] >> BITS:
                    moments = np.full(end - begin, self._received, np.int64)
                yield Batch(
                    dataset=dataset,
                    source=self._source,
                    received=self._received,
                    times=moments,
                    ids=ids[begin:end],
                    ordinals=ordinals[begin:end],
                    constants=constants,
                    columns=part,
                )

    def _parts(self, rows: Words) -> list[Words]:
        """Up to three contents for each event, none of which has a field of another; -1: none."""
        contents = self._contents
        first, second, third = rows[:, Y_FIRST].copy(), rows[:, Y_SECOND].copy(), np.full(len(rows), -1)
        dataset = rows[:, Y_DATASET]
        for place in np.flatnonzero((dataset == DNS) & (second >= 0)).tolist():
            first[place] = contents.answered(int(second[place]), int(first[place]))
            second[place] = -1
        for place in np.flatnonzero((dataset == HTTP) & (first < 0)).tolist():
            third[place] = contents.version(int(second[place]))
        for place in np.flatnonzero((dataset >= OWN_DATASETS) & (second >= 0)).tolist():
            first[place] = contents.exchanged(int(first[place]), int(second[place]))
            second[place] = -1
        for one, follower in self._followers.items():
            for place in np.flatnonzero(dataset == one).tolist():
                more = follower.see(int(rows[place, M_TALK]), contents.all[first[place]].fields)
                if more:
                    first[place] = contents.followed(int(first[place]), more)
        tls = np.flatnonzero(dataset == TLS)
        sides = rows[tls][:, [Y_FIRST, Y_SECOND, Y_SAME]].tolist()
        third[tls] = [contents.handshake(client, server, same) for client, server, same in sides]
        return [first, second, third]

    def _groups(self, rows: Words, layouts: Words, parts: list[Words]) -> Words:
        """A number for each event such that events of one number have the same fields."""
        groups = (layouts * len(DATASETS) + rows[:, Y_DATASET]) * 2 + (rows[:, Y_DURATION] >= 0)
        layout_of, count = self._contents.said[:, A_LAYOUT], len(self._contents.names) + 1
        for part in parts:
            if count > _FEW_LAYOUTS:
                # Numbers of 64 bits would not hold the product; there are no more groups than events.
                _, groups = np.unique(groups, return_inverse=True)
            groups = groups * count + np.where(part < 0, 0, layout_of[part])
        return groups

    def _own_columns(self, rows: Words, parts: list[Words]) -> dict[str, Column]:
        """The columns of fields that only these events have; they all have the same ones."""
        columns: dict[str, Column] = {}
        for part in parts:
            if part[0] < 0:
                continue
            contents = self._contents.all
            # Contents of one layout have their fields in one order.
            values = zip(*[contents[number].fields.values() for number in part.tolist()], strict=True)
            columns |= zip(contents[part[0]].fields, map(list, values), strict=True)
        dataset = int(rows[0, Y_DATASET])
        if dataset == DNS:
            columns["dns.id"] = list(map(str, rows[:, Y_NUMBER].tolist()))
        elif dataset >= OWN_DATASETS and REGISTRY[dataset - OWN_DATASETS].number:
            columns[REGISTRY[dataset - OWN_DATASETS].number] = rows[:, Y_NUMBER].copy()
        if rows[0, Y_DURATION] >= 0:
            columns["event.duration"] = rows[:, Y_DURATION].copy()
        return columns

    def _ids(self, keys: Longs, rows: Words) -> Texts:
        """Ids of the events; their running number keeps those of one packet apart."""
        contents = np.empty((len(rows), CONTENT_WORDS), np.uint64)
        contents[:, 0] = _TAGS[rows[:, Y_DATASET]]
        contents[:, 1:7] = keys
        contents[:, 7] = rows[:, M_TIME]
        contents[:, 8] = np.arange(self._told + 1, self._told + 1 + len(rows))
        self._told += len(rows)
        return event_ids(self._source.id, np.ascontiguousarray(rows[:, M_ORDINAL]), contents)

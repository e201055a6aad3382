"""Bringing together what belongs together: query and answer, request and response, the two hellos of a handshake.

What waits stands in lists by flow and protocol, in arrays that compiled code links; what is complete, or can wait no
longer, is written to rows in the order in which that became clear.
"""

from typing import Final, NamedTuple

import numpy as np

from sensors.capture.compiled import Words, compiled
from sensors.capture.hellos import O_NUMBER, O_SESSION
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.table import (
    KIND_DATAGRAM,
    M_COLUMNS,
    M_FROM,
    M_KEY,
    M_KIND,
    M_ORDINAL,
    M_TALK,
    M_TIME,
    MODE_DNS,
    MODE_HTTP,
    R_TALK,
)

WAITING: Final = 128
"""How many queries or requests of one flow wait for their answers; the oldest is then told without one."""

DATASETS: Final = ("network.dns", "network.tls", "network.http")
DNS: Final = 0
TLS: Final = 1
HTTP: Final = 2
OWN_PROTOCOLS: Final = 6
"""How many of `PROTOCOLS` are told here; behind them come those of the registry (sensors.capture.exchanges)."""
PROTOCOLS: Final = ("", "dns", "mdns", "llmnr", "http", "tls", *(protocol.name for protocol in REGISTRY))
_BY_DNS: Final = 1
_BY_MDNS: Final = 2
_BY_LLMNR: Final = 3
_BY_HTTP: Final = 4
_BY_TLS: Final = 5

# What a message says, as far as pairing asks: one row for each content (sensors.capture.contents).
A_SIDE: Final = 0        # DNS: 1 answers; HTTP: 1 a response, 2 one that comes before it; TLS: 1 the client's
A_QUESTION: Final = 1    # DNS: a number for the question, negative where it has no name
A_NAMES: Final = 2       # DNS: 1: its fields say what was asked
A_LAYOUT: Final = 3      # a number for the names of its fields; not asked for in pairing
A_COLUMNS: Final = 4

# What a flow has said so far. Lists are given by their first entry + 1; 0: none.
K_PROTOCOL: Final = 0
K_QUERIES: Final = 1
K_QUERIED: Final = 2
K_REQUESTS: Final = 3
K_REQUESTED: Final = 4
K_HELLO: Final = 5       # of the server, then of the client
K_COLUMNS: Final = 7

# Something that waits: its message's row, then these.
E_CONTENT: Final = M_COLUMNS
E_QUESTION: Final = M_COLUMNS + 1
E_NUMBER: Final = M_COLUMNS + 2
E_NEXT: Final = M_COLUMNS + 3
E_SESSION: Final = M_COLUMNS + 4   # its length and five numbers, as in O_
E_ORDER: Final = M_COLUMNS + 10
E_COLUMNS: Final = M_COLUMNS + 11

# An event: the row of the message that began it, then these.
Y_DATASET: Final = M_COLUMNS
Y_PROTOCOL: Final = M_COLUMNS + 1
Y_FIRST: Final = M_COLUMNS + 2     # its content; -1: none
Y_SECOND: Final = M_COLUMNS + 3    # the content that goes with it; -1: none
Y_DURATION: Final = M_COLUMNS + 4  # ns; -1: no answer was seen
Y_NUMBER: Final = M_COLUMNS + 5
Y_SAME: Final = M_COLUMNS + 6      # TLS: 1: both sides gave the same session id
Y_COLUMNS: Final = M_COLUMNS + 7


class Waiting(NamedTuple):
    """The arrays of what waits in one capture."""

    talks: Words
    entries: Words
    free: Words      # entries that are not in use, last first
    numbers: Words   # how many of `free` there are; how many entries ever waited


def begin(talks: int, entries: int) -> Waiting:
    """Room for so many talks and entries, all of them free."""
    return Waiting(
        talks=np.zeros((talks, K_COLUMNS), np.int64),
        entries=np.zeros((entries, E_COLUMNS), np.int64),
        free=np.arange(entries - 1, -1, -1, dtype=np.int64),
        numbers=np.array([entries, 0], np.int64),
    )


def with_room(waiting: Waiting, wanted: int) -> Waiting:
    """The same with so many entries free, at least twice as many as before where there were too few."""
    free, before = int(waiting.numbers[0]), len(waiting.entries)
    if free >= wanted:
        return waiting
    entries = np.zeros((max(2 * before, before + wanted), E_COLUMNS), np.int64)
    entries[:before] = waiting.entries
    added = np.arange(len(entries) - 1, before - 1, -1, dtype=np.int64)
    room = np.zeros(len(entries), np.int64)
    room[: len(added)] = added
    room[len(added) : len(added) + free] = waiting.free[:free]
    waiting.numbers[0] = len(added) + free
    return Waiting(waiting.talks, entries, room, waiting.numbers)


def in_use(waiting: Waiting) -> Words:
    """The entries that are in use, by their place."""
    used = np.ones(len(waiting.entries), np.bool_)
    used[waiting.free[: int(waiting.numbers[0])]] = False
    return np.flatnonzero(used)


@compiled
def _wait(w: Waiting, message: Words, octets: Words, content: int, question: int) -> int:
    """Enter a message that waits; the caller has seen to it that there is room."""
    w.numbers[0] -= 1
    w.numbers[1] += 1
    place = w.free[w.numbers[0]]
    entry = w.entries[place]
    for column in range(M_COLUMNS):
        entry[column] = message[column]
    entry[E_CONTENT] = content
    entry[E_QUESTION] = question
    entry[E_NUMBER] = octets[O_NUMBER]
    entry[E_NEXT] = 0
    for word in range(6):
        entry[E_SESSION + word] = octets[O_SESSION + word]
    entry[E_ORDER] = w.numbers[1]
    return int(place)


@compiled
def _release(w: Waiting, place: int) -> None:
    w.free[w.numbers[0]] = place
    w.numbers[0] += 1


@compiled
def _tell(out: Words, count: int, line: Words, dataset: int, protocol: int, first: int, second: int) -> int:
    """Write an event's row; how many there are then."""
    row = out[count]
    for column in range(M_COLUMNS):
        row[column] = line[column]
    row[Y_DATASET] = dataset
    row[Y_PROTOCOL] = protocol
    row[Y_FIRST] = first
    row[Y_SECOND] = second
    row[Y_DURATION] = -1
    row[Y_NUMBER] = 0
    row[Y_SAME] = 0
    return count + 1


@compiled
def _tell_query(w: Waiting, place: int, out: Words, count: int) -> int:
    """Tell a query that no answer came to."""
    entry = w.entries[place]
    count = _tell(out, count, entry, DNS, _dns_protocol(entry), entry[E_CONTENT], -1)
    out[count - 1, Y_NUMBER] = entry[E_NUMBER]
    _release(w, place)
    return count


@compiled
def _tell_request(w: Waiting, place: int, out: Words, count: int) -> int:
    """Tell a request that no response came to."""
    count = _tell(out, count, w.entries[place], HTTP, _BY_HTTP, w.entries[place, E_CONTENT], -1)
    _release(w, place)
    return count


@compiled
def _tell_hellos(w: Waiting, talk: Words, out: Words, count: int) -> int:
    """Tell a handshake from the hellos that are there, at the time of the first."""
    server, client = talk[K_HELLO] - 1, talk[K_HELLO + 1] - 1
    talk[K_HELLO] = 0
    talk[K_HELLO + 1] = 0
    first = client if server < 0 else server
    if client >= 0 and server >= 0:
        here, there = w.entries[client], w.entries[server]
        if here[M_ORDINAL] < there[M_ORDINAL] or (
            here[M_ORDINAL] == there[M_ORDINAL] and here[E_ORDER] < there[E_ORDER]
        ):
            first = client
    count = _tell(
        out, count, w.entries[first], TLS, _BY_TLS,
        w.entries[client, E_CONTENT] if client >= 0 else -1, w.entries[server, E_CONTENT] if server >= 0 else -1,
    )
    if client >= 0 and server >= 0:
        same = w.entries[server, E_SESSION] > 0
        for word in range(6):
            if w.entries[server, E_SESSION + word] != w.entries[client, E_SESSION + word]:
                same = False
        out[count - 1, Y_SAME] = 1 if same else 0
    if client >= 0:
        _release(w, client)
    if server >= 0:
        _release(w, server)
    return count


@compiled
def _dns_protocol(line: Words) -> int:
    """Multicast DNS and LLMNR go by their ports (RFC 6762, RFC 4795)."""
    low, high = (line[M_KEY + 4] >> 32) & 0xFFFF, (line[M_KEY + 4] >> 16) & 0xFFFF
    for port in (low, high):
        if port == 5353:
            return _BY_MDNS
        if port == 5355:
            return _BY_LLMNR
    return _BY_DNS


@compiled
def _query(w: Waiting, talk: Words, place: int) -> None:
    """Let a query wait: behind the last one that asks the same with the same number, else at the end."""
    entry = w.entries[place]
    behind, last = -1, -1
    at = talk[K_QUERIES] - 1
    while at >= 0:
        if w.entries[at, E_NUMBER] == entry[E_NUMBER] and w.entries[at, E_QUESTION] == entry[E_QUESTION]:
            behind = at
        last = at
        at = w.entries[at, E_NEXT] - 1
    if behind < 0:
        behind = last
    if behind < 0:
        talk[K_QUERIES] = place + 1
    else:
        entry[E_NEXT] = w.entries[behind, E_NEXT]
        w.entries[behind, E_NEXT] = place + 1
    talk[K_QUERIED] += 1


@compiled
def _asked(w: Waiting, talk: Words, number: int, question: int) -> int:
    """Take the query that an answer belongs to out of its list; -1 where none waits.

    An answer that repeats no question belongs to the first query of its number.
    """
    for loosely in range(2 if question < 0 else 1):
        before, at = -1, talk[K_QUERIES] - 1
        while at >= 0:
            if w.entries[at, E_NUMBER] == number and (loosely or w.entries[at, E_QUESTION] == question):
                if before < 0:
                    talk[K_QUERIES] = w.entries[at, E_NEXT]
                else:
                    w.entries[before, E_NEXT] = w.entries[at, E_NEXT]
                talk[K_QUERIED] -= 1
                return int(at)
            before = at
            at = w.entries[at, E_NEXT] - 1
    return -1


@compiled
def _dns(
    w: Waiting, talk: Words, message: Words, octets: Words, content: int, said: Words, out: Words, count: int,
) -> int:
    protocol = _dns_protocol(message)
    if talk[K_PROTOCOL] == 0:
        talk[K_PROTOCOL] = protocol
    if protocol != _BY_MDNS and said[A_SIDE] == 0:
        if talk[K_QUERIED] >= WAITING:
            oldest = talk[K_QUERIES] - 1
            talk[K_QUERIES] = w.entries[oldest, E_NEXT]
            talk[K_QUERIED] -= 1
            count = _tell_query(w, oldest, out, count)
        _query(w, talk, _wait(w, message, octets, content, said[A_QUESTION]))
        return count
    place = -1
    if protocol != _BY_MDNS:
        place = _asked(w, talk, octets[O_NUMBER], said[A_QUESTION])
    if place < 0:
        count = _tell(out, count, message, DNS, protocol, content, -1)
    else:
        entry = w.entries[place]
        count = _tell(out, count, entry, DNS, protocol, content, -1 if said[A_NAMES] else entry[E_CONTENT])
        out[count - 1, Y_DURATION] = max(message[M_TIME] - entry[M_TIME], 0)
        _release(w, place)
    out[count - 1, Y_NUMBER] = octets[O_NUMBER]
    return count


@compiled
def _http(
    w: Waiting, talk: Words, message: Words, octets: Words, content: int, said: Words, out: Words, count: int,
) -> int:
    if talk[K_PROTOCOL] == 0:
        talk[K_PROTOCOL] = _BY_HTTP
    if said[A_SIDE] == 0:
        if talk[K_REQUESTED] >= WAITING:
            oldest = talk[K_REQUESTS] - 1
            talk[K_REQUESTS] = w.entries[oldest, E_NEXT]
            talk[K_REQUESTED] -= 1
            count = _tell_request(w, oldest, out, count)
        place = _wait(w, message, octets, content, 0)
        last = talk[K_REQUESTS] - 1
        if last < 0:
            talk[K_REQUESTS] = place + 1
        else:
            while w.entries[last, E_NEXT] > 0:
                last = w.entries[last, E_NEXT] - 1
            w.entries[last, E_NEXT] = place + 1
        talk[K_REQUESTED] += 1
        return count
    if said[A_SIDE] == 2:
        return count
    before, at = -1, talk[K_REQUESTS] - 1
    while at >= 0:
        if w.entries[at, M_FROM] != message[M_FROM]:
            if before < 0:
                talk[K_REQUESTS] = w.entries[at, E_NEXT]
            else:
                w.entries[before, E_NEXT] = w.entries[at, E_NEXT]
            talk[K_REQUESTED] -= 1
            count = _tell(out, count, w.entries[at], HTTP, _BY_HTTP, w.entries[at, E_CONTENT], content)
            out[count - 1, Y_DURATION] = max(message[M_TIME] - w.entries[at, M_TIME], 0)
            _release(w, at)
            return count
        before = at
        at = w.entries[at, E_NEXT] - 1
    return _tell(out, count, message, HTTP, _BY_HTTP, -1, content)


@compiled
def pair(w: Waiting, messages: Words, octets: Words, contents: Words, said: Words, out: Words) -> int:
    """Take messages in order.

    Args:
        w: what waits, with as many free entries as there are messages.
        messages: rows of the flow table (M_).
        octets: a row for each message (O_).
        contents: the number of each message's content; -1 where it could not be read.
        said: a row for each content (A_).
        out: room for twice as many events as there are messages (Y_).

    Returns:
        How many events were told.
    """
    count = 0
    for place in range(messages.shape[0]):
        content = contents[place]
        if content < 0:
            continue
        message = messages[place]
        talk = w.talks[message[M_TALK]]
        kind = message[M_KIND]
        if kind == KIND_DATAGRAM or kind == MODE_DNS:
            count = _dns(w, talk, message, octets[place], content, said[content], out, count)
        elif kind == MODE_HTTP:
            count = _http(w, talk, message, octets[place], content, said[content], out, count)
        else:
            if talk[K_PROTOCOL] == 0:
                talk[K_PROTOCOL] = _BY_TLS
            side = said[content, A_SIDE]
            if talk[K_HELLO + side] > 0:
                count = _tell_hellos(w, talk, out, count)
            talk[K_HELLO + side] = _wait(w, message, octets[place], content, 0) + 1
            if talk[K_HELLO + 1 - side] > 0:
                count = _tell_hellos(w, talk, out, count)
    return count


@compiled
def end(w: Waiting, flows: Words, out: Words, names: Words) -> int:
    """Tell what still waits in flows that ended.

    Args:
        w: what waits.
        flows: the flows' rows (R_).
        out: room for as many events as there are entries in use (Y_).
        names: the protocol of each flow is written here, a place in `PROTOCOLS`.

    Returns:
        How many events were told.
    """
    count = 0
    for place in range(flows.shape[0]):
        names[place] = 0
        if flows[place, R_TALK] == 0:
            continue
        talk = w.talks[flows[place, R_TALK] - 1]
        names[place] = talk[K_PROTOCOL]
        at = talk[K_QUERIES] - 1
        while at >= 0:
            following = w.entries[at, E_NEXT] - 1
            count = _tell_query(w, at, out, count)
            at = following
        at = talk[K_REQUESTS] - 1
        while at >= 0:
            following = w.entries[at, E_NEXT] - 1
            count = _tell_request(w, at, out, count)
            at = following
        if talk[K_HELLO] > 0 or talk[K_HELLO + 1] > 0:
            count = _tell_hellos(w, talk, out, count)
        for column in range(K_COLUMNS):
            talk[column] = 0
    return count

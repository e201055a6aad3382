"""Bringing together what belongs together: query and answer, request and response, the two hellos of a handshake.

What waits stands in lists by flow and protocol, in arrays that compiled code links; what is complete, or can wait no
longer, is written to rows in the order in which that became clear.
"""

from sensors.capture.compiled import Words, compiled
from sensors.capture.exchanges import exchange, leave
from sensors.capture.hellos import O_NUMBER
from sensors.capture.table import (
    KIND_DATAGRAM,
    M_FROM,
    M_KEY,
    M_KIND,
    M_ORDINAL,
    M_TALK,
    M_TIME,
    MODE_DNS,
    MODE_GENERAL,
    MODE_HTTP,
    R_TALK,
)
from sensors.capture.telling import (
    A_NAMES,
    A_QUESTION,
    A_SIDE,
    BY_DNS,
    BY_HTTP,
    BY_LLMNR,
    BY_MDNS,
    BY_TLS,
    DNS,
    HTTP,
    TLS,
    Y_DURATION,
    Y_NUMBER,
    Y_SAME,
    tell,
)
from sensors.capture.waiting import (
    E_CONTENT,
    E_NEXT,
    E_NUMBER,
    E_ORDER,
    E_QUESTION,
    E_SESSION,
    K_COLUMNS,
    K_HELLO,
    K_PROTOCOL,
    K_QUERIED,
    K_QUERIES,
    K_REQUESTED,
    K_REQUESTS,
    MOST_WAITING,
    Waiting,
    append,
    release,
    remove,
    wait,
)


@compiled
def _tell_query(w: Waiting, place: int, out: Words, count: int) -> int:
    """Tell a query that no answer came to."""
    entry = w.entries[place]
    count = tell(out, count, entry, DNS, _dns_protocol(entry), entry[E_CONTENT], -1)
    out[count - 1, Y_NUMBER] = entry[E_NUMBER]
    release(w, place)
    return count


@compiled
def _tell_request(w: Waiting, place: int, out: Words, count: int) -> int:
    """Tell a request that no response came to."""
    count = tell(out, count, w.entries[place], HTTP, BY_HTTP, w.entries[place, E_CONTENT], -1)
    release(w, place)
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
    count = tell(
        out, count, w.entries[first], TLS, BY_TLS,
        w.entries[client, E_CONTENT] if client >= 0 else -1, w.entries[server, E_CONTENT] if server >= 0 else -1,
    )
    if client >= 0 and server >= 0:
        same = w.entries[server, E_SESSION] > 0
        for word in range(6):
            if w.entries[server, E_SESSION + word] != w.entries[client, E_SESSION + word]:
                same = False
        out[count - 1, Y_SAME] = 1 if same else 0
    if client >= 0:
        release(w, client)
    if server >= 0:
        release(w, server)
    return count


@compiled
def _dns_protocol(line: Words) -> int:
    """Multicast DNS and LLMNR go by their ports (RFC 6762, RFC 4795)."""
    low, high = (line[M_KEY + 4] >> 32) & 0xFFFF, (line[M_KEY + 4] >> 16) & 0xFFFF
    for port in (low, high):
        if port == 5353:
            return BY_MDNS
        if port == 5355:
            return BY_LLMNR
    return BY_DNS


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
                remove(w, talk, K_QUERIES, before, at)
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
    if protocol != BY_MDNS and said[A_SIDE] == 0:
        if talk[K_QUERIED] >= MOST_WAITING:
            oldest = talk[K_QUERIES] - 1
            remove(w, talk, K_QUERIES, -1, oldest)
            count = _tell_query(w, oldest, out, count)
        _query(w, talk, wait(w, message, octets, content, said[A_QUESTION]))
        return count
    place = -1
    if protocol != BY_MDNS:
        place = _asked(w, talk, octets[O_NUMBER], said[A_QUESTION])
    if place < 0:
        count = tell(out, count, message, DNS, protocol, content, -1)
    else:
        entry = w.entries[place]
        count = tell(out, count, entry, DNS, protocol, content, -1 if said[A_NAMES] else entry[E_CONTENT])
        out[count - 1, Y_DURATION] = max(message[M_TIME] - entry[M_TIME], 0)
        release(w, place)
    out[count - 1, Y_NUMBER] = octets[O_NUMBER]
    return count


@compiled
def _http(
    w: Waiting, talk: Words, message: Words, octets: Words, content: int, said: Words, out: Words, count: int,
) -> int:
    if talk[K_PROTOCOL] == 0:
        talk[K_PROTOCOL] = BY_HTTP
    if said[A_SIDE] == 0:
        if talk[K_REQUESTED] >= MOST_WAITING:
            oldest = talk[K_REQUESTS] - 1
            remove(w, talk, K_REQUESTS, -1, oldest)
            count = _tell_request(w, oldest, out, count)
        append(w, talk, K_REQUESTS, wait(w, message, octets, content, 0))
        return count
    if said[A_SIDE] == 2:
        return count
    before, at = -1, talk[K_REQUESTS] - 1
    while at >= 0:
        if w.entries[at, M_FROM] != message[M_FROM]:
            remove(w, talk, K_REQUESTS, before, at)
            count = tell(out, count, w.entries[at], HTTP, BY_HTTP, w.entries[at, E_CONTENT], content)
            out[count - 1, Y_DURATION] = max(message[M_TIME] - w.entries[at, M_TIME], 0)
            release(w, at)
            return count
        before = at
        at = w.entries[at, E_NEXT] - 1
    return tell(out, count, message, HTTP, BY_HTTP, -1, content)


@compiled
def pair(w: Waiting, messages: Words, octets: Words, contents: Words, said: Words, out: Words) -> int:
    """Take messages in order.

    Args:
        w: what waits, with as many free entries as there are messages.
        messages: rows of the flow table (M_).
        octets: a row for each message (O_).
        contents: the number of each message's content, of the first one where several protocols may have read it; -1
            where none could.
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
        elif kind >= MODE_GENERAL:
            count = exchange(w, talk, message, octets[place], content, said, out, count)
        else:
            if talk[K_PROTOCOL] == 0:
                talk[K_PROTOCOL] = BY_TLS
            side = said[content, A_SIDE]
            if talk[K_HELLO + side] > 0:
                count = _tell_hellos(w, talk, out, count)
            talk[K_HELLO + side] = wait(w, message, octets[place], content, 0) + 1
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
        count = leave(w, talk, out, count)
        for column in range(K_COLUMNS):
            talk[column] = 0
    return count

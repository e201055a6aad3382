"""The one pass over the packets: decode, find the flow, count, follow its messages, and let ended flows go.

Time-outs go by the packets' own time, never by a clock, so that a capture gives the same flows whenever it is read.
Each packet also pushes a hand over the table by one row, which lets silent flows go without stopping for a sweep.
"""

import numpy as np

from sensors.capture import index as ix
from sensors.capture.carriers import crowded, keep, release
from sensors.capture.compiled import Longs, Octets, Words, compiled, inlined, mix
from sensors.capture.connection import ACK, FIN, RST, SYN, follow, half_open, note_state
from sensors.capture.datagrams import datagram, neighbour
from sensors.capture.fragments import drop_heap, forget, hand_heap, leave
from sensors.capture.gaps import finish_slot, reclaim
from sensors.capture.links import link_layer
from sensors.capture.packet import (
    FLOW,
    FORM_NONE,
    FORM_ONE_WAY,
    FORM_PORTS,
    MALFORMED,
    P_DEEP,
    P_DESTINATION,
    P_END,
    P_FLAGS,
    P_FORM,
    P_LENGTH,
    P_PAYLOAD,
    P_PROTOCOL,
    P_SEQUENCE,
    P_SOURCE,
    P_VERSION,
    TCP,
    UDP,
    network_layer,
)
from sensors.capture.stream import segment
from sensors.capture.table import (
    ACTIVE,
    BY_ACTIVE,
    BY_END,
    BY_FIN,
    BY_IDLE,
    BY_PRESSURE,
    BY_RST,
    D_PLACE,
    D_TURNED,
    IDLE_OTHER,
    IDLE_TCP,
    KEY_WORDS,
    LINGER,
    MODE_LATER,
    MODE_OPEN,
    NEVER,
    R_BYTES,
    R_CLOSED,
    R_COLUMNS,
    R_EDGE,
    R_FIRST,
    R_FLAGS,
    R_FRAGMENTS,
    R_HASH,
    R_LAST,
    R_MODE,
    R_NEXT,
    R_ORDINAL,
    R_ORIGIN,
    R_PACKETS,
    R_PROTOCOL,
    R_REASON,
    R_SERIAL,
    R_SLOT,
    R_STATE,
    R_TURNED,
    ST_FIN,
    ST_RST,
    T_BUCKET,
    T_DARK,
    T_DUE,
    T_EVICTED,
    T_FIRST_DATAGRAM,
    T_FLOWS,
    T_FLUSHED,
    T_FREE,
    T_FREE_SLOTS,
    T_HALF_OPEN,
    T_HAND,
    T_HEAP,
    T_HIGH,
    T_MESSAGES,
    T_NEXT_DATAGRAM,
    T_ORPHANS,
    T_SEED,
    T_SERIAL,
    T_SPENT_HEAPS,
    T_WEIGHT,
    Table,
)
from sensors.capture.unwrapping import COUNT, LATER, MALFORMED_PIECE, READ, unwrap

_CANDIDATES = 16
"""How many rows are looked at for the longest silent one when the table is full."""
_SPARE_SLOTS = 8


@compiled
def _unlink(t: Table, entry: int) -> None:
    """Take a row out of the hash table, moving up what was pushed behind it (Knuth, volume 3, 6.4, algorithm R)."""
    mask = t.buckets.shape[0] - 1
    hole = t.rows[entry, R_HASH] & mask
    while t.buckets[hole] != entry + 1:
        hole = (hole + 1) & mask
    probe = hole
    while True:
        probe = (probe + 1) & mask
        other = t.buckets[probe]
        if other == 0:
            break
        home = t.rows[other - 1, R_HASH] & mask
        if ((probe - home) & mask) >= ((probe - hole) & mask):
            t.buckets[hole] = other
            hole = probe
    t.buckets[hole] = 0


@compiled
def emit(t: Table, entry: int, reason: int) -> None:
    """Hand out a flow with its unfinished messages and free its row; the caller has left room."""
    row = t.rows[entry]
    for direction in range(2):
        if row[R_SLOT + direction] > 0:
            finish_slot(t, row[R_SLOT + direction] - 1)
        if row[R_MODE + direction] == MODE_LATER:
            t.numbers[T_DARK] += 1
    state = row[R_STATE]
    if reason != BY_ACTIVE and reason != BY_PRESSURE:
        if state & (ST_RST * 3):
            reason = BY_RST
        elif state & (ST_FIN * 3) == ST_FIN * 3:
            reason = BY_FIN
    row[R_REASON] = reason
    place = t.numbers[T_FLOWS]
    t.numbers[T_FLOWS] += 1
    for column in range(R_COLUMNS):
        t.out_flows[place, column] = row[column]
    for word in range(KEY_WORDS):
        t.out_keys[place, word] = t.keys[entry, word]
    _unlink(t, entry)
    release(t, int(t.keys[entry, 5]))
    row[R_SERIAL] = 0
    t.due[entry] = NEVER
    t.free[t.numbers[T_FREE]] = entry
    t.numbers[T_FREE] += 1


@inlined
def _due(row: Words) -> int:
    """Until when a flow cannot have timed out, whatever comes of it but flags that end it."""
    if row[R_CLOSED] > 0:
        return int(row[R_CLOSED] + LINGER)
    patient = row[R_PROTOCOL] == TCP and not half_open(row)
    return int(row[R_LAST] + (IDLE_TCP if patient else IDLE_OTHER))


@inlined
def _silent(row: Words, now: int) -> bool:
    """Whether a flow has timed out at this time."""
    return bool(now > _due(row))


@inlined
def _look(t: Table, moment: int) -> None:
    """Look at the next row in turn, and let its flow go if it has timed out.

    Rows that cannot have are passed over by their due time alone, eight of which come from memory at once: waiting for
    one row after the other took a twentieth of a capture's whole time.
    """
    numbers = t.numbers
    hand = numbers[T_HAND] + 1
    if hand >= numbers[T_HIGH]:
        hand = 0
    numbers[T_HAND] = hand
    if moment > t.due[hand]:
        due = _due(t.rows[hand])
        t.due[hand] = due
        if moment > due:
            emit(t, hand, BY_IDLE)


@compiled
def _row(t: Table) -> int:
    """A free row; when the table is full the longest silent flow of the next few in turn goes.

    A connection that nobody has answered goes before any other: it may be one of a flood, and has little to tell.
    """
    if t.numbers[T_FREE] == 0 and t.numbers[T_HIGH] < t.rows.shape[0]:
        t.numbers[T_HIGH] += 1
        return int(t.numbers[T_HIGH] - 1)
    if t.numbers[T_FREE] == 0:
        high = t.numbers[T_HIGH]
        chosen = t.numbers[T_HAND] % high
        for step in range(1, _CANDIDATES):
            other = (t.numbers[T_HAND] + step) % high
            better = half_open(t.rows[other])
            if better == half_open(t.rows[chosen]):
                better = t.rows[other, R_LAST] < t.rows[chosen, R_LAST]
            if better:
                chosen = other
        t.numbers[T_HAND] = (t.numbers[T_HAND] + _CANDIDATES) % high
        t.numbers[T_EVICTED] += 1
        if half_open(t.rows[chosen]):
            t.numbers[T_HALF_OPEN] += 1
        emit(t, chosen, BY_PRESSURE)
    t.numbers[T_FREE] -= 1
    return int(t.free[t.numbers[T_FREE]])


@inlined
def _flow(
    t: Table, packet: Words, address: Longs, where: int, turned: int, moment: int, ordinal: int,
) -> tuple[int, int]:
    """The row of this packet's flow, begun anew where needed, and the packet's direction (0: from a, 1: from b)."""
    source, destination = packet[P_SOURCE], packet[P_DESTINATION]
    direction = 0
    if packet[P_FORM] != FORM_ONE_WAY and (
        address[0] > address[2]
        or (
            address[0] == address[2]
            and (address[1] > address[3] or (address[1] == address[3] and source > destination))
        )
    ):
        direction = 1
    k0, k1, k2, k3 = address[0], address[1], address[2], address[3]
    if direction:
        k0, k1, k2, k3 = address[2], address[3], address[0], address[1]
        source, destination = destination, source
    k4 = np.uint64(
        (source << 32) | (destination << 16) | (packet[P_PROTOCOL] << 8) | (packet[P_FORM] << 4) | packet[P_VERSION],
    )
    k5 = np.uint64(where)
    digest = mix(mix(mix(mix(mix(mix(np.uint64(t.numbers[T_SEED]), k0), k1), k2), k3), k4), k5)
    code = np.int64(digest >> np.uint64(1))
    mask = t.buckets.shape[0] - 1
    flags = packet[P_FLAGS]
    probe = code & mask
    entry = -1
    modes = MODE_OPEN, MODE_OPEN
    while t.buckets[probe] != 0:
        other = t.buckets[probe] - 1
        if (
            t.keys[other, 4] == k4 and t.keys[other, 1] == k1 and t.keys[other, 3] == k3
            and t.keys[other, 0] == k0 and t.keys[other, 2] == k2 and t.keys[other, 5] == k5
        ):
            entry = other
            break
        probe = (probe + 1) & mask
    origin = direction
    if flags & (SYN | ACK) == SYN | ACK:
        origin ^= 1
    if entry >= 0:
        row = t.rows[entry]
        reason = -1
        if _silent(row, moment):
            reason = BY_IDLE
        elif moment - row[R_FIRST] > ACTIVE:
            reason = BY_ACTIVE
            origin = row[R_ORIGIN]
            # What it speaks stays known: the messages that show it are long past.
            modes = row[R_MODE], row[R_MODE + 1]
        elif row[R_CLOSED] > 0 and flags & (SYN | ACK) == SYN:
            reason = BY_END
        if reason < 0:
            return entry, direction
        emit(t, entry, reason)
    entry = _row(t)
    row = t.rows[entry]
    for column in range(R_COLUMNS):
        row[column] = 0
    t.numbers[T_SERIAL] += 1
    row[R_SERIAL] = t.numbers[T_SERIAL]
    row[R_FIRST] = moment
    row[R_LAST] = moment
    t.due[entry] = 0
    row[R_HASH] = code
    row[R_ORDINAL] = ordinal
    row[R_ORIGIN] = origin
    row[R_PROTOCOL] = packet[P_PROTOCOL]
    row[R_NEXT] = -1
    row[R_NEXT + 1] = -1
    row[R_EDGE] = -1
    row[R_EDGE + 1] = -1
    row[R_TURNED] = turned
    row[R_MODE], row[R_MODE + 1] = modes
    keep(t, where)
    keys = t.keys[entry]
    keys[0], keys[1], keys[2], keys[3], keys[4], keys[5] = k0, k1, k2, k3, k4, k5
    probe = code & mask
    while t.buckets[probe] != 0:
        probe = (probe + 1) & mask
    t.buckets[probe] = entry + 1
    return entry, direction


@compiled
def _give_up(t: Table) -> None:
    """Count what waits for the oldest datagram, which is given up; the caller of the kernel has left room."""
    entry = forget(t)
    weight = t.numbers[T_WEIGHT:]
    if weight[0] > 0:
        where, turned = t.datagrams[entry, D_PLACE], t.datagrams[entry, D_TURNED]
        flow, direction = _flow(t, t.packet, t.address, where, turned, weight[2], weight[3])
        _count(t, flow, direction, weight[2])
        t.rows[flow, R_FRAGMENTS] += weight[0]
        t.numbers[T_ORPHANS] += weight[0]
    leave(t, entry)


@inlined
def _count(t: Table, entry: int, direction: int, moment: int) -> None:
    """Count the present packet by its weight: for itself and for those that waited for it."""
    row, weight = t.rows[entry], t.numbers[T_WEIGHT:]
    row[R_PACKETS + direction] += weight[0]
    row[R_BYTES + direction] += weight[1]
    row[R_LAST] = max(row[R_LAST], moment)
    row[R_FIRST] = min(row[R_FIRST], weight[2])
    row[R_ORDINAL] = min(row[R_ORDINAL], weight[3])


@inlined
def _out_of_room(t: Table) -> bool:
    """Whether messages in heaps must be read, or flows with carriers be taken away, before more can come."""
    return bool(t.numbers[T_SPENT_HEAPS] > t.heaps.shape[0] >> 1 or crowded(t))


@compiled
def advance(t: Table, data: Octets, index: Words, first: int, count: int, ordinal: int) -> int:
    """Take the indexed packets from `first` on, until they are done or flows or messages must be taken away.

    Args:
        t: the flow table.
        data: the octets that the index points into.
        index: rows of packets (sensors.capture.index).
        first: the row to begin with.
        count: how many rows there are.
        ordinal: number of the index's first packet in the capture.

    Returns:
        The row to go on with; `count` when all are done.
    """
    packet, address, numbers = t.packet, t.address, t.numbers
    place = first
    # Only tunnels and fragments take what is asked for here, so it is asked again after each of these alone.
    waiting = _out_of_room(t)
    while place < count and not waiting:
        if numbers[T_FLOWS] + 8 > t.out_flows.shape[0] or numbers[T_MESSAGES] + 64 > t.messages.shape[0]:
            break
        if numbers[T_FREE_SLOTS] < _SPARE_SLOTS:
            reclaim(t, 32)
            break
        moment = index[place, ix.TIME]
        if moment > numbers[T_DUE]:
            _give_up(t)
            continue
        at = index[place, ix.AT]
        end = at + index[place, ix.CAPTURED]
        wire = index[place, ix.WIRE]
        cut = 1 if wire > index[place, ix.CAPTURED] else 0
        number = ordinal + place
        place += 1
        bucket, version, at, where = link_layer(data, at, end, cut, index[place - 1, ix.LINK])
        if bucket == FLOW:
            bucket = network_layer(data, at, end, cut, version, packet, address)
        what, turned, heap, deep = READ, 0, -1, False
        source = data
        if bucket == FLOW and packet[P_DEEP]:
            deep = True
            what, where, turned = unwrap(t, data, cut, where, moment, number, wire)
            if what == MALFORMED_PIECE:
                bucket = MALFORMED
            if numbers[T_HEAP] > 0:
                source = t.arena
                heap = numbers[T_HEAP]
        numbers[T_BUCKET + bucket] += 1
        if numbers[T_HIGH] > 0:
            _look(t, moment)
        if bucket != FLOW or what == LATER:
            if deep:
                drop_heap(t)
                waiting = _out_of_room(t)
            continue
        entry, direction = _flow(t, packet, address, where, turned, moment, number)
        row = t.rows[entry]
        if deep:
            _count(t, entry, direction, moment)
            if what == COUNT or heap >= 0:
                row[R_FRAGMENTS] += numbers[T_WEIGHT]
            waiting = _out_of_room(t)
        else:
            row[R_PACKETS + direction] += 1
            row[R_BYTES + direction] += wire
            if moment > row[R_LAST]:
                row[R_LAST] = moment
            elif moment < row[R_FIRST]:
                row[R_FIRST] = moment
        if what == READ and packet[P_FORM] == FORM_PORTS:
            before = numbers[T_MESSAGES]
            if packet[P_PROTOCOL] == TCP:
                flags, sequence = packet[P_FLAGS], packet[P_SEQUENCE]
                if flags & (SYN | FIN | RST):
                    note_state(row, direction, flags, moment, sequence)
                    t.due[entry] = 0
                else:
                    row[R_FLAGS + direction] |= flags
                follow(t, entry, direction, flags, sequence, packet[P_LENGTH])
                if packet[P_LENGTH] > 0 and packet[P_END] > packet[P_PAYLOAD]:
                    if flags & SYN:
                        sequence = (sequence + 1) & 0xFFFFFFFF
                    segment(
                        t, source, heap, entry, direction, packet[P_PAYLOAD], packet[P_END], packet[P_LENGTH], sequence,
                        packet[P_SOURCE], packet[P_DESTINATION], moment, number,
                    )
            elif packet[P_PROTOCOL] == UDP:
                datagram(t, source, heap, entry, direction, packet, moment, number)
            if heap >= 0 and numbers[T_MESSAGES] > before:
                hand_heap(t)
        elif what == READ and packet[P_PROTOCOL] == 58 and packet[P_FORM] != FORM_NONE:
            before = numbers[T_MESSAGES]
            neighbour(t, source, heap, entry, direction, packet, moment, number)
            if heap >= 0 and numbers[T_MESSAGES] > before:
                hand_heap(t)
        if heap >= 0:
            drop_heap(t)
    return place


@compiled
def flush(t: Table) -> bool:
    """Emit open flows because the capture ends, as many as there is room for; whether any are left."""
    while t.numbers[T_FIRST_DATAGRAM] < t.numbers[T_NEXT_DATAGRAM]:
        if t.numbers[T_FLOWS] + 8 > t.out_flows.shape[0] or t.numbers[T_MESSAGES] + 64 > t.messages.shape[0]:
            return True
        _give_up(t)
    while t.numbers[T_FLUSHED] < t.numbers[T_HIGH]:
        if t.numbers[T_FLOWS] + 8 > t.out_flows.shape[0] or t.numbers[T_MESSAGES] + 64 > t.messages.shape[0]:
            return True
        entry = t.numbers[T_FLUSHED]
        if t.rows[entry, R_SERIAL] != 0:
            emit(t, entry, BY_END)
        t.numbers[T_FLUSHED] += 1
    return False


@compiled
def sweep(t: Table, first: int, now: int) -> int:
    """Emit flows that time out by `now`, for a live capture: where no packet comes, nothing else lets them go.

    Args:
        t: the flow table.
        first: the row to begin with.
        now: the present time, ns, on the clock that stamps the packets.

    Returns:
        The row to go on with once flows and messages were taken away; -1 when every row was looked at.
    """
    while now > t.numbers[T_DUE]:
        if t.numbers[T_FLOWS] + 8 > t.out_flows.shape[0] or t.numbers[T_MESSAGES] + 64 > t.messages.shape[0]:
            return first
        _give_up(t)
    for entry in range(first, t.numbers[T_HIGH]):
        if t.numbers[T_FLOWS] + 8 > t.out_flows.shape[0] or t.numbers[T_MESSAGES] + 64 > t.messages.shape[0]:
            return entry
        if t.rows[entry, R_SERIAL] != 0 and _silent(t.rows[entry], now):
            emit(t, entry, BY_IDLE)
    return -1

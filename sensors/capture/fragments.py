"""Datagrams that came in fragments: whose they are, and their octets once they are whole.

RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5.
Only the first fragment says which flow it belongs to. Those that come before it wait, and are counted when the flow is
known, or without ports when time is up. Whole datagrams are decoded as if they had come in one piece. Where fragments
overlap, IPv6 forbids putting them together (RFC 5722); for IPv4, whose hosts differ, what came first stays. Either is
counted. A datagram that was put together is remembered for its repeated fragments.
"""

from typing import Final

import numpy as np

from sensors.capture.carriers import keep, release
from sensors.capture.compiled import Octets, compiled, mix
from sensors.capture.heaps import (
    OVERLAPPING,
    SCATTERED,
    give_back,
    home_of,
    lay,
    spend_heap,
    take_heap,
)
from sensors.capture.packet import (
    FLOW,
    FORM_NONE,
    P_DEEP,
    P_DESTINATION,
    P_END,
    P_FLAGS,
    P_FORM,
    P_FRAGMENT,
    P_IDENTITY,
    P_LENGTH,
    P_MORE,
    P_PAYLOAD,
    P_PIECE_AT,
    P_PIECE_END,
    P_PIECE_LENGTH,
    P_PIECE_PROTOCOL,
    P_PROTOCOL,
    P_SOURCE,
    P_VERSION,
    upper_layers,
)
from sensors.capture.table import (
    AS_DONE,
    AS_KNOWN,
    AS_WAITING,
    D_BEGINS,
    D_BROKEN,
    D_BYTES,
    D_COLUMNS,
    D_DESTINATION,
    D_FIRST,
    D_FORM,
    D_HASH,
    D_HEAD,
    D_HEAP,
    D_NEXT,
    D_ORDINAL,
    D_PACKETS,
    D_PLACE,
    D_PROTOCOL,
    D_SOURCE,
    D_STATE,
    D_TIME,
    D_TOTAL,
    D_TURNED,
    D_VERSION,
    H_DATAGRAM,
    H_RUN,
    H_RUNS,
    MOST_LAYERS,
    NEVER,
    T_DUE,
    T_FIRST_DATAGRAM,
    T_HEAP,
    T_LATE_DATAGRAMS,
    T_NEXT_DATAGRAM,
    T_OVERLAPS,
    T_PRESSED,
    T_PUT_TOGETHER,
    T_SEED,
    T_UNTOGETHER,
    T_WEIGHT,
    WHOLE_WITHIN,
    Table,
)

_LONGEST: Final = 65_535
_KEY_WORDS: Final = 6
CROWDED: Final = -1
"""A time that is always over: the oldest datagram goes with the next packet."""

# What becomes of a fragment.
CONTRADICTS: Final = -1  # it cannot be part of any datagram
WAITS: Final = 0         # it is counted later, with the flow that it belongs to
BELONGS: Final = 1       # the packet's row says which flow it belongs to
BEGINS: Final = 2        # it is the first one; what it holds says which flow the datagram belongs to
WHOLE: Final = 3         # it was the last one that was missing: the packet's row is that of the whole


@compiled
def _find(t: Table, identity: np.uint64, place: np.uint64) -> tuple[int, int]:
    """The datagram with the addresses of the present packet, or -1; and what its hash leads to."""
    digest = np.uint64(t.numbers[T_SEED])
    for word in range(4):
        digest = mix(digest, t.address[word])
    digest = mix(mix(digest, identity), place)
    home = np.int64(digest >> np.uint64(1)) % t.datagrams.shape[0]
    found = t.datagrams[home, D_HEAD] - 1
    while found >= 0:
        keys = t.datagram_keys[found]
        if (
            keys[4] == identity and keys[5] == place and keys[0] == t.address[0] and keys[1] == t.address[1]
            and keys[2] == t.address[2] and keys[3] == t.address[3]
        ):
            return int(found), int(home)
        found = t.datagrams[found, D_NEXT] - 1
    return -1, int(home)


@compiled
def _begin(t: Table, home: int, identity: np.uint64, place: int, turned: int, moment: int) -> int:
    """Enter a datagram; the caller of the kernel has seen to it that there is room."""
    number = t.numbers[T_NEXT_DATAGRAM]
    t.numbers[T_NEXT_DATAGRAM] += 1
    entry = number % t.datagrams.shape[0]
    row, keys, packet = t.datagrams[entry], t.datagram_keys[entry], t.packet
    # The first column is the head of a list, which has nothing to do with this datagram.
    for column in range(D_HEAD + 1, D_COLUMNS):
        row[column] = 0
    for word in range(4):
        keys[word] = t.address[word]
        keys[_KEY_WORDS + word] = t.address[word]
    keys[4] = identity
    keys[5] = np.uint64(place)
    row[D_HASH] = home
    row[D_NEXT] = t.datagrams[home, D_HEAD]
    t.datagrams[home, D_HEAD] = entry + 1
    row[D_TIME] = moment
    row[D_TOTAL] = -1
    row[D_BEGINS] = packet[P_PIECE_PROTOCOL]
    row[D_VERSION] = packet[P_VERSION]
    row[D_PROTOCOL] = packet[P_PIECE_PROTOCOL]
    row[D_FORM] = FORM_NONE
    row[D_PLACE] = place
    row[D_TURNED] = turned
    # Once for where it is, once for where its flow is; both are the same as long as nothing else is known.
    keep(t, place)
    keep(t, place)
    _set_due(t)
    return int(entry)


@compiled
def _set_due(t: Table) -> None:
    """Say when the next datagram must be given up: its time is over, or the table is nearly full."""
    numbers = t.numbers
    size = t.datagrams.shape[0]
    used = numbers[T_NEXT_DATAGRAM] - numbers[T_FIRST_DATAGRAM]
    if used == 0:
        numbers[T_DUE] = NEVER
    elif used > size - MOST_LAYERS - 1:
        numbers[T_DUE] = CROWDED
    else:
        numbers[T_DUE] = t.datagrams[numbers[T_FIRST_DATAGRAM] % size, D_TIME] + WHOLE_WITHIN


@compiled
def fragment(t: Table, data: Octets, place: int, turned: int, moment: int) -> tuple[int, int]:
    """Take the present packet, a fragment, into its datagram.

    Args:
        t: the flow table; the packet's row and addresses are those of the fragment.
        data: the octets that the fragment stands in.
        place: where it is: carrier and VLANs (the last word of a flow's key).
        turned: R_TURNED for a flow at that place.
        moment: when it came, ns.

    Returns:
        What becomes of it, and the datagram's entry.
    """
    packet = t.packet
    low, length, at, end = packet[P_FRAGMENT] * 8, packet[P_PIECE_LENGTH], packet[P_PIECE_AT], packet[P_PIECE_END]
    more = packet[P_MORE]
    if length == 0 or (more and length & 7) or low + length > _LONGEST:
        return CONTRADICTS, -1
    # In IPv6 the first fragment says the protocol, the others may say anything (RFC 8200 section 4.5).
    identity = np.uint64(
        packet[P_IDENTITY] << 16 | (packet[P_PIECE_PROTOCOL] << 8 if packet[P_VERSION] == 4 else 0) | packet[P_VERSION],
    )
    entry, home = _find(t, identity, np.uint64(place))
    if entry < 0:
        entry = _begin(t, home, identity, place, turned, moment)
    row = t.datagrams[entry]
    if row[D_STATE] == AS_DONE:
        if low > 0 or not more:
            _restore(t, entry)
            return BELONGS, entry
        # The number is used again, for a new datagram.
        row[D_STATE] = AS_WAITING
        row[D_TIME] = moment
        row[D_TOTAL] = -1
        row[D_BROKEN] = 0
    if low == 0:
        row[D_BEGINS] = packet[P_PIECE_PROTOCOL]
    if not row[D_BROKEN]:
        _put(t, entry, data, low, at, min(end, at + length), length, more)
        if _is_whole(t, entry):
            return _decode_whole(t, entry), entry
    if row[D_STATE] == AS_KNOWN:
        _restore(t, entry)
        return BELONGS, entry
    if low == 0:
        return BEGINS, entry
    wait(t, entry)
    return WAITS, entry


@compiled
def _put(t: Table, entry: int, data: Octets, low: int, at: int, end: int, length: int, more: int) -> None:
    """Lay a fragment's octets to those of its datagram."""
    row = t.datagrams[entry]
    broken = end - at < length
    if not broken and not row[D_HEAP]:
        row[D_HEAP] = take_heap(t, entry) + 1
        broken = row[D_HEAP] == 0
    if not broken:
        met = lay(t, row[D_HEAP] - 1, low, data, at, end)
        line = t.heaps[row[D_HEAP] - 1]
        total = low + length
        if not more:
            if row[D_TOTAL] >= 0 and row[D_TOTAL] != total:
                met = OVERLAPPING
                broken = True
            row[D_TOTAL] = total
        if row[D_TOTAL] >= 0 and line[H_RUNS] > 0 and line[H_RUN + 2 * line[H_RUNS] - 1] > row[D_TOTAL]:
            # Octets behind its end.
            met = OVERLAPPING
            broken = True
        if met == OVERLAPPING:
            t.numbers[T_OVERLAPS] += 1
            if t.packet[P_VERSION] == 6:
                broken = True
        elif met == SCATTERED:
            broken = True
    if broken:
        row[D_BROKEN] = 1
        t.numbers[T_UNTOGETHER] += 1
        if row[D_HEAP]:
            give_back(t, row[D_HEAP] - 1)
            row[D_HEAP] = 0


@compiled
def _is_whole(t: Table, entry: int) -> bool:
    row = t.datagrams[entry]
    if row[D_BROKEN] or not row[D_HEAP]:
        return False
    line = t.heaps[row[D_HEAP] - 1]
    return bool(line[H_RUNS] == 1 and line[H_RUN] == 0 and line[H_RUN + 1] == row[D_TOTAL])


@compiled
def _decode_whole(t: Table, entry: int) -> int:
    """Decode a whole datagram into the packet's row, and take its heap from it."""
    row, packet = t.datagrams[entry], t.packet
    heap = row[D_HEAP] - 1
    home = home_of(t, heap)
    end = home + row[D_TOTAL]
    drop_heap(t)
    t.numbers[T_HEAP] = heap + 1
    t.numbers[T_PUT_TOGETHER] += 1
    t.heaps[heap, H_DATAGRAM] = 0
    row[D_HEAP] = 0
    row[D_STATE] = AS_DONE
    packet[P_PROTOCOL] = row[D_BEGINS]
    packet[P_FRAGMENT] = 0
    packet[P_MORE] = 0
    if upper_layers(t.arena, home, end, end, 0, packet) != FLOW:
        # Its transport header contradicts itself: it is an exchange of its addresses all the same.
        packet[P_FORM] = FORM_NONE
        packet[P_SOURCE] = 0
        packet[P_DESTINATION] = 0
        packet[P_DEEP] = 0
        packet[P_PAYLOAD] = end
        packet[P_END] = end
        packet[P_LENGTH] = 0
    _carry(t, entry)
    return WHOLE


@compiled
def drop_heap(t: Table) -> None:
    """Free the heap that the present packet stood in: nothing in it is needed any more."""
    if t.numbers[T_HEAP]:
        give_back(t, t.numbers[T_HEAP] - 1)
        t.numbers[T_HEAP] = 0


@compiled
def hand_heap(t: Table) -> None:
    """Leave the heap that the present packet stood in to the messages that stand there."""
    if t.numbers[T_HEAP]:
        spend_heap(t, t.numbers[T_HEAP] - 1)
        t.numbers[T_HEAP] = 0


@compiled
def _carry(t: Table, entry: int) -> None:
    """Let the present packet count for those that waited, too."""
    row, weight = t.datagrams[entry], t.numbers[T_WEIGHT:]
    if row[D_PACKETS]:
        weight[0] += row[D_PACKETS]
        weight[1] += row[D_BYTES]
        weight[2] = min(weight[2], row[D_FIRST])
        weight[3] = min(weight[3], row[D_ORDINAL])
        row[D_PACKETS] = 0
        row[D_BYTES] = 0


@compiled
def wait(t: Table, entry: int) -> None:
    """Let the present packet wait for the datagram's first fragment or for all of it."""
    row, weight = t.datagrams[entry], t.numbers[T_WEIGHT:]
    if row[D_PACKETS] == 0:
        row[D_FIRST] = weight[2]
        row[D_ORDINAL] = weight[3]
    row[D_PACKETS] += weight[0]
    row[D_BYTES] += weight[1]
    row[D_FIRST] = min(row[D_FIRST], weight[2])
    row[D_ORDINAL] = min(row[D_ORDINAL], weight[3])


@compiled
def remember(t: Table, entry: int, place: int, turned: int) -> None:
    """Note that the datagram belongs to the flow of the present packet, whose row and addresses are that flow's."""
    row, keys, packet = t.datagrams[entry], t.datagram_keys[entry], t.packet
    keep(t, place)
    release(t, row[D_PLACE])
    for word in range(4):
        keys[_KEY_WORDS + word] = t.address[word]
    row[D_VERSION] = packet[P_VERSION]
    row[D_PROTOCOL] = packet[P_PROTOCOL]
    row[D_FORM] = packet[P_FORM]
    row[D_SOURCE] = packet[P_SOURCE]
    row[D_DESTINATION] = packet[P_DESTINATION]
    row[D_PLACE] = place
    row[D_TURNED] = turned
    if row[D_STATE] == AS_WAITING:
        row[D_STATE] = AS_KNOWN
    _carry(t, entry)


@compiled
def _restore(t: Table, entry: int) -> None:
    """Make the packet's row and addresses those of the flow that the datagram belongs to."""
    row, keys, packet = t.datagrams[entry], t.datagram_keys[entry], t.packet
    for word in range(4):
        t.address[word] = keys[_KEY_WORDS + word]
    packet[P_VERSION] = row[D_VERSION]
    packet[P_PROTOCOL] = row[D_PROTOCOL]
    packet[P_FORM] = row[D_FORM]
    packet[P_SOURCE] = row[D_SOURCE]
    packet[P_DESTINATION] = row[D_DESTINATION]
    packet[P_FLAGS] = 0


@compiled
def forget(t: Table) -> int:
    """Give the oldest datagram up: the packet's row and addresses are those of its flow, the weight is what waited.

    Returns:
        Its entry, for `leave`.
    """
    numbers = t.numbers
    entry = numbers[T_FIRST_DATAGRAM] % t.datagrams.shape[0]
    if numbers[T_DUE] == CROWDED:
        numbers[T_PRESSED] += 1
    numbers[T_FIRST_DATAGRAM] += 1
    row = t.datagrams[entry]
    if row[D_HEAP]:
        give_back(t, row[D_HEAP] - 1)
        row[D_HEAP] = 0
    if row[D_STATE] != AS_DONE:
        numbers[T_LATE_DATAGRAMS] += 1
    home = row[D_HASH]
    if t.datagrams[home, D_HEAD] == entry + 1:
        t.datagrams[home, D_HEAD] = row[D_NEXT]
    else:
        before = t.datagrams[home, D_HEAD] - 1
        while t.datagrams[before, D_NEXT] != entry + 1:
            before = t.datagrams[before, D_NEXT] - 1
        t.datagrams[before, D_NEXT] = row[D_NEXT]
    _set_due(t)
    _restore(t, entry)
    for part in range(4):
        numbers[T_WEIGHT + part] = row[D_PACKETS + part]
    row[D_PACKETS] = 0
    return int(entry)


@compiled
def leave(t: Table, entry: int) -> None:
    """Let go of where a forgotten datagram was, after its packets have been counted."""
    release(t, int(t.datagram_keys[entry, 5]))
    release(t, t.datagrams[entry, D_PLACE])

"""Who carries a flow: the tunnels that its packets go through, each stack of them known by a number.

A tunnel is what kind it is, its id, the VLANs that it runs in and its two ends, in an order that both directions agree
upon, since answers come back from the other end and a mirror sends both directions one way. The numbers are part of
flows' keys; one is free for another stack once no flow and no datagram has it and the flows that had it were taken
away.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, compiled, inlined, mix
from sensors.capture.table import (
    C_FREE,
    C_HASH,
    C_HEAD,
    C_MARK,
    C_NEXT,
    C_SPENT,
    C_USERS,
    LAYER_WORDS,
    MOST_LAYERS,
    PLACE_BITS,
    T_CARRIERS,
    T_FREE_CARRIERS,
    T_SEED,
    T_SPENT_CARRIERS,
    W_ADDRESS,
    W_HAS_ID,
    W_ID,
    W_KIND,
    Table,
)

WORDS: Final = LAYER_WORDS * MOST_LAYERS


@compiled
def add_layer(t: Table, layer: int, kind: int, ident: int, version: int, vlan: int, address: Longs) -> int:
    """Write the tunnel down as the next layer of the present packet.

    Args:
        t: the flow table.
        layer: which one, from 0.
        kind: a place in `sensors.capture.tunnels.KINDS`.
        ident: its id; -1: it has none.
        version: of IP outside.
        vlan: VLAN ids outside.
        address: outer addresses, source and destination.

    Returns:
        1 where the greater address sent it.
    """
    at = LAYER_WORDS * layer
    turned = 1 if address[0] > address[2] or (address[0] == address[2] and address[1] > address[3]) else 0
    t.layers[at + W_KIND] = np.uint64(kind | version << 8 | (W_HAS_ID if ident >= 0 else 0) | vlan << 16)
    t.layers[at + W_ID] = np.uint64(max(ident, 0))
    for word in range(4):
        t.layers[at + W_ADDRESS + word] = address[word ^ 2 * turned]
    return turned


@compiled
def carrier(t: Table, layers: int) -> int:
    """The number, from 1, of the stack of tunnels whose first `layers` layers were written down.

    The caller of the kernel has seen to it that there is room.
    """
    for word in range(LAYER_WORDS * layers, WORDS):
        t.layers[word] = 0
    digest = np.uint64(t.numbers[T_SEED])
    for word in range(LAYER_WORDS * layers):
        digest = mix(digest, t.layers[word])
    home = np.int64(digest >> np.uint64(1)) % t.carriers.shape[0]
    found = t.carriers[home, C_HEAD] - 1
    while found >= 0:
        same = True
        for word in range(WORDS):
            if t.carrier_keys[found, word] != t.layers[word]:
                same = False
                break
        if same:
            return int(found + 1)
        found = t.carriers[found, C_NEXT] - 1
    if t.numbers[T_FREE_CARRIERS] > 0:
        t.numbers[T_FREE_CARRIERS] -= 1
        found = t.carriers[t.numbers[T_FREE_CARRIERS], C_FREE]
    else:
        found = t.numbers[T_CARRIERS]
        t.numbers[T_CARRIERS] += 1
    for word in range(WORDS):
        t.carrier_keys[found, word] = t.layers[word]
    row = t.carriers[found]
    row[C_HASH] = home
    row[C_NEXT] = t.carriers[home, C_HEAD]
    row[C_USERS] = 0
    t.carriers[home, C_HEAD] = found + 1
    # Nobody has it yet, and perhaps nobody ever will.
    _spend(t, found)
    return int(found + 1)


@inlined
def _spend(t: Table, number: int) -> None:
    """Enter a carrier among those that are looked at once what was handed out has been taken away."""
    if t.carriers[number, C_MARK] == 0:
        t.carriers[number, C_MARK] = 1
        t.carriers[t.numbers[T_SPENT_CARRIERS], C_SPENT] = number
        t.numbers[T_SPENT_CARRIERS] += 1


@inlined
def keep(t: Table, place: int) -> None:
    """A flow or datagram is at this place from now on (the last word of a flow's key)."""
    number = (place >> PLACE_BITS) - 1
    if number >= 0:
        t.carriers[number, C_USERS] += 1


@inlined
def release(t: Table, place: int) -> None:
    """A flow or datagram is there no longer."""
    number = (place >> PLACE_BITS) - 1
    if number >= 0:
        t.carriers[number, C_USERS] -= 1
        if t.carriers[number, C_USERS] == 0:
            _spend(t, number)


@compiled
def free_carriers(t: Table) -> None:
    """Free the carriers that nobody has; flows that had them have been taken away."""
    while t.numbers[T_SPENT_CARRIERS] > 0:
        t.numbers[T_SPENT_CARRIERS] -= 1
        number = t.carriers[t.numbers[T_SPENT_CARRIERS], C_SPENT]
        row = t.carriers[number]
        row[C_MARK] = 0
        if row[C_USERS] > 0:
            continue
        home = row[C_HASH]
        if t.carriers[home, C_HEAD] == number + 1:
            t.carriers[home, C_HEAD] = row[C_NEXT]
        else:
            before = t.carriers[home, C_HEAD] - 1
            while t.carriers[before, C_NEXT] != number + 1:
                before = t.carriers[before, C_NEXT] - 1
            t.carriers[before, C_NEXT] = row[C_NEXT]
        t.carriers[t.numbers[T_FREE_CARRIERS], C_FREE] = number
        t.numbers[T_FREE_CARRIERS] += 1


@inlined
def crowded(t: Table) -> bool:
    """Whether what was handed out must be taken away before more packets bring new tunnels."""
    return bool(
        t.numbers[T_FREE_CARRIERS] + t.carriers.shape[0] - t.numbers[T_CARRIERS] <= 2 * MOST_LAYERS,
    )

"""The flow table's shape: arrays that the kernels share, and the names of their columns.

A flow's key is its VLAN ids, addresses, protocol and ports, in an order that both directions agree upon (the lower
address and port first). VLANs belong to the key because tenants of a cloud may use the same addresses side by side.
"""

from typing import Final, NamedTuple

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words
from sensors.event.times import SECOND

FLOWS: Final = 1 << 18
"""How many flows are open at once; beyond that the longest silent one of a few is emitted early."""
SLOTS: Final = 2_048
"""How many directions' first bytes are put together at once."""
SLOT_BYTES: Final = 16_384
"""How many first bytes of a direction, or of one message, are put together."""
OUT_FLOWS: Final = 8_192
OUT_MESSAGES: Final = 4_096
FRAGMENTS: Final = 1 << 16
"""How many first fragments are remembered for the ports of those that follow."""

IDLE_TCP: Final = 300 * SECOND
IDLE_OTHER: Final = 60 * SECOND
ACTIVE: Final = 1_800 * SECOND
"""A flow that lasts longer is emitted and goes on as a new one."""
LINGER: Final = 5 * SECOND
"""After both FINs or an RST, packets this close behind still belong to the flow (Zeek: tcp_close_delay)."""

# The key, six words of 64 bits: a's address (2), b's address (2), ports with protocol, form and version, and VLANs.
KEY_WORDS: Final = 6

# A flow's row, what every packet needs first. Columns of a pair are for packets from a and from b.
R_FIRST: Final = 0
R_LAST: Final = 1
R_SERIAL: Final = 2      # number of the flow in the capture, from 1; 0: the row is free
R_PROTOCOL: Final = 3
R_CLOSED: Final = 4      # when it was closed, ns + 1; 0: open
R_PACKETS: Final = 5
R_BYTES: Final = 7
R_FLAGS: Final = 9       # TCP flags seen
R_MODE: Final = 11
R_SLOT: Final = 13       # slot + 1; 0: none
R_NEXT: Final = 15       # sequence number of the next octet wanted; -1: not known
R_HEAD: Final = 17       # sequence number behind the last message's head
R_STATE: Final = 19      # bits of ST_
R_TRIED: Final = 20      # datagrams looked at for DNS on other ports
R_TALK: Final = 21       # number of its talk + 1; 0: no message was handed out yet
R_ORIGIN: Final = 22     # 0: a is the originator, 1: b is
R_HASH: Final = 23
R_ORDINAL: Final = 24    # number of its first packet
R_REASON: Final = 25
R_COLUMNS: Final = 26

ST_SYN: Final = 1        # << direction: a SYN without ACK
ST_SYN_ACK: Final = 4    # << direction
ST_FIN: Final = 16       # << direction
ST_RST: Final = 64       # << direction, of the first RST only

# Why a flow was emitted, in the order of REASONS.
BY_END: Final = 0
BY_FIN: Final = 1
BY_RST: Final = 2
BY_IDLE: Final = 3
BY_ACTIVE: Final = 4
BY_PRESSURE: Final = 5
REASONS: Final = ("end of capture", "fin", "rst", "idle timeout", "active timeout", "table full")

# How far the messages of a direction are followed.
MODE_OPEN: Final = 0     # nothing recognised yet
MODE_TLS: Final = 1
MODE_HTTP: Final = 2
MODE_DNS: Final = 3
MODE_CLOSED: Final = 4   # the first bytes are of no protocol that we name
MODE_DONE: Final = 5     # TLS has gone dark

# A message's row: where its bytes are and whose they are.
M_KIND: Final = 0        # MODE_TLS, MODE_HTTP, MODE_DNS or KIND_DATAGRAM
M_FROM: Final = 1        # 0: sent by the originator, 1: by the responder
M_TALK: Final = 2        # what its flow has said, in sensors.capture.pairing
M_TIME: Final = 3        # of its first packet
M_ORDINAL: Final = 4     # of its first packet
M_SLOT: Final = 5        # -1: the bytes are in the file
M_AT: Final = 6
M_LENGTH: Final = 7
M_CUT: Final = 8         # 1: it has no end within the bytes that are kept
M_ORIGIN: Final = 9
M_KEY: Final = 10        # six words
M_COLUMNS: Final = 16
KIND_DATAGRAM: Final = 6  # DNS over UDP

# A slot's row.
L_FLOW: Final = 0
L_DIRECTION: Final = 1
L_BASE: Final = 2        # sequence number of the first octet
L_TIME: Final = 3
L_ORDINAL: Final = 4
L_SEEN: Final = 5        # how far the search for the message's end has come
L_USED: Final = 6        # 0 free, 1 belongs to a flow, 2 handed out and to be freed
L_RUNS: Final = 7        # how many stretches of octets are there
L_RUN: Final = 8         # their beginnings and ends, in order
MOST_RUNS: Final = 6
L_COLUMNS: Final = L_RUN + 2 * MOST_RUNS

# The table's own numbers.
T_HIGH: Final = 0        # rows ever used
T_FREE: Final = 1        # rows on the free list
T_SERIAL: Final = 2
T_HAND: Final = 3        # the row that is looked at next for its time-out
T_FLOWS: Final = 4       # rows in out_flows
T_MESSAGES: Final = 5    # rows in messages
T_FREE_SLOTS: Final = 6
T_SPENT_SLOTS: Final = 7
T_SLOT_HAND: Final = 8
T_LOST_SEGMENTS: Final = 9    # segments that no stretch was left for
T_CUT_MESSAGES: Final = 10    # messages given up because every slot was in use
T_ORPHANS: Final = 11         # fragments whose first one is not known
T_BUCKET: Final = 12          # five numbers, in the order of the packet buckets
T_SEED: Final = 17
T_FLUSHED: Final = 18        # rows looked at since the capture ended
T_FREE_TALKS: Final = 19
T_COLUMNS: Final = 20


class Table(NamedTuple):
    """The arrays of one capture's flow table."""

    numbers: Words
    buckets: Words       # the hash table: row + 1
    keys: Longs
    rows: Words
    free: Words
    out_keys: Longs
    out_flows: Words
    messages: Words
    arena: Octets
    slots: Words
    free_slots: Words
    spent_slots: Words
    free_talks: Words
    fragment_keys: Longs
    fragment_ports: Words
    packet: Words
    address: Longs


def make(seed: int, flows: int = FLOWS, slots: int = SLOTS) -> Table:
    """An empty table; `seed` keeps a sender from choosing keys that collide, and changes nothing in the answers."""
    numbers = np.zeros(T_COLUMNS, np.int64)
    numbers[T_FREE_SLOTS] = slots
    numbers[T_FREE_TALKS] = flows + OUT_FLOWS
    numbers[T_SEED] = seed & 0x7FFF_FFFF_FFFF_FFFF
    return Table(
        numbers=numbers,
        buckets=np.zeros(1 << (2 * flows - 1).bit_length(), np.int64),
        keys=np.zeros((flows, KEY_WORDS), np.uint64),
        rows=np.zeros((flows, R_COLUMNS), np.int64),
        free=np.zeros(flows, np.int64),
        out_keys=np.zeros((OUT_FLOWS, KEY_WORDS), np.uint64),
        out_flows=np.zeros((OUT_FLOWS, R_COLUMNS), np.int64),
        messages=np.zeros((OUT_MESSAGES, M_COLUMNS), np.int64),
        arena=np.zeros(slots * SLOT_BYTES, np.uint8),
        slots=np.zeros((slots, L_COLUMNS), np.int64),
        free_slots=np.arange(slots, dtype=np.int64)[::-1].copy(),
        spent_slots=np.zeros(slots, np.int64),
        # A flow's talk ends when the flow is taken away, so there are more of them than open flows.
        free_talks=np.arange(flows + OUT_FLOWS, dtype=np.int64)[::-1].copy(),
        fragment_keys=np.zeros(FRAGMENTS, np.uint64),
        fragment_ports=np.zeros(FRAGMENTS, np.int64),
        packet=np.zeros(16, np.int64),
        address=np.zeros(4, np.uint64),
    )

"""The flow table's shape: arrays that the kernels share, and the names of their columns.

A flow's key is its VLAN ids, addresses, protocol and ports, in an order that both directions agree upon (the lower
address and port first), and the number of the tunnels that it goes through. VLANs and tunnels belong to the key because
tenants of a cloud may use the same addresses side by side.
"""

from typing import Final, NamedTuple

import numpy as np

from sensors.capture.compiled import Halves, Longs, Octets, Words
from sensors.capture.packet import P_COLUMNS
from sensors.event.times import SECOND

FLOWS: Final = 1 << 18
"""How many flows are open at once; beyond that the longest silent one of a few is emitted early."""
SLOTS: Final = 2_048
"""How many directions' first bytes are put together at once."""
SLOT_BYTES: Final = 16_384
"""How many first bytes of a direction, or of one message, are put together."""
OUT_FLOWS: Final = 16_384
OUT_MESSAGES: Final = 16_384
DATAGRAMS: Final = 1 << 16
"""How many datagrams that came in fragments are remembered at once."""
HEAPS: Final = 256
"""How many of them are put together at once."""
HEAP_BYTES: Final = 1 << 16
MOST_PIECES: Final = 16
"""How many stretches of a datagram there may be with gaps in between."""
MOST_LAYERS: Final = 4
"""How many tunnels inside each other are taken off."""

IDLE_TCP: Final = 300 * SECOND
IDLE_OTHER: Final = 60 * SECOND
"""Also for connections that were asked for and never answered (Suricata: flow-timeouts, new)."""
WHOLE_WITHIN: Final = 60 * SECOND
"""How long a datagram's fragments are waited for (RFC 8200 section 4.5; RFC 1122 section 3.3.2 says 60 to 120 s)."""
ACTIVE: Final = 1_800 * SECOND
"""A flow that lasts longer is emitted and goes on as a new one."""
LINGER: Final = 5 * SECOND
"""After both FINs or an RST, packets this close behind still belong to the flow (Zeek: tcp_close_delay)."""

# The key, six words of 64 bits: a's address (2), b's address (2), ports with protocol, form and version, and where the
# flow is: the number of its tunnels << 24 | outer VLAN << 12 | inner VLAN.
KEY_WORDS: Final = 6
PLACE_BITS: Final = 24

# A flow's row, what every packet needs first. Columns of a pair are for packets from a and from b.
R_FIRST: Final = 0
R_LAST: Final = 1
R_SERIAL: Final = 2      # number of the flow in the capture, from 1; 0: the row is free
R_PROTOCOL: Final = 3
R_CLOSED: Final = 4      # when it was closed, ns + 1; 0: open
R_PACKETS: Final = 5
R_BYTES: Final = 7
R_FLAGS: Final = 9       # TCP flags seen
R_EDGE: Final = 11       # TCP: sequence number behind the last octet that was seen; -1: not known
R_MODE: Final = 13
R_TRIED: Final = 15      # datagrams looked at for DNS on other ports
R_SLOT: Final = 16       # slot + 1; 0: none
R_NEXT: Final = 18       # sequence number of the next octet wanted; -1: not known
R_HEAD: Final = 20       # sequence number behind the last message's head
R_STATE: Final = 22      # bits of ST_
R_TALK: Final = 23       # number of its talk + 1; 0: no message was handed out yet
R_ORIGIN: Final = 24     # 0: a is the originator, 1: b is
R_HASH: Final = 25
R_ORDINAL: Final = 26    # number of its first packet
R_REASON: Final = 27
R_TURNED: Final = 28     # a bit for each tunnel: 1: the first packet came from the greater of its two addresses
R_FRAGMENTS: Final = 29  # packets that were fragments
R_HOLES: Final = 30      # how many gaps are remembered because they may still be filled
R_AGAIN: Final = 32      # segments with nothing new
R_LATE: Final = 34       # segments that filled a gap
R_GAPS: Final = 36
R_MISSING: Final = 38    # octets in gaps that were not filled
R_COLUMNS: Final = 40
MOST_HOLES: Final = 4

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
MODE_LATER: Final = 7    # its beginning is missing and nothing was recognised yet: each segment is looked at anew
MODE_GENERAL: Final = 16  # and above: a framing of sensors.capture.protocols.tables

# A message's row: where its bytes are and whose they are.
M_KIND: Final = 0        # MODE_TLS, MODE_HTTP, MODE_DNS, KIND_DATAGRAM, or MODE_GENERAL and above
M_FROM: Final = 1        # 0: sent by the originator, 1: by the responder
M_TALK: Final = 2        # what its flow has said, in sensors.capture.waiting
M_TIME: Final = 3        # of its first packet
M_ORDINAL: Final = 4     # of its first packet
M_SLOT: Final = 5        # -1: the bytes are in the file
M_AT: Final = 6
M_LENGTH: Final = 7
M_CUT: Final = 8         # 0, CUT or BROKEN
M_ORIGIN: Final = 9
M_KEY: Final = 10        # six words
M_TURNED: Final = 16     # R_TURNED of its flow
M_COLUMNS: Final = 17
KIND_DATAGRAM: Final = 6  # DNS over UDP
CUT: Final = 1           # it has no end within the bytes that are kept
BROKEN: Final = 2        # likewise, and bytes behind its beginning are missing

# A slot's row.
L_FLOW: Final = 0
L_DIRECTION: Final = 1
L_BASE: Final = 2        # sequence number of the first octet
L_TIME: Final = 3
L_ORDINAL: Final = 4
L_SEEN: Final = 5        # how far the search for the message's end has come
L_USED: Final = 6        # 0 free, 1 belongs to a flow, 2 handed out and to be freed
L_RUNS: Final = 7        # how many stretches of octets are there
L_GAP: Final = 8         # since when octets are missing between them, ns; 0: none are
L_RUN: Final = 9         # their beginnings and ends, in order
MOST_RUNS: Final = 6
L_COLUMNS: Final = L_RUN + 2 * MOST_RUNS

# Who carries a flow (sensors.capture.carriers): six words for each tunnel, the outermost first.
W_KIND: Final = 0        # kind | IP version << 8 | 1 << 12 where it has an id | VLANs << 16
W_ID: Final = 1
W_ADDRESS: Final = 2     # its two addresses, the lower one first
LAYER_WORDS: Final = 6
W_HAS_ID: Final = 1 << 12

# A carrier's row; the first, the free and the spent ones are lists of their own that share the array.
C_HEAD: Final = 0        # the carrier that a hash leads to + 1
C_NEXT: Final = 1        # the next one of the same hash + 1
C_HASH: Final = 2
C_USERS: Final = 3       # flows and datagrams that it carries
C_MARK: Final = 4        # 1: it is among the spent ones
C_FREE: Final = 5
C_SPENT: Final = 6
C_COLUMNS: Final = 7

# A datagram that came in fragments (sensors.capture.fragments). The key's words: addresses (4), identification with
# protocol and version, where it is; then the addresses of the flow that it belongs to (4).
D_WORDS: Final = 10
D_HEAD: Final = 0        # the datagram that a hash leads to + 1
D_NEXT: Final = 1        # the next one of the same hash + 1
D_HASH: Final = 2
D_TIME: Final = 3        # of its first fragment to come, ns
D_STATE: Final = 4       # one of the AS_ values
D_HEAP: Final = 5        # where it is put together + 1; 0: nowhere
D_BROKEN: Final = 6      # 1: it cannot be put together
D_TOTAL: Final = 7       # how long it is; -1: not known yet
D_PACKETS: Final = 8     # packets that no flow has counted yet, their bytes, the first one's time and number
D_BYTES: Final = 9
D_FIRST: Final = 10
D_ORDINAL: Final = 11
D_BEGINS: Final = 12     # the protocol that it begins with
D_VERSION: Final = 13    # from here on, the flow that it belongs to as far as that is known
D_PROTOCOL: Final = 14
D_FORM: Final = 15
D_SOURCE: Final = 16
D_DESTINATION: Final = 17
D_PLACE: Final = 18
D_TURNED: Final = 19
D_COLUMNS: Final = 20

AS_WAITING: Final = 0    # its first fragment was not seen
AS_KNOWN: Final = 1      # the flow that it belongs to is known
AS_DONE: Final = 2       # it was put together

# A heap's row, where a datagram is put together; the free and the spent ones are lists that share the array.
H_DATAGRAM: Final = 0    # whose it is + 1; 0: it is free, or its octets are being read
H_RUNS: Final = 1        # how many stretches of octets are there
H_FREE: Final = 2
H_SPENT: Final = 3
H_RUN: Final = 4         # their beginnings and ends, in order
H_COLUMNS: Final = H_RUN + 2 * MOST_PIECES

NEVER: Final = (1 << 63) - 1

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
T_EVICTED: Final = 20        # flows that went because the table was full
T_HALF_OPEN: Final = 21      # of these, connections that nobody had answered
T_CARRIERS: Final = 22       # carriers ever used
T_FREE_CARRIERS: Final = 23
T_SPENT_CARRIERS: Final = 24
T_FIRST_DATAGRAM: Final = 25   # number of the oldest datagram in fragments that is remembered
T_NEXT_DATAGRAM: Final = 26    # number of the next one
T_DUE: Final = 27            # when the oldest one is given up, ns
T_FREE_HEAPS: Final = 28
T_SPENT_HEAPS: Final = 29
T_HEAP_HAND: Final = 30
T_HEAP: Final = 31           # the heap that the present packet stands in + 1; 0: none
T_PUT_TOGETHER: Final = 32   # datagrams that were put together
T_OVERLAPS: Final = 33       # fragments that overlap others
T_UNTOGETHER: Final = 34     # datagrams given up: cut by the capture, contradictory, or no room
T_LATE_DATAGRAMS: Final = 35   # datagrams whose fragments did not all come in time, or before the capture's end
T_PRESSED: Final = 36        # datagrams forgotten early because there were too many
T_OPENED: Final = 37         # tunnels taken off
T_UNOPENED: Final = 38       # packets that look like a tunnel whose inside cannot be read
T_TOO_DEEP: Final = 39       # packets with more tunnels inside each other than are taken off
T_WEIGHT: Final = 40         # what the present packet counts for: packets, bytes, when it began, its number
T_GAPS: Final = 44           # gaps in streams that nothing filled
T_MISSING: Final = 45        # octets that are missing in them
T_BEHIND: Final = 46         # messages that were found behind them
T_DARK: Final = 47           # directions without their beginning in which nothing was recognised
T_COLUMNS: Final = 48


class Table(NamedTuple):
    """The arrays of one capture's flow table."""

    numbers: Words
    buckets: Halves      # the hash table: row + 1
    keys: Longs
    rows: Words
    due: Words           # until when a row cannot have timed out, ns; 0: not known, NEVER: it is free
    free: Words
    out_keys: Longs
    out_flows: Words
    messages: Words
    arena: Octets
    slots: Words
    free_slots: Words
    spent_slots: Words
    free_talks: Words
    holes: Longs         # TCP: gaps in a flow's sequence, MOST_HOLES for each direction, begin << 32 | end
    carrier_keys: Longs  # sensors.capture.carriers
    carriers: Words
    datagram_keys: Longs  # sensors.capture.fragments
    datagrams: Words
    heaps: Words         # sensors.capture.heaps
    packet: Words
    address: Longs
    outer: Words         # a packet's row that is kept while the one inside it is looked at
    outer_address: Longs
    layers: Longs        # the tunnels of the present packet, the outermost first


def make(seed: int, flows: int = FLOWS, slots: int = SLOTS, datagrams: int = DATAGRAMS, heaps: int = HEAPS) -> Table:
    """An empty table; `seed` keeps a sender from choosing keys that collide, and changes nothing in the answers.

    Args:
        seed: what hash tables begin with.
        flows: how many are open at once.
        slots: how many directions' first bytes are put together at once.
        datagrams: how many that came in fragments are remembered; more than twice `MOST_LAYERS`.
        heaps: how many of them are put together at once; more than twice `MOST_LAYERS`.
    """
    numbers = np.zeros(T_COLUMNS, np.int64)
    numbers[T_FREE_SLOTS] = slots
    numbers[T_FREE_TALKS] = flows + OUT_FLOWS
    numbers[T_FREE_HEAPS] = heaps
    numbers[T_DUE] = NEVER
    numbers[T_SEED] = seed & 0x7FFF_FFFF_FFFF_FFFF
    # Every open flow and every datagram may have a carrier of its own, and flows that ended until they are taken away.
    carriers = flows + OUT_FLOWS + 2 * datagrams
    return Table(
        numbers=numbers,
        buckets=np.zeros(1 << (2 * flows - 1).bit_length(), np.int32),
        keys=np.zeros((flows, KEY_WORDS), np.uint64),
        rows=np.zeros((flows, R_COLUMNS), np.int64),
        due=np.zeros(flows, np.int64),
        free=np.zeros(flows, np.int64),
        out_keys=np.zeros((OUT_FLOWS, KEY_WORDS), np.uint64),
        out_flows=np.zeros((OUT_FLOWS, R_COLUMNS), np.int64),
        messages=np.zeros((OUT_MESSAGES, M_COLUMNS), np.int64),
        # Behind the slots stand the heaps, so that messages in either are found alike.
        arena=np.zeros(slots * SLOT_BYTES + heaps * HEAP_BYTES, np.uint8),
        slots=np.zeros((slots, L_COLUMNS), np.int64),
        free_slots=np.arange(slots, dtype=np.int64)[::-1].copy(),
        spent_slots=np.zeros(slots, np.int64),
        # A flow's talk ends when the flow is taken away, so there are more of them than open flows.
        free_talks=np.arange(flows + OUT_FLOWS, dtype=np.int64)[::-1].copy(),
        holes=np.zeros((flows, 2 * MOST_HOLES), np.uint64),
        carrier_keys=np.zeros((carriers, LAYER_WORDS * MOST_LAYERS), np.uint64),
        carriers=np.zeros((carriers, C_COLUMNS), np.int64),
        datagram_keys=np.zeros((datagrams, D_WORDS), np.uint64),
        datagrams=np.zeros((datagrams, D_COLUMNS), np.int64),
        heaps=_heaps(heaps),
        packet=np.zeros(P_COLUMNS, np.int64),
        address=np.zeros(4, np.uint64),
        outer=np.zeros(P_COLUMNS, np.int64),
        outer_address=np.zeros(4, np.uint64),
        layers=np.zeros(LAYER_WORDS * MOST_LAYERS, np.uint64),
    )


def _heaps(count: int) -> Words:
    """So many heaps, all of them free."""
    heaps = np.zeros((count, H_COLUMNS), np.int64)
    heaps[:, H_FREE] = np.arange(count - 1, -1, -1)
    return heaps

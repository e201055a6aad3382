"""Blocks of a TPACKET_V3 ring: where their packets are, with VLAN tags back in their places.

The layout is the kernel's own: linux/if_packet.h (tpacket_block_desc, tpacket_hdr_v1, tpacket3_hdr) and the kernel's
Documentation/networking/packet_mmap.rst, "AF_PACKET TPACKET_V3 example". Numbers are in the machine's order, which is
little-endian wherever the product runs. Nothing that a header says is believed before it was checked.
"""

from typing import Final

from sensors.capture import index as ix
from sensors.capture.compiled import Octets, Words, compiled, le32, octet
from sensors.event.times import SECOND

B_STATUS: Final = 8      # block_status, u32
B_COUNT: Final = 12      # num_pkts, u32
B_FIRST: Final = 16      # offset_to_first_pkt, u32
BLOCK_HEAD_BYTES: Final = 48

_NEXT: Final = 0         # tp_next_offset, u32
_SECONDS: Final = 4
_NANOSECONDS: Final = 8
_CAPTURED: Final = 12
_WIRE: Final = 16
_STATUS: Final = 20
_MAC: Final = 24         # u16
_TCI: Final = 32         # hv1.tp_vlan_tci, u32
_TPID: Final = 36        # hv1.tp_vlan_tpid, u16
PACKET_HEAD_BYTES: Final = 48
ADDRESS_BYTES: Final = 20
"""A sockaddr_ll follows each packet's header."""

VLAN_VALID: Final = 1 << 4
TPID_VALID: Final = 1 << 6
HARDWARE_TIME: Final = 1 << 31
TAG_BYTES: Final = 4
_ADDRESSES: Final = 12
_VLAN: Final = 0x8100

# What a ring's blocks have shown so far, one row of numbers.
K_TAGS: Final = 0        # VLAN tags put back
K_HARDWARE: Final = 1    # packets whose time the card took
K_BROKEN: Final = 2      # packets that a block says it has and that are not where it says
K_LAST: Final = 3        # the last good time, ns
K_COLUMNS: Final = 4


@compiled
def _put_back(ring: Octets, at: int, kind: int, tag: int) -> None:
    """Move both addresses four octets to the front and write the tag behind them (IEEE 802.1Q, 9.6)."""
    for place in range(at, at + _ADDRESSES):
        ring[place - TAG_BYTES] = ring[place]
    place = at + _ADDRESSES - TAG_BYTES
    ring[place], ring[place + 1] = kind >> 8, kind & 255
    ring[place + 2], ring[place + 3] = tag >> 8, tag & 255


@compiled
def scan(ring: Octets, base: int, size: int, link: int, index: Words, seen: Words) -> int:
    """Index the packets of one block that the kernel has handed over.

    A block is scanned once: tags are put back in place, into room that the ring leaves before each packet.

    Args:
        ring: the octets of the whole ring.
        base: where the block begins.
        size: how long a block is.
        link: link type of the interface (LINKTYPE_).
        index: where to enter packets, from row 0 (sensors.capture.index).
        seen: what the ring has shown so far (K_), brought up to date here.

    Returns:
        How many packets were indexed.
    """
    if base < 0 or base + size > ring.shape[0] or size < BLOCK_HEAD_BYTES:
        return 0
    end = base + size
    # A block cannot hold more packets than it has room for their headers.
    claimed = min(le32(ring, base + B_COUNT), size // PACKET_HEAD_BYTES)
    at = base + le32(ring, base + B_FIRST)
    count = 0
    while count < claimed and count < index.shape[0]:
        if at < base + BLOCK_HEAD_BYTES or at + PACKET_HEAD_BYTES + ADDRESS_BYTES > end:
            break
        captured, wire, status = le32(ring, at + _CAPTURED), le32(ring, at + _WIRE), le32(ring, at + _STATUS)
        begin = at + (octet(ring, at + _MAC) | octet(ring, at + _MAC + 1) << 8)
        if begin < at + PACKET_HEAD_BYTES + ADDRESS_BYTES or captured > ix.MOST or begin + captured > end:
            break
        wire = max(wire, captured)
        if (
            status & VLAN_VALID
            and captured >= _ADDRESSES
            and begin - TAG_BYTES >= at + PACKET_HEAD_BYTES + ADDRESS_BYTES
        ):
            kind = octet(ring, at + _TPID) | octet(ring, at + _TPID + 1) << 8 if status & TPID_VALID else _VLAN
            _put_back(ring, begin, kind, le32(ring, at + _TCI) & 0xFFFF)
            begin -= TAG_BYTES
            captured += TAG_BYTES
            wire += TAG_BYTES
            seen[K_TAGS] += 1
        if status & HARDWARE_TIME:
            seen[K_HARDWARE] += 1
        part = le32(ring, at + _NANOSECONDS)
        if part < SECOND:
            # Seconds of 32 bits end in 2106; their product with a thousand million fits 63 bits.
            seen[K_LAST] = le32(ring, at + _SECONDS) * SECOND + part
        index[count, ix.AT] = begin
        index[count, ix.CAPTURED] = captured
        index[count, ix.WIRE] = wire
        index[count, ix.TIME] = seen[K_LAST]
        index[count, ix.LINK] = link
        count += 1
        onward = le32(ring, at + _NEXT)
        if onward < PACKET_HEAD_BYTES and count < claimed:
            break
        at += onward
    seen[K_BROKEN] += claimed - count
    return count

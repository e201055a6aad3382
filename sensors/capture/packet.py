"""Decoding one packet from its link layer to its ports, into a row of numbers that is used again for the next.

Ethernet with VLAN tags (IEEE 802.1Q), LLC/SNAP (802.2), PPPoE (RFC 2516), MPLS (RFC 3032), raw IP, Linux cooked
captures and loopback (tcpdump.org/linktypes.html); IPv4 (RFC 791), IPv6 with extension headers (RFC 8200, 4302), TCP
(RFC 9293), UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792, 4443). Tunnels are not taken off: they are flows of their
own.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, be16, be32, be64, compiled, octet

# Buckets, in the order of sensors.delivery.ledger.PACKET_BUCKETS.
FLOW: Final = 0
NON_IP: Final = 1
MALFORMED: Final = 2
TRUNCATED: Final = 3
UNSUPPORTED: Final = 4

# Link types (tcpdump.org/linktypes.html); 12 and 14 are what some systems write for raw IP.
LINKS: Final = (0, 1, 12, 14, 101, 108, 113, 228, 229, 276)

# The row of a decoded packet.
P_VERSION: Final = 0    # 4 or 6
P_PROTOCOL: Final = 1   # IP protocol number of the payload
P_FORM: Final = 2       # what the ports are, one of the FORM_ values
P_SOURCE: Final = 3
P_DESTINATION: Final = 4
P_FLAGS: Final = 5      # TCP flags
P_SEQUENCE: Final = 6
P_PAYLOAD: Final = 7    # where the payload begins
P_END: Final = 8        # where its captured octets end
P_LENGTH: Final = 9     # how long it was, by the network layer
P_VLAN: Final = 10      # outer VLAN << 12 | inner VLAN; 0: no such tag
P_FRAGMENT: Final = 11  # fragment offset in units of 8 octets
P_MORE: Final = 12      # more fragments follow
P_IDENTITY: Final = 13  # identification of fragments
P_COLUMNS: Final = 14

FORM_PORTS: Final = 0
FORM_NONE: Final = 1      # the protocol has no ports, or a fragment came without its first one
FORM_ICMP: Final = 2      # type and the type of the answer
FORM_ONE_WAY: Final = 3   # type and code of an ICMP message that no answer is known for


@compiled
def _short(cut: int) -> int:
    """The bucket of a packet that ends inside a header: the capture's fault or its own."""
    return TRUNCATED if cut else MALFORMED


@compiled
def link_layer(data: Octets, at: int, end: int, cut: int, link: int) -> tuple[int, int, int, int]:
    """Take the link layer off.

    Returns:
        Bucket (FLOW: go on), IP version, where the IP header begins, VLAN ids.
    """
    kind = 0
    if link == 1:
        if at + 14 > end:
            return _short(cut), 0, at, 0
        kind = be16(data, at + 12)
        at += 14
    elif link == 113:
        if at + 16 > end:
            return _short(cut), 0, at, 0
        kind = be16(data, at + 14)
        at += 16
    elif link == 276:
        if at + 20 > end:
            return _short(cut), 0, at, 0
        kind = be16(data, at)
        at += 20
    elif link in (12, 14, 101, 228, 229):
        if at + 1 > end:
            return _short(cut), 0, at, 0
        version = octet(data, at) >> 4
        return (FLOW if version in (4, 6) else NON_IP), version, at, 0
    elif link in (0, 108):
        if at + 4 > end:
            return _short(cut), 0, at, 0
        family = be32(data, at)
        if family > 0xFFFF:
            # Type 0 is written in the order of the machine that captured.
            family = ((family & 0xFF) << 24) | ((family & 0xFF00) << 8) | ((family >> 8) & 0xFF00) | (family >> 24)
        at += 4
        if family == 2:
            return FLOW, 4, at, 0
        # AF_INET6 is 24, 28 or 30 on the BSDs and 10 on Linux.
        return (FLOW if family in (10, 24, 28, 30) else NON_IP), 6, at, 0
    else:
        # An interface that its section never described is the file's contradiction, not a link type.
        return (MALFORMED if link < 0 else UNSUPPORTED), 0, at, 0
    vlan, tags = 0, 0
    while kind in (0x8100, 0x88A8, 0x9100, 0x9200):
        if at + 4 > end:
            return _short(cut), 0, at, vlan
        if tags == 0:
            vlan = (be16(data, at) & 0xFFF) << 12
        elif tags == 1:
            vlan |= be16(data, at) & 0xFFF
        tags += 1
        kind = be16(data, at + 2)
        at += 4
    if kind <= 1500 and at + 8 <= end and be32(data, at) == 0xAAAA0300 and data[at + 4] == 0 and data[at + 5] == 0:
        kind = be16(data, at + 6)
        at += 8
    if kind == 0x8864:
        if at + 8 > end:
            return _short(cut), 0, at, vlan
        inner = be16(data, at + 6)
        at += 8
        kind = 0x0800 if inner == 0x21 else (0x86DD if inner == 0x57 else 0)
    elif kind in (0x8847, 0x8848):
        bottom = 0
        while not bottom:
            if at + 4 > end:
                return _short(cut), 0, at, vlan
            bottom = octet(data, at + 2) & 1
            at += 4
        if at + 1 > end:
            return _short(cut), 0, at, vlan
        version = octet(data, at) >> 4
        # A pseudowire carries frames, and says no type: it is an encapsulation that is not taken off.
        return (FLOW if version in (4, 6) else UNSUPPORTED), version, at, vlan
    if kind == 0x0800:
        return FLOW, 4, at, vlan
    if kind == 0x86DD:
        return FLOW, 6, at, vlan
    return NON_IP, 0, at, vlan


@compiled
def _icmp_answer(version: int, kind: int) -> int:
    """The type that answers this ICMP type or is answered by it, or -1 (community id, version 1; Zeek's table)."""
    if version == 4:
        if kind in (8, 0):
            return 8 - kind
        if kind in (13, 14):
            return 27 - kind
        if kind in (15, 16):
            return 31 - kind
        if kind in (17, 18):
            return 35 - kind
        if kind in (9, 10):
            return 19 - kind
        return -1
    if kind in (128, 129):
        return 257 - kind
    if kind in (133, 134):
        return 267 - kind
    if kind in (135, 136):
        return 271 - kind
    if kind in (130, 131):
        return 261 - kind
    if kind in (139, 140):
        return 279 - kind
    if kind in (144, 145):
        return 289 - kind
    return -1


@compiled
def network_layer(data: Octets, at: int, end: int, cut: int, version: int, packet: Words, address: Longs) -> int:
    """Decode the IP header and the transport header behind it into `packet` and `address` (source, destination).

    Returns:
        The packet's bucket.
    """
    zero = np.uint64(0)
    packet[P_VERSION] = version
    packet[P_FORM] = FORM_NONE
    packet[P_SOURCE] = 0
    packet[P_DESTINATION] = 0
    packet[P_FLAGS] = 0
    packet[P_FRAGMENT] = 0
    packet[P_MORE] = 0
    packet[P_IDENTITY] = 0
    protocol = 0
    if version == 4:
        if at + 20 > end:
            return _short(cut)
        header = (octet(data, at) & 15) * 4
        total = be16(data, at + 2)
        if octet(data, at) >> 4 != 4 or header < 20 or (total < header and total != 0):
            return MALFORMED
        if at + header > end:
            return _short(cut)
        fragment = be16(data, at + 6)
        packet[P_FRAGMENT] = fragment & 0x1FFF
        packet[P_MORE] = fragment & 0x2000
        packet[P_IDENTITY] = be16(data, at + 4)
        protocol = octet(data, at + 9)
        address[0] = zero
        address[1] = np.uint64(be32(data, at + 12))
        address[2] = zero
        address[3] = np.uint64(be32(data, at + 16))
        # A length of 0 is left by network cards that cut segments up later: the captured length holds then.
        whole = at + total if total else end
        at += header
    else:
        if at + 40 > end:
            return _short(cut)
        if octet(data, at) >> 4 != 6:
            return MALFORMED
        total = be16(data, at + 4)
        protocol = octet(data, at + 6)
        address[0] = be64(data, at + 8)
        address[1] = be64(data, at + 16)
        address[2] = be64(data, at + 24)
        address[3] = be64(data, at + 32)
        at += 40
        whole = at + total if total else end
        while protocol in (0, 43, 44, 51, 60, 135, 139, 140):
            if at + 8 > min(end, whole):
                return _short(cut and whole > end)
            following = octet(data, at)
            if protocol == 44:
                field = be16(data, at + 2)
                packet[P_FRAGMENT] = field >> 3
                packet[P_MORE] = field & 1
                packet[P_IDENTITY] = be32(data, at + 4)
                at += 8
            elif protocol == 51:
                at += (octet(data, at + 1) + 2) * 4
            else:
                at += (octet(data, at + 1) + 1) * 8
            protocol = following
            if at > whole:
                return MALFORMED
            if at > end:
                return _short(cut)
            if packet[P_FRAGMENT]:
                break
    packet[P_PROTOCOL] = protocol
    stop = min(end, whole)
    packet[P_PAYLOAD] = at
    packet[P_END] = max(stop, at)
    packet[P_LENGTH] = max(whole - at, 0)
    if packet[P_FRAGMENT]:
        return FLOW
    # A header that the datagram itself has no room for contradicts it; one that was not captured is cut off.
    lost = 1 if (cut and whole > end) or packet[P_MORE] else 0
    if protocol == 6:
        if at + 20 > stop:
            return _short(lost)
        offset = (octet(data, at + 12) >> 4) * 4
        if offset < 20 or (at + offset > whole and not packet[P_MORE]):
            return MALFORMED
        if at + offset > stop:
            return _short(lost)
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = be16(data, at)
        packet[P_DESTINATION] = be16(data, at + 2)
        packet[P_SEQUENCE] = be32(data, at + 4)
        packet[P_FLAGS] = octet(data, at + 13)
        packet[P_PAYLOAD] = at + offset
        packet[P_LENGTH] = max(whole - at - offset, 0)
    elif protocol in (17, 136):
        if at + 8 > stop:
            return _short(lost)
        length = be16(data, at + 4)
        # UDP-Lite (136) has a coverage in the length's place.
        if protocol == 17 and length != 0:
            if length < 8:
                return MALFORMED
            packet[P_END] = min(stop, at + length)
            packet[P_LENGTH] = length - 8
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = be16(data, at)
        packet[P_DESTINATION] = be16(data, at + 2)
        packet[P_PAYLOAD] = at + 8
    elif protocol == 132:
        if at + 12 > stop:
            return _short(lost)
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = be16(data, at)
        packet[P_DESTINATION] = be16(data, at + 2)
        packet[P_PAYLOAD] = at + 12
    elif (protocol == 1 and version == 4) or (protocol == 58 and version == 6):
        if at + 4 > stop:
            return _short(lost)
        kind = octet(data, at)
        answer = _icmp_answer(version, kind)
        packet[P_FORM] = FORM_ICMP if answer >= 0 else FORM_ONE_WAY
        packet[P_SOURCE] = kind
        packet[P_DESTINATION] = answer if answer >= 0 else octet(data, at + 1)
        packet[P_PAYLOAD] = at + 4
    return FLOW

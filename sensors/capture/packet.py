"""Decoding one packet from its IP header to its ports, into a row of numbers that is used again for the next.

IPv4 (RFC 791), IPv6 with extension headers (RFC 8200, 4302), TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260), ICMP
(RFC 792, 4443). What may be a tunnel and what is a fragment is only marked here (sensors.capture.unwrapping).
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, be16, be32, be64, compiled, inlined, octet

# Buckets, in the order of sensors.delivery.ledger.PACKET_BUCKETS.
FLOW: Final = 0
NON_IP: Final = 1
MALFORMED: Final = 2
TRUNCATED: Final = 3
UNSUPPORTED: Final = 4

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
P_WHOLE: Final = 10     # where the packet ends by the network layer
P_FRAGMENT: Final = 11  # fragment offset in units of 8 octets
P_MORE: Final = 12      # more fragments follow
P_IDENTITY: Final = 13  # identification of fragments
P_DEEP: Final = 14      # 1: a fragment, or there may be a tunnel inside (sensors.capture.unwrapping)
P_SHORT: Final = 15     # 1: a first fragment that ends before its transport header does
P_PIECE_PROTOCOL: Final = 16  # fragments: what the first one begins with
P_PIECE_AT: Final = 17        # where their octets begin
P_PIECE_LENGTH: Final = 18    # how many there were
P_PIECE_END: Final = 19       # where those that were captured end
P_HOPS: Final = 20       # IPv6: the hop limit
P_COLUMNS: Final = 21

# IP protocol numbers (IANA).
TCP: Final = 6
UDP: Final = 17
FRAGMENT: Final = 44
AUTHENTICATION: Final = 51
EXTENSIONS: Final = (0, 43, 44, 51, 60, 135, 139, 140)
"""Hop-by-hop options, routing, fragment, authentication, destination options, mobility (RFC 6275), the host identity
protocol (RFC 7401) and shim6 (RFC 5533): extension headers of IPv6 (IANA, IPv6 extension header types). Encryption (50)
ends what can be read."""
MOST_EXTENSIONS: Final = 32
TUNNEL_PROTOCOLS: Final = (4, 41, 47, 137)
"""IPv4 (RFC 2003), IPv6 (RFC 4213, 2473), GRE (RFC 2784) and MPLS (RFC 4023) inside IP."""
TEREDO_PORT: Final = 3544
TUNNEL_PORTS: Final = (4789, 8472, 6081, TEREDO_PORT, 4754, 6635)
"""Destination ports of VXLAN (RFC 7348; the second is what Linux used before), Geneve (RFC 8926), Teredo (RFC 4380),
GRE (RFC 8086) and MPLS (RFC 7510) inside UDP."""

FORM_PORTS: Final = 0
FORM_NONE: Final = 1      # the protocol has no ports, or a fragment came without its first one
FORM_ICMP: Final = 2      # type and the type of the answer
FORM_ONE_WAY: Final = 3   # type and code of an ICMP message that no answer is known for


@compiled
def _short(cut: int) -> int:
    """The bucket of a packet that ends inside a header: the capture's fault or its own."""
    return TRUNCATED if cut else MALFORMED


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
def _extensions(data: Octets, at: int, end: int, whole: int, cut: int, packet: Words) -> tuple[int, int]:
    """Pass the extension headers of IPv6 (RFC 8200 section 4, RFC 7045), and what authenticates either version.

    They end at the transport header, at a later fragment's octets, or after as many as anybody sends: what is then
    left is a flow without ports.

    Returns:
        Bucket, and where the next header begins, whose protocol is in the packet's row.
    """
    protocol = packet[P_PROTOCOL]
    for _ in range(MOST_EXTENSIONS):
        if protocol != AUTHENTICATION and (packet[P_VERSION] == 4 or protocol not in EXTENSIONS):
            break
        stop = min(end, whole)
        if at + 8 > stop:
            if packet[P_MORE]:
                packet[P_SHORT] = 1
                break
            return _short(cut and whole > end), at
        following = octet(data, at)
        if protocol == FRAGMENT:
            field = be16(data, at + 2)
            packet[P_FRAGMENT] = field >> 3
            packet[P_MORE] = field & 1
            packet[P_IDENTITY] = be32(data, at + 4)
            at += 8
            _piece(packet, following, at, whole - at, stop)
        elif protocol == AUTHENTICATION:
            at += (octet(data, at + 1) + 2) * 4
        else:
            at += (octet(data, at + 1) + 1) * 8
        packet[P_PROTOCOL] = protocol = following
        if at > stop and packet[P_MORE]:
            # The chain goes on in the next fragment, which RFC 7112 forbids.
            packet[P_SHORT] = 1
            return FLOW, stop
        if at > whole:
            return MALFORMED, at
        if at > end:
            return _short(cut), at
        if packet[P_FRAGMENT]:
            break
    return FLOW, at


@inlined
def _piece(packet: Words, protocol: int, at: int, length: int, end: int) -> None:
    """Note where a fragment's octets stand."""
    packet[P_PIECE_PROTOCOL] = protocol
    packet[P_PIECE_AT] = at
    packet[P_PIECE_LENGTH] = max(length, 0)
    packet[P_PIECE_END] = max(end, at)


@compiled
def network_layer(data: Octets, at: int, end: int, cut: int, version: int, packet: Words, address: Longs) -> int:
    """Decode the IP header and the transport header behind it into `packet` and `address` (source, destination).

    Returns:
        The packet's bucket.
    """
    zero = np.uint64(0)
    packet[P_VERSION] = version
    packet[P_FRAGMENT] = 0
    packet[P_MORE] = 0
    if version == 4:
        if at + 20 > end:
            return _short(cut)
        header = (octet(data, at) & 15) * 4
        total = be16(data, at + 2)
        if octet(data, at) >> 4 != 4 or header < 20 or (total < header and total != 0):
            return MALFORMED
        if at + header > end:
            return _short(cut)
        packet[P_PROTOCOL] = octet(data, at + 9)
        address[0] = zero
        address[1] = np.uint64(be32(data, at + 12))
        address[2] = zero
        address[3] = np.uint64(be32(data, at + 16))
        # A length of 0 is left by network cards that cut segments up later: the captured length holds then.
        whole = at + total if total else end
        fragment = be16(data, at + 6) & 0x3FFF
        if fragment:
            packet[P_FRAGMENT] = fragment & 0x1FFF
            packet[P_MORE] = fragment & 0x2000
            packet[P_IDENTITY] = be16(data, at + 4)
            _piece(packet, packet[P_PROTOCOL], at + header, whole - at - header, min(end, whole))
        at += header
    else:
        if at + 40 > end:
            return _short(cut)
        if octet(data, at) >> 4 != 6:
            return MALFORMED
        total = be16(data, at + 4)
        packet[P_PROTOCOL] = octet(data, at + 6)
        packet[P_HOPS] = octet(data, at + 7)
        address[0] = be64(data, at + 8)
        address[1] = be64(data, at + 16)
        address[2] = be64(data, at + 24)
        address[3] = be64(data, at + 32)
        at += 40
        whole = at + total if total else end
    return upper_layers(data, at, end, whole, cut, packet)


@inlined
def upper_layers(data: Octets, at: int, end: int, whole: int, cut: int, packet: Words) -> int:
    """Decode what stands behind the IP header, whose protocol, version and fragment are in the packet's row.

    Args:
        data: the octets that it stands in.
        at: where it begins.
        end: where the captured octets end.
        whole: where the IP header says that it ends.
        cut: 1: the capture holds less than there was.
        packet: the row to fill.

    Returns:
        The packet's bucket.
    """
    packet[P_FORM] = FORM_NONE
    packet[P_SOURCE] = 0
    packet[P_DESTINATION] = 0
    packet[P_FLAGS] = 0
    packet[P_SHORT] = 0
    packet[P_DEEP] = 0
    protocol = packet[P_PROTOCOL]
    if protocol != TCP and protocol != UDP and not packet[P_FRAGMENT]:
        bucket, at = _extensions(data, at, end, whole, cut, packet)
        if bucket != FLOW:
            return bucket
        protocol = packet[P_PROTOCOL]
    stop = min(end, whole)
    packet[P_WHOLE] = whole
    packet[P_PAYLOAD] = at
    packet[P_END] = max(stop, at)
    packet[P_LENGTH] = max(whole - at, 0)
    if packet[P_FRAGMENT] or packet[P_MORE]:
        packet[P_DEEP] = 1
        if packet[P_FRAGMENT] or packet[P_SHORT]:
            return FLOW
    # A header that the datagram itself has no room for contradicts it; one that was not captured is cut off, and the
    # rest of one in a first fragment stands in the next.
    lost = 1 if cut and whole > end else 0
    if protocol == TCP:
        if at + 20 > stop:
            return _short_of(packet, lost)
        offset = (octet(data, at + 12) >> 4) * 4
        if offset < 20 or (at + offset > whole and not packet[P_MORE]):
            return MALFORMED
        if at + offset > stop:
            return _short_of(packet, lost)
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = be16(data, at)
        packet[P_DESTINATION] = be16(data, at + 2)
        packet[P_SEQUENCE] = be32(data, at + 4)
        packet[P_FLAGS] = octet(data, at + 13)
        packet[P_PAYLOAD] = at + offset
        packet[P_LENGTH] = max(whole - at - offset, 0)
    elif protocol == UDP or protocol == 136:
        if at + 8 > stop:
            return _short_of(packet, lost)
        length = be16(data, at + 4)
        # UDP-Lite (136) has a coverage in the length's place.
        if protocol == UDP and length != 0:
            if length < 8:
                return MALFORMED
            packet[P_END] = min(stop, at + length)
            packet[P_LENGTH] = length - 8
        source, destination = be16(data, at), be16(data, at + 2)
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = source
        packet[P_DESTINATION] = destination
        packet[P_PAYLOAD] = at + 8
        if destination in TUNNEL_PORTS or source == TEREDO_PORT or (stop > at + 48 and octet(data, at + 8) >> 4 == 6):
            packet[P_DEEP] = 1
    elif protocol == 132:
        if at + 12 > stop:
            return _short_of(packet, lost)
        packet[P_FORM] = FORM_PORTS
        packet[P_SOURCE] = be16(data, at)
        packet[P_DESTINATION] = be16(data, at + 2)
        packet[P_PAYLOAD] = at + 12
    elif (protocol == 1 and packet[P_VERSION] == 4) or (protocol == 58 and packet[P_VERSION] == 6):
        if at + 4 > stop:
            return _short_of(packet, lost)
        kind = octet(data, at)
        answer = _icmp_answer(packet[P_VERSION], kind)
        packet[P_FORM] = FORM_ICMP if answer >= 0 else FORM_ONE_WAY
        packet[P_SOURCE] = kind
        packet[P_DESTINATION] = answer if answer >= 0 else octet(data, at + 1)
        packet[P_PAYLOAD] = at + 4
    elif protocol in TUNNEL_PROTOCOLS:
        packet[P_DEEP] = 1
    return FLOW


@compiled
def _short_of(packet: Words, lost: int) -> int:
    """The bucket of a packet that ends inside its transport header; a first fragment waits for the rest of it."""
    if packet[P_MORE]:
        packet[P_SHORT] = 1
        return FLOW
    return _short(lost)

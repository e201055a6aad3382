"""Tunnels, one layer at a time: what a decoded packet carries inside, and where that begins.

IP in IP (RFC 2003, 4213, 2473), GRE with its key (RFC 2784, 2890), also of Ethernet frames, of PPP (RFC 2637) and of
mirrored frames (ERSPAN, draft-foschiano-erspan), MPLS in IP (RFC 4023); inside UDP: VXLAN (RFC 7348), Geneve (RFC
8926), Teredo (RFC 4380), GRE (RFC 8086) and MPLS (RFC 7510). A header that contradicts itself is no tunnel: the packet
stays what it was outside.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, be16, be32, compiled, octet
from sensors.capture.links import frame_layer, ppp_layer, typed_layer
from sensors.capture.packet import (
    FLOW,
    FORM_PORTS,
    P_DESTINATION,
    P_END,
    P_FORM,
    P_FRAGMENT,
    P_PAYLOAD,
    P_PROTOCOL,
    P_SOURCE,
    P_VERSION,
    TEREDO_PORT,
    UDP,
)

KINDS: Final = (
    "", "ipip", "6in4", "4in6", "6in6", "gre", "pptp", "erspan", "mpls", "vxlan", "geneve", "teredo",
)
"""Names of kinds by their number, as fields show them."""
NO_TUNNEL: Final = 0
_IPIP: Final = 1
_GRE: Final = 5
_PPTP: Final = 6
_ERSPAN: Final = 7
_MPLS: Final = 8
_VXLAN: Final = 9
_GENEVE: Final = 10
_TEREDO: Final = 11

_ETHERNET: Final = 0x6558


@compiled
def opened(data: Octets, packet: Words, address: Longs, cut: int) -> tuple[int, int, int, int, int]:
    """What a packet carries inside.

    Args:
        data: the octets that the packet stands in.
        packet: its row.
        address: its addresses.
        cut: 1: not all of it is there.

    Returns:
        Kind (`NO_TUNNEL`: nothing that is taken off), id (-1: none), IP version inside, where that header begins,
        VLAN ids inside.
    """
    protocol, at, end = packet[P_PROTOCOL], packet[P_PAYLOAD], packet[P_END]
    if packet[P_FRAGMENT] or at >= end:
        return NO_TUNNEL, -1, 0, at, 0
    if protocol == UDP:
        if packet[P_FORM] != FORM_PORTS:
            return NO_TUNNEL, -1, 0, at, 0
        return _in_udp(data, packet, address, cut)
    if protocol == 4 or protocol == 41:
        inside = 4 if protocol == 4 else 6
        if octet(data, at) >> 4 != inside:
            return NO_TUNNEL, -1, 0, at, 0
        kind = _IPIP + (1 if protocol == 41 else 0) + (2 if packet[P_VERSION] == 6 else 0)
        return kind, -1, inside, at, 0
    if protocol == 47:
        return _gre(data, at, end, cut)
    if protocol == 137:
        return _typed(data, at, end, cut, 0x8847, _MPLS, -1)
    return NO_TUNNEL, -1, 0, at, 0


@compiled
def _typed(data: Octets, at: int, end: int, cut: int, kind: int, tunnel: int, ident: int) -> tuple[
    int, int, int, int, int,
]:
    """A payload that an EtherType names; what has no IP inside is left in its tunnel."""
    if kind == _ETHERNET:
        bucket, version, at, vlan = frame_layer(data, at, end, cut)
    else:
        bucket, version, at, vlan = typed_layer(data, at, end, cut, kind)
    return (tunnel if bucket == FLOW else NO_TUNNEL), ident, version, at, vlan


@compiled
def _gre(data: Octets, at: int, end: int, cut: int) -> tuple[int, int, int, int, int]:
    """GRE (RFC 2784 section 2, RFC 2890 section 2); version 1 carries PPP for PPTP (RFC 2637 section 4.1)."""
    begin = at
    if at + 4 > end:
        return NO_TUNNEL, -1, 0, begin, 0
    flags, kind = be16(data, at), be16(data, at + 2)
    checksum, routing, key, sequence = flags & 0x8000, flags & 0x4000, flags & 0x2000, flags & 0x1000
    version = flags & 7
    # Source routes and recursion are of RFC 1701, which nobody speaks any more.
    if routing or flags & 0x0F00 or version > 1:
        return NO_TUNNEL, -1, 0, begin, 0
    at += 4
    ident = -1
    if checksum:
        at += 4
    if key:
        if at + 4 > end:
            return NO_TUNNEL, -1, 0, begin, 0
        ident = be32(data, at)
        at += 4
    if sequence:
        at += 4
    if version == 1:
        if kind != 0x880B or not key or checksum:
            return NO_TUNNEL, -1, 0, begin, 0
        if flags & 0x80:
            at += 4
        # The key is a length and a call's number, which differ by direction: they name no tunnel.
        bucket, kind, at = ppp_layer(data, at, end, cut)
        if bucket != FLOW or kind == 0:
            return NO_TUNNEL, -1, 0, begin, 0
        return _typed(data, at, end, cut, kind, _PPTP, -1)
    if at >= end:
        return NO_TUNNEL, -1, 0, begin, 0
    if kind == 0x880B:
        bucket, kind, at = ppp_layer(data, at, end, cut)
        if bucket != FLOW or kind == 0:
            return NO_TUNNEL, -1, 0, begin, 0
    elif kind == 0x883E:
        # Web cache redirection: a header of four octets, which its first version does not have.
        at += 0 if octet(data, at) >> 4 == 4 else 4
        kind = 0x0800
    elif kind == 0x8909:
        # Cisco's metadata header, whose type comes first here.
        if at + 8 > end:
            return NO_TUNNEL, -1, 0, begin, 0
        kind = be16(data, at)
        at += 8
    elif kind == 0x88BE or kind == 0x22EB:
        return _erspan(data, at, end, cut, kind, 1 if sequence else 0)
    return _typed(data, at, end, cut, kind, _GRE, ident)


@compiled
def _erspan(data: Octets, at: int, end: int, cut: int, kind: int, header: int) -> tuple[int, int, int, int, int]:
    """Mirrored frames (draft-foschiano-erspan-03 section 4): type I has no header of its own, II has 8, III has 12."""
    if kind == 0x88BE and not header:
        return _typed(data, at, end, cut, _ETHERNET, _ERSPAN, -1)
    size = 8 if kind == 0x88BE else 12
    if at + size > end or octet(data, at) >> 4 != (1 if size == 8 else 2):
        return NO_TUNNEL, -1, 0, at, 0
    session = be16(data, at + 2) & 0x3FF
    inside = _ETHERNET
    if size == 12:
        last = be16(data, at + 10)
        frame = (last & 0x7C00) >> 10
        if last & 1:
            size += 8
        if frame == 2:
            inside = 0x0800 if at + size < end and octet(data, at + size) >> 4 == 4 else 0x86DD
        elif frame != 0:
            return NO_TUNNEL, -1, 0, at, 0
    return _typed(data, at + size, end, cut, inside, _ERSPAN, session)


@compiled
def _in_udp(data: Octets, packet: Words, address: Longs, cut: int) -> tuple[int, int, int, int, int]:
    """Tunnels inside UDP go by their port and by their header, since anybody may use a port for something else."""
    at, end, port = packet[P_PAYLOAD], packet[P_END], packet[P_DESTINATION]
    if port == 4789 or port == 8472:
        # Reserved bits are ignored on receipt (RFC 7348 section 5); the group policy extension uses some.
        if at + 8 + 14 <= end and octet(data, at) & 0x08:
            return _typed(data, at + 8, end, cut, _ETHERNET, _VXLAN, be32(data, at + 4) >> 8)
    elif port == 6081:
        # Version 0, options in words, and a type (RFC 8926 section 3.4).
        if at + 8 <= end and octet(data, at) >> 6 == 0:
            size = 8 + 4 * (octet(data, at) & 0x3F)
            kind = be16(data, at + 2)
            if at + size < end and kind > 1500:
                return _typed(data, at + size, end, cut, kind, _GENEVE, be32(data, at + 4) >> 8)
    elif port == 4754:
        return _gre(data, at, end, cut)
    elif port == 6635:
        return _typed(data, at, end, cut, 0x8847, _MPLS, -1)
    if packet[P_VERSION] == 4:
        return _teredo(data, packet, address)
    return NO_TUNNEL, -1, 0, at, 0


@compiled
def _teredo(data: Octets, packet: Words, address: Longs) -> tuple[int, int, int, int, int]:
    """Teredo (RFC 4380 section 5.1.1): IPv6 behind an authentication and an origin indication, if there are any.

    Servers and relays have a port of their own; between hosts the ports are any, but a Teredo address holds the ones
    of its host (section 4), so that it must agree with the outer header.
    """
    at, end = packet[P_PAYLOAD], packet[P_END]
    known = packet[P_SOURCE] == TEREDO_PORT or packet[P_DESTINATION] == TEREDO_PORT
    if known and at + 13 <= end and be16(data, at) == 1:
        at += 13 + octet(data, at + 2) + octet(data, at + 3)
    if known and at + 8 <= end and be16(data, at) == 0:
        at += 8
    if at + 40 > end or octet(data, at) >> 4 != 6:
        return NO_TUNNEL, -1, 0, at, 0
    local = be16(data, at + 8) == 0xFE80
    if known and (local or be32(data, at + 8) == 0x20010000 or be32(data, at + 24) == 0x20010000):
        return _TEREDO, -1, 6, at, 0
    if _host(data, at + 8, packet[P_SOURCE], address[1]) or _host(data, at + 24, packet[P_DESTINATION], address[3]):
        return _TEREDO, -1, 6, at, 0
    return NO_TUNNEL, -1, 0, at, 0


@compiled
def _host(data: Octets, at: int, port: int, address: np.uint64) -> bool:
    """Whether a Teredo address stands here whose host has this port and address, which are inverted in it."""
    return bool(
        be32(data, at) == 0x20010000
        and be16(data, at + 10) ^ 0xFFFF == port
        and np.uint64(be32(data, at + 12) ^ 0xFFFFFFFF) == address,
    )

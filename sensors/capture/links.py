"""Taking the link layer off: from a captured frame to where its IP header begins.

Ethernet with VLAN tags (IEEE 802.1Q), backbone bridging (802.1ah) and VN tags (802.1BR's forerunner, as Cisco's network
cards write them), Cisco's metadata header, LLC/SNAP (802.2), PPI, PPP (RFC 1661, 1662), PPPoE (RFC 2516), Cisco HDLC,
MPLS (RFC 3032) with Ethernet pseudowires (RFC 4448), raw IP, Linux cooked captures and loopback
(tcpdump.org/linktypes.html). None of them has addresses of the network layer, so none is a tunnel of its own.
"""

from typing import Final

from sensors.capture.compiled import Octets, be16, be32, compiled, inlined, octet
from sensors.capture.packet import FLOW, MALFORMED, NON_IP, TRUNCATED, UNSUPPORTED

# Link types (tcpdump.org/linktypes.html); 12 and 14 are what some systems write for raw IP.
LINKS: Final = (0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 192, 228, 229, 276)

_IP4: Final = 0x0800
_IP6: Final = 0x86DD
_MOST_HEADERS: Final = 16
"""How many tags and frames within frames are taken off; real networks need four."""


@compiled
def _short(cut: int) -> int:
    """The bucket of a packet that ends inside a header: the capture's fault or its own."""
    return TRUNCATED if cut else MALFORMED


@compiled
def ppp_layer(data: Octets, at: int, end: int, cut: int) -> tuple[int, int, int]:
    """Take PPP's header off, with its address and control octets or without, and with a protocol of one octet or two.

    Returns:
        Bucket, EtherType of what follows (0: none that is decoded), where it begins.
    """
    if at + 2 <= end and be16(data, at) == 0xFF03:
        at += 2
    if at + 1 > end:
        return _short(cut), 0, at
    protocol = octet(data, at)
    if protocol & 1:
        # Both sides agreed to leave the first octet out, which is zero (RFC 1661 section 6.5).
        at += 1
    else:
        if at + 2 > end:
            return _short(cut), 0, at
        protocol = be16(data, at)
        at += 2
    if protocol == 0x21:
        return FLOW, _IP4, at
    if protocol == 0x57:
        return FLOW, _IP6, at
    if protocol == 0x281 or protocol == 0x283:
        return FLOW, 0x8847, at
    return NON_IP, 0, at


@compiled
def _frame_begins(data: Octets, at: int, end: int) -> bool:
    """Whether an Ethernet frame with IP inside may begin here: a pseudowire does not say what it carries."""
    if at + 15 > end:
        return False
    kind = be16(data, at + 12)
    behind = at + 14
    while kind in (0x8100, 0x88A8) and behind + 5 <= end:
        kind = be16(data, behind + 2)
        behind += 4
    version = octet(data, behind) >> 4
    return bool((kind == _IP4 and version == 4) or (kind == _IP6 and version == 6))


@compiled
def typed_layer(data: Octets, at: int, end: int, cut: int, kind: int) -> tuple[int, int, int, int]:
    """Go on from an EtherType to the IP header, whatever stands in between.

    Returns:
        Bucket (FLOW: go on), IP version, where the IP header begins, VLAN ids.
    """
    vlan, tags = 0, 0
    for _ in range(_MOST_HEADERS):
        if kind == _IP4:
            return FLOW, 4, at, vlan
        if kind == _IP6:
            return FLOW, 6, at, vlan
        if kind in (0x8100, 0x88A8, 0x9100, 0x9200):
            if at + 4 > end:
                return _short(cut), 0, at, vlan
            if tags == 0:
                vlan = (be16(data, at) & 0xFFF) << 12
            elif tags == 1:
                vlan |= be16(data, at) & 0xFFF
            tags += 1
            kind = be16(data, at + 2)
            at += 4
        elif kind == 0x8864:
            if at + 8 > end:
                return _short(cut), 0, at, vlan
            bucket, kind, at = ppp_layer(data, at + 6, end, cut)
            if bucket != FLOW:
                return bucket, 0, at, vlan
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
            if version in (4, 6):
                return FLOW, version, at, vlan
            # A pseudowire says no type; it may have a control word, which begins with a zero (RFC 4385 section 3).
            if version == 0 and _frame_begins(data, at + 4, end):
                at += 4
            elif not _frame_begins(data, at, end):
                return UNSUPPORTED, 0, at, vlan
            kind = be16(data, at + 12)
            at += 14
        elif kind == 0x88E7:
            if at + 18 > end:
                return _short(cut), 0, at, vlan
            kind = be16(data, at + 16)
            at += 18
        elif kind == 0x8926:
            if at + 6 > end:
                return _short(cut), 0, at, vlan
            kind = be16(data, at + 4)
            at += 6
        elif kind == 0x8909:
            if at + 8 > end:
                return _short(cut), 0, at, vlan
            kind = be16(data, at + 6)
            at += 8
        elif kind <= 1500 and at + 8 <= end and be32(data, at) == 0xAAAA0300 and be16(data, at + 4) == 0:
            kind = be16(data, at + 6)
            at += 8
            if kind <= 1500:
                return NON_IP, 0, at, vlan
        else:
            return NON_IP, 0, at, vlan
    return UNSUPPORTED, 0, at, vlan


@inlined
def frame_layer(data: Octets, at: int, end: int, cut: int) -> tuple[int, int, int, int]:
    """Take an Ethernet frame's header off; what it returns is that of `typed_layer`."""
    if at + 14 > end:
        return _short(cut), 0, at, 0
    kind = be16(data, at + 12)
    if kind == _IP4:
        return FLOW, 4, at + 14, 0
    if kind == _IP6:
        return FLOW, 6, at + 14, 0
    return typed_layer(data, at + 14, end, cut, kind)


@compiled
def link_layer(data: Octets, at: int, end: int, cut: int, link: int) -> tuple[int, int, int, int]:
    """Take the link layer off.

    Returns:
        Bucket (FLOW: go on), IP version, where the IP header begins, VLAN ids.
    """
    if link == 192:
        # Per-packet information, which says what stands behind it, both lowest octet first.
        if at + 8 > end:
            return _short(cut), 0, at, 0
        length = octet(data, at + 2) | octet(data, at + 3) << 8
        link = octet(data, at + 4) | octet(data, at + 5) << 8 | octet(data, at + 6) << 16 | octet(data, at + 7) << 24
        if length < 8 or link == 192:
            return MALFORMED, 0, at, 0
        at += length
    if link == 1:
        return frame_layer(data, at, end, cut)
    if link == 113:
        if at + 16 > end:
            return _short(cut), 0, at, 0
        return typed_layer(data, at + 16, end, cut, be16(data, at + 14))
    if link == 276:
        if at + 20 > end:
            return _short(cut), 0, at, 0
        return typed_layer(data, at + 20, end, cut, be16(data, at))
    if link in (12, 14, 101, 228, 229):
        if at + 1 > end:
            return _short(cut), 0, at, 0
        version = octet(data, at) >> 4
        return (FLOW if version in (4, 6) else NON_IP), version, at, 0
    if link in (0, 108):
        return _loopback(data, at, end, cut)
    if link == 104 or (link in (9, 50) and at + 2 <= end and octet(data, at) in (0x0F, 0x8F)):
        # Cisco's HDLC, which the other types may hold as well.
        if at + 4 > end:
            return _short(cut), 0, at, 0
        return typed_layer(data, at + 4, end, cut, be16(data, at + 2))
    if link in (9, 50, 51):
        bucket, kind, at = ppp_layer(data, at + 6 if link == 51 else at, end, cut)
        if bucket != FLOW:
            return bucket, 0, at, 0
        return typed_layer(data, at, end, cut, kind)
    # An interface that its section never described is the file's contradiction, not a link type.
    return (MALFORMED if link < 0 else UNSUPPORTED), 0, at, 0


@compiled
def _loopback(data: Octets, at: int, end: int, cut: int) -> tuple[int, int, int, int]:
    """The loopback interface of the BSDs, which gives an address family (link types 0 and 108)."""
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

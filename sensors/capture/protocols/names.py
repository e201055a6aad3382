"""Domain names, addresses, prefixes and DUIDs as DHCP, DHCPv6 and neighbour discovery carry them in their options.

RFC 1035 section 3.1 (names), RFC 3397 section 2 (pointers within an option), RFC 8415 section 11 (DUIDs).
"""

from socket import AF_INET6, inet_ntoa, inet_ntop
from typing import Final

from sensors.capture.protocols.cursor import mac, text
from sensors.capture.protocols.model import MOST_VALUES, NotThis

_LONGEST_NAME: Final = 255
_MOST_POINTERS: Final = 16
_LINK_LAYER_AND_TIME: Final = 1
_LINK_LAYER: Final = 3
_ETHERNET: Final = 1


def _name(octets: bytes, at: int) -> tuple[str, int]:
    """The name that begins here, and where what follows it begins; a name may also end with the octets."""
    labels: list[str] = []
    after, pointers, length = 0, 0, 0
    while at < len(octets) and octets[at]:
        size = octets[at]
        if size >= 0xC0:
            pointers += 1
            if at + 2 > len(octets) or pointers > _MOST_POINTERS:
                raise NotThis("a name that leads nowhere")
            after = after or at + 2
            at = (size & 0x3F) << 8 | octets[at + 1]
            continue
        length += size + 1
        if size > 63 or at + 1 + size > len(octets) or length > _LONGEST_NAME:
            raise NotThis("no name")
        labels.append(text(octets[at + 1 : at + 1 + size]))
        at += size + 1
    return ".".join(labels), after or at + 1


def domains(octets: bytes) -> list[str]:
    """The names in an option, one more than are told at most.

    Raises:
        NotThis: they are no names.
    """
    names: list[str] = []
    at = 0
    while at < len(octets) and len(names) <= MOST_VALUES:
        name, at = _name(octets, at)
        if name:
            names.append(name)
    return names


def told(octets: bytes, most: int = 256) -> str:
    """Octets that may be text: as text where they are, without the zeros behind it, else in hexadecimal."""
    plain = octets.rstrip(b"\0")
    try:
        if plain.decode("utf-8").isprintable():
            return text(plain)
    except UnicodeDecodeError:
        pass
    return octets[:most].hex()


def ipv4(octets: bytes) -> str:
    """An IPv4 address as text.

    Raises:
        NotThis: it is none.
    """
    if len(octets) != 4:
        raise NotThis("no IPv4 address")
    return inet_ntoa(octets)


def ipv6(octets: bytes) -> str:
    """An IPv6 address as text.

    Raises:
        NotThis: it is none.
    """
    if len(octets) != 16:
        raise NotThis("no IPv6 address")
    return inet_ntop(AF_INET6, octets)


def ipv6_list(octets: bytes) -> list[str]:
    """IPv6 addresses one behind another, one more than are told at most.

    Raises:
        NotThis: they are none.
    """
    return [ipv6(octets[at : at + 16]) for at in range(0, min(len(octets), 16 * (MOST_VALUES + 1)), 16)]


def prefix6(octets: bytes, length: int) -> str:
    """A prefix of IPv6 with its length; octets that were left out are zeros.

    Raises:
        NotThis: it is none.
    """
    if length > 128 or len(octets) > 16:
        raise NotThis("no prefix")
    return f"{inet_ntop(AF_INET6, octets.ljust(16, bytes(1)))}/{length}"


def duid(octets: bytes) -> tuple[str, str]:
    """A DUID in hexadecimal, and the hardware address of Ethernet in it; empty where it is made of none.

    Raises:
        NotThis: it is none.
    """
    if not 3 <= len(octets) <= 130:
        raise NotThis("no DUID")
    kind, hardware = int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:4], "big")
    address = b""
    if hardware == _ETHERNET and kind in (_LINK_LAYER_AND_TIME, _LINK_LAYER):
        address = octets[8:] if kind == _LINK_LAYER_AND_TIME else octets[4:]
    return octets.hex(), mac(address) if len(address) == 6 else ""

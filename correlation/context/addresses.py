"""Addresses and ranges as texts and numbers, and which addresses belong to the Internet."""

from bisect import bisect_right
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

from correlation.addresses import SPECIAL, packed
from correlation.context.model import Address, Range


def address_of(text: str) -> Address | None:
    """The number of an address; None where the text is none. An IPv4 address in IPv6 clothes is the IPv4 address."""
    octets = packed(text)
    return None if octets is None else Address(4 if len(octets) == 4 else 6, int.from_bytes(octets, "big"))


def range_of(text: str) -> Range | None:
    """The range of `10.0.0.0/8`, `10.1.2.3`, `2001:db8::/32` or `10.1.2.3-10.1.2.9`; None where the text is none.

    A network with bits set behind its prefix is none: either of the two may be the mistake.
    """
    if "/" in text:
        try:
            network = ip_network(text)
        except ValueError:
            return None
        return Range(network.version, int(network.network_address), int(network.broadcast_address))
    first, dash, last = (part.strip() for part in text.partition("-"))
    begin, end = address_of(first), address_of(last if dash else first)
    if begin is None or end is None or begin.version != end.version or begin.number > end.number:
        return None
    return Range(begin.version, begin.number, end.number)


def text_of(address: Address) -> str:
    """An address as it is written."""
    four = address.version == 4
    return inet_ntop(AF_INET if four else AF_INET6, address.number.to_bytes(4 if four else 16, "big"))


_INTERNET_SIX: Final = "2000::/3"
"""The only part of IPv6 that is given out to the Internet (RFC 4291, section 2.4)."""

_ELSEWHERE: Final = (
    *SPECIAL,
    # The e-government extranet's wide area is commonly numbered here, and is no part of the Internet.
    "59.192.0.0/10",
    "2001::/23", "2002::/16",  # protocol assignments, 6to4 (RFC 6890)
)  # fmt: skip


def _cuts(version: int, whole: str) -> list[int]:
    """Numbers at which the Internet begins and ends, in turn, within a network."""
    outer = ip_network(whole)
    inside = [one for one in map(ip_network, _ELSEWHERE) if one.version == version and one[0] in outer]
    inner = sorted(inside, key=lambda one: int(one[0]))
    cuts = [int(outer[0])]
    for one in inner:
        cuts += [int(one[0]), int(one[-1]) + 1]
    return [*cuts, int(outer[-1]) + 1]


_CUTS: Final = {4: _cuts(4, "0.0.0.0/0"), 6: _cuts(6, _INTERNET_SIX)}


def is_public(address: Address) -> bool:
    """Whether an address means the same host wherever it is met: it is routed on the Internet."""
    # Python's `is_global` differs between its versions; a store's answers must not.
    return bisect_right(_CUTS[address.version], address.number) % 2 == 1


def ends_of(one: Range) -> str:
    """A range as it is written, as a network where it is one."""
    if one.size == 1:
        return text_of(Address(one.version, one.first))
    first, last = (text_of(Address(one.version, number)) for number in (one.first, one.last))
    bits = one.size.bit_length() - 1
    if one.size == 1 << bits and one.first % one.size == 0:
        return f"{first}/{(32 if one.version == 4 else 128) - bits}"
    return f"{first}-{last}"

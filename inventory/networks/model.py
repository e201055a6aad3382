"""Prefixes and ranges as an address plan declares them, and as whole numbers that can be compared."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, NamedTuple, TypeAlias

from inventory.networks.errors import PrefixUnusable

Scope: TypeAlias = Literal["", "internal", "internet"]
BITS: dict[int, int] = {4: 32, 6: 128}


class Span(NamedTuple):
    """Addresses from the first to the last of one version, as numbers."""

    version: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """One entry of an address plan: `network` is a prefix or a range `first-last`, `space` its address space.

    `container` marks what is only there to be divided, so that others within it are as they should be. `scope` says
    whether it is meant to be seen in the internet; `hosts` how many addresses were seen in use, None if nobody looked.
    """

    id: str
    network: str
    space: str = ""
    owner: str = ""
    container: bool = False
    scope: Scope = ""
    hosts: int | None = None

    @property
    def span(self) -> Span:
        """Its addresses.

        Raises:
            PrefixUnusable: the text is neither a prefix nor a range.
        """
        return span_of(self.network)


@lru_cache(maxsize=262_144)
def span_of(text: str) -> Span:
    """The addresses of a prefix (`10.0.0.0/8`, one address too) or of a range (`10.0.0.1-10.0.0.9`).

    Raises:
        PrefixUnusable: it is neither, or has host bits, or its end stands before its beginning.
    """
    said = text.strip()
    try:
        if "-" in said:
            start, end = (ip_address(part.strip()) for part in said.split("-", 1))
            if start.version != end.version or int(end) < int(start):
                raise PrefixUnusable(value=said[:80], reason="prefix-range")
            return Span(start.version, int(start), int(end))
        network = ip_network(said)
    except ValueError as error:
        reason = "prefix-host-bits" if "host bits" in str(error) else "prefix-text"
        raise PrefixUnusable(value=said[:80], reason=reason) from error
    return Span(network.version, int(network.network_address), int(network.broadcast_address))


def network_of(version: int, first: int, length: int) -> IPv4Network | IPv6Network:
    """The prefix of that length that begins there."""
    return IPv4Network((first, length)) if version == 4 else IPv6Network((first, length))


def address_of(version: int, number: int) -> IPv4Address | IPv6Address:
    """The address of that number."""
    return IPv4Address(number) if version == 4 else IPv6Address(number)


def length_of(version: int, size: int) -> int:
    """The length of the smallest prefix that holds so many addresses."""
    return BITS[version] - max(0, (size - 1).bit_length())

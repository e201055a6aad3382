"""A plan of IPv6 prefixes that people can read: every block ends at a hexadecimal digit, districts hold their units.

After RFC 6177 (end sites), RFC 5375 (IPv6 unicast address assignment, nibble boundaries) and RFC 7421 (a /64 for each
subnet). A group's block holds those of its sites; nothing is assigned twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from inventory.networks.errors import PoolExhausted, PrefixUnusable
from inventory.networks.model import BITS, network_of, span_of

SUBNET: Final = 64
NIBBLE: Final = 4


@dataclass(frozen=True, slots=True)
class Site:
    """One that needs a block: how many subnets of /64 it has, and the group (such as its district) that it is of."""

    id: str
    subnets: int
    group: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.subnets <= 1 << 32:
            raise ValueError(f"a site has 1 to 2^32 subnets, not {self.subnets}")


@dataclass(frozen=True, slots=True)
class Allocation:
    """Blocks by group and by site, as texts."""

    groups: dict[str, str]
    sites: dict[str, str]


def nibble_length(subnets: int, growth: int = 1) -> int:
    """The length of the smallest block at a nibble that holds so many subnets, times what they may grow by."""
    bits = max(0, (subnets * growth - 1).bit_length())
    return SUBNET - -(-bits // NIBBLE) * NIBBLE


def allocate(pool: str, sites: Iterable[Site], *, growth: int = 2, longest: int = 60) -> Allocation:
    """Blocks for all sites, the largest first within their group, and the largest group first.

    Args:
        pool: the prefix that all is taken from.
        sites: who needs blocks; their order does not matter.
        growth: by how much their number of subnets may grow.
        longest: no site's block is longer than this.

    Raises:
        PrefixUnusable: the pool is no prefix of IPv6.
        PoolExhausted: it is too small.
    """
    span = span_of(pool)
    size = span.last - span.first + 1
    if span.version != 6 or size & (size - 1) or span.first % size:
        raise PrefixUnusable(value=pool, reason="prefix-no-ipv6")
    groups: dict[str, list[tuple[int, Site]]] = {}
    for site in sites:
        length = min(nibble_length(site.subnets, growth), longest - longest % NIBBLE)
        groups.setdefault(site.group, []).append((length, site))
    lengths: list[tuple[int, str]] = []
    for name, members in groups.items():
        members.sort(key=lambda one: (one[0], one[1].id))
        needed = sum(1 << (BITS[6] - length) for length, _ in members)
        bits = (needed - 1).bit_length()
        lengths.append((BITS[6] - -(-bits // NIBBLE) * NIBBLE, name))
    at = span.first
    group_blocks: dict[str, str] = {}
    site_blocks: dict[str, str] = {}
    for length, name in sorted(lengths):
        block = 1 << (BITS[6] - length)
        # A pool may begin at a smaller boundary than a nibble's.
        at = -(-at // block) * block
        if length < 0 or at + block - 1 > span.last:
            raise PoolExhausted(wanted=name or "-", size=length)
        group_blocks[name] = str(network_of(6, at, length))
        inside = at
        for long, site in groups[name]:
            site_blocks[site.id] = str(network_of(6, inside, long))
            inside += 1 << (BITS[6] - long)
        at += block
    return Allocation(group_blocks, site_blocks)

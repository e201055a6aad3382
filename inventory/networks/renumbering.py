"""A plan for merging a private network 业务专网 into the extranet 政务外网: what stays, what collides, and where to.

Of the private network the outermost prefixes are placed; what lies within them moves along. What collides goes to
aligned blocks of a pool, each with room to grow, the largest first, into as few free areas as will hold them: each
area is one route. The same input gives the same plan, and nothing is assigned twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

from netaddr import IPAddress, cidr_merge, iprange_to_cidrs  # type: ignore[import-untyped]  # it has no types

from inventory.networks.errors import PoolExhausted
from inventory.networks.model import BITS, Prefix, Span, address_of, length_of, network_of, span_of

Reason: TypeAlias = Literal["free", "collides", "outside-plan", "within"]
"""It may stay; another uses it; the extranet's plan does not have it; it moves with what holds it."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one prefix: `new` is its own if it stays; `reserved` is the block that is kept for its growth."""

    prefix: Prefix
    new: str
    reason: Reason
    collides: tuple[str, ...] = ()
    reserved: str = ""

    @property
    def stays(self) -> bool:
        """Whether nothing has to be changed."""
        return span_of(self.new) == self.prefix.span

    def host(self, address: str) -> str:
        """Where one of its addresses goes: as far from the beginning as it was.

        Raises:
            ValueError: the address is not of this prefix.
        """
        span = self.prefix.span
        number = ip_address(address)
        if number.version != span.version or not span.first <= int(number) <= span.last:
            raise ValueError(f"{address} is not within {self.prefix.network}")
        return str(address_of(span.version, span_of(self.new).first + int(number) - span.first))


@dataclass(frozen=True, slots=True)
class Plan:
    """All moves in the order of addresses, the routes that tell of them, and what no block was left for."""

    moves: tuple[Move, ...]
    routes: tuple[str, ...]
    problems: tuple[PoolExhausted, ...] = ()


def plan(
    private: Sequence[Prefix], extranet: Iterable[Prefix], pools: Iterable[str], *, growth: int = 0,
    within: Iterable[str] = (),
) -> Plan:  # fmt: skip
    """A plan for one version of addresses and one address space.

    Args:
        private: prefixes of the network that is merged.
        extranet: what is used there already.
        pools: prefixes from which new blocks are taken.
        growth: bits by which the block that is reserved is larger than the prefix: 1 doubles it.
        within: prefixes that an address may keep only if it is within them; none: all may.

    Raises:
        PrefixUnusable: a text is no prefix.
    """
    taken = sorted((one.span, one.id) for one in extranet if not one.container)
    allowed = [span_of(text) for text in within]
    outermost, inner = _outermost(private)
    decided: dict[str, Move] = {}
    moving: list[tuple[Prefix, Reason, tuple[str, ...]]] = []
    kept: list[Span] = []
    for prefix, collisions in zip(outermost, _collisions([one.span for one in outermost], taken), strict=True):
        span = prefix.span
        outside = bool(allowed) and not any(_holds(one, span) for one in allowed)
        if collisions or outside:
            moving.append((prefix, "collides" if collisions else "outside-plan", collisions))
        else:
            decided[prefix.id] = Move(prefix, prefix.network, "free")
            kept.append(span)
    # A block may be in nobody's use and yet be that of a prefix which is only moving away: it is used until then.
    used = [*(span for span, _ in taken), *kept, *(one[0].span for one in moving)]
    placed, areas, problems = _placed(moving, free_blocks(pools, used), growth)
    for prefix, reason, collisions in moving:
        if prefix.id in placed:
            new, reserved = placed[prefix.id]
            decided[prefix.id] = Move(prefix, new, reason, collisions, reserved)
    for prefix, holder in inner:
        if holder.id in decided:
            decided[prefix.id] = _along(prefix, decided[holder.id])
    moves = tuple(decided[one.id] for one in sorted(private, key=_order) if one.id in decided)
    routes = (*_merged(kept), *areas)
    return Plan(moves, tuple(str(one) for one in cidr_merge(list(routes))), problems)


def free_blocks(pools: Iterable[str], used: Iterable[Span]) -> list[Span]:
    """The aligned blocks of pools that nobody uses, as large as they can be, the largest first."""
    blocks: list[Span] = []
    taken = sorted(used)
    for version, low, high in _joined([span_of(text) for text in pools]):
        at = low
        for span in taken:
            if span.version != version or span.last < at or span.first > high:
                continue
            blocks.extend(_aligned(version, at, span.first - 1))
            at = max(at, span.last + 1)
        blocks.extend(_aligned(version, at, high))
    return sorted(blocks, key=lambda one: (one.first - one.last, one))


def _placed(
    moving: list[tuple[Prefix, Reason, tuple[str, ...]]], free: list[Span], growth: int
) -> tuple[dict[str, tuple[str, str]], list[str], tuple[PoolExhausted, ...]]:
    wanted = sorted(moving, key=lambda one: (-_size(one[0], growth), _order(one[0])))
    placed: dict[str, tuple[str, str]] = {}
    areas: list[str] = []
    blocks = list(free)
    problems: list[PoolExhausted] = []
    while wanted:
        version, size = wanted[0][0].span.version, _size(wanted[0][0], growth)
        fitting = [one for one in blocks if one.version == version and one.last - one.first + 1 >= size]
        if not fitting:
            length = BITS[version] - size.bit_length() + 1
            problems.append(PoolExhausted(wanted=wanted.pop(0)[0].id, size=length))
            continue
        total = sum(_size(one[0], growth) for one in wanted if one[0].span.version == version)
        # The smallest area that holds all of the rest, else the largest that there is.
        enough = [one for one in fitting if one.last - one.first + 1 >= total]
        area = min(enough, key=lambda one: (one.last - one.first, one.first)) if enough else fitting[0]
        blocks.remove(area)
        at = area.first
        left = []
        for one in wanted:
            length = BITS[version] - _size(one[0], growth).bit_length() + 1
            if one[0].span.version != version or at + _size(one[0], growth) - 1 > area.last:
                left.append(one)
                continue
            reserved = network_of(version, at, length)
            span = one[0].span
            # A range keeps its place within the smallest prefix that holds it, so that what is within stays aligned.
            first = at + span.first - _around(span).first
            new = _spelled(Span(version, first, first + span.last - span.first), one[0].network)
            placed[one[0].id] = (new, str(reserved))
            at += reserved.num_addresses
        areas.append(str(network_of(version, area.first, length_of(version, at - area.first))))
        wanted = left
    return placed, areas, tuple(problems)


def _size(prefix: Prefix, growth: int) -> int:
    span = _around(prefix.span)
    bits = (span.last - span.first).bit_length() + growth
    return 1 << min(bits, BITS[span.version])


def _around(span: Span) -> Span:
    """The smallest prefix that holds a span."""
    bits = (span.first ^ span.last).bit_length()
    first = span.first >> bits << bits
    return Span(span.version, first, first + (1 << bits) - 1)


def _order(prefix: Prefix) -> tuple[int, int, int, str]:
    span = prefix.span
    return span.version, span.first, -span.last, prefix.id


def _outermost(prefixes: Sequence[Prefix]) -> tuple[list[Prefix], list[tuple[Prefix, Prefix]]]:
    """Prefixes that none other holds, and the others with the one that does. Ranges that cross are one by one moved."""
    outer: list[Prefix] = []
    inner: list[tuple[Prefix, Prefix]] = []
    for prefix in sorted(prefixes, key=_order):
        if outer and _holds(outer[-1].span, prefix.span):
            inner.append((prefix, outer[-1]))
        else:
            outer.append(prefix)
    return outer, inner


def _collisions(spans: Sequence[Span], taken: Sequence[tuple[Span, str]]) -> list[tuple[str, ...]]:
    """Who else uses addresses of each of these spans, at most 20: a sweep over both, in order."""
    found: list[tuple[str, ...]] = []
    at = 0
    opened: list[tuple[Span, str]] = []
    for span in spans:
        while at < len(taken) and taken[at][0][:2] <= (span.version, span.last):
            opened.append(taken[at])
            at += 1
        opened = [one for one in opened if (one[0].version, one[0].last) >= (span.version, span.first)]
        crossing = (name for one, name in opened if one.version == span.version and one.first <= span.last)
        found.append(tuple(sorted(crossing)[:20]))
    return found


def _along(prefix: Prefix, holder: Move) -> Move:
    span, old, new = prefix.span, holder.prefix.span, span_of(holder.new)
    first = new.first + span.first - old.first
    moved = Span(span.version, first, first + span.last - span.first)
    return Move(prefix, _spelled(moved, prefix.network), "within", (), holder.reserved)


def _spelled(span: Span, like: str) -> str:
    """A span in the notation of the text that it replaces."""
    if "-" in like:
        return f"{address_of(span.version, span.first)}-{address_of(span.version, span.last)}"
    return str(network_of(span.version, span.first, length_of(span.version, span.last - span.first + 1)))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.version == inner.version and outer.first <= inner.first and inner.last <= outer.last


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and joined[-1].version == span.version and span.first <= joined[-1].last + 1:
            joined[-1] = joined[-1]._replace(last=max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return joined


def _aligned(version: int, first: int, last: int) -> list[Span]:
    if first > last:
        return []
    cidrs = iprange_to_cidrs(IPAddress(first, version), IPAddress(last, version))
    return [Span(version, one.first, one.last) for one in cidrs]


def _merged(spans: Iterable[Span]) -> list[str]:
    return [
        str(network_of(one.version, one.first, length_of(one.version, one.last - one.first + 1)))
        for span in _joined(spans)
        for one in _aligned(*span)
    ]

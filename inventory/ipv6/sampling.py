"""What is measured by doing it again: tries of the home page, ports over both families, times over both in turn."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from inventory.ipv6.model import Measure, Samples
from inventory.ipv6.settings import Measures
from inventory.probing.model import RECORD_TYPES, Dial, Exchange, Family
from inventory.probing.visiting import Visitor

_FAMILIES: Final[tuple[Family, ...]] = (4, 6)


def tries_of(url: str, visitor: Visitor, measures: Measures, until: float) -> tuple[Exchange, ...]:
    """The page over IPv6, several times with pauses; the head of the answer suffices."""
    done: list[Exchange] = []
    while len(done) < measures.tries and visitor.network.seconds() < until:
        if done:
            visitor.network.wait(measures.spacing_seconds)
        done.append(visitor.fetch(url, 6, body=False))
    return tuple(done)


def ports_of(host: str, ports: Sequence[int], visitor: Visitor) -> tuple[Dial, ...]:
    """The same ports over both families, at the first address of each."""
    found = []
    for family in _FAMILIES:
        address = next((one for one in visitor.look_up(host, family).records if visitor.usable(one)), None)
        for port in ports if address else ():
            visitor.pace.take()
            found.append(visitor.network.dial(address or "", port))
    return tuple(found)


def times_of(  # noqa: PLR0913, PLR0917 - see Args
    host: str, pages: tuple[str, str] | None, largest: str, visitor: Visitor, measures: Measures, until: float
) -> tuple[Mapping[Measure, Samples], Exchange | None]:
    """Times of everything over both families in turn, and the page over IPv4 once more.

    Args:
        host: whose addresses are asked for.
        pages: where the home page ends over IPv4 and over IPv6; nothing is timed without both.
        largest: the address of the largest part, empty where there is none.
        visitor: asks.
        measures: how often.
        until: nothing is begun after it.
    """
    taken: dict[tuple[Measure, Family], list[int]] = defaultdict(list)
    again: Exchange | None = None
    for _ in range(measures.samples):
        for family in _FAMILIES:
            if pages is None or visitor.network.seconds() > until:
                continue
            lookup = visitor.network.ask(visitor.network.resolvers[0], host, RECORD_TYPES[family])
            if lookup.told == "found":
                taken["dns", family].append(lookup.took)
            page = visitor.fetch(pages[_FAMILIES.index(family)], family)
            if page.well:
                taken["connect", family].append(page.connected)
                taken["first", family].append(page.first)
                taken["page", family].append(page.whole)
                again = page if family == 4 else again
            if largest and (part := visitor.fetch(largest, family)).well:
                taken["download", family].append(part.whole)
    measured = {measure for measure, _ in taken}
    samples = {one: Samples(tuple(taken[one, 4]), tuple(taken[one, 6])) for one in measured}
    return MappingProxyType(samples), again

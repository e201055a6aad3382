"""What is never an indicator: networks that mean something else in every place, and a site's own list.

A file has one address, network or domain to a line, `#` begins a comment. A domain stands for all below it. Domains do
not hold back URLs: that a host is well known is why somebody keeps something bad at one of its addresses.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeAlias

from correlation.addresses import SPECIAL, packed
from correlation.intelligence.errors import FeedUnreadable, IndicatorUnusable, IntelligenceProblem
from correlation.intelligence.keys import parents
from correlation.intelligence.normalising import domain, refanged
from sensors.errors import Place

Network: TypeAlias = IPv4Network | IPv6Network

MOST_BYTES: Final = 64 << 20


class AllowList:
    """Networks, merged into intervals so that one bisection answers, and domains."""

    def __init__(
        self, networks: Iterable[Network] = (), domains: Iterable[str] = (), built_in: Iterable[str] = SPECIAL
    ) -> None:
        chosen = [*map(ip_network, built_in), *networks]
        self._intervals = {size: _merged(chosen, version) for size, version in ((4, 4), (16, 6))}
        self._domains = frozenset(domains)

    def has_address(self, octets: bytes) -> bool:
        """Whether an address, as 4 or 16 octets, lies in one of the networks."""
        starts, ends = self._intervals[len(octets)]
        number = int.from_bytes(octets, "big")
        place = bisect_right(starts, number) - 1
        return place >= 0 and number <= ends[place]

    def has_domain(self, name: str) -> bool:
        """Whether a domain, in the book's spelling, or one above it is in the list."""
        return bool(self._domains) and any(one in self._domains for one in parents(name))

    def has_network(self, host: str) -> bool:
        """Whether a host is an address that lies in one of the networks."""
        octets = packed(host)
        return octets is not None and self.has_address(octets)


def load_allowed(files: Sequence[Path]) -> tuple[AllowList, list[IntelligenceProblem]]:
    """The built-in list with what these files say, and what of them cannot be used."""
    networks: list[Network] = []
    domains: list[str] = []
    problems: list[IntelligenceProblem] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                text = opened.read(MOST_BYTES).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(FeedUnreadable(place=Place(str(file)), reason=str(error)))
            continue
        for number, line in enumerate(text.splitlines(), 1):
            said = refanged(line.partition("#")[0])
            if said:
                try:
                    _take(said, networks, domains)
                except ValueError:
                    place = Place(str(file), number)
                    problems.append(IndicatorUnusable(place=place, value=said[:200], reason="indicator-not-allowable"))
    return AllowList(networks, domains), problems


def _take(text: str, networks: list[Network], domains: list[str]) -> None:
    try:
        networks.append(ip_network(text, strict=False))
    except ValueError:
        domains.append(domain(text))


def _merged(networks: Iterable[Network], version: int) -> tuple[list[int], list[int]]:
    """First and last addresses of intervals that neither overlap nor touch, in order."""
    ends: list[int] = []
    starts: list[int] = []
    ranges = sorted((int(one[0]), int(one[-1])) for one in networks if one.version == version)
    for first, last in ranges:
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends

"""Looking at one site once: everything that the checks need, asked over a network and kept as one frozen measurement.

It judges nothing, and whatever a server does is part of what was seen. A site has a time; what was not begun in it is
named, so that it counts as not known.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random  # noqa: TID251 - made from a seed that is passed in
from typing import Final

from inventory.ipv6.besides import beside
from inventory.ipv6.crawling import Crawler
from inventory.ipv6.model import Depth, Measurement, Site
from inventory.ipv6.naming import names_of, server_names, servers_of, zone_of
from inventory.ipv6.sampling import ports_of, times_of, tries_of
from inventory.ipv6.settings import Measures
from inventory.ipv6.special import registry
from inventory.probing.pacing import Pace
from inventory.probing.pages import References, references
from inventory.probing.ports import Network
from inventory.probing.urls import literal, parsed
from inventory.probing.visiting import Visitor

SPEEDS: Final = frozenset({"E1", "E2", "E3", "E4", "E5"})


@dataclass(frozen=True, slots=True)
class Manner:
    """How sites are looked at.

    Attributes:
        vantage: from where, as a person names it.
        rate: requests a second for one site.
        seed: what samples are drawn by, together with the site.
    """

    measures: Measures
    vantage: str = ""
    rate: float = 5.0
    seed: int = 0


def measure(
    site: Site, network: Network, manner: Manner, depth: Depth, told: Callable[[str], None] = lambda _step: None
) -> Measurement:
    """What is there to be seen of a site; `told` hears what is done next, by a word."""
    until = network.seconds() + network.limits.site_seconds
    pace = Pace(manner.rate, network.seconds, network.wait)
    visitor = Visitor(network, pace, site.domains, registry().usable)
    at = network.now()
    told("names")
    lookups = names_of(site, visitor)
    addresses = visitor.look_up(site.host, 6)
    told("home")
    home6 = visitor.visit(site.url, 6)
    seen = Measurement(
        site=site,
        at=at,
        vantage=manner.vantage,
        depth=depth,
        lookups=lookups if lookups or not literal(site.host) else (addresses, visitor.look_up(site.host, 4)),
        usable=tuple(one for one in addresses.records if registry().usable(one)),
        home6=home6,
    )
    if away := parsed(home6.left):
        visitor.look_up(away.host, 6)
    seen = replace(seen, known=tuple(visitor.known.values()))
    return seen if depth == "reach" else _deep(seen, visitor, manner, until, told)


def _deep(
    seen: Measurement, visitor: Visitor, manner: Manner, until: float, told: Callable[[str], None]
) -> Measurement:
    """The measurement with everything else."""
    site, measures, home6 = seen.site, manner.measures, seen.home6
    told("servers")
    zone, answer = zone_of(site.host, visitor)
    servers = servers_of(zone, server_names(answer, measures.servers), visitor)
    told("ports")
    home4 = visitor.visit(site.url, 4)
    ports = ports_of(site.host, measures.ports, visitor)
    told("tries")
    tries = tries_of(home6.last.url, visitor, measures, until) if seen.usable else ()
    refers = references(home6.last) if home6.well else references(home4.last) if home4.well else References()
    # The same seed gives the same sample of a site, whichever sites are looked at beside it.
    crawler = Crawler(visitor, measures, Random(f"{manner.seed} {site.url}"), until)  # noqa: S311 - a sample, no secret
    seen = replace(
        seen, home4=home4, zone=zone, servers=servers, tries=tries, ports=ports,
        beside=beside(site, zone, home6 if home6.well else home4, refers.links, visitor, measures),
    )  # fmt: skip
    unmeasured: set[str] = set()
    if home6.well:
        told("parts")
        parts = crawler.parts(refers)
        unmeasured |= {"D2"} if crawler.over else set()
        told("times")
        pages = (home4.last.url, home6.last.url) if home4.well else None
        samples, again = times_of(site.host, pages, crawler.largest[1], visitor, measures, until)
        told("links")
        second = crawler.second(home6.last, refers)
        unmeasured |= {"C1"} if crawler.over else set()
        third = crawler.third(home6.last, second)
        unmeasured |= {"C2"} if crawler.over else set()
        seen = replace(seen, parts=parts, samples=samples, again4=again, second=second, third=third)
    if visitor.network.seconds() > until:
        unmeasured |= SPEEDS - {_SPEED_OF[one] for one in seen.samples}
        unmeasured |= {"B2"} if len(tries) < measures.tries else set()
    return replace(seen, known=tuple(visitor.known.values()), unmeasured=frozenset(unmeasured))


_SPEED_OF: Final = {"dns": "E1", "connect": "E2", "first": "E3", "page": "E4", "download": "E5"}

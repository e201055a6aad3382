"""The pages and parts of a site, tried over IPv6: links of the home page, links behind those, scripts, styles, images.

What fails over IPv6 is tried over IPv4 too: a link that is dead over both is no matter of IPv6.
"""

from collections import Counter
from collections.abc import Sequence
from random import Random  # noqa: TID251 - the type: what is used is passed in

from inventory.ipv6.model import Links, Reached
from inventory.ipv6.settings import Measures
from inventory.probing.model import Exchange, Visit
from inventory.probing.pages import References, references, within
from inventory.probing.urls import parsed
from inventory.probing.visiting import Visitor


class Crawler:
    """Goes through the addresses of one site; hosts that do not answer are given up after a few tries."""

    def __init__(self, visitor: Visitor, measures: Measures, chance: Random, until: float) -> None:
        """Begin a site; `chance` draws samples; nothing is begun after `until`, by the network's seconds."""
        self._visitor = visitor
        self._measures = measures
        self._chance = chance
        self._until = until
        self._silent: Counter[str] = Counter()
        self._last: dict[str, Reached] = {}
        self.behind: dict[str, None] = {}
        """Addresses that pages of the second level name, in order."""
        self.largest: tuple[int, str] = (0, "")
        """The largest part by what its server says, and its address."""
        self.over = False
        """Whether the time did not suffice."""

    def second(self, home: Exchange, refers: References) -> Links:
        """Links of the home page."""
        inside = self._inside(refers.links, {home.url})
        return self._links(inside, self._measures.second_level, deep=True)

    def third(self, home: Exchange, before: Links) -> Links:
        """Links of the pages that those lead to, that were not there before."""
        known = {home.url, *(one.url for one in before.tried)}
        return self._links(self._inside(tuple(self.behind), known), self._measures.third_level)

    def parts(self, refers: References) -> Links:
        """Scripts, styles and images of the home page that are the site's own."""
        return self._links(self._inside(refers.parts, set()), self._measures.parts, sizes=True)

    def _inside(self, urls: Sequence[str], without: set[str]) -> list[str]:
        return [one for one in urls if one not in without and within(one, self._visitor.domains)]

    def _links(
        self, urls: list[str], most: int, *, deep: bool = False, sizes: bool = False
    ) -> Links:
        chosen = urls if len(urls) <= most else sorted(self._chance.sample(urls, most), key=urls.index)
        tried = []
        for url in chosen:
            if self._visitor.network.seconds() > self._until:
                self.over = True
                break
            tried.append(self._tried(url, deep=deep, sizes=sizes))
        return Links(len(urls), tuple(tried))

    def _tried(self, url: str, *, deep: bool, sizes: bool) -> Reached:
        parts = parsed(url)
        assert parts is not None
        known = self._last.get(parts.host)
        if known and self._silent[parts.host] >= self._measures.giving_up:
            return Reached(url, parts.host, known.at, known.address, 0, known.failure, known.detail, known.anyway)
        visit = self._visitor.visit(url, 6, body=deep)
        done = visit.last
        host = _host(done, parts.host)
        if visit.well:
            if deep:
                self.behind.update(dict.fromkeys(references(done).links))
            if sizes and (size := done.header("Content-Length")).isdecimal() and len(size) < 12:
                self.largest = max(self.largest, (int(size), done.url))
            return Reached(url, host, done.at, done.address, done.status)
        failure = visit.ended or done.failure or "status"
        anyway = self._visitor.visit(url, 4, body=False).well
        reached = Reached(url, host, done.at, done.address, done.status, failure, done.detail, anyway)
        if not done.status and len(visit.hops) == 1:
            # No answer at all: most likely neither for the next link of this host.
            self._silent[parts.host] += 1
            self._last[parts.host] = reached
        return reached


def failure_of(visit: Visit) -> str:
    """Why a visit did not end well; empty where it did."""
    return "" if visit.well else visit.ended or visit.last.failure or "status"


def _host(done: Exchange, otherwise: str) -> str:
    parts = parsed(done.url)
    return parts.host if parts else otherwise

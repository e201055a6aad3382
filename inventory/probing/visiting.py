"""An address with its redirects followed, over one family, within a site.

What leads elsewhere is not followed: only what is registered may be asked. Hosts are resolved once, over the resolvers
that answer, so that a thousand links of one host cost one question. Cookies live as long as one visit.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from inventory.probing.model import RECORD_TYPES, Exchange, Family, Lookup, Visit
from inventory.probing.pacing import Pace
from inventory.probing.pages import within
from inventory.probing.ports import Network
from inventory.probing.urls import joined, literal, parsed

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


_COOKIE: Final = re.compile(r"([!-:<>-~]{1,100})=([!-:<-~]{0,900})")
_COOKIES: Final = 20


@dataclass(slots=True)
class Visitor:
    """Asks for addresses of one site, at its pace.

    Attributes:
        domains: registrable domains and hosts that are the site.
        usable: which addresses may be connected to; others count as not there.
        known: what hosts resolve to.
        silent: how often each resolver did not answer.
    """

    network: Network
    pace: Pace
    domains: frozenset[str]
    usable: Callable[[str], bool] = lambda _address: True
    known: dict[tuple[str, Family], Lookup] = field(default_factory=dict)
    silent: Counter[str] = field(default_factory=Counter)

    def look_up(self, host: str, family: Family) -> Lookup:
        """Addresses of a host, by the first resolver that answers; asked once."""
        if (host, family) not in self.known:
            self.known[host, family] = self._asked(host, family)
        return self.known[host, family]

    def _asked(self, host: str, family: Family) -> Lookup:
        kind = RECORD_TYPES[family]
        if literal(host):
            fits = (":" in host) == (family == 6)
            told, records = ("found", (host,)) if fits else ("none", ())
            return Lookup(host, kind, "", "udp", self.network.now(), 0, told, records)  # type: ignore[arg-type]  # of Told
        return self.resolve(host, kind)

    def resolve(self, name: str, kind: str) -> Lookup:
        """What the first resolver tells that answers; those that did not lately are asked last."""
        last: Lookup | None = None
        for server in sorted(self.network.resolvers, key=lambda one: self.silent[one]):
            last = self.network.ask(server, name, kind)
            if last.answered:
                return last
            if last.told in {"timeout", "unreachable"}:
                self.silent[server] += 1
        return last or Lookup(name, kind, "", "udp", self.network.now(), 0, "unreachable", detail="no-resolver")

    def fetch(self, url: str, family: Family, *, body: bool = True, cookie: str = "") -> Exchange:
        """One exchange, with the first address of the host that takes a connection."""
        parts = parsed(url)
        nothing = Exchange(url, family, "", self.network.now(), failure="url")
        if parts is None:
            return nothing
        lookup = self.look_up(parts.host, family)
        addresses = [one for one in lookup.records if self.usable(one)][: self.network.limits.addresses]
        if not addresses:
            failure = "address-refused" if lookup.records else "no-address" if lookup.answered else "dns"
            return Exchange(url, family, "", self.network.now(), failure=failure, detail=lookup.detail)
        done = nothing
        for address in addresses:
            self.pace.take()
            done = self.network.fetch(url, family, address, body=body, cookie=cookie)
            if done.status or done.failure in {"tls", "not-http", "slow"}:
                break
        return done

    def visit(self, url: str, family: Family, *, body: bool = True) -> Visit:
        """An address, and where its redirects lead within the site."""
        hops: list[Exchange] = []
        seen: set[tuple[str, str]] = set()
        jar: dict[str, dict[str, str]] = {}
        while True:
            cookie = _cookie(jar, url)
            seen.add((url, cookie))
            hops.append(self.fetch(url, family, body=body, cookie=cookie))
            last = hops[-1]
            _keep(jar, last)
            location = last.header("Location")
            if last.failure or last.status not in _REDIRECTS or not location:
                return Visit(tuple(hops))
            target = joined(url, location)
            if target is None:
                return Visit(tuple(hops), ended="redirect-unusable")
            if not within(target, self.domains):
                return Visit(tuple(hops), left=target)
            if (target, _cookie(jar, target)) in seen:
                return Visit(tuple(hops), ended="redirect-loop")
            if len(hops) > self.network.limits.redirects:
                return Visit(tuple(hops), ended="redirects-too-many")
            url = target


def _keep(jar: dict[str, dict[str, str]], exchange: Exchange) -> None:
    """Keep cookies for the host that set them (RFC 6265): some sites redirect to themselves until one comes back."""
    parts = parsed(exchange.url)
    for name, value in exchange.headers:
        found = _COOKIE.match(value) if name.lower() == "set-cookie" and parts else None
        if found and parts and len(jar.setdefault(parts.host, {})) < _COOKIES:
            jar[parts.host][found[1]] = found[2]


def _cookie(jar: dict[str, dict[str, str]], url: str) -> str:
    parts = parsed(url)
    return "; ".join(f"{name}={value}" for name, value in jar.get(parts.host, {}).items()) if parts else ""

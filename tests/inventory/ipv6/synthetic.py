"""A small synthetic city in a network of its own: a site that has IPv6 whole, to be broken by each test in one way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from inventory.ipv6.checks.registry import judged
from inventory.ipv6.measuring import Manner, measure
from inventory.ipv6.model import Depth, Measurement, Outcome, Site
from inventory.ipv6.settings import Measures, usual_measures
from inventory.ipv6.sites import site_of
from inventory.probing.dialing import trust
from inventory.probing.model import Limits
from inventory.probing.network import SystemNetwork
from tests.inventory.serving import Answer, Authority, NameServer, Page, WebServer, Zone, own_addresses

RESOLVERS = ("127.0.0.53", "127.0.0.54")
V6, V4 = "240e:3a1:100::80", "202.103.24.80"
OTHER6, OTHER4 = "240e:3a1:100::81", "202.103.24.81"
NS6 = ("240e:3a1:100::53", "240e:3a1:100::54")
CONTROL = "240e:3a1:1::1"
NOWHERE = "240e:3a1:dead::1"
"""No address of this network, so that there is no route to it."""
APEX, WWW, CONTROL_NAME = "example.gov.cn", "www.example.gov.cn", "control.example.net"
LIMITS = Limits(dns_seconds=0.25, connect_seconds=0.5, exchange_seconds=1.5, site_seconds=30, octets=64 * 1024)
MEASURES = replace(
    usual_measures(), spacing_seconds=0.0, ports=(80, 443, 8080), controls=(CONTROL_NAME,), samples=2,
    second_level=20, third_level=20,
)  # fmt: skip
HOME = """<!doctype html><title>门户 (synthetic)</title>
<link rel="stylesheet" href="/s.css"><script src="/s.js"></script>
<h1>Synthetic portal of a city</h1><p>{words}</p><img src="/logo.png"><input type="hidden" name="token" value="{token}">
<a href="/news/">News</a> <a href="/about/">About</a> <a href="https://elsewhere.example.org/">Elsewhere</a>"""
PLAIN = {"words": " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200)), "token": "t"}


class City:
    """The site's servers; a test changes what it needs before it measures."""

    def __init__(self, folder: Path) -> None:
        self.zone = Zone()
        self.authority = Authority(folder)
        self.certificate = self.authority.certificate(APEX, WWW)
        self.servers: list[NameServer | WebServer] = []
        zone = self.zone
        for name in (APEX, WWW):
            zone.put(name, "AAAA", V6)
            zone.put(name, "A", V4)
        zone.put(APEX, "NS", f"ns1.{APEX}.", f"ns2.{APEX}.")
        zone.put(APEX, "SOA", f"ns1.{APEX}. admin.{APEX}. 1 3600 600 86400 60")
        zone.put(f"ns1.{APEX}", "AAAA", NS6[0])
        zone.put(f"ns2.{APEX}", "AAAA", NS6[1])
        zone.put(CONTROL_NAME, "AAAA", CONTROL)
        self.pages: dict[str, Answer] = {
            "/": Page(HOME.format(**PLAIN)),
            "/news/": Page('<a href="/news/1">1</a><a href="/news/2">2</a><a href="/">home</a>'),
            "/about/": Page('<a href="/about/map">Map</a>'),
            "/news/1": Page("one"),
            "/news/2": Page("two"),
            "/about/map": Page("map"),
            "/s.css": Page(b"body {}" * 1_000, headers=(("Content-Type", "text/css"),)),
            "/s.js": Page(b"1;", headers=(("Content-Type", "text/javascript"),)),
            "/logo.png": Page(b"PNG", headers=(("Content-Type", "image/png"),)),
        }
        self.pages4: dict[str, Answer] = dict(self.pages)
        self.web: dict[tuple[int, int], WebServer] = {}
        self.resolvers = [self.serve(NameServer(zone, address)) for address in RESOLVERS]
        self.name_servers = [self.serve(NameServer(zone, address)) for address in NS6]
        self.serve(WebServer(CONTROL, 443, {}))
        for family, address, pages in ((6, V6, self.pages), (4, V4, self.pages4)):
            for port in (80, 443):
                self.open(family, address, port, pages)

    def serve(self, server: Any) -> Any:
        self.servers.append(server)
        return server

    def open(self, family: int, address: str, port: int, pages: dict[str, Answer]) -> WebServer:
        made: WebServer = self.serve(WebServer(address, port, pages, self.certificate if port == 443 else None))
        self.web[family, port] = made
        return made

    def shut(self, server: NameServer | WebServer) -> None:
        self.servers.remove(server)
        server.close()

    def both(self, path: str, page: Answer) -> None:
        self.pages[path] = self.pages4[path] = page

    def close(self) -> None:
        for one in list(self.servers):
            self.shut(one)

    def network(self, limits: Limits = LIMITS) -> SystemNetwork:
        return SystemNetwork(RESOLVERS, trust(self.authority.file), time.time_ns, limits)

    def look(
        self, site: Site | None = None, depth: Depth = "full", limits: Limits = LIMITS, measures: Measures = MEASURES,
        seed: int = 0,
    ) -> Measurement:
        chosen = site or site_of(f"https://{WWW}/")
        return measure(chosen, self.network(limits), Manner(measures, "test", rate=2_000, seed=seed), depth)

    def outcomes(self, **more: Any) -> dict[str, Outcome]:
        return {one.check: one for one in judged(self.look(**more))}


@contextmanager
def synthetic_city(folder: Path) -> Iterator[City]:
    with own_addresses(V6, V4, OTHER6, OTHER4, *NS6, CONTROL):
        made = City(folder)
        try:
            yield made
        finally:
            made.close()

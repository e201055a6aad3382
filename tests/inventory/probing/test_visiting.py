"""Following redirects and resolving hosts, over a network that the test plays."""

from collections import Counter
from collections.abc import Mapping

import pytest

from inventory.probing.model import Dial, Exchange, Family, Limits, Lookup, Transport
from inventory.probing.pacing import Pace
from inventory.probing.visiting import Visitor

HOST = "www.example.gov.cn"


class Played:
    """A network without sockets."""

    limits = Limits(redirects=3, addresses=2)
    resolvers = ("silent", "good")

    def __init__(self, locations: Mapping[str, str], failing: frozenset[str] = frozenset()) -> None:
        self.locations = locations
        self.failing = failing
        self.asked: Counter[str] = Counter()
        self.fetched: list[tuple[str, str]] = []
        self.cookies: list[str] = []
        self.wants_cookie = False

    def now(self) -> int:
        return 0

    def seconds(self) -> float:
        return 0.0

    def wait(self, seconds: float) -> None:
        pass

    def stop(self) -> None:
        pass

    def ask(self, server: str, name: str, kind: str, transport: Transport = "udp", *, recursive: bool = True) -> Lookup:
        del recursive
        self.asked[server] += 1
        if server == "silent":
            return Lookup(name, kind, server, transport, 0, 0, "timeout", detail="timeout")
        if name.startswith("bare"):
            return Lookup(name, kind, server, transport, 0, 0, "none")
        return Lookup(name, kind, server, transport, 0, 0, "found", ("240e::1", "240e::2", "240e::3"))

    def dial(self, address: str, port: int) -> Dial:
        return Dial(address, port, 0, 0)

    def reaches(self, address: str) -> bool:
        return bool(address)

    def fetch(self, url: str, family: Family, address: str, *, body: bool = True, cookie: str = "") -> Exchange:
        del body
        self.cookies.append(cookie)
        if self.wants_cookie and "seen=1" not in cookie:
            headers = (("Set-Cookie", "seen=1; Path=/"), ("set-cookie", "a\xe9=\r\nX: y"), ("Location", url))
            return Exchange(url, family, address, 0, status=302, headers=headers)
        self.fetched.append((url, address))
        if address in self.failing:
            return Exchange(url, family, address, 0, failure="timeout")
        location = self.locations.get(url)
        if location is None:
            return Exchange(url, family, address, 0, status=200)
        return Exchange(url, family, address, 0, status=302, headers=(("location", location),))


def visitor(played: Played) -> Visitor:
    return Visitor(played, Pace(1_000, played.seconds, played.wait), frozenset({"example.gov.cn"}))


@pytest.mark.parametrize(
    ("locations", "hops", "ended", "left"),
    [
        ({}, 1, "", ""),
        ({"/": "/a"}, 2, "", ""),
        ({"/": "/a", "/a": "/"}, 2, "redirect-loop", ""),
        ({"/": "/"}, 1, "redirect-loop", ""),
        ({"/": "/1", "/1": "/2", "/2": "/3", "/3": "/4"}, 4, "redirects-too-many", ""),
        ({"/": "javascript:x"}, 1, "redirect-unusable", ""),
        ({"/": "https://evil.example/"}, 1, "", "https://evil.example/"),
        ({"/": "http://127.0.0.1/"}, 1, "", "http://127.0.0.1/"),
    ],
)
def test_redirects(locations: dict[str, str], hops: int, ended: str, left: str) -> None:
    played = Played({f"https://{HOST}{path}": to for path, to in locations.items()})
    visit = visitor(played).visit(f"https://{HOST}/", 6)
    assert (len(visit.hops), visit.ended, visit.left) == (hops, ended, left)
    assert all(HOST in url for url, _ in played.fetched)


def test_a_cookie_is_brought_back_within_one_visit() -> None:
    played = Played({})
    played.wants_cookie = True
    one = visitor(played)
    visit = one.visit(f"https://{HOST}/", 6)
    assert (visit.well, len(visit.hops)) == (True, 2)
    assert played.cookies == ["", "seen=1"]
    one.visit(f"https://{HOST}/", 6)
    assert played.cookies[2:] == ["", "seen=1"]


def test_a_host_is_resolved_once_and_silent_resolvers_are_asked_last() -> None:
    played = Played({})
    one = visitor(played)
    for number in range(5):
        one.fetch(f"https://{HOST}/{number}", 6)
    assert played.asked == {"silent": 1, "good": 1}
    one.fetch("https://other.example.gov.cn/", 6)
    assert played.asked == {"silent": 1, "good": 2}


def test_further_addresses_are_tried_but_not_all() -> None:
    assert visitor(Played({}, frozenset({"240e::1"}))).fetch(f"https://{HOST}/", 6).address == "240e::2"
    failed = visitor(Played({}, frozenset({"240e::1", "240e::2"}))).fetch(f"https://{HOST}/", 6)
    assert (failed.failure, failed.address) == ("timeout", "240e::2")


def test_a_host_without_address_and_one_that_may_not_be_connected_to() -> None:
    one = visitor(Played({}))
    assert one.fetch("https://bare.example.gov.cn/", 6).failure == "no-address"
    one.usable = lambda _address: False
    assert one.fetch(f"https://{HOST}/", 6).failure == "address-refused"
    assert one.fetch("https://[240e::9]/", 4).failure == "no-address"


def test_without_resolvers_nothing_is_known() -> None:
    played = Played({})
    played.resolvers = ()  # type: ignore[assignment]
    assert visitor(played).fetch(f"https://{HOST}/", 6).failure == "dns"

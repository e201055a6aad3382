"""Measurements of a real site: whole, and hostile in every way that a server has."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from itertools import count, pairwise

import dns.message
import pytest

from inventory.ipv6.checks.registry import judged
from inventory.ipv6.measuring import Manner, measure
from inventory.ipv6.sites import site_of
from inventory.probing.model import Exchange
from tests.inventory.ipv6.synthetic import APEX, HOME, LIMITS, MEASURES, PLAIN, V6, WWW, City
from tests.inventory.serving import Answer, Page, bomb, redirect

Handler = BaseHTTPRequestHandler


def test_a_site_that_is_whole_passes_everything(city: City) -> None:
    outcomes = city.outcomes()
    assert {one.check: one.status for one in outcomes.values() if one.status != "pass"} == {}
    assert all(one.evidence for one in outcomes.values())


def endless(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        handler.wfile.write(b"<a href=/x>" * 1_000)


def drip(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def noise(handler: Handler) -> None:
    handler.wfile.write(b"\x00\xff" * 50_000)


def ever_deeper(handler: Handler) -> None:
    body = "".join(f'<a href="{handler.path}{number}/">x</a>' for number in range(500)).encode()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)


def ever_further(numbers: "count[int]") -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\n\r\n" % next(numbers))

    return answer


@pytest.mark.parametrize(
    "page",
    [endless, drip, noise, ever_deeper, ever_further(count()), bomb(20), redirect("/"), redirect("//[::1]/"),
     Page("<div>" * 10_000), Page(b"\xff" * 60_000), Page(status=101), Page(status=304), Page(status=999)],
)  # fmt: skip
def test_hostile_pages_end_in_outcomes(city: City, page: Answer) -> None:
    class Anywhere(dict[str, Answer]):
        def get(self, _path: str, _default: object = None) -> Answer:  # type: ignore[override]
            return page

    for server in (city.web[6, 443], city.web[4, 443]):
        city.shut(server)
    city.open(6, V6, 443, Anywhere())
    city.open(4, "202.103.24.80", 443, Anywhere())
    limits = replace(LIMITS, exchange_seconds=0.3, site_seconds=3)
    begun = time.monotonic()
    seen = city.look(limits=limits)
    assert time.monotonic() - begun < 8
    assert len(judged(seen)) == 16
    assert len(seen.home6.hops) <= limits.redirects + 1
    assert len(seen.second.tried) <= 20
    assert all(len(one.body) <= limits.octets for one in _exchanges(seen.home6.hops, seen.tries))


def _exchanges(*groups: tuple[Exchange, ...]) -> list[Exchange]:
    return [one for group in groups for one in group]


def test_what_there_was_no_time_for_is_not_known(city: City) -> None:
    def slow(handler: Handler) -> None:
        time.sleep(0.3)
        body = HOME.format(**PLAIN).encode()
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    city.pages["/"] = slow
    outcomes = {one.check: one for one in judged(city.look(limits=replace(LIMITS, site_seconds=1)))}
    assert (outcomes["B2"].status, outcomes["B2"].reason) == ("unknown", "time-over")
    assert outcomes["E4"].status == "unknown"
    assert outcomes["B1"].status == "pass"
    assert not [one for one in outcomes.values() if one.status == "fail"]


def test_a_host_that_does_not_answer_is_given_up(city: City) -> None:
    city.zone.put(f"dead.{APEX}", "AAAA", "240e:3a1:dead::1")
    city.zone.put(f"dead.{APEX}", "A", "202.103.24.80")
    links = "".join(f'<a href="https://dead.{APEX}/{number}">x</a>' for number in range(15))
    city.both("/", Page(HOME.format(**PLAIN) + links))
    for number in range(15):
        city.pages4[f"/{number}"] = Page("x")
    seen = city.look()
    failed = [one for one in seen.second.tried if one.failure == "unreachable"]
    assert len(failed) == 15
    assert len([path for host, path in city.web[4, 443].asked if host == f"dead.{APEX}"]) == 3
    assert {one.check: one for one in judged(seen)}["C1"].rate == pytest.approx(2 / 17)


def test_lying_name_servers_end_in_outcomes(city: City) -> None:
    numbers = count()

    def liar(query: dns.message.Message, _transport: str) -> bytes:
        made = dns.message.make_response(query)
        name = query.question[0].name
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        texts = {"AAAA": "::1", "A": "127.0.0.1", "NS": f"n{next(numbers)}.{APEX}.", "MX": f"1 m{next(numbers)}.cn."}
        if kind in texts:
            made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, texts[kind]))
        return made.to_wire()

    for server in city.resolvers:
        server.twist = liar
    outcomes = {one.check: one for one in judged(city.look())}
    assert outcomes["A2"].status == "fail"
    assert outcomes["A3"].status == "fail"
    assert {server.asked == [] for server in city.web.values()} == {True}


def test_only_the_site_is_asked_at_its_rate(city: City) -> None:
    times: list[float] = []
    lock = threading.Lock()

    def noting(handler: Handler) -> None:
        with lock:
            times.append(time.monotonic())
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    city.both("/", noting)
    measure(site_of(f"https://{WWW}/"), city.network(), Manner(MEASURES, rate=20), "full")
    gaps = sorted(later - one for one, later in pairwise(times))
    assert len(times) > 10
    assert gaps[len(gaps) // 4] >= 0.04

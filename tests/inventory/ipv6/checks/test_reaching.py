"""B1 to B3 against real web servers, and ports that only IPv4 filters."""

import socket
import threading
from http.server import BaseHTTPRequestHandler
from itertools import count

import pytest

from inventory.ipv6.checks.reaching import exposed
from inventory.ipv6.model import Outcome
from tests.inventory.ipv6.synthetic import APEX, NOWHERE, OTHER6, V4, V6, WWW, City
from tests.inventory.serving import Page, WebServer, redirect


def told(outcome: Outcome) -> tuple[str, list[tuple[str, str]]]:
    return outcome.status, [(fault.reason, fault.subject) for fault in outcome.faults]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_over_ipv6(city: City, status: int) -> None:
    city.pages["/"] = Page(status=status)
    outcomes = city.outcomes()
    assert told(outcomes["B1"]) == ("fail", [("status", f"https://{WWW}/")])
    assert outcomes["B1"].faults[0].detail == str(status)
    assert {outcomes[check].cause for check in ("B2", "C1", "C2", "D1", "D2", "E2", "E5")} == {"B1"}
    assert outcomes["B1"].reason == ""


def test_a_site_that_is_down_over_both_says_so(city: City) -> None:
    city.both("/", Page(status=503))
    assert city.outcomes()["B1"].reason == "down-anyway"


def test_nobody_listens(city: City) -> None:
    city.shut(city.web[6, 443])
    outcomes = city.outcomes()
    assert told(outcomes["B1"]) == ("fail", [("refused", f"https://{WWW}/")])
    assert told(outcomes["B3"]) == ("partial", [("port-closed", f"{WWW} TCP 443")])


def test_no_way_to_the_address(city: City) -> None:
    city.zone.put(WWW, "AAAA", NOWHERE)
    assert told(city.outcomes()["B1"]) == ("fail", [("unreachable", f"https://{WWW}/")])


def test_the_next_address_is_tried(city: City) -> None:
    city.zone.put(WWW, "AAAA", "240e:3a1:100::1", V6)
    assert city.outcomes(depth="reach")["B1"].status == "pass"


def test_redirects_within_the_site_are_followed_over_ipv6(city: City) -> None:
    city.both("/", redirect("/start"))
    city.both("/start", redirect(f"https://{APEX}/portal", 301))
    city.both("/portal", Page("portal"))
    outcome = city.outcomes(depth="reach")["B1"]
    assert told(outcome) == ("pass", [])
    assert [one.answer.split()[1] for one in outcome.evidence] == [
        f"https://{WWW}/:", f"https://{WWW}/start:", f"https://{APEX}/portal:",
    ]  # fmt: skip


def test_a_redirect_to_a_host_without_ipv6(city: City) -> None:
    city.pages["/"] = redirect(f"https://old.{APEX}/")
    city.zone.put(f"old.{APEX}", "A", V4)
    assert told(city.outcomes()["B1"]) == ("fail", [("no-record", f"old.{APEX}")])


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ({"/": redirect("/a"), "/a": redirect("/")}, "redirect-loop"),
        ({f"/{'a' * n}": redirect(f"/{'a' * (n + 1)}") for n in range(30)}, "redirects-too-many"),
        ({"/": redirect("ftp://[")}, "redirect-unusable"),
    ],
)
def test_redirects_that_do_not_end(city: City, pages: dict[str, Page], reason: str) -> None:
    city.pages.update(pages)
    outcome = city.outcomes(depth="reach")["B1"]
    assert outcome.status == "fail"
    assert outcome.faults[0].reason == reason
    assert len(city.web[6, 443].asked) <= 11


@pytest.mark.parametrize(("addresses", "status"), [((OTHER6,), "pass"), ((), "fail")])
def test_what_leads_away_is_not_asked_but_needs_a_record(city: City, addresses: tuple[str, ...], status: str) -> None:
    city.both("/", redirect("https://portal.example.org/"))
    city.zone.put("portal.example.org", "A", V4)
    if addresses:
        city.zone.put("portal.example.org", "AAAA", *addresses)
    away = city.serve(WebServer(OTHER6, 443, {}, city.certificate))
    outcomes = city.outcomes()
    assert outcomes["B1"].status == status
    assert away.asked == []
    assert not [host for host, _ in city.web[4, 443].asked if host == "portal.example.org"]


def test_a_server_that_takes_connections_and_says_nothing(city: City) -> None:
    city.shut(city.web[6, 443])
    with socket.create_server((V6, 443), family=socket.AF_INET6):
        outcome = city.outcomes(depth="reach")["B1"]
    assert outcome.status == "fail"
    assert outcome.faults[0].reason == "timeout"


def test_no_tls_where_tls_belongs(city: City) -> None:
    city.shut(city.web[6, 443])
    city.serve(WebServer(V6, 443, city.pages))
    assert city.outcomes(depth="reach")["B1"].faults[0].reason == "tls"


@pytest.mark.parametrize(
    ("failing", "status", "rate"), [(0, "pass", 1.0), (1, "partial", 8 / 9), (3, "partial", 4 / 9), (5, "fail", 0.0)]
)
def test_some_tries_fail(city: City, failing: int, status: str, rate: float) -> None:
    numbers = count()

    def now_and_then(handler: BaseHTTPRequestHandler) -> None:
        # The first request is the visit; of the ten tries behind it the last ones fail.
        worked = not 11 - failing <= next(numbers) <= 10
        handler.send_response(200 if worked else 503)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    city.pages["/"] = now_and_then
    outcome = city.outcomes()["B2"]
    assert outcome.status == status
    assert outcome.rate == pytest.approx(rate)
    if failing:
        assert outcome.faults[0].detail == f"{10 - failing}/10"


def test_a_port_that_ipv4_has_open(city: City) -> None:
    city.shut(city.web[6, 80])
    outcome = city.outcomes()["B3"]
    assert told(outcome) == ("partial", [("port-closed", f"{WWW} TCP 80")])
    assert outcome.rate == pytest.approx(2 / 3)


def test_a_port_that_ipv4_has_closed_is_not_missed(city: City) -> None:
    city.shut(city.web[6, 80])
    city.shut(city.web[4, 80])
    assert city.outcomes()["B3"].status == "pass"


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [(("other.example.net",), (-1, 30), "Hostname mismatch"), ((WWW,), (-30, -2), "certificate has expired")],
)
def test_a_certificate_that_does_not_hold(
    city: City, names: tuple[str, ...], days: tuple[int, int], words: str
) -> None:
    city.shut(city.web[6, 443])
    city.serve(WebServer(V6, 443, city.pages, city.authority.certificate(*names, days=days)))
    outcomes = city.outcomes()
    assert told(outcomes["B3"]) == ("partial", [("certificate", WWW)])
    assert words in outcomes["B3"].faults[0].detail
    assert outcomes["B1"].status == "pass", "what stands behind it is a question of its own"


def test_a_port_that_only_ipv4_filters_is_exposed(city: City) -> None:
    assert exposed(city.look()) == ()
    city.serve(WebServer(V6, 8080, {}))
    (port,) = exposed(city.look())
    assert (port.address, port.port) == (V6, 8080)
    city.serve(WebServer(V4, 8080, {}))
    assert exposed(city.look()) == ()


def test_without_ipv4_nothing_is_filtered_by_it(city: City) -> None:
    city.serve(WebServer(V6, 8080, {}))
    for port in (80, 443):
        city.shut(city.web[4, port])
    assert exposed(city.look()) == ()


def test_names_that_are_not_known_make_nothing_fail(city: City) -> None:
    for server in city.resolvers:
        server.twist = lambda _query, _transport: []
    assert {one.status for one in city.outcomes(depth="reach").values()} == {"unknown"}


def test_a_drip_ends(city: City) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in count():
            if stop.wait(0.1):
                return
            handler.wfile.write(b"X-%d: drip\r\n" % number)

    city.pages["/"] = drip
    outcome = city.outcomes(depth="reach")["B1"]
    stop.set()
    assert outcome.faults[0].reason == "slow"



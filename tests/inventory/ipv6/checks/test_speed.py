"""E1 to E5: values made by hand, since a real network would not be twice as slow on demand; one is."""

import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from inventory.ipv6.checks.speed import speed
from inventory.ipv6.model import Measure, Measurement, Samples
from tests.inventory.ipv6.synthetic import HOME, PLAIN, City
from tests.inventory.ipv6.values import measurement

MS = 1_000_000


def timed(measure: Measure, v4: tuple[int, ...], v6: tuple[int, ...]) -> Measurement:
    samples = Samples(tuple(one * MS for one in v4), tuple(one * MS for one in v6))
    return replace(measurement(), samples={measure: samples})


@pytest.mark.parametrize(
    ("v4", "v6", "status", "rate"),
    [
        ((200, 200, 200), (230, 230, 230), "pass", 1.0),
        ((200, 200, 200), (231, 231, 231), "partial", 0.5),
        ((200, 200, 200), (300, 300, 300), "partial", 0.5),
        ((200, 200, 200), (301, 301, 301), "fail", 0.0),
        ((200, 200, 9_000), (10, 200, 200), "pass", 1.0),
        ((10, 10, 10), (90, 90, 90), "pass", 1.0),
        ((200, 200, 200), (1, 1, 1), "pass", 1.0),
        ((), (200,), "n/a", 0.0),
    ],
)
def test_how_much_slower(v4: tuple[int, ...], v6: tuple[int, ...], status: str, rate: float) -> None:
    outcome = speed("E4", "page")(timed("page", v4, v6))
    assert (outcome.status, outcome.rate) == (status, rate)


def test_a_server_that_is_slow_over_ipv6(city: City) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.12)
        body = HOME.format(**PLAIN).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    city.pages["/"] = slow
    outcomes = city.outcomes()
    statuses = [outcomes[check].status for check in ("E1", "E2", "E3", "E4", "E5")]
    assert statuses == ["pass", "pass", "fail", "fail", "pass"]
    assert outcomes["E3"].faults[0].reason == "slow-first"

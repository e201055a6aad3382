"""D1: the same page over both families, or not."""

import time
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.ipv6.checks.likeness import distance
from inventory.probing.model import Exchange
from tests.inventory.ipv6.synthetic import HOME, PLAIN, WWW, City
from tests.inventory.serving import Page


def page(body: str) -> Exchange:
    return Exchange("http://a.example/", 6, "240e::1", 0, status=200, body=body.encode())


def test_tokens_and_nonces_do_not_count(city: City) -> None:
    for pages, token in ((city.pages, "3f9a"), (city.pages4, "77c0")):
        extra = f'<script nonce="{token}Zx">x</script><i>{token}deadbeefdeadbeefdead</i> 10:2{token[0]}:07'
        pages["/"] = Page(HOME.format(**PLAIN | {"token": token * 40}) + extra)
    assert city.outcomes()["D1"].status == "pass"


def test_another_page(city: City) -> None:
    city.pages["/"] = Page("<h1>Welcome to nginx</h1>")
    outcome = city.outcomes()["D1"]
    assert outcome.status == "fail"
    assert [(one.reason, one.subject) for one in outcome.faults] == [("content-differs", WWW)]


def test_another_status(city: City) -> None:
    city.pages["/"] = replace(Page(HOME.format(**PLAIN)), status=203)
    (fault,) = city.outcomes()["D1"].faults
    assert (fault.reason, fault.detail) == ("status-differs", "203, 200")


def test_a_page_that_differs_from_itself_is_not_known(city: City) -> None:
    numbers = count()

    def changing(handler: object) -> None:
        words = " ".join(f"w{chr(97 + next(numbers) % 26)}{number}" for number in range(300))
        body = words.encode()
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", str(len(body)))  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(body)  # type: ignore[attr-defined]
        next(numbers)

    city.both("/", changing)
    outcome = city.outcomes()["D1"]
    assert (outcome.status, outcome.reason) == ("unknown", "page-changes")


def test_a_site_without_ipv4_has_nothing_to_compare(city: City) -> None:
    city.zone.drop(WWW, "A")
    outcomes = city.outcomes()
    assert [outcomes[check].status for check in ("D1", "E1", "E4")] == ["n/a"] * 3
    assert outcomes["B3"].status == "pass"


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_distance_is_one_between_nothing_and_everything(one: str, other: str) -> None:
    assert distance(page(one), page(one)) == 0
    assert 0 <= distance(page(one), page(other)) <= 1
    assert distance(page(one), page(other)) == pytest.approx(distance(page(other), page(one)))


def test_a_tenth_is_the_line() -> None:
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(100)]
    nine = words[:91] + ["zz"] * 9
    assert distance(page(" ".join(words)), page(" ".join(nine))) == pytest.approx(0.09)


@pytest.mark.parametrize("piece", ["a-", "<input ", 'nonce="', "<input type=hidden ", "1", "a1/", "12:", "ab1"])
def test_no_page_takes_long_to_compare(piece: str) -> None:
    body = page(piece * (2**20 // len(piece)))
    begun = time.monotonic()
    distance(body, body)
    assert time.monotonic() - begun < 3

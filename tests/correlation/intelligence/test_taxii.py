"""The client against a server on loopback that speaks TAXII 2.1, well and badly."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from correlation.intelligence import taxii
from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.fetching import Fetcher
from correlation.intelligence.formats.stix import stix_portions
from correlation.intelligence.taxii import MEDIA_TYPE, Page, objects_url, read_collection
from correlation.settings import FeedSettings
from tests.correlation.intelligence.making import ASSUMED

PATH = "/api/collections/91a7b528/"


def indicator(number: int) -> dict[str, str]:
    pattern = f"[domain-name:value = 'c{number}.synthetic.example']"
    return {"type": "indicator", "id": f"indicator--{number}", "pattern": pattern, "pattern_type": "stix"}


class Server(ThreadingHTTPServer):
    """Six objects in pages of two; `misbehave` chooses how it answers instead."""

    misbehave = ""
    asked: list[tuple[dict[str, list[str]], Any]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.asked.append((query, self.headers))
        how = self.server.misbehave
        if how == "redirect":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        if parts.path != PATH + "objects/" or self.headers["Accept"] != MEDIA_TYPE or how == "refuse":
            self.send_error(404)
            return
        first = int(query.get("next", ["0"])[0])
        first = max(first, int(query.get("added_after", ["0"])[0][-2:].strip("Z") or 0))
        objects = [indicator(number) for number in range(first, min(first + 2, 6))]
        answer: Any = {"more": first + 2 < 6, "next": str(first + 2), "objects": objects}
        if how == "loop":
            answer |= {"more": True, "next": "0"}
        body = {"list": b"[]", "noise": b"\xff{", "large": b" " * 5_000}.get(how) or orjson.dumps(answer)
        self.send_response(200)
        self.send_header("Content-Type", MEDIA_TYPE)
        second = 0 if how == "same moment" else first + 2
        self.send_header("X-TAXII-Date-Added-Last", f"2026-01-01T00:00:0{second}Z")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}{PATH}"


def read(server: Server, added_after: str = "", authorization: str = "") -> list[Page]:
    fetcher = Fetcher(FeedSettings(url(server), authorization=authorization))
    return list(read_collection(fetcher, url(server), added_after))


def test_all_pages_are_read_and_the_next_reading_begins_behind_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_SECRET", "Bearer synthetic")
    pages = read(server, authorization="env:FEED_SECRET")
    portions = [portion for page in pages for portion in stix_portions(page.objects, "x", ASSUMED)]
    found = [one.value for portion in portions for one in portion.indicators]
    assert found == [f"c{number}.synthetic.example" for number in range(6)]
    assert pages[-1].added_after == "2026-01-01T00:00:06Z"
    assert {headers["Authorization"] for _, headers in server.asked} == {"Bearer synthetic"}
    assert "added_after" not in server.asked[0][0]
    (last,) = read(server, "2026-01-01T00:00:04Z")
    assert [one["id"] for one in last.objects] == ["indicator--4", "indicator--5"]


@pytest.mark.parametrize("how", ["redirect", "refuse", "list", "noise", "large"])
def test_a_server_that_misbehaves_is_told(server: Server, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii, "MOST_PAGE_BYTES", 4_000)
    server.misbehave = how
    with pytest.raises(FeedUnreadable):
        read(server)
    assert len(server.asked) == 1


def test_a_server_that_repeats_itself_is_left(server: Server) -> None:
    server.misbehave = "loop"
    assert len(read(server)) == 2


def test_while_pages_follow_reading_goes_on_after_the_page_before(server: Server) -> None:
    # Objects of one moment may lie on two pages: behind the last moment of a page there may be more of it.
    assert [page.added_after[-3:] for page in read(server)] == ["", "02Z", "06Z"]
    server.misbehave = "same moment"
    assert [page.added_after[-3:] for page in read(server)] == ["", "", "00Z"]


def test_a_position_that_is_no_time_is_none(server: Server) -> None:
    assert len(read(server, '{"a": 1}')) == 3
    assert "added_after" not in server.asked[0][0]


@pytest.mark.parametrize("text", ["ftp://a.example/", "file:///etc/passwd", "https://user:secret@a.example/", "http:///x"])
def test_only_addresses_of_http_are_asked(text: str) -> None:
    with pytest.raises(FeedUnreadable) as refused:
        objects_url(text)
    assert "secret" not in str(refused.value)


def test_a_key_in_the_address_is_sent_with_every_page_and_never_shown(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taxii, "MOST_PAGES", 2)
    address = f"{url(server)}?key=hidden&limit=1&next=4&empty="
    with pytest.raises(FeedUnreadable) as refused:
        list(read_collection(Fetcher(FeedSettings(address)), address))
    assert refused.value.parameters["reason"] == "feed-too-large"
    assert "hidden" not in str(refused.value)
    limit = [str(taxii.PAGE_OBJECTS)]
    first, second = (query for query, _ in server.asked)
    assert (first["key"], first["limit"], "next" in first) == (["hidden"], limit, False)
    assert (second["key"], second["limit"], second["next"]) == (["hidden"], limit, ["2"])


def test_addresses_of_collections() -> None:
    assert objects_url("https://a.example/api/collections/1") == "https://a.example/api/collections/1/objects/"
    assert objects_url("https://a.example/c/1/objects/") == "https://a.example/c/1/objects/"

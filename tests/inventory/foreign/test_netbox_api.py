"""The reader against a real server on loopback that answers lists as NetBox does."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from inventory.foreign.errors import ForeignRefused, ForeignUnreachable, ForeignUnreadable
from inventory.foreign.model import NOTHING_ASSUMED, Proposal
from inventory.foreign.netbox_api import NetBox, Page
from tests.inventory.foreign.test_netbox import DEVICE

TOKEN = "synthetic-token"
SITES = [{"name": f"合成机房 {number}", "slug": f"dc-{number}", "status": {"value": "active"}} for number in range(5)]
ADDRESSES = [
    {"address": f"192.0.2.{number}/24", "assigned_object": {"name": "eth0", "device": {"name": "core-1"}}}
    for number in range(1, 4)
]
OBJECTS: Mapping[str, list[dict[str, Any]]] = {
    "dcim/sites": SITES, "dcim/devices": [DEVICE], "ipam/ip-addresses": [*ADDRESSES, {"address": "192.0.2.9/24"}],
}  # fmt: skip


class Server(ThreadingHTTPServer):
    """What it was asked, and what it does wrong."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.fails: dict[str, tuple[int, bytes]] = {}
        self.next_origin = "http://misnamed.example"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/netbox/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        parts = urlsplit(self.path)
        status, body = self._answer(parts.path, parse_qs(parts.query))
        status, body = self.server.fails.get(self.path, (status, body))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://misnamed.example/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, bytes]:
        if self.headers["Authorization"] != f"Token {TOKEN}":
            return 403, b'{"detail": "Invalid token"}'
        there = OBJECTS.get(path.removeprefix("/netbox/api/").strip("/"), [])
        limit, offset = int(query["limit"][0]), int(query["offset"][0])
        more = offset + limit < len(there)
        onward = f"{self.server.next_origin}{path}?limit={limit}&offset={offset + limit}" if more else None
        said = {"count": len(there), "next": onward, "previous": None, "results": there[offset : offset + limit]}
        return 200, orjson.dumps(said)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def read(server: Server, position: str | None = None, token: str = TOKEN) -> list[Page]:
    with NetBox(server.url, token, page=2) as netbox:
        return list(netbox.read(NOTHING_ASSUMED, position))


def rows(pages: list[Page]) -> list[tuple[str, str]]:
    found = [one for page in pages for one in page.found if isinstance(one, Proposal)]
    return [(one.register, one.cells.get("addresses") or one.cells["name"]) for one in found]


EVERYTHING = [
    ("assets", "192.0.2.1; 2001:db8::1"),
    *(("data_centres", f"合成机房 {number}") for number in range(5)),
    ("assets", "192.0.2.1; 192.0.2.2; 192.0.2.3"),
]


def test_all_lists_are_read_page_by_page() -> None:
    with serving() as server:
        pages = read(server)
    assert rows(pages) == EVERYTHING
    assert pages[-1].position is None
    assert len(server.asked) == len(set(server.asked)) == 12
    assert [str(one) for page in pages for one in page.found if not isinstance(one, Proposal)] == [
        f"{server.url}api/ipam/ip-addresses/:2: foreign-entry-unusable(value=192.0.2.9/24, reason=foreign-no-owner)"
    ]


def test_reading_goes_on_where_it_stood() -> None:
    with serving() as server:
        pages = read(server)
        for number, page in enumerate(pages[:-1], 1):
            again = rows(read(server, page.position))
            # Addresses of one owner are gathered anew, since some may lie before the position.
            assert again == rows(pages[number:])


def test_a_failure_says_where_to_go_on() -> None:
    with serving() as server:
        place = "/netbox/api/dcim/sites/?limit=2&offset=2"
        server.fails[place] = (503, b"busy")
        found: list[Page] = []
        with NetBox(server.url, TOKEN, page=2) as netbox, pytest.raises(ForeignRefused) as refused:
            found.extend(netbox.read(NOTHING_ASSUMED))
        assert refused.value.parameters["status"] == 503
        assert refused.value.parameters["position"] == place
        server.fails.clear()
        position = str(refused.value.parameters["position"])
        assert rows(read(server, position)) == EVERYTHING[3:]


def test_a_wrong_token_is_told() -> None:
    with serving() as server, pytest.raises(ForeignRefused) as refused:
        read(server, token="nbt_wrong.token")
    assert refused.value.parameters["status"] == 403


FIRST = "/netbox/api/dcim/devices/?limit=2&offset=0"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>", "foreign-json"),
        (200, b'{"results": 5}', "foreign-no-list"),
        (200, b'{"results": [], "next": "http://misnamed.example/?limit=2&offset=0"}', "foreign-circle"),
        (200, b" " * (65 << 20), "foreign-too-large"),
        (302, b"", ""),
    ],
    ids=["page", "no list", "circle", "large", "redirect"],
)
def test_hostile_answers_are_refused(status: int, body: bytes, reason: str) -> None:
    with serving() as server:
        server.fails[FIRST] = (status, body)
        with pytest.raises(ForeignUnreadable) as refused:
            read(server)
        assert refused.value.parameters["reason"] == reason


def test_who_cannot_be_reached_is_told() -> None:
    with serving() as server:
        url = server.url
    with NetBox(url, TOKEN) as netbox, pytest.raises(ForeignUnreachable) as unreachable:
        next(netbox.read(NOTHING_ASSUMED))
    assert unreachable.value.parameters["position"]
    for odd in ("ftp://x/", "x", "http://user:secret@x/", "http://[/"):
        with pytest.raises(ForeignUnreadable, match="foreign-address"):
            NetBox(odd, TOKEN)

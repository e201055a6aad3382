"""Requests to real servers on loopback that do whatever they like."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path

import pytest

from inventory.probing.dialing import Trust, trust
from inventory.probing.fetching import fetch
from inventory.probing.model import Exchange, Limits
from tests.inventory.serving import Answer, Authority, Page, WebServer, bomb

MOST = 20_000
LIMITS = Limits(connect_seconds=0.5, exchange_seconds=1.0, octets=MOST)
NAME = "www.example.gov.cn"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def trusting(authority: Authority) -> Trust:
    return trust(authority.file)


@pytest.fixture
def serve() -> Iterator[Callable[..., WebServer]]:
    made: list[WebServer] = []

    def one(page: Answer, certificate: Path | None = None) -> WebServer:
        made.append(WebServer("127.0.0.1", 0, {"/": page}, certificate))
        return made[-1]

    yield one
    for server in made:
        server.close()


def got(server: WebServer, trusting: Trust, scheme: str = "http", *, body: bool = True) -> Exchange:
    url = f"{scheme}://{NAME}:{server.port}/"
    begun = time.monotonic()
    done = fetch(Exchange(url, 4, "127.0.0.1", 7), body=body, limits=LIMITS, trust=trusting)
    assert time.monotonic() - begun < 3
    assert len(done.body) <= MOST
    return done


def raw(*pieces: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)

    return answer


Serve = Callable[..., WebServer]


def test_a_page(serve: Serve, trusting: Trust) -> None:
    server = serve(Page("words"))
    done = got(server, trusting)
    assert (done.status, done.body, done.failure, done.cut, done.at) == (200, b"words", "", False, 7)
    assert 0 < done.connected <= done.first <= done.whole
    assert done.header("content-TYPE") == "text/html; charset=utf-8"
    assert server.asked == [(f"{NAME}:{server.port}", "/")]


def test_what_is_packed_is_unpacked(serve: Serve, trusting: Trust) -> None:
    page = Page(gzip.compress(b"words" * 100), headers=(("Content-Encoding", "gzip"),))
    assert got(serve(page), trusting).body == b"words" * 100


def test_a_bomb_is_cut(serve: Serve, trusting: Trust) -> None:
    done = got(serve(bomb(10)), trusting)
    assert (done.status, done.cut, len(done.body)) == (200, True, MOST)


def test_a_large_page_is_cut_and_well(serve: Serve, trusting: Trust) -> None:
    done = got(serve(Page(b"x" * 10 * MOST)), trusting)
    assert (done.cut, done.well, len(done.body)) == (True, True, MOST)


def test_the_head_suffices_where_no_body_is_wanted(serve: Serve, trusting: Trust) -> None:
    done = got(serve(Page(b"x" * 100)), trusting, body=False)
    assert (done.status, done.body, done.header("Content-Length")) == (200, b"", "100")


def test_a_body_without_end(serve: Serve, trusting: Trust) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65_536)

    assert got(serve(endless), trusting).cut


def test_chunks_without_end(serve: Serve, trusting: Trust) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            handler.wfile.write(b"1;%s\r\nx\r\n" % (b"e" * 200))

    done = got(serve(endless), trusting)
    assert done.status == 200
    assert done.cut


def test_what_surrounds_chunks_counts_too(serve: Serve, trusting: Trust) -> None:
    def wordy(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(2_000):
            handler.wfile.write(b"1;%s\r\nx\r\n" % (b"e" * 60_000))

    done = got(serve(wordy), trusting)
    assert (done.status, done.cut, done.failure) == (200, True, "")
    assert len(done.body) < 10


@pytest.mark.parametrize(("begin", "status"), [(b"HTTP/1.1 200 OK\r\n\r\n", 200), (b"HTTP", 0)])
def test_a_drip(serve: Serve, trusting: Trust, begin: bytes, status: int) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        for _ in count():
            if stop.wait(0.05):
                return
            handler.wfile.write(b"x")

    done = got(serve(drip), trusting)
    stop.set()
    assert (done.failure, done.status) == ("slow", status)


@pytest.mark.parametrize(
    ("pieces", "failure"),
    [
        ([], "reset"),
        ([b"SSH-2.0-OpenSSH_9\r\n"], "not-http"),
        ([b"HTTP/1.1 abc\r\n\r\n"], "not-http"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"], "not-http"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"], "not-http"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000], "reset"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"], "reset"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"], "reset"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nx"], "reset"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody"], ""),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody"], ""),
    ],
)
def test_what_is_no_answer(serve: Serve, trusting: Trust, pieces: list[bytes], failure: str) -> None:
    assert got(serve(raw(*pieces)), trusting).failure == failure


def test_nobody_listens(serve: Serve, trusting: Trust) -> None:
    done = fetch(Exchange("http://a.example:1/", 4, "127.0.0.1", 0), body=True, limits=LIMITS, trust=trusting)
    assert (done.failure, done.status) == ("refused", 0)


def test_what_is_no_address(trusting: Trust) -> None:
    begun = Exchange("gopher://x", 4, "127.0.0.1", 0)
    assert fetch(begun, body=True, limits=LIMITS, trust=trusting).failure == "url"


def test_a_certificate_that_holds(serve: Serve, trusting: Trust, authority: Authority) -> None:
    done = got(serve(Page("x"), authority.certificate(NAME)), trusting, "https")
    assert (done.status, done.certificate, done.encrypted) == (200, "", True)


@pytest.mark.parametrize(
    ("name", "days", "word"),
    [("other.example", (-1, 9), "mismatch"), (NAME, (-9, -1), "expired"), (NAME, (1, 9), "not yet valid")],
)
def test_a_certificate_that_does_not_hold_is_told_and_passed_over(
    serve: Serve, authority: Authority, name: str, days: tuple[int, int], word: str
) -> None:
    done = got(serve(Page("x"), authority.certificate(name, days=days)), trust(authority.file), "https")
    assert (done.status, done.body) == (200, b"x")
    assert word in done.certificate


def test_an_authority_that_nobody_knows(serve: Serve, authority: Authority) -> None:
    done = got(serve(Page("x"), authority.certificate(NAME)), trust(), "https")
    assert done.status == 200
    assert "unable to get local issuer" in done.certificate


def test_no_tls(serve: Serve, trusting: Trust) -> None:
    assert got(serve(Page("x")), trusting, "https").failure in {"tls", "reset"}

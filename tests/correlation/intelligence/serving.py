"""A real HTTP server on loopback that publishes what a test says, and keeps what it was asked."""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import orjson


@dataclass(frozen=True)
class Published:
    """What is at a path: an answer that keeps the rules, or one that says more than its body holds, or never ends."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False
    drip: float = 0.0
    """Seconds between octets."""
    length: int | None = None
    """Content-Length; the body's own where nothing is said."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    keeper: "Publisher"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        keeper = self.server.keeper
        keeper.asked.append((self.path, dict(self.headers)))
        time.sleep(keeper.pause)
        page = keeper.pages.get(self.path, Published(b"none", 404))
        conditions = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        said = [(page.headers.get(name), self.headers[asked]) for name, asked in conditions.items()]
        if any(mine is not None and mine == theirs for mine, theirs in said):
            page = Published(status=304)
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if not page.endless:
            self.send_header("Content-Length", str(len(page.body) if page.length is None else page.length))
        self.end_headers()
        for octet in page.body if page.drip else ():
            self.wfile.write(bytes([octet]))
            time.sleep(page.drip)
        if not page.drip:
            self.wfile.write(page.body)
        while page.endless:
            self.wfile.write(b"x" * 65_536)

    def log_message(self, *_: Any) -> None:
        pass


class Publisher:
    """`pages` by path; what is not there is 404. A context that closes it."""

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.pages: dict[str, Published] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.pause = 0.0
        """Seconds before each answer."""
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.keeper = self
        self.scheme = "http"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def publish(self, path: str, body: bytes | Any, **more: Any) -> None:
        """Put octets, or a document as JSON, at a path."""
        self.pages[path] = Published(body if isinstance(body, bytes) else orjson.dumps(body), **more)

    def paths(self) -> list[str]:
        """What was asked for since the last call."""
        asked, self.asked = self.asked, []
        return [path for path, _ in asked]

    def publish_misp(self, base: str, events: Mapping[str, tuple[str, list[str]]]) -> None:
        """A feed of MISP: events by UUID, each with its timestamp and the domains that it tells of."""
        self.publish(f"{base}manifest.json", {name: {"timestamp": stamp} for name, (stamp, _) in events.items()})
        for name, (stamp, domains) in events.items():
            self.publish(f"{base}{name}.json", misp_event(name, stamp, domains))


def misp_event(name: str, stamp: str, domains: list[str]) -> dict[str, Any]:
    attributes = [{"type": "domain", "value": one, "to_ids": True, "uuid": f"{name}-{one}"} for one in domains]
    return {"Event": {"uuid": name, "info": name, "timestamp": stamp, "Attribute": attributes}}


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"

"""A real HTTP proxy in front of an engine that misbehaves on chosen requests, as networks and busy clusters do."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

Fault: TypeAlias = int | Literal["cut before", "cut after"] | None
"""A status to answer with, the connection cut before or after the engine has done its work, or nothing wrong."""


@dataclass
class Proxy:
    """A running proxy; `fault` decides by method and path, and may be changed at any time."""

    url: str
    fault: Callable[[str, str], Fault] = lambda _method, _path: None
    rewrite: Callable[[bytes], bytes] = lambda body: body
    requests: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    """A proxy in front of `target`, as long as the block."""
    parts = urlsplit(target)
    assert parts.hostname is not None
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass()

        do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the names are the library's

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                running.requests.append((self.command, self.path))
                fault = running.fault(self.command, self.path)
            if fault == "cut before":
                self._cut()
                return
            if isinstance(fault, int):
                self._answer(fault, b'{"error":{"type":"made","reason":"made by the proxy"}}', "application/json")
                return
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                if fault == "cut after":
                    self._cut()
                    return
                self._answer(answer.status, running.rewrite(data), answer.headers["Content-Type"] or "")
            finally:
                connection.close()

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.close()

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A connection that was cut is what we are here for."""

    server = Server(("127.0.0.1", 0), Handler)
    running = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A real HTTP server for tests, with or without TLS, that keeps what is posted and answers as a test says."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

import orjson


@dataclass(frozen=True)
class Posted:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass(frozen=True)
class Reply:
    """What a request is answered with; `reset` breaks the connection instead, `slow` waits before (seconds)."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    slow: float = 0.0


class Proxy:
    """Passes connections on to wherever on loopback they want to go, encrypted or not."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4_096)
            line = head.split(b"\r\n")[0].decode()
            self.asked.append(line)
            verb, target, _ = line.split(" ")
            place = target if verb == "CONNECT" else urlsplit(target).netloc
            with socket.create_connection(("127.0.0.1", int(place.rpartition(":")[2]))) as server:
                if verb == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 go on\r\n\r\n")
                else:
                    server.sendall(head)
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join(5)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


class Httpd:
    """Listens on loopback until it is closed; answers `replies` in order, then `usual`."""

    def __init__(self, context: ssl.SSLContext | None = None, usual: Reply | None = None) -> None:
        self.posted: list[Posted] = []
        self.replies: list[Reply] = []
        self.usual = usual or Reply()
        keeper = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keeper.posted.append(Posted(self.path, dict(self.headers), body))
                reply = keeper.replies.pop(0) if keeper.replies else keeper.usual
                time.sleep(reply.slow)
                if reply.reset:
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.close()
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

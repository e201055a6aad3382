"""One GET to one address, whatever the name resolves to (RFC 9110, RFC 9112), bounded in time and octets.

A server that drips, never ends, unpacks to more than it may or speaks another protocol ends in a value that says so. A
certificate that does not hold is told, and the exchange goes on without it: whether it holds is a question of its own.
"""

import socket
import ssl
import time
import zlib
from dataclasses import dataclass, replace
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any, Final, cast

from inventory.probing.dialing import Trust, connected, failure_of
from inventory.probing.model import Exchange, Limits
from inventory.probing.urls import Url, parsed
from sensors.event.times import SECOND

AGENT: Final = "Mozilla/5.0 (compatible; hanwatch)"
_HEAD: Final = 256 * 1024
"""Octets that the head of an answer may have, with what surrounds chunks."""
_HEADERS: Final = 50
_VALUE: Final = 1_000
_PIECE: Final = 16 * 1024
_GZIP: Final = 32 + zlib.MAX_WBITS
"""Tells gzip and zlib by their heads."""


def fetch(begun: Exchange, *, body: bool, cookie: str = "", limits: Limits, trust: Trust) -> Exchange:
    """What the server at an address answers to a GET of a URL.

    Args:
        begun: the URL, the address and when it is.
        body: whether to wait for more than the head.
        cookie: the Cookie field, without octets that a field may not have; empty for none.
        limits: bounds of time and octets.
        trust: how to speak TLS.
    """
    parts = parsed(begun.url)
    if parts is None:
        return replace(begun, failure="url")
    request = _Request(parts, cookie, body, limits)
    certificate = ""
    try:
        try:
            return _exchanged(begun, request, trust.checking)
        except ssl.SSLCertVerificationError as error:
            certificate = error.verify_message or str(error)
        # Once more, so that what stands behind the certificate is seen too.
        done = _exchanged(begun, request, trust.trusting)
    except TimeoutError:
        done = replace(begun, failure="timeout", detail="timeout")
    except ssl.SSLError as error:
        done = replace(begun, failure="tls", detail=str(error.reason or error)[:200])
    except OSError as error:
        done = replace(begun, failure=failure_of(error), detail=str(error.strerror or error)[:200])
    return replace(done, certificate=certificate[:200])


class _Deadline:
    """When an exchange has to be over, and how long it has been going on."""

    def __init__(self, limits: Limits) -> None:
        self._begun = time.monotonic()
        self._until = self._begun + limits.exchange_seconds

    @property
    def left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @property
    def passed(self) -> int:
        return int((time.monotonic() - self._begun) * SECOND)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for and how much of it."""

    url: Url
    cookie: str
    body: bool
    limits: Limits

    def octets(self) -> bytes:
        """The request as it is sent (RFC 9112, section 3)."""
        lines = [
            f"GET {self.url.target} HTTP/1.1", f"Host: {self.url.authority}", f"User-Agent: {AGENT}", "Accept: */*",
            "Accept-Encoding: gzip", "Connection: close",
        ]  # fmt: skip
        lines += [f"Cookie: {self.cookie}"] if self.cookie else []
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def _exchanged(begun: Exchange, request: _Request, context: ssl.SSLContext) -> Exchange:
    """The exchange; what fails before the request is sent raises."""
    deadline, most = _Deadline(request.limits), request.limits.connect_seconds
    plain = connected(begun.address, request.url.port, min(most, deadline.left))
    encrypted = request.url.scheme == "https"
    made = replace(begun, connected=deadline.passed, encrypted=encrypted)
    with plain:
        plain.settimeout(min(most, deadline.left))
        if encrypted:
            with context.wrap_socket(plain, server_hostname=request.url.host) as secure:
                return _asked(made, request, secure, deadline)
        return _asked(made, request, plain, deadline)


def _asked(made: Exchange, request: _Request, connection: socket.socket, deadline: _Deadline) -> Exchange:
    """The exchange over a connection; whatever fails is part of it."""
    raw = _Bounded(connection, deadline, request.limits.octets + _HEAD)
    response = HTTPResponse(cast("socket.socket", _Reading(raw)), method="GET")
    try:
        connection.sendall(request.octets())
        response.begin()
    except TimeoutError:
        return replace(made, failure="slow" if raw.first else "timeout", first=raw.first, whole=deadline.passed)
    except (HTTPException, ValueError) as error:
        # Octets that are no head; a server that closes without one is RemoteDisconnected, which is both.
        failure = "reset" if isinstance(error, OSError) else "not-http"
        return replace(made, failure=failure, detail=_words(error), first=raw.first, whole=deadline.passed)
    except OSError as error:
        return replace(made, failure="reset", detail=_words(error), first=raw.first, whole=deadline.passed)
    with response:
        made = replace(
            made,
            status=response.status,
            headers=tuple((key[:100], value[:_VALUE]) for key, value in response.getheaders()[:_HEADERS]),
            first=raw.first,
        )
        if request.body:
            made = _with_body(made, response, request.limits.octets)
    return replace(made, whole=deadline.passed)


def _with_body(made: Exchange, response: HTTPResponse, most: int) -> Exchange:
    """The exchange with what the body holds, as far as we take it."""
    taken = bytearray()
    failure = detail = ""
    try:
        while len(taken) <= most and (piece := response.read1(_PIECE)):
            taken += piece
        if len(taken) <= most and response.length:
            # The library says nothing when a body ends before its length.
            failure = "reset"
    except TimeoutError:
        failure = "slow"
    except _TooMuchError:
        return replace(made, body=bytes(taken[:most]), cut=True)
    except (HTTPException, OSError, ValueError) as error:
        failure, detail = "reset", _words(error)
    data, more = _unpacked(bytes(taken[:most]), made.header("Content-Encoding"), most)
    return replace(made, body=data, cut=more or len(taken) > most, failure=failure, detail=detail)


def _unpacked(data: bytes, coding: str, most: int) -> tuple[bytes, bool]:
    """A body without its coding, and whether it holds more than we take. What cannot be unpacked stays as it is."""
    if coding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return data, False
    machine = zlib.decompressobj(_GZIP)
    try:
        made = machine.decompress(data, most)
    except zlib.error:
        return data, False
    return made, bool(machine.unconsumed_tail)


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


class _TooMuchError(OSError):
    """More octets came than an answer may have."""


class _Bounded(RawIOBase):
    """What comes over a connection, until it has taken too long or was too much."""

    def __init__(self, connection: socket.socket, deadline: _Deadline, most: int) -> None:
        self._connection = connection
        self._deadline = deadline
        self._most = most
        self.first = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._most <= 0:
            raise _TooMuchError
        self._connection.settimeout(self._deadline.left)
        count = self._connection.recv_into(buffer)
        self.first = self.first or self._deadline.passed
        self._most -= count
        return count


class _Reading:
    """A connection as http.client wants one."""

    def __init__(self, raw: _Bounded) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(self._raw)

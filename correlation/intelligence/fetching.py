"""Getting what feeds publish over HTTP (RFC 9110): bounded in octets and time, without redirects, in plain encoding.

A redirect would carry the authorization elsewhere, and a compressed answer of a kilobyte may be a gigabyte, so neither
is taken. TLS is 1.2 or later (RFC 9662) and checks the server's name. Proxies that the environment names
(`https_proxy`, `no_proxy`) are used.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from correlation.connecting import reason_of, trusting
from correlation.intelligence.errors import FeedRefused, FeedUnreadable
from correlation.secret import SecretMissingError, open_to_others, read_secret
from correlation.settings import FeedSettings
from sensors.errors import Place

TIMEOUT_SECONDS: Final = 60.0
"""How long nothing may come."""
ANSWER_SECONDS: Final = 300.0
"""How long one answer may take: who sends an octet now and then must not keep us for ever."""
_NOT_MODIFIED: Final = 304
_PORTS: Final = {"http": 80, "https": 443}
_DENIED: Final = (401, 403)
_SERVER_ERRORS: Final = 500
_LEAVE_ALONE: Final = (429, 503)
"""Too many requests (RFC 6585, section 4), and overloaded or in maintenance (RFC 9110, section 15.6.4)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `unchanged`: nothing, since what it has is what the conditions of the request name."""

    data: bytes
    headers: Mapping[str, str]
    unchanged: bool = False


class Fetcher:
    """Gets documents of one feed.

    Raises:
        FeedUnreadable: the feed's address, its file of authorities or its authorization cannot be used.
    """

    def __init__(self, feed: FeedSettings, patience: float | None = None) -> None:
        """Read what TLS needs; `patience`: seconds from now on after which nothing more is asked."""
        self._origin = _origin(address_of(feed.url))
        self._authorization = _authorization(feed)
        self._opener = _opener(feed)
        self._until = None if patience is None else time.monotonic() + patience

    def get(self, url: str, most: int, accept: str = "*/*", conditions: Mapping[str, str] | None = None) -> Answer:
        """The document at an address, at most so many octets; the authorization goes to the feed's own server only.

        Args:
            url: http or https.
            most: more octets than these are refused.
            accept: media type that is wanted.
            conditions: header fields such as If-None-Match (RFC 9110, section 13.1); without any, 304 is an error.

        Raises:
            FeedRefused: the server answers with a status other than 200.
            FeedUnreadable: it cannot be reached or is too slow, what it sends is too large, encoded or cut off.
        """
        place = Place(shown(url))
        if self._until is not None and time.monotonic() > self._until:
            raise FeedUnreadable(place=place, reason="feed-slow")
        headers = {"Accept": accept, "User-Agent": "hanwatch", **(conditions or {})}
        if self._authorization and _origin(address_of(url)) == self._origin:
            headers["Authorization"] = self._authorization
        try:
            with self._opener.open(Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - http(s) only, see address_of
                return _read(answer, most, place)
        except HTTPError as error:
            error.close()
            if error.code == _NOT_MODIFIED and conditions:
                return Answer(b"", {}, unchanged=True)
            raise FeedRefused(place=place, status=error.code) from None
        except URLError as error:
            raise FeedUnreadable(place=place, reason=_words(error.reason)) from None
        except (HTTPException, OSError, ValueError) as error:
            raise FeedUnreadable(place=place, reason=_words(error)) from None


def away(problem: FeedUnreadable) -> bool:
    """Whether nobody could be reached, or nobody who answers us, rather than that one document is wrong."""
    status = problem.parameters.get("status")
    if isinstance(status, int):
        return status in _DENIED or status >= _SERVER_ERRORS
    return str(problem.parameters.get("reason", "")).startswith(("net-", "TLS:"))


def enough(problem: FeedUnreadable) -> bool:
    """Whether nothing more should be asked in this reading: it took too long, or the server wants to be left alone."""
    return problem.parameters.get("reason") == "feed-slow" or problem.parameters.get("status") in _LEAVE_ALONE


def address_of(url: str) -> SplitResult:
    """The parts of an address.

    Raises:
        FeedUnreadable: it is none of http or https, or names a user, who belongs into the settings.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        raise FeedUnreadable(reason="feed-address") from None
    if not usable:
        raise FeedUnreadable(place=Place(f"{parts.scheme}://{parts.hostname}"), reason="feed-address")
    return parts


def shown(url: str) -> str:
    """An address as it may be shown: without what is asked of it, where keys stand with some."""
    return url.partition("#")[0].partition("?")[0]


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 9110, section 4.3.1)."""
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _authorization(feed: FeedSettings) -> str:
    """What lets us in, read anew for each reading, so that it may be changed while we run."""
    if open_to_others(feed.authorization):
        raise FeedUnreadable(place=Place(feed.authorization.partition(":")[2]), reason="secret-open")
    try:
        return read_secret(feed.authorization)
    except SecretMissingError as error:
        raise FeedUnreadable(place=error.place, reason=error.reason) from None


def _read(answer: Any, most: int, place: Place) -> Answer:
    if answer.status != 200:
        raise FeedRefused(place=place, status=answer.status)
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FeedUnreadable(place=place, reason="feed-encoded")
    data = answer.read(most + 1)
    if len(data) > most:
        raise FeedUnreadable(place=place, reason="feed-too-large")
    if answer.length:
        # The library says nothing when a body ends before its length.
        raise FeedUnreadable(place=place, reason="net-reset")
    return Answer(data, answer.headers)


def _words(error: object) -> str:
    """What went wrong. A ValueError would repeat what it does not like, which may be a secret."""
    return reason_of(error) if isinstance(error, OSError | HTTPException) else "feed-address"


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an error, as every status that is not 200."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Timed(RawIOBase):
    """What comes over a connection, until the answer has taken too long."""

    def __init__(self, raw: RawIOBase, connection: socket) -> None:
        self._raw = raw
        self._connection = connection
        self._until = time.monotonic() + ANSWER_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, TIMEOUT_SECONDS))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    """Its head and its body have to come in time."""

    def __init__(self, sock: socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp: BufferedReader = BufferedReader(_Timed(self.fp.detach(), sock))


class _Plain(HTTPConnection):
    response_class = _Answer


class _Encrypted(HTTPSConnection):
    response_class = _Answer


class _OverPlain(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_Plain, request)


class _OverEncrypted(HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._tls = context

    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_Encrypted, request, context=self._tls)


def _opener(feed: FeedSettings) -> OpenerDirector:
    try:
        context = trusting(feed.ca)
    except OSError as error:
        raise FeedUnreadable(place=Place(str(feed.ca)), reason=reason_of(error)) from None
    return build_opener(_NoRedirects, _OverPlain, _OverEncrypted(context))

"""Posting JSON over HTTP: one request, no redirects, bounded in time and size, failures told apart.

Statuses by RFC 9110 section 15: 408, 425, 429 (RFC 6585) and 5xx may pass, other statuses than 2xx will not. A redirect
is not followed, since it would carry signature and content elsewhere.
"""

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import orjson

from correlation.connecting import reason_of
from correlation.notifying.channels.reaching import authorities, place_of
from correlation.notifying.errors import DeliveryDeferred, DeliveryRefused
from correlation.notifying.escaping import one_line
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import SECOND, Clock

MOST_ANSWER: Final = 64 << 10
MOST_WORDS: Final = 200
LONGEST_WAIT: Final = 3_600.0
"""Whoever answers must not close a channel for longer, seconds."""
_PASSING: Final = frozenset({408, 425, 429})
_PORTS: Final = {"http": 80, "https": 443}
_PROXY_PORT: Final = 8_080


class Poster:
    """Posts to one address."""

    def __init__(self, settings: ChannelSettings, url: str, clock: Clock) -> None:
        """Read what TLS needs.

        Raises:
            AuthoritiesUnusable: the file of authorities cannot be used.
        """
        self._url: SplitResult = urlsplit(url)
        self._timeout = settings.timeout
        self._proxy = urlsplit(settings.proxy) if settings.proxy else None
        self._clock = clock
        self._tls = authorities(settings) if self._url.scheme == "https" else None

    def post(self, body: bytes, headers: Mapping[str, str], query: str = "", path: str = "") -> bytes:
        """Post a body; the answer's body where its status is 2xx.

        Args:
            body: JSON.
            headers: beside those that every request has.
            query: is added to that of the address.
            path: takes the place of the address's path.

        Raises:
            DeliveryDeferred: it may go through later.
            DeliveryRefused: it will not.
        """
        target = path or self._url.path or "/"
        if self._proxy is not None and self._tls is None:
            # RFC 9112, section 3.2.2: a proxy is told the whole address.
            target = f"http://{self._url.netloc}{target}"
        if said := "&".join(part for part in (self._url.query, query) if part):
            target += f"?{said}"
        until = time.monotonic() + 3 * self._timeout
        connection = self._connection()
        try:
            connection.request(
                "POST", target, body,
                {"Content-Type": "application/json; charset=utf-8", "User-Agent": "hanwatch", **headers},
            )  # fmt: skip
            with connection.getresponse() as answer:
                data = _read(answer, until)
        except (OSError, HTTPException) as error:
            raise DeliveryDeferred(reason=reason_of(error), answer="") from None
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            return data
        words = bounded(data.decode("utf-8", "replace")) or answer.reason
        if answer.status in _PASSING or answer.status >= 500:
            wait = _retry_after(answer.headers.get("Retry-After"), self._clock())
            raise DeliveryDeferred(reason=words, answer=answer.status, retry_after=wait)
        raise DeliveryRefused(reason=words, answer=answer.status)

    def reach(self) -> str:
        """Connect, with TLS where it is wanted; where to.

        Raises:
            DeliveryDeferred: that fails.
        """
        connection = self._connection()
        try:
            connection.connect()
        except (OSError, HTTPException) as error:
            raise DeliveryDeferred(reason=reason_of(error), answer="") from None
        finally:
            connection.close()
        return place_of(self._url.hostname or "", self._port)

    @property
    def _port(self) -> int:
        return self._url.port or _PORTS[self._url.scheme]

    def _connection(self) -> HTTPConnection:
        host, port = self._url.hostname or "", self._port
        by, at = host, port
        if self._proxy is not None:
            by, at = self._proxy.hostname or "", self._proxy.port or _PROXY_PORT
        if self._tls is None:
            return HTTPConnection(by, at, timeout=self._timeout)
        made = HTTPSConnection(by, at, timeout=self._timeout, context=self._tls)
        if self._proxy is not None:
            # RFC 9110, section 9.3.6: the proxy passes on what it cannot read; the certificate is that of the host.
            made.set_tunnel(host, port)
        return made


def document_of(data: bytes) -> Mapping[str, Any]:
    """An answer that must be a JSON object.

    Raises:
        DeliveryDeferred: it is something else, such as the page of a proxy.
    """
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise DeliveryDeferred(reason="answer-no-json", answer="")
    return found


def bounded(text: str) -> str:
    """What the other side said, as one short line."""
    return one_line(text, MOST_WORDS)


def _read(answer: HTTPResponse, until: float) -> bytes:
    """The body, as far as it comes in time: who sends an octet now and then must not keep us for ever."""
    found = bytearray()
    while len(found) < MOST_ANSWER and (part := answer.read1(MOST_ANSWER - len(found))):
        found += part
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(found)


def _retry_after(said: str | None, now: int) -> float:
    """Seconds by RFC 9110 section 10.2.3: a number, or a date."""
    if not said:
        return 0.0
    if said.strip().isdecimal() and len(said) < 12:
        return min(float(said), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    left = moment.timestamp() - now / SECOND
    return min(max(left, 0.0), LONGEST_WAIT)

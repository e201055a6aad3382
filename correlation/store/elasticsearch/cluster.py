"""Talking to a cluster: requests are tried again when that can help, and errors become the store's problems."""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from correlation.settings import ElasticsearchSettings
from correlation.store.errors import StoreRefused, StoreUnavailable

BUSY: Final = frozenset({429, 502, 503, 504})
"""The cluster has too much to do, or a part of it is away: the same request may do later."""
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 30.0

Sleep = Callable[[float], None]
Jitter = Callable[[], float]
"""Gives a number in [0, 1), so that many writers do not come back at the same moment."""


class Cluster:
    """A cluster as the settings name it."""

    def __init__(self, settings: ElasticsearchSettings, *, sleep: Sleep, jitter: Jitter) -> None:
        """Prepare to talk to it; nothing is sent yet.

        Raises:
            StoreRefused: the certificate authority's file cannot be used.
        """
        self.settings = settings
        self.where = ", ".join(settings.url)
        self._sleep = sleep
        self._jitter = jitter
        try:
            secure = {"ssl_context": _context(settings)} if settings.url[0].startswith("https://") else {}
            self.client = Elasticsearch(
                list(settings.url), api_key=settings.api_key, request_timeout=settings.timeout_seconds, max_retries=0,
                retry_on_timeout=False, sniff_on_start=False, **secure,  # type: ignore[arg-type]
            )  # fmt: skip
        except (OSError, ssl.SSLError, ValueError) as error:
            raise StoreRefused(what=self.where, status=0, reason=str(error)) from error

    def pause(self, attempt: int) -> None:
        """Wait before the next attempt: twice as long each time, by half at random."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        self._sleep(longest * (0.5 + self._jitter() / 2))

    def ask(self, what: str, request: Callable[[Elasticsearch], Any]) -> Any:
        """Send a request until it is answered, `settings.attempts` times at most.

        Args:
            what: what it is about, for the error.
            request: sends it; must be harmless when repeated.

        Raises:
            StoreUnavailable: the cluster did not answer, or was busy, to the last attempt.
            StoreRefused: it answered that it will not do it.
        """
        for attempt in range(self.settings.attempts):
            last = attempt + 1 == self.settings.attempts
            try:
                return request(self.client)
            except ApiError as error:
                status = error.meta.status
                if status not in BUSY:
                    raise StoreRefused(what=what, status=status, reason=reason_of(error)) from error
                if last:
                    raise StoreUnavailable(where=self.where, reason=f"{status} {reason_of(error)}") from error
            except TransportError as error:
                if last:
                    raise StoreUnavailable(where=self.where, reason=str(error)) from error
            self.pause(attempt)
        raise AssertionError("the last attempt answers or raises")

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()


def _context(settings: ElasticsearchSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca)
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def reason_of(error: ApiError) -> str:
    """What the cluster says of an error, in its own words."""
    body = error.body
    if isinstance(body, Mapping):
        inner = body.get("error")
        if isinstance(inner, Mapping):
            causes = inner.get("root_cause") or [inner]
            return str(causes[0].get("reason") or inner.get("reason") or inner.get("type"))
        return str(inner)
    return str(body or error.message)[:500]



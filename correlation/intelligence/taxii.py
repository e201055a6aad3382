"""A client of TAXII 2.1: the objects of one collection, page by page, from where the last reading ended.

Specification: TAXII 2.1, sections 5.4 (Get Objects), 3.4 (filtering: `added_after`, `match[type]`), 3.5 (pagination:
`more`, `next`) and 1.6 (media type). Redirects are refused, since they would carry the authorization elsewhere; answers
and the number of pages are bounded, so that no server can fill the memory or keep us for ever.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats.documents import MOST_BYTES, mapping, parse_document, sequence
from correlation.intelligence.formats.values import text_of
from sensors.errors import Place

MEDIA_TYPE: Final = "application/taxii+json;version=2.1"
MOST_PAGES: Final = 10_000
MOST_PAGE_BYTES: Final = min(64 << 20, MOST_BYTES)
PAGE_OBJECTS: Final = 2_000
TIMEOUT_SECONDS: Final = 60.0
_ADDED_LAST: Final = "X-TAXII-Date-Added-Last"


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of a collection, and the time after which the next reading is to begin (empty where none is told)."""

    objects: tuple[Any, ...]
    added_after: str


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an error, as every status that is not 200."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def is_collection(text: str) -> bool:
    """Whether this is the address of a server rather than of a file."""
    return text.lower().startswith(("http://", "https://"))


def read_collection(
    url: str, added_after: str = "", authorization: str = "", timeout: float = TIMEOUT_SECONDS
) -> Iterator[Page]:
    """The objects that were added to a collection after a time (all of them without one).

    Raises:
        FeedUnreadable: the server cannot be reached, refuses, or answers with something else than TAXII.
    """
    target = objects_url(url)
    opener = build_opener(_NoRedirects, HTTPSHandler(context=ssl.create_default_context()))
    wanted = {"limit": str(PAGE_OBJECTS), "match[type]": "indicator,identity,marking-definition"}
    if added_after:
        wanted["added_after"] = added_after
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        answer, last = _get(opener, f"{target}?{urlencode(wanted)}", authorization, timeout)
        added_after = text_of(last, 40) or added_after
        yield Page(tuple(sequence(answer.get("objects"))), added_after)
        following = answer.get("next")
        if answer.get("more") is not True or not isinstance(following, str) or following in seen:
            return
        seen.add(following)
        wanted["next"] = following
    raise FeedUnreadable(place=Place(url), reason="feed-too-large")


def objects_url(url: str) -> str:
    """The address of a collection's objects.

    Raises:
        FeedUnreadable: it is no address of http or https, or names a user, who belongs into the settings.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise FeedUnreadable(place=Place(f"{parts.scheme}://{parts.hostname}"), reason="feed-address")
    path = parts.path.rstrip("/")
    path = path if path.endswith("/objects") else f"{path}/objects"
    return f"{parts.scheme}://{parts.netloc}{path}/"


def _get(opener: OpenerDirector, url: str, authorization: str, timeout: float) -> tuple[Any, str | None]:
    headers = {"Accept": MEDIA_TYPE, "User-Agent": "hanwatch"}
    if authorization:
        headers["Authorization"] = authorization
    place = Place(url.partition("?")[0])
    try:
        with opener.open(Request(url, headers=headers), timeout=timeout) as answer:  # noqa: S310 - http(s) only, see above
            data = answer.read(MOST_PAGE_BYTES + 1)
            last = answer.headers.get(_ADDED_LAST)
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise FeedUnreadable(place=place, reason=str(error)) from error
    if len(data) > MOST_PAGE_BYTES:
        raise FeedUnreadable(place=place, reason="feed-too-large")
    document = parse_document(data, place)
    if not isinstance(document, dict):
        raise FeedUnreadable(place=place, reason="taxii-no-envelope")
    return mapping(document), last

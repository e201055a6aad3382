"""A client of TAXII 2.1: the objects of one collection, page by page, from where the last reading ended.

Specification: TAXII 2.1, sections 5.4 (Get Objects), 3.4 (filtering: `added_after`, `match[type]`), 3.5 (pagination:
`more`, `next`) and 1.6 (media type). Answers and the number of pages are bounded, so that no server can fill the memory
or keep us for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.fetching import Fetcher, address_of, shown
from correlation.intelligence.formats.documents import MOST_BYTES, mapping, parse_document, sequence
from correlation.intelligence.formats.values import moment_of, text_of
from sensors.errors import Place

MEDIA_TYPE: Final = "application/taxii+json;version=2.1"
MOST_PAGES: Final = 10_000
MOST_PAGE_BYTES: Final = min(64 << 20, MOST_BYTES)
PAGE_OBJECTS: Final = 2_000
_ADDED_LAST: Final = "X-TAXII-Date-Added-Last"


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of a collection, and the time after which the next reading is to begin (empty where none is told)."""

    objects: tuple[Any, ...]
    added_after: str


def read_collection(fetcher: Fetcher, url: str, added_after: str = "") -> Iterator[Page]:
    """The objects that were added to a collection after a time (all of them without one).

    Objects come in the order in which they were added, and many may have been added at the same moment, on this page
    and the next. So while pages follow, reading goes on after the moment at which the page before this one ended.

    Raises:
        FeedUnreadable: the server cannot be reached, refuses, or answers with something else than TAXII.
    """
    target = objects_url(url)
    # A key may stand in the collection's address; what we ask for ourselves counts.
    wanted = dict(parse_qsl(address_of(url).query, keep_blank_values=True))
    wanted |= {"limit": str(PAGE_OBJECTS), "match[type]": "indicator,identity,marking-definition"}
    for name in ("added_after", "next"):
        wanted.pop(name, None)
    # Another kind of feed may have left a position that is no time.
    safe = added_after if moment_of(added_after) else ""
    if safe:
        wanted["added_after"] = safe
    seen: set[str] = set()
    before = ""
    for _ in range(MOST_PAGES):
        answer, last = _get(fetcher, f"{target}?{urlencode(wanted)}")
        following = answer.get("next") if answer.get("more") is True else None
        if not isinstance(following, str):
            yield Page(tuple(sequence(answer.get("objects"))), last or safe)
            return
        safe = before if before and before != last else safe
        yield Page(tuple(sequence(answer.get("objects"))), safe)
        if following in seen:
            return
        before = last
        seen.add(following)
        wanted["next"] = following
    raise FeedUnreadable(place=Place(shown(url)), reason="feed-too-large")


def objects_url(url: str) -> str:
    """The address of a collection's objects, without what is asked of it.

    Raises:
        FeedUnreadable: it is no address of http or https, or names a user, who belongs into the settings.
    """
    parts = address_of(url)
    path = parts.path.rstrip("/")
    path = path if path.endswith("/objects") else f"{path}/objects"
    return f"{parts.scheme}://{parts.netloc}{path}/"


def _get(fetcher: Fetcher, url: str) -> tuple[Any, str]:
    """An envelope, and when the last of its objects was added."""
    place = Place(shown(url))
    answer = fetcher.get(url, MOST_PAGE_BYTES, accept=MEDIA_TYPE)
    document = parse_document(answer.data, place)
    if not isinstance(document, dict):
        raise FeedUnreadable(place=place, reason="taxii-no-envelope")
    last = text_of(answer.headers.get(_ADDED_LAST), 40)
    return mapping(document), last if moment_of(last) else ""

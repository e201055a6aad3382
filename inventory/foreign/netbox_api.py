"""Reads NetBox over its REST API, page by page: each page says where to go on, also in another run.

netboxlabs.com/docs/netbox/integrations/rest-api: lists have `count`, `next`, `previous` and `results`; tokens of the
second version (`nbt_…`, from NetBox 4.5 on) are bearers, older ones are sent as `Token`. Of the answer's `next`
only the query counts: the token goes to nobody but the server that was named, and servers behind proxies often do not
know their own address.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import httpx2 as httpx

from inventory.foreign.documents import json_of, mapping
from inventory.foreign.errors import ForeignRefused, ForeignUnreachable, ForeignUnreadable
from inventory.foreign.model import Assumed, Found
from inventory.foreign.netbox import ADDRESSES, Owners, kinds, object_row
from sensors.errors import Place

PAGE: Final = 200
MOST_PAGES: Final = 20_000
MOST_OCTETS: Final = 64 << 20
"""Of one page."""
SECONDS: Final = 30.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer holds: rows and problems, and the position where reading goes on, None at the end."""

    found: Sequence[Found]
    position: str | None


class NetBox:
    """One server; a context that closes its connections.

    Raises:
        ForeignUnreadable: the address is none of http or https.
    """

    def __init__(self, url: str, token: str, *, verify: bool = True, page: int = PAGE) -> None:
        try:
            parts = urlsplit(url.rstrip("/"))
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
        except ValueError:
            raise ForeignUnreadable(reason="foreign-address") from None
        if not usable:
            raise ForeignUnreadable(reason="foreign-address")
        self._origin, self._root, self._page = f"{parts.scheme}://{parts.netloc}", parts.path, page
        scheme = "Bearer" if token.startswith("nbt_") else "Token"
        headers = {"Authorization": f"{scheme} {token}", "Accept": "application/json", "User-Agent": "hanwatch"}
        self._client = httpx.Client(headers=headers, timeout=SECONDS, verify=verify, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def read(self, assumed: Assumed, position: str | None = None) -> Iterator[Page]:
        """All objects that have a place in our registers, from a position of an earlier page on.

        Addresses of one device may lie on several pages, so that their rows come with the last one.

        Raises:
            ForeignRefused: the server answers with an error; its `position` is where to go on.
            ForeignUnreachable: it cannot be reached or breaks off; the same.
            ForeignUnreadable: what it answers is no list, too large, or leads in a circle.
        """
        paths = {kind.path: kind for kind in kinds().values() if kind.path}
        order = [*paths, ADDRESSES]
        there = next((number for number, path in enumerate(order) if self._of(position or "", path)), 0)
        for number, path in enumerate(order[there:], there + 1):
            after = self._first(order[number]) if number < len(order) else None
            begin = position if position and self._of(position, path) else self._first(path)
            owners = Owners()
            for here, entries, onward in self._pages(path, begin):
                places = [Place(self._shown(here), place) for place in range(1, len(entries) + 1)]
                if path == ADDRESSES:
                    pairs = zip(entries, places, strict=True)
                    found = [one for entry, place in pairs for one in owners.add_object(entry, place)]
                    # Whoever goes on within this list would miss addresses of the same owner, so that it begins anew.
                    found += () if onward else owners.rows(assumed)
                    yield Page(tuple(found), self._first(path) if onward else after)
                else:
                    rows = [object_row(paths[path], *one, assumed) for one in zip(entries, places, strict=True)]
                    yield Page(tuple(rows), onward or after)

    def _pages(self, path: str, begin: str) -> Iterator[tuple[str, Sequence[object], str | None]]:
        """The pages of one list, each with its position and the next one's."""
        here: str | None = begin
        seen = set[str]()
        while here is not None:
            if here in seen or len(seen) >= MOST_PAGES:
                raise ForeignUnreadable(place=Place(self._shown(here)), reason="foreign-circle")
            seen.add(here)
            entries, query = self._ask(here)
            onward = f"{self._list(path)}?{query}" if query else None
            yield here, entries, onward
            here = onward

    def _shown(self, position: str) -> str:
        return self._origin + position.partition("?")[0]

    def _list(self, path: str) -> str:
        return f"{self._root}/api/{path}/"

    def _first(self, path: str) -> str:
        return f"{self._list(path)}?limit={self._page}&offset=0"

    def _of(self, position: str, path: str) -> bool:
        return position.startswith(self._list(path))

    def _ask(self, position: str) -> tuple[Sequence[object], str]:
        """One page's objects, and what is asked for the next one."""
        place = Place(self._shown(position))
        try:
            with self._client.stream("GET", self._origin + position) as answer:
                if answer.status_code != _OK:
                    raise ForeignRefused(place=place, reason="", status=answer.status_code, position=position)
                data = bytearray()
                for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > MOST_OCTETS:
                        raise ForeignUnreadable(place=place, reason="foreign-too-large")
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise ForeignUnreachable(place=place, reason=reason, position=position) from error
        said = mapping(json_of(bytes(data), place))
        entries, onward = said.get("results"), said.get("next")
        if not isinstance(entries, list):
            raise ForeignUnreadable(place=place, reason="foreign-no-list")
        return entries, onward.partition("?")[2] if isinstance(onward, str) else ""

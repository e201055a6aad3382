"""What a page of HTML refers to: pages that it links, and the scripts, styles and images that it is made of.

Specification: HTML, sections 4.2.3 (base), 4.2.4 (link), 4.6.1 (a, area), 4.8 (img, iframe), 4.12.1 (script). Tags are
looked for one by one and no tree is made: a parser that makes one as browsers do takes minutes for a page of a megabyte
that nests elements, and here every page is hostile. What is no address of http or https is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from inventory.probing.model import Exchange
from inventory.probing.urls import joined, parsed, registrable

REFERENCES: Final = 5_000
"""References of one page that are looked at."""
_TAG: Final = re.compile(
    r"<(?:(!--)|(a|area|base|frame|iframe|img|link|script|style)\b([^<>]{0,4000})>)", re.IGNORECASE
)
_ATTRIBUTE: Final = re.compile(
    r"""([a-z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]{0,2001})"|'([^']{0,2001})'|([^\s"'<>]{1,2001}))""", re.IGNORECASE
)
_ENDS: Final = {
    tag: re.compile(end, re.IGNORECASE)
    for tag, end in {"!--": "-->", "script": "</script", "style": "</style"}.items()
}
"""Where what is no markup ends."""
_LINKS: Final = {"a": "href", "area": "href", "iframe": "src", "frame": "src"}
_PARTS: Final = {"script": "src", "img": "src", "link": "href"}
_OF_THE_PAGE: Final = frozenset({"stylesheet", "icon"})
_DECLARED: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{1,30})", re.IGNORECASE)
_HEAD: Final = 2_048


@dataclass(frozen=True, slots=True)
class References:
    """Addresses that a page names, each once, in order."""

    links: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def references(exchange: Exchange) -> References:
    """What a page refers to; nothing where it is not HTML."""
    kind = exchange.header("Content-Type").lower()
    if exchange.status >= 300 or (kind and "html" not in kind):
        return References()
    base = exchange.url
    links: dict[str, None] = {}
    parts: dict[str, None] = {}
    for number, (tag, attributes) in enumerate(_tags(text_of(exchange))):
        if number >= REFERENCES:
            break
        if tag == "base":
            base = joined(exchange.url, attributes.get("href", "")) or base
            continue
        value = attributes.get(_LINKS.get(tag) or _PARTS.get(tag, ""), "").strip()
        apart = tag == "link" and not _OF_THE_PAGE & set(attributes.get("rel", "").lower().split())
        if value and not value.startswith("#") and not apart and (url := joined(base, value)):
            (links if tag in _LINKS else parts)[url] = None
    return References(tuple(links), tuple(parts))


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Tags that may refer to something, with their attributes; comments and the insides of scripts are passed over."""
    place = 0
    while found := _TAG.search(text, place):
        tag = (found[1] or found[2]).lower()
        place = found.end()
        if found[3] is not None:
            # The first of two attributes of one name counts, as in browsers.
            pairs = [(one[1].lower(), one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(found[3])]
            yield tag, {name: unescape(value) for name, value in reversed(pairs)}
        if tag in _ENDS:
            end = _ENDS[tag].search(text, place)
            if end is None:
                return
            place = end.end()


def text_of(exchange: Exchange) -> str:
    """A body as text: by its header, by what it declares at its beginning, else UTF-8 or GB 18030."""
    said = _DECLARED.search(exchange.header("Content-Type").encode()) or _DECLARED.search(exchange.body[:_HEAD])
    for name in ([said.group(1).decode()] if said else []) + ["utf-8"]:
        try:
            # GBK and GB 2312 are parts of GB 18030.
            return exchange.body.decode("gb18030" if name.lower() in {"gbk", "gb2312"} else name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return exchange.body.decode("gb18030", errors="replace")


def within(url: str, domains: frozenset[str]) -> bool:
    """Whether an address belongs to a site: its host's registrable domain, or the host itself, is one of these."""
    parts = parsed(url)
    return parts is not None and (registrable(parts.host) in domains or parts.host in domains)

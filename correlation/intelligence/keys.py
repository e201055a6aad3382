"""Octets under which indicators are kept, and those under which what an event shows would be: equal or not at all.

A network is kept under its length and first address; an address is looked up under itself and under the network of
each length that is in the book. A domain is looked up under itself and its parents, down to two labels. A URL is looked
up without its scheme, since an event often does not say it. So every lookup is one of equality.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any, Final

from correlation.intelligence.model import Kind
from correlation.intelligence.normalising import LONGEST, domain, url_parts

_PLAIN_HOST: Final = re.compile(r"[a-z0-9_.-]{1,252}[a-z]")
_PLAIN_TARGET: Final = re.compile(r"/[!-\"$->@-~]*(?:\?[!-\"$-~]+)?")


def key_of(kind: Kind, value: str) -> bytes:
    """The key of an indicator's normalised value."""
    if kind == "ip":
        return b"a" + ip_address(value).packed
    if kind == "network":
        network = ip_network(value)
        return b"n%c" % network.prefixlen + network.network_address.packed
    if kind == "url":
        return b"u" + value.partition("://")[2].encode()
    return _FIRST[kind] + value.encode()


_FIRST: Final[dict[Kind, bytes]] = {"domain": b"d", "hash": b"h", "ja3": b"j", "ja4": b"k"}


def observed_domain(text: str) -> str | None:
    """A name as an event shows it, spelled as the book does; None if it is none that can be in it."""
    value = text.lower().rstrip(".")
    if len(value) > 253 or "." not in value:
        return None
    if value.isascii():
        return value
    try:
        return domain(value)
    except ValueError:
        return None


def parents(name: str) -> Iterator[str]:
    """A name and those above it, down to two labels."""
    start = 0
    last = name.rfind(".")
    while start < last:
        yield name[start:]
        start = name.find(".", start) + 1
        if not start:
            return


def url_key(value: Any) -> bytes | None:
    """The key of a URL, or of a host and what was asked of it; None if they are none."""
    if isinstance(value, tuple):
        host, target = value
        if not isinstance(host, str) or not isinstance(target, str):
            return None
        if _PLAIN_HOST.fullmatch(host) and _PLAIN_TARGET.fullmatch(target) and len(target) <= LONGEST:
            # Most are spelled as the book does already; taking them apart would cost twenty times as much.
            return b"u" + (host + target).encode()
        if "://" in target[:12]:
            return url_key(target)
        value = f"http://{host}{target}" if target.startswith("/") else ""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return None
    try:
        _, at, rest = url_parts(value)
        return b"u" + (at + rest).encode()
    except ValueError:
        return None

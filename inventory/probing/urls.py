"""Addresses of the web as a probe uses them: http and https, hosts in lower case and punycode, without fragment.

Specification: RFC 3986; what a reference means where it stands, section 5. Whatever does not fit is None, since pages
are full of such.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

LONGEST: Final = 2_000
_PORTS: Final = {"http": 80, "https": 443}
_SAFE: Final = "/:@!$&'()*+,;=-._~%?[]"
_LABEL: Final = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}")
_LONGEST_NAME: Final = 253


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of an address; `host` without brackets, `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the Host field has them (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parsed(text: str) -> Url | None:
    """The parts of an absolute http or https URL."""
    text = re.sub(r"[\x00-\x20\x7f]", "", text[: LONGEST + 1])
    if len(text) > LONGEST:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or port == 0:
        return None
    host = host_of(parts.hostname)
    if host is None:
        return None
    target = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Url(parts.scheme, host, port or _PORTS[parts.scheme], target)


def joined(base: str, reference: str) -> str | None:
    """Where a reference in the document at `base` leads."""
    try:
        found = parsed(urljoin(base, reference.strip()[: LONGEST + 1]))
    except ValueError:
        return None
    return None if found is None else str(found)


def host_of(text: str) -> str | None:
    """A host name in lower case and punycode (RFC 5890), or an address; None where it is neither."""
    text = text.rstrip(".").lower()
    if literal(text):
        return text
    try:
        name = text.encode("idna").decode("ascii") if not text.isascii() else text
    except UnicodeError:
        return None
    fits = len(name) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, name.split(".")))
    return name if fits else None


def literal(host: str) -> bool:
    """Whether a host is an address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract  # noqa: PLC0415 - loading the list takes a third of a second

    # The list that came with the library: nothing is fetched, nothing is written.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=4_096)
def registrable(host: str) -> str:
    """The domain that somebody registered, one label below a public suffix (publicsuffix.org); else the host itself."""
    if literal(host):
        return host
    return str(_suffixes()(host).top_domain_under_public_suffix) or host

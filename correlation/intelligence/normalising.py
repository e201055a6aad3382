"""One spelling for each value, whichever way a feed or an event spells it.

- *Refanged*: `hxxp`, `[.]`, `(.)`, `[dot]`, `[:]` and `[://]` become what they stand for.
- *Addresses*: as `ipaddress` writes them; IPv4 mapped into IPv6 is IPv4. A network of one address is an address.
- *Domains*: lower case, A-labels (RFC 3490) for other scripts, without the root's dot and a leading `*.`; two labels at
  least, and no suffix under which everybody registers.
- *URLs*: scheme and host in lower case, without user, fragment and the scheme's own port; an empty path is `/`.
- *Hashes, JA3, JA4*: lower case; JA4 as FoxIO's specification has it.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from correlation.intelligence.errors import IndicatorUnusable
from correlation.intelligence.model import Kind

LONGEST: Final = 2_048
"""Characters of a value: the longest URL that is in use; anything longer would only fill the book."""
WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix of a network that may be an indicator: a wider one is a slip, and would flood the desks."""
SUFFIXES: Final = frozenset({
    "com.cn", "net.cn", "org.cn", "gov.cn", "edu.cn", "ac.cn", "mil.cn", "hb.cn", "bj.cn", "sh.cn", "gd.cn",
    "co.uk", "org.uk", "ac.uk", "gov.uk", "com.hk", "com.tw", "com.au", "com.br", "com.sg", "co.jp", "or.jp",
    "co.kr", "co.in", "com.tr", "co.za", "in-addr.arpa", "ip6.arpa",
})  # fmt: skip
"""Suffixes under which everybody registers: an indicator of one is a slip. The whole list is publicsuffix.org's."""
PORTS: Final = {"http": 80, "https": 443, "ftp": 21}

_FANGS: Final = (
    (re.compile(r"\[:?//\]|\[://\]"), "://"),
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE), "."),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"^h(?:xx|\*\*|tt)p(?=s?:)", re.IGNORECASE), "http"),
)
_ODD: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?=[a-z])[a-z0-9-]{2,63}")
_HASH: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
_JA3: Final = re.compile(r"[0-9a-f]{32}")
_JA4: Final = re.compile(r"[tqd][0-9s][0-9][di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)


def normalised(text: str, kind: Kind | None = None) -> tuple[Kind, str]:
    """The kind of a value and its one spelling; the kind is found where none is said (32 hexadecimal digits: MD5).

    Raises:
        IndicatorUnusable: it is no value of this kind, or of none.
    """
    shown = text[:200]
    value = refanged(text)
    if not value or len(value) > LONGEST or _ODD.search(value):
        raise IndicatorUnusable(value=shown, reason="indicator-odd-text")
    found = kind or _kind(value)
    if found is None:
        raise IndicatorUnusable(value=shown, reason="indicator-kind-unknown")
    try:
        return _WAYS[found](value)
    except IndicatorUnusable:
        raise
    except ValueError as error:
        raise IndicatorUnusable(value=shown, reason=f"indicator-no-{found}") from error


def refanged(text: str) -> str:
    """The text without what keeps people from clicking on it."""
    value = text.strip()
    if len(value) <= LONGEST:
        for pattern, meant in _FANGS:
            value = pattern.sub(meant, value)
    return value


def domain(text: str) -> str:
    """The one spelling of a domain name.

    Raises:
        ValueError: it is none, or has one label only.
    """
    value = text.lower().rstrip(".").removeprefix("*.")
    if not value.isascii():
        value = value.encode("idna").decode("ascii").lower()
    if not _DOMAIN.fullmatch(value):
        raise ValueError(text)
    return value


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address, IPv4 where it is mapped into IPv6.

    Raises:
        ValueError: it is none, or says an interface.
    """
    if "%" in text:
        raise ValueError(text)
    found = ipaddress.ip_address(text)
    return getattr(found, "ipv4_mapped", None) or found


def url_parts(text: str) -> tuple[str, str, str]:
    """Scheme, host with the port where it is not the scheme's own, and path with query.

    Raises:
        ValueError: it is no URL.
    """
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port
    scheme = parts.scheme.lower()
    if not scheme or not host:
        raise ValueError(text)
    try:
        at = str(address(host))
        at = f"[{at}]" if ":" in at else at
    except ValueError:
        at = domain(host)
    shown = at if port in (None, PORTS.get(scheme)) else f"{at}:{port}"
    return scheme, shown, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _ip(value: str) -> tuple[Kind, str]:
    return "ip", str(address(value))


def _network(value: str) -> tuple[Kind, str]:
    found = ipaddress.ip_network(value, strict=False)
    if found.prefixlen == found.max_prefixlen:
        return "ip", str(address(str(found.network_address)))
    if found.prefixlen < WIDEST[found.version]:
        raise IndicatorUnusable(value=value, reason="indicator-network-wide")
    return "network", str(found)


def _domain(value: str) -> tuple[Kind, str]:
    found = domain(value)
    if found in SUFFIXES:
        raise IndicatorUnusable(value=value, reason="indicator-suffix")
    return "domain", found


def _url(value: str) -> tuple[Kind, str]:
    scheme, host, rest = url_parts(value if "://" in value else f"http://{value}")
    return "url", f"{scheme}://{host}{rest}"


def _of_form(kind: Kind, form: re.Pattern[str]) -> Callable[[str], tuple[Kind, str]]:
    def way(value: str) -> tuple[Kind, str]:
        if not form.fullmatch(value.lower()):
            raise ValueError(value)
        return kind, value.lower()

    return way


_WAYS: Final[dict[Kind, Callable[[str], tuple[Kind, str]]]] = {
    "ip": lambda value: _network(value) if "/" in value else _ip(value),
    "network": _network,
    "domain": _domain,
    "url": _url,
    "hash": _of_form("hash", _HASH),
    "ja3": _of_form("ja3", _JA3),
    "ja4": _of_form("ja4", _JA4),
}
_TRIED: Final[tuple[Kind, ...]] = ("ip", "hash", "ja4", "domain")
"""In this order: what is an address or a hash is never a domain."""


def _kind(value: str) -> Kind | None:
    if _SCHEME.match(value):
        return "url"
    for kind in _TRIED:
        try:
            return _WAYS[kind](value)[0]
        except IndicatorUnusable:
            return kind  # its own reason is told when it is asked for again
        except ValueError:
            continue
    host = value.partition("/")[0]
    return "url" if host != value and _DOMAIN.fullmatch(host.lower()) else None

"""The parts of an access log's line: who asked, when, for what, and how odd bytes are spelled there."""

import re
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple

from sensors.event.times import SECOND

_ESCAPE = re.compile(r"(?:\\x[0-9a-fA-F]{2})+|\\[\\\"'abfnrtv]")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REQUEST = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) (\S.*?)(?: HTTP/(\d(?:\.\d)?))?", re.DOTALL)
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+)(?::(\d{1,5}))?")


class Request(NamedTuple):
    """A request line: method, target, HTTP version, path and query; `odd` is all of it where it is none."""

    method: str | None
    target: str | None
    version: str | None
    path: str | None
    query: str | None
    odd: str | None


class Client(NamedTuple):
    """Who asked: the virtual host and its port, the address, all addresses where several stand, ident and user."""

    domain: str | None
    port: int | None
    address: str
    forwarded: list[str] | None
    ident: str | None
    user: str | None


def _unescaped(match: re.Match[str]) -> str:
    text = match.group()
    if text[1] != "x":
        return _SIMPLE.get(text[1], text[1])
    data = bytes.fromhex(text.replace("\\x", ""))
    decoded = data.decode("utf-8", "surrogateescape")
    # Bytes that are no text stay as they were spelled.
    return "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in decoded)


def plain(text: str) -> str | None:
    """A quoted value without its escapes; None for `-`, which says that there is none."""
    if text == "-":
        return None
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def request_of(text: str) -> Request:
    """The parts of a request line (RFC 9112 section 3), or all of it as odd: other protocols knock here too."""
    line = plain(text)
    if line is None:
        return Request(None, None, None, None, None, None)
    match = _REQUEST.fullmatch(line)
    if match is None or (match.group(3) is None and " " in match.group(2)):
        return Request(None, None, None, None, None, line)
    method, target, version = match.groups()
    address = target.partition("#")[0]
    path, mark, query = address.partition("?")
    rooted = path.startswith("/")
    return Request(method, target, version, path if rooted else None, query if mark and rooted else None, None)


def moment_of(text: str) -> int | None:
    """Nanoseconds of `10/Oct/2000:13:55:36 -0700`; None where no such day exists."""
    try:
        return int(datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()) * SECOND
    except (ValueError, OverflowError):
        return None


def is_address(text: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _public(text: str) -> bool:
    return is_address(text) and ip_address(text).is_global


def client_of(text: str) -> Client | None:
    """Who stands before the time; None where that is not the beginning of an access log's line.

    Where several addresses are listed, the first public one is the client, else the first.
    """
    words = text.split(" ")
    if len(words) < 3 or not words[0]:
        return None
    host: str | None = None
    if len(words) > 3 and is_address(words[0]) and not is_address(words[1].strip('",')) and words[1][-1:] != ",":
        listed, ident, user = words[:1], words[1], " ".join(words[2:])
    else:
        listed, ident, user = words[:-2], words[-2], words[-1]
        if len(listed) > 1 and not listed[0].endswith(",") and not listed[0].startswith('"'):
            host, listed = listed[0], listed[1:]
    domain, port = None, None
    if host is not None:
        named = _HOST.fullmatch(host)
        if named is None:
            return None
        domain = named.group(1).strip("[]")
        port = int(named.group(2)) if named.group(2) else None
        if port is not None and port > 65_535:
            return None
    addresses = [word for word in (word.strip('",') for word in " ".join(listed).replace(",", " ").split()) if word]
    if not addresses or addresses == ["-"]:
        return None
    client = next(filter(_public, addresses), addresses[0])
    return Client(
        domain, port, client, addresses if len(addresses) > 1 else None, plain(ident), plain(user.strip('"')) or None
    )

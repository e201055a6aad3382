"""Reading the heads of HTTP/1 requests and responses into ECS fields (RFC 9112 sections 3 to 6, RFC 9110)."""

import re
from typing import Any, Final

from sensors.capture.heads import READ

_REQUEST: Final = re.compile(rb"([A-Za-z][A-Za-z_-]{1,23}) +([^\r\n]*?) +HTTP/(1\.[0-9])\s*\Z")
_RESPONSE: Final = re.compile(rb"HTTP/(1\.[0-9]) +([1-9][0-9]{2})(?: ([^\r\n]*))?\s*\Z")
_AUTHORITY: Final = re.compile(r"(?:[^@/]*@)?(\[[0-9A-Fa-f:.]+\]|[^:/\[\]]*)(?::([0-9]{1,5}))?\Z")
_ABSOLUTE: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)\Z", re.DOTALL)


class NotHttp(ValueError):  # noqa: N818 - it says what the bytes are not
    """The bytes are no head of HTTP/1; internal to the room."""


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")


def _headers(head: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The first line, and the headers that are read by name in lower case, the first of equal ones."""
    line, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    headers: dict[bytes, bytes] = {}
    for field in rest.split(b"\n"):
        name, colon, value = field.partition(b":")
        name = name.rstrip(b" \t").lower()
        if colon and name in READ and name not in headers:
            value = value.removesuffix(b"\r")
            if b"\r" not in value:
                headers[name] = value.strip(b" \t")
    return line, headers


def _length(headers: dict[bytes, bytes]) -> int | None:
    """The body's length as the head says it."""
    value = headers.get(b"content-length", b"")
    if not value.isdigit() or len(value) > 18:
        return None
    return int(value)


def _media(headers: dict[bytes, bytes]) -> str:
    """The media type without its parameters, in lower case."""
    return _text(headers.get(b"content-type", b"").partition(b";")[0].strip()).lower()


def request(head: bytes) -> dict[str, Any]:
    """The fields of a request.

    Raises:
        NotHttp: the first line is not a request line.
    """
    line, headers = _headers(head)
    match = _REQUEST.match(line)
    if not match:
        raise NotHttp("no request line")
    method, target, version = match.groups()
    original = _text(target)
    fields: dict[str, Any] = {
        "http.request.method": _text(method),
        "http.version": _text(version),
        "url.original": original,
    }
    authority, path = _text(headers.get(b"host", b"")), original
    if method == b"CONNECT":
        authority, path = original, ""
    elif absolute := _ABSOLUTE.match(original):
        fields["url.scheme"] = absolute[1].lower()
        authority, path = absolute[2], absolute[3] or "/"
    if parts := _AUTHORITY.match(authority):
        if parts[1]:
            fields["url.domain"] = parts[1].strip("[]")
        if parts[2] and int(parts[2]) <= 65_535:
            fields["url.port"] = int(parts[2])
    path, _, fragment = path.partition("#")
    path, mark, query = path.partition("?")
    if path:
        fields["url.path"] = path
    if mark:
        fields["url.query"] = query
    if fragment:
        fields["url.fragment"] = fragment
    for name, field in ((b"user-agent", "user_agent.original"), (b"referer", "http.request.referrer")):
        if name in headers:
            fields[field] = _text(headers[name])
    length = _length(headers)
    if length is not None:
        fields["http.request.body.bytes"] = length
    media = _media(headers)
    if media:
        fields["http.request.mime_type"] = media
    return fields


def response(head: bytes) -> tuple[str, dict[str, Any]]:
    """The version of a response, and its other fields.

    Raises:
        NotHttp: the first line is not a status line.
    """
    line, headers = _headers(head)
    match = _RESPONSE.match(line)
    if not match:
        raise NotHttp("no status line")
    version, code, _ = match.groups()
    fields: dict[str, Any] = {"http.response.status_code": int(code)}
    length = _length(headers)
    if length is not None:
        fields["http.response.body.bytes"] = length
    media = _media(headers)
    if media:
        fields["http.response.mime_type"] = media
    return _text(version), fields

"""Reading the first flights of TLS: hellos, versions, fingerprints and, up to TLS 1.2, the server's certificate.

RFC 5246 and RFC 8446 (records, handshake), RFC 6066 section 3 (server name), RFC 7301 (ALPN), RFC 8701 (GREASE), JA3
and JA3S (Salesforce, BSD-3), JA4 (FoxIO, BSD-3; the client's TLS fingerprint only).
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5, sha256
from importlib.resources import files
from struct import unpack_from
from typing import Any, Final

import orjson

from sensors.capture import x509

_HANDSHAKE: Final = 22
_CIPHER_SPEC: Final = 20
_ALERT: Final = 21
_DATA: Final = 23
_WARNING: Final = b"\x01"
_CLIENT_HELLO: Final = 1
_SERVER_HELLO: Final = 2
_CERTIFICATE: Final = 11

_SERVER_NAME: Final = 0
_GROUPS: Final = 10
_POINT_FORMATS: Final = 11
_SIGNATURES: Final = 13
_ALPN: Final = 16
_PRE_SHARED: Final = 41
_VERSIONS: Final = 43

# What a server's random says when its hello asks for another client hello (RFC 8446 section 4.1.3).
_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

# Drafts of TLS 1.3 say 7f and their number (draft-ietf-tls-tls13-28 section 4.2.1); up to 21 the server's hello had no
# session id and no compression method.
_DRAFT: Final = 0x7F00
_LAST_OLD_HELLO: Final = 0x7F15
_LAST_DRAFT: Final = 0x7F1C

_GREASE: Final = frozenset(range(0x0A0A, 0x10000, 0x1010))

_VERSION_TEXT: Final = {
    0x0300: ("ssl", "3.0", "s3"), 0x0301: ("tls", "1.0", "10"), 0x0302: ("tls", "1.1", "11"),
    0x0303: ("tls", "1.2", "12"), 0x0304: ("tls", "1.3", "13"),
}

SUITES: Final[dict[int, str]] = {
    int(number, 16): name
    for number, name in orjson.loads(files("sensors.capture").joinpath("cipher_suites.json").read_bytes()).items()
}
"""Names of cipher suites as IANA registers them."""


class NotTls(ValueError):  # noqa: N818 - it says what the bytes are not
    """The bytes are no hello; internal to the room."""


@dataclass(frozen=True, slots=True)
class Hello:
    """One side's flight: its fields, and what the other side is needed to judge."""

    client: bool
    version: int
    session: bytes
    fields: dict[str, Any]
    resumed: bool | None
    """Whether this side alone shows a resumption (server) or offers one (client); None where it does not."""
    sealed: bool | None
    """Whether this side went on to encrypted records; None where that was not seen."""


@lru_cache(maxsize=4_096)
def _numbers(octets: bytes) -> tuple[int, ...]:
    """Numbers of two octets; programs offer the same lists again and again, so they are kept."""
    return unpack_from(f">{len(octets) // 2}H", octets)


@lru_cache(maxsize=4_096)
def _meant(octets: bytes) -> tuple[int, ...]:
    """Numbers of two octets without GREASE."""
    return tuple([number for number in _numbers(octets) if number not in _GREASE])


def _hexadecimal(numbers: tuple[int, ...]) -> list[str]:
    """Each number as four digits."""
    return ("%04x " * len(numbers) % numbers).split()


@lru_cache(maxsize=4_096)
def _suite_names(suites: tuple[int, ...]) -> list[str]:
    return [SUITES.get(suite) or f"0x{suite:04x}" for suite in suites]


def _flight(data: bytes) -> tuple[bytes, bool]:
    """The handshake bytes of the leading records, and whether encrypted records follow."""
    parts: list[bytes] = []
    at = 0
    while at + 5 <= len(data):
        kind, length = data[at], data[at + 3] << 8 | data[at + 4]
        if kind == _ALERT and at == 0 and data[5:6] == _WARNING:
            at += 5 + length
            continue
        if kind != _HANDSHAKE:
            return b"".join(parts), kind in {_CIPHER_SPEC, _DATA}
        parts.append(data[at + 5 : at + 5 + length])
        at += 5 + length
    return b"".join(parts), False


def _messages(handshake: bytes) -> list[tuple[int, bytes]]:
    """Handshake messages that are whole, by type."""
    found, at = [], 0
    while at + 4 <= len(handshake):
        length = int.from_bytes(handshake[at + 1 : at + 4], "big")
        if at + 4 + length > len(handshake):
            break
        found.append((handshake[at], handshake[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def _extensions(body: bytes, at: int, *, whole: bool = True) -> list[tuple[int, bytes]]:
    """The extensions of a hello, in order; of one that is not whole those that are."""
    if at + 2 > len(body):
        return []
    end = min(at + 2 + (body[at] << 8 | body[at + 1]), len(body))
    found, at = [], at + 2
    while at + 4 <= end:
        kind, length = body[at] << 8 | body[at + 1], body[at + 2] << 8 | body[at + 3]
        if not whole and at + 4 + length > end:
            break
        found.append((kind, body[at + 4 : min(at + 4 + length, end)]))
        at += 4 + length
    return found


@lru_cache(maxsize=4_096)
def _ja3(version: int, *lists: tuple[int, ...]) -> str:
    """JA3 or JA3S: numbers joined by hyphens, lists by commas, MD5 (a name, not a protection)."""
    text = ",".join([str(version), *("-".join(map(str, numbers)) for numbers in lists)])
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _ends(protocol: bytes) -> str:
    """The first and last letter of an ALPN value; of their hexadecimal digits where they are not letters or digits."""
    if not protocol:
        return "00"
    first, last = protocol[:1], protocol[-1:]
    if first.isalnum() and last.isalnum():
        return (first + last).decode("ascii")
    return protocol.hex()[0] + protocol.hex()[-1]


@lru_cache(maxsize=4_096)
def _ja4(
    version: int, named: bool, suites: tuple[int, ...], kinds: tuple[int, ...], signatures: tuple[int, ...],
    alpn: bytes, carrier: str,
) -> str:
    """JA4 of a client hello; suites and extensions come without GREASE, `carrier` is JA4's letter for the transport."""
    label = _VERSION_TEXT.get(version, ("", "", "00"))[2]
    head = f"{carrier}{label}{'d' if named else 'i'}{min(len(suites), 99):02d}{min(len(kinds), 99):02d}{_ends(alpn)}"
    sorted_suites = ",".join(sorted(_hexadecimal(suites)))
    others = tuple([kind for kind in kinds if kind not in {_SERVER_NAME, _ALPN}])
    rest = ",".join(sorted(_hexadecimal(others)))
    if signatures:
        rest += "_" + ",".join(_hexadecimal(signatures))
    empty = "0" * 12
    middle = sha256(sorted_suites.encode()).hexdigest()[:12] if suites else empty
    tail = sha256(rest.encode()).hexdigest()[:12] if kinds else empty
    return f"{head}_{middle}_{tail}"


def _server_name(octets: bytes) -> str:
    """The host name of the server-name extension; empty where it has none."""
    at = 2
    while at + 3 <= len(octets):
        length = octets[at + 1] << 8 | octets[at + 2]
        if octets[at] == 0:
            return octets[at + 3 : at + 3 + length].decode("utf-8", "backslashreplace")
        at += 3 + length
    return ""


def _protocols(octets: bytes) -> list[bytes]:
    """The names of the ALPN extension."""
    found, at = [], 2
    while at < len(octets):
        found.append(octets[at + 1 : at + 1 + octets[at]])
        at += 1 + octets[at]
    return [name for name in found if name]


def _client(body: bytes, carrier: str = "t", *, whole: bool = True) -> tuple[int, bytes, dict[str, Any], bool]:
    """A client hello's version, session id, fields, and whether it offers to resume.

    What is not whole has no fingerprint: one of a part would be that of another program.
    """
    legacy = body[0] << 8 | body[1]
    at = 35 + body[34]
    session = body[35:at]
    length = body[at] << 8 | body[at + 1]
    offered_suites = body[at + 2 : at + 2 + length]
    at += 2 + length
    if at >= len(body) or not length or length & 1:
        raise NotTls("the cipher suites are cut off")
    at += 1 + body[at]
    extensions = _extensions(body, at, whole=whole)
    of = dict(reversed(extensions))
    kinds = tuple([kind for kind, _ in extensions if kind not in _GREASE])
    true_suites = _meant(offered_suites)
    groups = _meant(of.get(_GROUPS, b"")[2:])
    formats = tuple(of.get(_POINT_FORMATS, b"\0")[1:])
    offered = [number for number in _numbers(of.get(_VERSIONS, b"")[1:]) if number in _VERSION_TEXT]
    version = max(offered, default=legacy)
    protocols = _protocols(of[_ALPN]) if _ALPN in of else []
    signatures = _meant(of.get(_SIGNATURES, b"")[2:])
    fields: dict[str, Any] = {"hanwatch.tls.client.incomplete": True}
    if whole:
        fields = {
            "tls.client.ja3": _ja3(legacy, true_suites, kinds, groups, formats),
            "tls.client.ja4": _ja4(
                version, _SERVER_NAME in of, true_suites, kinds, signatures, protocols[0] if protocols else b"",
                carrier,
            ),
        }
    fields["tls.client.supported_ciphers"] = _suite_names(true_suites)
    name = _server_name(of[_SERVER_NAME]) if _SERVER_NAME in of else ""
    if name:
        fields["tls.client.server_name"] = name
    if protocols:
        fields["hanwatch.tls.client.alpn"] = [name.decode("utf-8", "backslashreplace") for name in protocols]
    return version, session, fields, _PRE_SHARED in of


def _server(body: bytes) -> tuple[int, bytes, dict[str, Any], bool]:
    """A server hello's version, session id, fields, and whether it takes up a pre-shared key."""
    legacy = body[0] << 8 | body[1]
    if _DRAFT < legacy <= _LAST_OLD_HELLO:
        at, session, methods = 34, b"", 0
    else:
        at, session, methods = 35 + body[34], body[35 : 35 + body[34]], 1
    suite = body[at] << 8 | body[at + 1]
    extensions = _extensions(body, at + 2 + methods)
    of = dict(reversed(extensions))
    chosen = _numbers(of.get(_VERSIONS, b""))
    version = chosen[0] if chosen else legacy
    if _DRAFT < version <= _LAST_DRAFT:
        version = 0x0304
    fields: dict[str, Any] = {
        "tls.server.ja3s": _ja3(legacy, (suite,), tuple([kind for kind, _ in extensions])),
        "tls.cipher": SUITES.get(suite) or f"0x{suite:04x}",
    }
    protocols = _protocols(of[_ALPN]) if _ALPN in of else []
    if protocols:
        fields["tls.next_protocol"] = protocols[0].decode("utf-8", "backslashreplace")
    return version, session, fields, _PRE_SHARED in of


def _certificate(body: bytes) -> bytes:
    """The first certificate of a Certificate message up to TLS 1.2; empty where there is none."""
    length = int.from_bytes(body[3:6], "big")
    return body[6 : 6 + length] if len(body) >= 6 + length else b""


def _leading(handshake: bytes, messages: list[tuple[int, bytes]]) -> tuple[int, bytes]:
    """The type and the body of the hello in front, of a client's also where it is cut off."""
    if messages and messages[0][0] in {_CLIENT_HELLO, _SERVER_HELLO} and len(messages[0][1]) >= 38:
        return messages[0]
    if not messages and handshake[:1] == b"\x01" and len(handshake) >= 4 + 38:
        return _CLIENT_HELLO, handshake[4:]
    raise NotTls("no hello at the beginning")


def _certified(data: bytes, certificate: bytes, *, sealed: bool | None) -> Hello:
    """A server's side whose hello is missing: its certificate, and the version that its records have.

    Once a version is chosen every record has it (RFC 5246 appendix E.1).
    """
    fields = {"hanwatch.tls.server.incomplete": True, **x509.describe(certificate)}
    version = data[1] << 8 | data[2]
    return Hello(client=False, version=version, session=b"", fields=fields, resumed=False, sealed=sealed)


def read(data: bytes, *, broken: bool = False) -> Hello:
    """Read one side's first flight from its records, as far as they are there.

    Args:
        data: the records.
        broken: whether octets behind them are missing.

    Raises:
        NotTls: it begins neither with a hello nor with a server's certificate.
    """
    handshake, followed = _flight(data)
    sealed = None if broken and not followed else followed
    messages = _messages(handshake)
    if messages and messages[0][0] == _CERTIFICATE and (certificate := _certificate(messages[0][1])):
        return _certified(data, certificate, sealed=sealed)
    kind, body = _leading(handshake, messages)
    if body[0] != 3 and not (kind == _SERVER_HELLO and _DRAFT < body[0] << 8 | body[1] <= _LAST_OLD_HELLO):
        raise NotTls("an unknown version")
    try:
        if kind == _CLIENT_HELLO:
            version, session, fields, offers = _client(body, whole=bool(messages))
            offer = offers or None
            return Hello(client=True, version=version, session=session, fields=fields, resumed=offer, sealed=sealed)
        if body[2:34] == _RETRY and len(messages) > 1 and messages[1][0] == _SERVER_HELLO:
            body = messages[1][1]
        version, session, fields, took = _server(body)
    except IndexError:
        raise NotTls("the hello contradicts its lengths") from None
    certificate = next((_certificate(rest) for number, rest in messages[1:] if number == _CERTIFICATE), b"")
    if certificate:
        fields |= x509.describe(certificate)
    elif broken:
        fields["hanwatch.tls.server.incomplete"] = True
    resumed = took if version >= 0x0304 else (False if certificate else None)
    return Hello(client=False, version=version, session=session, fields=fields, resumed=resumed, sealed=sealed)


def client_hello(message: bytes, carrier: str) -> dict[str, Any]:
    """The fields of a client hello that stands in no record.

    Args:
        message: the whole handshake message.
        carrier: JA4's letter for what carries it: q for QUIC.

    Raises:
        NotTls: it is no client hello.
    """
    if len(message) < 4 + 38 or message[0] != _CLIENT_HELLO or message[4] != 3:
        raise NotTls("no client hello")
    try:
        return _client(message[4:], carrier)[2]
    except IndexError:
        raise NotTls("the hello contradicts its lengths") from None


def agreed(client: Hello | None, server: Hello, *, same_session: bool) -> dict[str, Any]:
    """The fields of a connection that its sides give together; the client's may not have been seen.

    `tls.resumed` and `tls.established` are there only where both sides were seen and what they sent decides it.

    Args:
        client: the client's side.
        server: the server's side.
        same_session: whether both gave the same session id, and not an empty one.
    """
    fields: dict[str, Any] = {}
    protocol, version, _ = _VERSION_TEXT.get(server.version, ("", "", ""))
    if version:
        fields["tls.version_protocol"], fields["tls.version"] = protocol, version
    if client is None:
        return fields
    if client.sealed is False or server.sealed is False:
        fields["tls.established"] = False
    elif client.sealed and server.sealed:
        fields["tls.established"] = True
    resumed = server.resumed
    if resumed is None and server.sealed:
        resumed = same_session
    if resumed is not None:
        fields["tls.resumed"] = resumed
    return fields

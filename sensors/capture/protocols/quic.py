"""QUIC: what a client's first flight says before the connection is encrypted for good: versions, names, fingerprints.

RFC 9000 sections 12.2 (coalesced packets), 17.2 (long headers) and 19 (frames); RFC 9001 sections 5.2 (initial
secrets), 5.3 and 5.4 (packet and header protection); RFC 9369 section 3 (version 2); drafts 22 to 34 and the versions
of Google and Facebook with headers like theirs, whose salts are in draft-ietf-quic-tls and the vendors' sources.

Initial packets are encrypted with keys that anybody can derive from the identifier that the client chose for the
server, so a datagram of the client's first flight can be read by itself, and several be put together. A server's
packets say only the identifier that the client chose for itself, and so cannot.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sensors.capture import tls
from sensors.capture.protocols.cursor import Cursor
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Framing,
    Message,
    NotThis,
    Pairing,
    Protocol,
    Shape,
    Side,
    Sign,
    Transport,
)
from sensors.capture.protocols.quic_flights import Flights, Part, hello

VERSION_2: Final = 0x6B3343CF

_SALT_22: Final = bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a")
_SALT_23: Final = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_SALT_29: Final = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_SALT_1: Final = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_SALT_2: Final = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")

VERSIONS: Final[dict[int, tuple[str, bytes]]] = {
    0x00000001: ("1", _SALT_1),
    VERSION_2: ("2", _SALT_2),
    **{
        0xFF000000 + draft: (f"draft-{draft}", salt)
        for drafts, salt in (
            ((22,), _SALT_22), (range(23, 29), _SALT_23), (range(29, 33), _SALT_29), ((33, 34), _SALT_1),
        )
        for draft in drafts
    },
    0xFACEB001: ("mvfst-22", _SALT_22), 0xFACEB002: ("mvfst-27", _SALT_23), 0xFACEB00E: ("mvfst-exp", _SALT_23),
    0x54303530: ("T050", bytes.fromhex("7ff579e5acd072915580304c43a2367c60488310")),
    0x54303531: ("T051", bytes.fromhex("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d")),
}
"""What each version is called, and the salt of its initial secrets."""
_RESERVED: Final = 0x0A0A0A0A
"""Versions that a client says so that the server answers with those that it has (RFC 9000 section 15)."""
_RESERVED_SALTS: Final = (_SALT_1, _SALT_29, _SALT_23)
"""What clients encrypt under such a version, the most likely first."""

LEAST: Final = 1_200
"""How large a datagram with a client's initial packet is at least (RFC 9000 section 14.1)."""
_LONGEST_ID: Final = 20
_MOST_PACKETS: Final = 8
"""How many packets of one datagram are looked at."""
_MOST_CRYPTO: Final = 16_384
"""How many octets of handshake are put together."""
_INITIAL, _RETRY = 0, 3
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO, _GOOGLE_CRYPTO = 0, 1, 2, 3, 6, 8
"""Types of frames that an initial packet may have (RFC 9000 section 12.4); Google numbers CRYPTO otherwise."""

_FRAMINGS: Final = (
    # Four bits of the first octet are never protected: a long header, and that the packet is an initial one.
    Framing("quic", Transport.UDP, Shape.DATAGRAM, begins="c?", least=32),
    Framing("quic-2", Transport.UDP, Shape.DATAGRAM, begins="d? 6b 33 43 cf", least=32),
)


class _Keys(NamedTuple):
    """What protects the packets of one client's first flight (RFC 9001 section 5.1)."""

    packet: AESGCM
    iv: bytes
    header: bytes


class _Header(NamedTuple):
    """A long header up to the packet number (RFC 9000 section 17.2), and where the packet ends."""

    version: int
    kind: int
    destination: bytes
    source: bytes
    number_at: int
    end: int


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1) without context, of at most 32 octets."""
    info = size.to_bytes(2, "big") + bytes([len(label) + 6]) + b"tls13 " + label + b"\0\1"
    return hmac.digest(secret, info, hashlib.sha256)[:size]


def _is_reserved(version: int) -> bool:
    return version & 0x0F0F0F0F == _RESERVED


@lru_cache(256)
def _keys(salt: bytes, destination: bytes) -> _Keys:
    """The keys of a client's initial packets."""
    prefix = b"quicv2 " if salt == _SALT_2 else b"quic "
    initial = hmac.digest(salt, destination, hashlib.sha256)
    secret = _expand(initial, b"client in", 32)
    return _Keys(
        AESGCM(_expand(secret, prefix + b"key", 16)), _expand(secret, prefix + b"iv", 12),
        _expand(secret, prefix + b"hp", 16),
    )


def _number(cursor: Cursor) -> int:
    """A number of variable length (RFC 9000 section 16)."""
    first = cursor.u8()
    more = (1 << (first >> 6)) - 1
    return (first & 63) << 8 * more | cursor.number(more)


def _identifier(cursor: Cursor) -> bytes:
    size = cursor.u8()
    if size > _LONGEST_ID:
        raise NotThis("an identifier is too long")
    return cursor.take(size)


def _name(version: int) -> str:
    return VERSIONS[version][0] if version in VERSIONS else f"reserved-{version:08x}"


def _header(octets: bytes, at: int) -> _Header:
    """The long header that begins here.

    Raises:
        NotThis: it is none, of an unknown version, or contradicts itself.
    """
    cursor = Cursor(octets, at)
    first, version = cursor.u8(), cursor.u32()
    if not first & 0x80 or not (version in VERSIONS or _is_reserved(version)):
        raise NotThis("no long header of a known version")
    kind = first >> 4 & 3
    if version == VERSION_2:
        kind = kind - 1 & 3
    destination, source = _identifier(cursor), _identifier(cursor)
    if kind == _RETRY:
        return _Header(version, kind, destination, source, cursor.at, cursor.end)
    if kind == _INITIAL:
        cursor.skip(_number(cursor))
    size = _number(cursor)
    # A packet number of four octets at most, and the sample behind it that protects it (RFC 9001 section 5.4.2).
    if size < 4 + 16 or size > cursor.left:
        raise NotThis("the packet contradicts its length")
    return _Header(version, kind, destination, source, cursor.at, cursor.at + size)


def _opened(octets: bytes, begin: int, header: _Header) -> bytes | None:
    """The frames of an initial packet; None where it is not encrypted with the keys of its own identifier."""
    salts = (VERSIONS[header.version][1],) if header.version in VERSIONS else _RESERVED_SALTS
    opened = (_unsealed(octets, begin, header, _keys(salt, header.destination)) for salt in salts)
    return next((frames for frames in opened if frames is not None), None)


def _unsealed(octets: bytes, begin: int, header: _Header, keys: _Keys) -> bytes | None:
    at = header.number_at
    # AES on one block is all that header protection asks for (RFC 9001 section 5.4.3).
    protect = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor()  # noqa: S305
    mask = protect.update(octets[at + 4 : at + 20])
    first = octets[begin] ^ mask[0] & 15
    size = (first & 3) + 1
    number = bytes(octet ^ mask[1 + place] for place, octet in enumerate(octets[at : at + size]))
    head = bytes([first]) + octets[begin + 1 : at] + number
    nonce = int.from_bytes(keys.iv, "big") ^ int.from_bytes(number, "big")
    try:
        return keys.packet.decrypt(nonce.to_bytes(12, "big"), octets[at + size : header.end], head)
    except InvalidTag:
        return None


def _crypto(frames: bytes) -> list[tuple[int, bytes]]:
    """The stretches of handshake in frames, as far as these can be read."""
    found: list[tuple[int, bytes]] = []
    cursor = Cursor(frames)
    try:
        while cursor.left:
            kind = cursor.u8()
            if kind == _PADDING:
                cursor.at += cursor.left - len(frames[cursor.at :].lstrip(b"\0"))
            elif kind in {_ACK, _ACK_ECN}:
                _number(cursor)
                _number(cursor)
                numbers = 1 + 2 * _number(cursor) + (3 if kind == _ACK_ECN else 0)
                for _ in range(numbers):
                    _number(cursor)
            elif kind in {_CRYPTO, _GOOGLE_CRYPTO}:
                place = _number(cursor)
                stretch = cursor.take(_number(cursor))
                if place + len(stretch) <= _MOST_CRYPTO:
                    found.append((place, stretch))
            elif kind != _PING:
                break
    except NotThis:
        pass
    return found


def _told(part: Part) -> Fields:
    """The fields of a first flight; marked where its client hello was not seen as a whole."""
    whole = hello(part.pieces)
    if not whole:
        return {**part.fields, "quic.incomplete": True}
    try:
        return {**part.fields, **tls.client_hello(whole, "q")}
    except tls.NotTls:
        return {**part.fields, "quic.incomplete": True}


def parse(octets: bytes, context: Context) -> Message:
    """Read a datagram that begins with an initial packet.

    A client hello in one datagram is an event; one that goes on in further datagrams waits for those. What cannot be
    decrypted says nothing more than that it is QUIC: a server's packets, and a client's that follow them.

    Raises:
        NotThis: it is not QUIC, or not of a known version.
    """
    at, count = 0, 0
    fields: Fields = {}
    key: bytes = b""
    pieces: list[tuple[int, bytes]] = []
    while at < len(octets) and count < _MOST_PACKETS:
        try:
            header = _header(octets, at)
        except NotThis:
            if at == 0:
                raise
            # Padding behind the last packet, or a packet with a short header.
            break
        frames = _opened(octets, at, header) if header.kind == _INITIAL else None
        if frames is not None:
            pieces += _crypto(frames)
            key = header.destination
            fields = {
                "quic.version": _name(header.version), "quic.client_initial_dcid": key.hex(),
                "quic.client_scid": header.source.hex(),
            }
        at, count = header.end, count + 1
    if not fields:
        if (len(octets) < LEAST and not context.answering) or _is_reserved(int.from_bytes(octets[1:5], "big")):
            raise NotThis("nothing shows that it is QUIC")
        return Message({}, Side.SILENT)
    if not pieces:
        return Message({}, Side.SILENT)
    part = Part(fields, tuple(pieces))
    if hello(part.pieces):
        return Message(_told(part), Side.ALONE, key, part)
    return Message(_told(part), Side.ASKS, key, part)


def together(asked: Message, answered: Message) -> Fields:
    """The fields of a first flight: of its first datagram, and of the one with which it became whole."""
    first, *others = [part for part in (asked.said, answered.said) if part is not None] or [Part({}, ())]
    return _told(Part(first.fields, first.pieces + tuple(piece for part in others for piece in part.pieces)))


PROTOCOL: Final = Protocol(
    "quic",
    (
        *(
            Sign(_FRAMINGS[0], octets, least=LEAST)
            for octets in (
                "c? 00 00 00 01", "c? ff 00 00 1?", "c? ff 00 00 2?", "c? fa ce b0 0?", "c? 54 30 35 3?",
                "c? ?a ?a ?a ?a",
            )
        ),
        Sign(_FRAMINGS[1], "d? 6b 33 43 cf", least=LEAST),
    ),
    parse, pairing=Pairing.PARTS, together=together, types=("protocol", "start"), gatherer=Flights,
)

"""The beginnings of crafted TLS connections, octet by octet: hellos, a certificate, and what looks encrypted.

RFC 5246 and RFC 8446 (records, handshake), RFC 5280 and X.690 (certificate). Nothing here is signed or secret.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

SEALED: Final = b"\x14\x03\x03\x00\x01\x01" + b"\x17\x03\x03\x00\x09synthetic"
"""A change of the cipher and a record behind it, which says that it is made up."""
TLS_1_0: Final = 0x0301
TLS_1_2: Final = 0x0303

_ATTRIBUTES: Final = {
    "C": (6, 0x13), "ST": (8, 0x0C), "L": (7, 0x0C), "O": (10, 0x0C), "OU": (11, 0x0C), "CN": (3, 0x0C),
}
"""Attributes of names: their numbers below 2.5.4, and the kind of string that they are (RFC 5280 appendix A.1)."""
_VALIDITY: Final = b"".join(b"\x17\x0d" + moment for moment in (b"250101000000Z", b"350101000000Z"))
_SIGNED_WITH: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_KEY: Final = bytes.fromhex("301b300d06092a864886f70d0101010500030a00300702020cbd020103")
"""An RSA key of twelve bits, which protects nothing."""


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def _message(handshake: int, body: bytes) -> bytes:
    """A handshake message (RFC 8446 section 4)."""
    return struct.pack(">B", handshake) + len(body).to_bytes(3, "big") + body


def _record(message: bytes) -> bytes:
    """A handshake message in a record of its own (RFC 8446 section 5.1)."""
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def client_hello(
    name: str, suites: Iterable[int] = (0x1301, 0xC02B, 0xC02F, 0x009C), *, versions: Iterable[int] = (0x0304, TLS_1_2),
) -> bytes:
    """A client hello in its record: these versions offered, one server name, ALPN h2 and http/1.1."""
    host = name.encode()
    packed = b"".join(suite.to_bytes(2, "big") for suite in suites)
    offered = b"".join(version.to_bytes(2, "big") for version in versions)
    extensions = b"".join([
        _extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host),
        _extension(10, b"\x00\x04\x00\x1d\x00\x17"),
        _extension(11, b"\x01\x00"),
        _extension(13, b"\x00\x04\x04\x03\x08\x04"),
        _extension(16, b"\x00\x0c\x02h2\x08http/1.1"),
        _extension(43, bytes([len(offered)]) + offered),
    ])
    return _record(_message(1, b"".join([
        b"\x03\x03", b"\x5a" * 32, b"\x00", struct.pack(">H", len(packed)), packed, b"\x01\x00",
        struct.pack(">H", len(extensions)), extensions,
    ])))


def server_hello(suite: int = 0xC02F, *, version: int = TLS_1_2) -> bytes:
    """A server hello in its record that chooses a version up to TLS 1.2, and ALPN h2."""
    extensions = _extension(16, b"\x00\x03\x02h2")
    return _record(_message(2, b"".join([
        version.to_bytes(2, "big"), b"\xa5" * 32, b"\x00", suite.to_bytes(2, "big"), b"\x00",
        struct.pack(">H", len(extensions)), extensions,
    ])))


def _value(tag: int, body: bytes) -> bytes:
    """A value of DER (X.690 section 8.1)."""
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def certificate(subject: Mapping[str, str], serial: int) -> bytes:
    """A certificate that issues itself, in its message and record; its signature is made up."""
    name = _value(0x30, b"".join(
        _value(0x31, _value(0x30, bytes([6, 3, 0x55, 4, number]) + _value(tag, text.encode())))
        for (number, tag), text in ((_ATTRIBUTES[kind], text) for kind, text in subject.items())
    ))
    serial_number = _value(2, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
    version = b"\xa0\x03\x02\x01\x02"
    said = _value(0x30, version + serial_number + _SIGNED_WITH + name + _value(0x30, _VALIDITY) + name + _KEY)
    whole = _value(0x30, said + _SIGNED_WITH + _value(3, b"\x00synthetic"))
    entry = len(whole).to_bytes(3, "big") + whole
    return _record(_message(11, len(entry).to_bytes(3, "big") + entry))

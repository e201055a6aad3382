from hashlib import sha256

from sensors.capture import x509


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def name(*pairs: tuple[str, str]) -> bytes:
    return der(0x30, *[der(0x31, der(0x30, der(6, bytes.fromhex(oid)), der(12, text.encode()))) for oid, text in pairs])


CERTIFICATE = der(
    0x30,
    der(
        0x30,
        der(0xA0, der(2, b"\2")),
        der(2, b"\x00\xab\xcd"),
        der(0x30, der(6, b"\x2a")),
        name(("550406", "CN"), ("55040a", "合成, 有限公司")),
        der(0x30, der(0x17, b"250101000000Z"), der(0x18, b"20550102030405Z")),
        name(("550403", "portal.gov.example")),
        der(0x30, b"key"),
        der(0xA3, der(0x30, der(0x30, der(6, bytes.fromhex("551d11")), der(4, der(0x30, der(0x82, b"a.example")))))),
    ),
    b"rest",
)


def test_a_certificate() -> None:
    assert x509.describe(CERTIFICATE) == {
        "tls.server.hash.sha256": sha256(CERTIFICATE).hexdigest().upper(),
        "tls.server.issuer": "O=合成\\, 有限公司,C=CN",
        "tls.server.subject": "CN=portal.gov.example",
        "tls.server.x509.serial_number": "ABCD",
        "tls.server.not_before": "2025-01-01T00:00:00.000Z",
        "tls.server.not_after": "2055-01-02T03:04:05.000Z",
        "tls.server.x509.subject.common_name": ["portal.gov.example"],
        "tls.server.x509.alternative_names": ["a.example"],
    }


def test_what_cannot_be_read_leaves_the_hash() -> None:
    for cut in range(len(CERTIFICATE)):
        assert "tls.server.hash.sha256" in x509.describe(CERTIFICATE[:cut])
    for place in range(len(CERTIFICATE)):
        x509.describe(CERTIFICATE[:place] + b"\xff" + CERTIFICATE[place + 1 :])

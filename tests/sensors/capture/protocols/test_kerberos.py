from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols.kerberos import PROTOCOL, parse
from sensors.capture.protocols.model import Context, NotThis
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told


def tlv(tag: int, *parts: bytes) -> bytes:
    contents = b"".join(parts)
    size = len(contents)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + contents


def number(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(4, "big", signed=True))


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def principal(*names: bytes, kind: int = 1) -> bytes:
    return sequence(tlv(0xA0, number(kind)), tlv(0xA1, sequence(*(tlv(0x1B, name) for name in names))))


def request(tag: int, kind: int, *padata: int, name: bytes = b"", service: tuple[bytes, ...], ciphers: tuple[int, ...],
            options: int = 0x4081_0010) -> bytes:
    body = [tlv(0xA0, tlv(0x03, b"\0" + options.to_bytes(4, "big")))]
    if name:
        body.append(tlv(0xA1, principal(name)))
    body += [
        tlv(0xA2, tlv(0x1B, b"CITY.EXAMPLE")), tlv(0xA3, principal(*service, kind=2)),
        tlv(0xA5, tlv(0x18, b"20370913024805Z")), tlv(0xA7, number(12_345)),
        tlv(0xA8, sequence(*map(number, ciphers))),
    ]
    said = [sequence(tlv(0xA1, number(one)), tlv(0xA2, tlv(0x04, bytes(8)))) for one in padata]
    before = [tlv(0xA3, sequence(*said))] if said else []
    return tlv(tag, sequence(tlv(0xA1, number(5)), tlv(0xA2, number(kind)), *before, tlv(0xA4, sequence(*body))))


def encrypted(kind: int) -> bytes:
    return sequence(tlv(0xA0, number(kind)), tlv(0xA1, number(2)), tlv(0xA2, tlv(0x04, bytes(200))))


def ticket(*service: bytes, kind: int) -> bytes:
    return tlv(0x61, sequence(
        tlv(0xA0, number(5)), tlv(0xA1, tlv(0x1B, b"CITY.EXAMPLE")), tlv(0xA2, principal(*service, kind=2)),
        tlv(0xA3, encrypted(kind)),
    ))


def reply(tag: int, kind: int, name: bytes, *service: bytes, cipher: int, own_cipher: int = 18) -> bytes:
    return tlv(tag, sequence(
        tlv(0xA0, number(5)), tlv(0xA1, number(kind)), tlv(0xA3, tlv(0x1B, b"CITY.EXAMPLE")),
        tlv(0xA4, principal(name)), tlv(0xA5, ticket(*service, kind=cipher)), tlv(0xA6, encrypted(own_cipher)),
    ))


def error(code: int, *service: bytes) -> bytes:
    return tlv(0x7E, sequence(
        tlv(0xA0, number(5)), tlv(0xA1, number(30)), tlv(0xA4, tlv(0x18, b"20260102030405Z")), tlv(0xA5, number(7)),
        tlv(0xA6, number(code)), tlv(0xA9, tlv(0x1B, b"CITY.EXAMPLE")), tlv(0xAA, principal(*service, kind=2)),
        tlv(0xAB, tlv(0x1B, b"NOT_NOW")),
    ))


KRBTGT = (b"krbtgt", b"CITY.EXAMPLE")
SQL = (b"MSSQLSvc", b"db1.city.example:1433")
AS_REQUEST = request(0x6A, 10, 2, 128, name=b"wang", service=KRBTGT, ciphers=(18, 17, 23))
AS_REPLY = reply(0x6B, 11, b"wang", *KRBTGT, cipher=18)
TGS_REQUEST = request(0x6C, 12, 1, service=SQL, ciphers=(23, -135), options=0x4081_0000)
TGS_REPLY = reply(0x6D, 13, b"wang", *SQL, cipher=23)


def record(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


DIALOGUE = Dialogue(88, (
    (True, record(AS_REQUEST)), (False, record(AS_REPLY)), (True, record(TGS_REQUEST)), (False, record(TGS_REPLY)),
))


@pytest.mark.parametrize("size", [60_000, 100, 1])
def test_tickets_over_tcp_say_who_and_for_what(tmp_path: Path, size: int) -> None:
    first, second = told(tmp_path, "network.kerberos", *DIALOGUE.packets(size))
    assert own(first, "kerberos.") == {
        "request_type": "AS", "client": "wang/CITY.EXAMPLE", "service": "krbtgt/CITY.EXAMPLE", "realm": "CITY.EXAMPLE",
        "success": True, "till": "2037-09-13T02:48:05.000Z", "cipher": "aes256-cts-hmac-sha1-96",
        "weak_encryption": False, "reply_cipher": "aes256-cts-hmac-sha1-96", "forwardable": True, "renewable": True,
        "requested_ciphers": ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "rc4-hmac"], "pkinit": False,
        "preauthenticated": True,
    }
    assert (first["user.name"], first["user.domain"], first["event.outcome"]) == ("wang", "CITY.EXAMPLE", "success")
    assert "event.duration" in first
    asked = own(second, "kerberos.")
    assert (asked["request_type"], asked["service"]) == ("TGS", "MSSQLSvc/db1.city.example:1433")
    assert (asked["cipher"], asked["weak_encryption"]) == ("rc4-hmac", True)
    assert asked["requested_ciphers"] == ["rc4-hmac", "rc4-hmac-old-exp"]
    assert asked["client"] == "wang/CITY.EXAMPLE"
    assert "preauthenticated" not in asked


@pytest.mark.parametrize(
    ("code", "name", "outcome"),
    [
        (25, "KDC_ERR_PREAUTH_REQUIRED", None), (24, "KDC_ERR_PREAUTH_FAILED", "failure"),
        (999, "unknown-999", "failure"),
    ],
)
def test_refusals_over_udp_have_their_names(tmp_path: Path, code: int, name: str, outcome: Any) -> None:
    bare = request(0x6A, 10, name=b"wang", service=KRBTGT, ciphers=(18,), options=0)
    dialogue = Dialogue(88, ((True, bare), (False, error(code, *KRBTGT))), udp=True)
    (event,) = told(tmp_path, "network.kerberos", *dialogue.packets())
    said = own(event, "kerberos.")
    assert (said["success"], said["error_code"], said["error_msg"]) == (False, code, name)
    assert (said["client"], said["request_type"]) == ("wang/CITY.EXAMPLE", "AS")
    assert (said["forwardable"], said["renewable"]) == (False, False)
    assert (event["error.message"], event.get("event.outcome")) == ("NOT_NOW", outcome)


def test_a_certificate_in_place_of_a_password_is_pkinit() -> None:
    said = parse(request(0x6A, 10, 16, name=b"li", service=KRBTGT, ciphers=(18,)), Context(PROTOCOL.signs[0].framing))
    assert said.fields["kerberos.pkinit"] is True
    assert said.fields["kerberos.preauthenticated"] is True


def test_other_ports_and_what_is_cut_or_changed_is_left_alone(tmp_path: Path) -> None:
    assert not told(tmp_path, "network.kerberos", *Dialogue(8_888, DIALOGUE.steps).packets())
    datagram = Context(PROTOCOL.signs[0].framing)
    other_version = AS_REQUEST.replace(number(5), number(4), 1)
    for octets in (AS_REQUEST[:-1], other_version, b"\x6a" + AS_REPLY[1:], b"\x65" + AS_REQUEST[1:]):
        with pytest.raises(NotThis):
            parse(octets, datagram)


def test_times_that_do_not_exist_and_many_ciphers_are_borne() -> None:
    octets = request(0x6A, 10, name=b"wang", service=KRBTGT, ciphers=tuple(range(100)))
    said = parse(octets.replace(b"20370913", b"20370231"), Context(PROTOCOL.signs[0].framing)).fields
    assert "kerberos.till" not in said
    assert len(said["kerberos.requested_ciphers"]) == 64

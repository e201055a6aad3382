import struct
from pathlib import Path

import pytest

from sensors.capture.protocols.model import Context, NotThis
from sensors.capture.protocols.rdp import PROTOCOL, parse
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told
from tests.sensors.capture.protocols.test_kerberos import tlv

KNOWN = Context(PROTOCOL.signs[0].framing, receiver_port=3389)
ELSEWHERE = Context(PROTOCOL.signs[0].framing, receiver_port=102)


def tpkt(octets: bytes) -> bytes:
    return b"\3\0" + (4 + len(octets)).to_bytes(2, "big") + octets


def connection(kind: int, variable: bytes) -> bytes:
    return tpkt(bytes([6 + len(variable), kind]) + bytes(5) + variable)


def security(kind: int, number: int) -> bytes:
    return bytes([kind, 0, 8, 0]) + number.to_bytes(4, "little")


def block(kind: int, octets: bytes) -> bytes:
    return struct.pack("<HH", kind, 4 + len(octets)) + octets


def settings(key: bytes, *blocks: bytes) -> bytes:
    octets = b"".join(blocks)
    head = bytes.fromhex("0005 00147c0001 8100 000800100001c000") + key
    return head + (0x8000 | len(octets)).to_bytes(2, "big") + octets


def wide(text: str, size: int) -> bytes:
    return text.encode("utf-16-le").ljust(size, b"\0")


CORE = block(0xC001, b"".join((
    struct.pack("<IHHHHII", 0x0008_0004, 1_920, 1_080, 0xCA01, 0xAA03, 0x804, 9_600), wide("PC-07", 32), bytes(76),
    struct.pack("<HHIHHH", 0xCA01, 1, 0, 24, 15, 3), wide("3c571ed0", 64),
)))
CHANNELS = block(0xC003, (2).to_bytes(4, "little") + b"rdpdr\0\0\0" + bytes(4) + b"cliprdr\0" + bytes(4))
INITIAL = tpkt(b"\2\xf0\x80\x7f" + tlv(
    0x65, tlv(4, b"\1"), tlv(4, b"\1"), tlv(1, b"\xff"), *(tlv(0x30, bytes(20)) for _ in range(3)),
    tlv(4, settings(b"Duca", CORE, block(0xC002, bytes(8)), CHANNELS)),
))
RESPONSE = tpkt(b"\2\xf0\x80\x7f" + tlv(
    0x66, tlv(10, b"\0"), tlv(2, b"\0"), tlv(0x30, bytes(20)),
    tlv(4, settings(b"McDn", block(0x0C01, bytes(8)), block(0x0C02, struct.pack("<II", 2, 3)))),
))
DIALOGUE = Dialogue(3_389, (
    (True, connection(0xE0, b"Cookie: mstshash=wang\r\n" + security(1, 0))), (False, connection(0xD0, security(2, 0))),
    (True, INITIAL), (False, RESPONSE), (True, tpkt(b"\2\xf0\x80\4\1\0\1\0")), (False, b"\x40\x10" + bytes(30)),
))


@pytest.mark.parametrize(("size", "port"), [(60_000, 3_389), (13, 3_389), (1, 3_389), (60_000, 13_389)])
def test_a_session_without_tls_tells_the_client(tmp_path: Path, size: int, port: int) -> None:
    first, second = told(tmp_path, "network.rdp", *Dialogue(port, DIALOGUE.steps).packets(size))
    assert own(first, "rdp.") == {"cookie": "wang", "requested_protocols": ["RDP"], "security_protocol": "RDP"}
    assert own(second, "rdp.") == {
        "result": "Success", "desktop_width": 1_920, "desktop_height": 1_080, "keyboard_layout": "0x00000804",
        "client_build": 9_600, "client_name": "PC-07", "requested_color_depth": 32,
        "supported_color_depths": [24, 16, 15, 32], "client_dig_product_id": "3c571ed0",
        "client_channels": ["rdpdr", "cliprdr"], "encryption_method": "128bit", "encryption_level": "High",
    }
    assert second["event.outcome"] == "success"


def test_the_security_that_is_chosen_or_why_it_is_refused(tmp_path: Path) -> None:
    steps = (True, connection(0xE0, security(1, 11))), (False, connection(0xD0, security(2, 2)))
    (chosen,) = told(tmp_path, "network.rdp", *Dialogue(5_000, steps).packets())
    assert own(chosen, "rdp.") == {
        "requested_protocols": ["SSL", "HYBRID", "HYBRID_EX"], "security_protocol": "HYBRID", "result": "encrypted",
    }
    token = b"Cookie: msts=3640205228.15629.0000\r\n"
    steps = (True, connection(0xE0, token)), (False, connection(0xD0, security(3, 5)))
    (refused,) = told(tmp_path, "network.rdp", *Dialogue(3_389, steps).packets())
    assert own(refused, "rdp.") == {
        "routing_token": "msts=3640205228.15629.0000", "requested_protocols": ["RDP"],
        "result": "HYBRID_REQUIRED_BY_SERVER",
    }
    assert refused["event.outcome"] == "failure"


def test_oldest_clients_and_servers_are_believed_on_their_port_only() -> None:
    bare, confirmed = connection(0xE0, b""), connection(0xD0, b"")
    assert parse(bare, KNOWN).fields == {"rdp.requested_protocols": ["RDP"]}
    assert parse(confirmed, KNOWN).fields == {"rdp.security_protocol": "RDP"}
    for octets in (bare, confirmed):
        with pytest.raises(NotThis):
            parse(octets, ELSEWHERE)


@pytest.mark.parametrize(
    "octets",
    [
        # S7comm's and MMS's own connection, by T.123 as well (RFC 1006).
        connection(0xE0, bytes.fromhex("c0010ac1020100c2020102")),
        connection(0xD0, bytes.fromhex("c0010ac1020100c2020102")),
        tpkt(b"\2\xf0"), tpkt(b"\2\xe0\x80"), connection(0xE0, b"Cookie: mstshash=wang"),
        connection(0xE0, security(1, 1)[:5]), connection(0xE0, security(1, 1))[:-2],
        b"\3\0\0\x0b\x06\xe0" + bytes(4) + b"\x10",
        INITIAL.replace(b"Duca", b"Dica"), tpkt(b"\2\xf0\x80\x7f\x66\x02\x0a\0"), b"", b"\3\0\0",
    ],
)
def test_what_else_tpkt_carries_is_left_alone(octets: bytes) -> None:
    for context in (KNOWN, ELSEWHERE):
        with pytest.raises(NotThis):
            parse(octets, context)


def test_settings_that_end_early_are_read_as_far_as_they_go() -> None:
    numbers = struct.pack("<IHHHHII", 0x0008_0001, 800, 600, 0xCA01, 0xAA03, 0x409, 2_600)
    short = block(0xC001, numbers + wide("OLD", 32))
    initial = tpkt(b"\2\xf0\x80\x7f" + tlv(0x65, tlv(4, settings(b"Duca", short))))
    said = parse(initial, KNOWN).fields
    assert (said["rdp.client_name"], said["rdp.client_build"]) == ("OLD", 2_600)
    assert "rdp.requested_color_depth" not in said

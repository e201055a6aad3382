"""QUIC; the dialogues are encrypted here after the RFCs, by code of the test's own."""

import hashlib
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sensors.capture.handshakes import client_hello
from sensors.capture.protocols.model import Context, NotThis, Side
from sensors.capture.protocols.quic import PROTOCOL, parse
from sensors.capture.writing import pcap
from sensors.delivery.ledger import CONVERSION
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue, told

# RFC 9001 section 5.2 and RFC 9369 section 3.3.
SALTS = {
    1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    0x6B3343CF: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
NAME = "portal.city.example"
HELLO = client_hello(NAME, (0x1301, 0x1302))[5:]
CHOSEN, OWN = bytes.fromhex("8394c8f03e515708"), b"\x0a\x0b"
FIRST = Context(PROTOCOL.signs[0].framing, receiver_port=443)
BACK = Context(PROTOCOL.signs[0].framing, answering=True, sender_port=443)


def number(value: int) -> bytes:
    """A number of variable length (RFC 9000 section 16)."""
    size = next(size for size in range(4) if value < 1 << (8 << size) - 2)
    return (value | size << (8 << size) - 2).to_bytes(1 << size, "big")


def expand(secret: bytes, label: str, size: int) -> bytes:
    named = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes([len(named)]) + named + b"\0"
    return hmac.digest(secret, info + b"\1", hashlib.sha256)[:size]


def crypto(at: int, octets: bytes) -> bytes:
    return b"\x06" + number(at) + number(len(octets)) + octets


def initial(
    frames: bytes, *, version: int = 1, chosen: bytes = CHOSEN, secret_of: bytes | None = None, size: int = 1_200,
    token: bytes = b"", count: int = 2, said: int | None = None,
) -> bytes:
    """A client's initial packet, filled up to this size (RFC 9001 sections 5.3 and 5.4)."""
    label = "quicv2 " if version != 1 else "quic "
    common = hmac.digest(SALTS[version], chosen if secret_of is None else secret_of, hashlib.sha256)
    secret = expand(common, "client in", 32)
    key, iv, mask_key = (expand(secret, label + name, wide) for name, wide in (("key", 16), ("iv", 12), ("hp", 16)))
    first = (0xD0 if version != 1 else 0xC0) | 3
    head = bytes([first]) + (said or version).to_bytes(4, "big")
    head += bytes([len(chosen)]) + chosen + bytes([len(OWN)]) + OWN
    head += number(len(token)) + token
    frames += bytes(max(size - len(head) - 2 - 4 - 16 - len(frames), 0))
    head += (len(frames) + 20 | 0x4000).to_bytes(2, "big") + count.to_bytes(4, "big")
    nonce = bytes(a ^ b for a, b in zip(iv, count.to_bytes(12, "big"), strict=True))
    packet = bytearray(head + AESGCM(key).encrypt(nonce, frames, head))
    at = len(head) - 4
    mask = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor().update(bytes(packet[at + 4 : at + 20]))
    packet[0] ^= mask[0] & 15
    for place in range(4):
        packet[at + place] ^= mask[1 + place]
    return bytes(packet)


WHOLE = initial(crypto(0, HELLO))
HALVES = (initial(crypto(0, HELLO[:90])), initial(crypto(90, HELLO[90:]), count=3))
ANSWER = initial(b"\x02\0\0\0\0" + crypto(0, b"\x02" + bytes(99)), chosen=OWN, secret_of=b"of the server")
# Filled up behind the packets instead of within, so that not every octet that is changed spoils what is encrypted.
DIALOGUE = Dialogue(8_443, (
    (True, initial(crypto(0, HELLO), size=0) + bytes(1_050)),
    (True, initial(crypto(0, HELLO[:90]), chosen=b"another", size=0) + bytes(1_100)), (False, ANSWER),
    (True, bytes([0x41]) + bytes(50)),
), udp=True)


def test_the_packet_of_the_standards_example_can_be_derived() -> None:
    """RFC 9001 appendix A.1: keys of the identifier 8394c8f03e515708."""
    secret = expand(hmac.digest(SALTS[1], CHOSEN, hashlib.sha256), "client in", 32)
    assert expand(secret, "quic key", 16).hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert expand(secret, "quic iv", 12).hex() == "fa044b2f42a3fd3b46fb255c"
    assert expand(secret, "quic hp", 16).hex() == "9f50449e04a0e810283a1e9933adedd2"


@pytest.mark.parametrize("version", [1, 0x6B3343CF])
def test_a_hello_in_one_datagram(tmp_path: Path, version: int) -> None:
    packets = Dialogue(443, ((True, initial(crypto(0, HELLO), version=version)), (False, ANSWER)), udp=True).packets()
    (event,) = told(tmp_path, "network.quic", *packets)
    assert event["quic.version"] == {1: "1"}.get(version, "2")
    assert (event["quic.client_initial_dcid"], event["quic.client_scid"]) == (CHOSEN.hex(), OWN.hex())
    assert event["tls.client.server_name"] == NAME
    assert event["hanwatch.tls.client.alpn"] == ["h2", "http/1.1"]
    over_tcp = Dialogue(443, ((True, client_hello(NAME, (0x1301, 0x1302))),)).packets()
    (tls,) = told(tmp_path, "network.tls", *over_tcp)
    assert event["tls.client.ja4"] == "q" + tls["tls.client.ja4"][1:]
    assert event["tls.client.ja3"] == tls["tls.client.ja3"]
    assert "quic.incomplete" not in event


def test_a_hello_in_two_datagrams_in_either_order_is_one_event(tmp_path: Path) -> None:
    for halves in (HALVES, HALVES[::-1]):
        packets = Dialogue(8_443, tuple((True, half) for half in halves), udp=True).packets()
        (event,) = told(tmp_path, "network.quic", *packets)
        assert event["tls.client.server_name"] == NAME
        assert event["event.sequence"] == 1


def test_a_hello_in_pieces_among_other_frames_and_in_coalesced_packets() -> None:
    pieces = [crypto(at, HELLO[at : at + 40]) for at in range(0, len(HELLO), 40)]
    mixed = b"\x01\0\0\0".join(reversed(pieces))
    assert parse(initial(b"\x03\x05\0\1\0\2\3\1\1\1" + mixed), FIRST).fields["tls.client.server_name"] == NAME
    overlapping = crypto(0, HELLO[:100]) + crypto(50, HELLO[50:])
    assert parse(initial(overlapping), FIRST).fields["tls.client.server_name"] == NAME
    first = initial(crypto(0, HELLO[:70]), size=0)
    both = first + initial(crypto(70, HELLO[70:]), size=1_200 - len(first), count=3)
    assert parse(both, FIRST).fields["tls.client.server_name"] == NAME
    # A retry's token stands before the length (RFC 9000 section 17.2.2).
    assert parse(initial(crypto(0, HELLO), token=b"t" * 70), FIRST).side is Side.ALONE


def test_a_version_that_asks_for_others_is_read_as_what_it_is_encrypted_as() -> None:
    message = parse(initial(crypto(0, HELLO), said=0x1A2A3A4A), FIRST)
    assert message.fields["quic.version"] == "reserved-1a2a3a4a"
    assert message.fields["tls.client.server_name"] == NAME
    with pytest.raises(NotThis):
        parse(initial(crypto(0, HELLO), said=0x1A2A3A4A, secret_of=b"other"), FIRST)


def test_a_half_alone_is_told_and_marked(tmp_path: Path) -> None:
    (event,) = told(tmp_path, "network.quic", *Dialogue(443, ((True, HALVES[0]),), udp=True).packets())
    assert (event["quic.incomplete"], event["quic.version"]) == (True, "1")
    assert "tls.client.ja4" not in event


def pieces(*bounds: tuple[int, int], chosen: bytes = CHOSEN) -> tuple[tuple[bool, bytes], ...]:
    return tuple((True, initial(crypto(low, HELLO[low:high]), chosen=chosen, count=2 + low)) for low, high in bounds)


@pytest.mark.parametrize(
    "bounds",
    [
        [(0, 50), (50, 100), (100, 500)],
        [(100, 500), (50, 100), (0, 50)],
        [(50, 100), (0, 50), (50, 100), (0, 50), (100, 500), (100, 500)],
        [(0, 60), (40, 100), (90, 130), (120, 500)],
        [(at, at + 20) for at in range(0, len(HELLO), 20)],
    ],
)
def test_a_hello_in_more_datagrams_in_any_order_is_one_event_of_the_first(
    tmp_path: Path, bounds: list[tuple[int, int]]
) -> None:
    packets = Dialogue(443, (*pieces(*bounds), (False, ANSWER)), udp=True).packets()
    (event,) = told(tmp_path, "network.quic", *packets)
    assert (event["tls.client.server_name"], event["event.sequence"]) == (NAME, 1)
    assert "quic.incomplete" not in event


def test_a_hello_that_is_sent_again_is_one_event(tmp_path: Path) -> None:
    packets = Dialogue(443, ((True, WHOLE), (True, HALVES[0]), (True, WHOLE), (True, HALVES[1])), udp=True).packets()
    (event,) = told(tmp_path, "network.quic", *packets)
    assert event["tls.client.server_name"] == NAME
    packets = Dialogue(443, ((True, HALVES[0]), (True, WHOLE), (True, HALVES[1])), udp=True).packets()
    (event,) = told(tmp_path, "network.quic", *packets)
    assert event["tls.client.server_name"] == NAME


def test_hellos_of_several_connections_from_one_port_are_kept_apart(tmp_path: Path) -> None:
    one, other = pieces((0, 50), (50, 100), (100, 500)), pieces((0, 90), (90, 110), (110, 500), chosen=b"another one")
    steps = tuple(step for both in zip(one, other, strict=True) for step in both)
    events = told(tmp_path, "network.quic", *Dialogue(443, steps, udp=True).packets())
    assert [event["quic.client_initial_dcid"] for event in events] == [CHOSEN.hex(), b"another one".hex()]
    assert {event["tls.client.server_name"] for event in events} == {NAME}


def test_what_never_becomes_whole_is_one_marked_event_and_counted(tmp_path: Path) -> None:
    packets = Dialogue(443, pieces((0, 50), (0, 50), (100, 500)), udp=True).packets()
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)))
    (event,) = made.rows(portions, "network.quic")
    assert event["quic.incomplete"]
    assert made.counts(portions)[CONVERSION, "messages_incomplete"] == 1


def test_servers_and_later_packets_are_quic_without_an_event(tmp_path: Path) -> None:
    assert parse(ANSWER, BACK).side is Side.SILENT
    later = initial(b"\x02\0\0\0\0", chosen=b"renamed", secret_of=CHOSEN)
    assert parse(later, FIRST).side is Side.SILENT
    packets = Dialogue(443, ((True, later),), udp=True).packets()
    assert not told(tmp_path, "network.quic", *packets)
    (flow,) = told(tmp_path, "network.flow", *packets)
    assert flow["network.protocol"] == "quic"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes(1_200),
        b"\xc3\0\0\0\2" + bytes(1_195),
        b"\xc3\0\0\0\1\x15" + bytes(1_195),
        b"\xc3\0\0\0\1\0\0\0\x7f\xff" + bytes(1_190),
        b"\xc3\0\0\0\1\0\0\0\x44" + bytes(10),
        WHOLE[:600],
        # Not encrypted with its own keys, and smaller than a client's first packet may be.
        initial(crypto(0, HELLO), secret_of=b"other", size=600),
    ],
)
def test_what_is_not_quic(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, FIRST)


def test_a_handshake_that_is_no_client_hello_is_marked() -> None:
    assert parse(initial(crypto(0, b"\x02\0\0\x10" + bytes(16))), FIRST).fields["quic.incomplete"]
    far = parse(initial(crypto(1 << 40, b"x" * 100)), FIRST)
    assert far.side is Side.SILENT

from pathlib import Path
from typing import Any

import pytest

from sensors.capture.handshakes import SEALED, certificate, client_hello, server_hello
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue
from tests.sensors.capture.protocols.every import DIALOGUES

NAME = "portal.gov.example"
HELLO = client_hello(NAME)
FINISHED = b"\x14\x03\x03\x00\x01\x01"
GET = b"GET /a?b=c HTTP/1.1\r\nHost: portal.gov.example\r\n\r\n"


def events(tmp_path: Path, dataset: str, packets: list[bytes]) -> list[dict[str, Any]]:
    found = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(*packets))), dataset)
    return sorted(found, key=lambda row: row["event.sequence"])


def stream(messages: list[bytes], without: tuple[int, ...] = (), per: int = 1) -> list[tuple[bool, int, bytes]]:
    """A client's messages, so many to a segment, without some of the segments."""
    segments, at = [], 0
    for number, first in enumerate(range(0, len(messages), per)):
        octets = b"".join(messages[first : first + per])
        if number not in without:
            segments.append((True, at, octets))
        at += len(octets)
    return segments


def polls(count: int) -> list[bytes]:
    """Requests of Modbus for one register each, numbered from 1."""
    return [n.to_bytes(2, "big") + b"\0\0\0\6\1\3" + n.to_bytes(2, "big") + b"\0\1" for n in range(1, count + 1)]


def polled(tmp_path: Path, packets: list[bytes], step: int = 1_000_000) -> tuple[list[int], dict[str, int]]:
    """The registers that were asked for, and what was counted of gaps."""
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets, step=step)))
    counts = {name: count for (stage, name), count in made.counts(portions).items() if stage == "conversion"}
    asked = sorted(event["modbus.address"] for event in made.rows(portions, "network.modbus"))
    names = ("stream_gaps", "stream_octets_missing", "messages_behind_gaps")
    return asked, {name: counts.get(name, 0) for name in names}


def test_messages_of_a_length_behind_a_gap_are_told_and_the_gap_is_counted(tmp_path: Path) -> None:
    found, counts = polled(tmp_path, made.conversation(*stream(polls(9), (3,)), dport=502))
    assert found == [1, 2, 3, 5, 6, 7, 8, 9]
    assert counts == {"stream_gaps": 1, "stream_octets_missing": 12, "messages_behind_gaps": 5}


def test_a_stream_whose_beginning_is_missing_is_recognised_behind_the_gap(tmp_path: Path) -> None:
    found, _ = polled(tmp_path, made.conversation(*stream(polls(9), (0,)), dport=502))
    assert found == list(range(2, 10))
    packets = made.conversation((True, 40, HELLO + FINISHED))
    (event,) = events(tmp_path, "network.tls", packets)
    assert event["tls.client.server_name"] == NAME
    packets = made.conversation((True, 40_000, GET))
    assert len(events(tmp_path, "network.http", packets)) == 1


def test_a_gap_that_is_filled_late_is_none(tmp_path: Path) -> None:
    segments = stream(polls(9))
    late = [*segments[:3], *segments[4:], segments[3]]
    found, counts = polled(tmp_path, made.conversation(*late, dport=502), step=1_000_000_000)
    assert (found, counts["stream_gaps"]) == (list(range(1, 10)), 0)


def test_more_behind_a_gap_than_is_kept_is_told_all_the_same(tmp_path: Path) -> None:
    found, _ = polled(tmp_path, made.conversation(*stream(polls(4_000), (3,)), dport=502))
    assert found == [*range(1, 4), *range(5, 4_001)]
    found, _ = polled(tmp_path, made.conversation(*stream(polls(4_000), (3, 100, 101, 800), per=3), dport=502))
    assert len(found) == 4_000 - 12


def test_octets_that_do_not_come_are_not_waited_for_long(tmp_path: Path) -> None:
    gaps = tuple(range(3, 120, 5))
    found, counts = polled(tmp_path, made.conversation(*stream(polls(120), gaps), dport=502), step=2_000_000_000)
    assert len(found) == 120 - len(gaps)
    assert counts["stream_gaps"] == len(gaps)


def test_a_segment_behind_a_gap_that_begins_within_a_message_is_read_from_the_next_one(tmp_path: Path) -> None:
    whole = b"".join(polls(20))
    for size in (5, 7, 11, 30):
        pieces = [(True, at, part) for at, part in made.pieces(whole, size)]
        missing = len(pieces) // 2
        found, _ = polled(tmp_path, made.conversation(*pieces[:missing], *pieces[missing + 1 :], dport=502))
        touched = {1 + at // 12 for at in range(size * missing, size * (missing + 1))}
        assert found == [number for number in range(1, 21) if number not in touched]


def test_a_message_says_how_far_it_goes_across_a_gap(tmp_path: Path) -> None:
    """What looks like a message within another one whose end is known is none."""
    inner = polls(1)[0]
    outer = b"\0\7\0\0\0\x3f\1\x10\0\x09\0\x1c\x38" + inner * 4 + bytes(8)
    segments = [(True, 0, outer[:20]), (True, 25, outer[25:]), (True, len(outer), polls(3)[2])]
    found, _ = polled(tmp_path, made.conversation(*segments, dport=502))
    assert found == [3]


SKIPPED = {"ssh": "a direction has one message", "rdp": "a connection has one negotiation"}
SHOWN = {"mqtt": "its CONNECT", "ftp": "its greeting, or later lines that this dialogue has not"}
"""What shows these off their ports; of the others no single message is needed."""
OVER_TCP = [
    name for name, dialogue in sorted(DIALOGUES.items())
    if not dialogue.udp and not dialogue.icmpv6 and name not in SKIPPED
]


@pytest.mark.parametrize("name", OVER_TCP)
def test_every_protocol_over_tcp_finds_its_place_behind_a_gap(tmp_path: Path, name: str) -> None:
    """The dialogue twice, without one segment of the first time: the second time is told whole."""
    dialogue = DIALOGUES[name]
    dataset = f"network.{name}"
    twice = Dialogue(dialogue.port, dialogue.steps * 2).packets()
    whole = [event for event in events(tmp_path, dataset, twice) if event["event.sequence"] > 3 + len(dialogue.steps)]
    assert whole
    for missing in range(4 if name in SHOWN else 3, 3 + len(dialogue.steps)):
        found = events(tmp_path, dataset, twice[:missing] + twice[missing + 1 :])
        behind = [event for event in found if event["event.sequence"] > missing]
        assert len(behind) >= len(whole) - 1, (missing, len(behind), len(whole))


def test_dns_over_tcp_behind_a_gap(tmp_path: Path) -> None:
    queries = [made.dns(number, f"{number}.example") for number in range(1, 9)]
    messages = [len(one).to_bytes(2, "big") + one for one in queries]
    found = events(tmp_path, "network.dns", made.conversation(*stream(messages, (2,)), dport=53))
    assert [event["dns.question.name"] for event in found] == [f"{n}.example" for n in (1, 2, 4, 5, 6, 7, 8)]


def midstream(*steps: tuple[bool, bytes], port: int) -> list[bytes]:
    """A dialogue of which neither the handshake nor what was said before these steps was captured."""
    return Dialogue(port, ((True, b"..."), (False, b"..."), *steps)).packets()[5:]


def publish(topic: bytes, payload: bytes) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + payload
    return b"\x30" + bytes([len(body)]) + body


FTP = (
    (True, b"CWD /pub\r\n"), (False, b"250 done\r\n"), (True, b"PASV\r\n"),
    (False, b"227 Entering Passive Mode (192,0,2,9,200,10)\r\n"), (True, b"RETR a.bin\r\n"), (False, b"150 go\r\n"),
    (False, b"226 sent\r\n"),
)


@pytest.mark.parametrize("port", [21, 2_121])
def test_ftp_is_recognised_by_its_later_lines(tmp_path: Path, port: int) -> None:
    found = [event.get("ftp.command") for event in events(tmp_path, "network.ftp", midstream(*FTP, port=port))]
    assert found == (["CWD", "PASV", "RETR"] if port == 21 else ["PASV", "RETR"])
    assert not events(tmp_path, "network.smtp", midstream(*FTP, port=port))


def test_smtp_is_recognised_by_its_later_lines(tmp_path: Path) -> None:
    steps = (
        (False, b"250 ok\r\n"), (True, b"MAIL FROM:<a@b.example>\r\n"), (False, b"250 ok\r\n"),
        (True, b"RCPT TO:<c@d.example>\r\n"), (False, b"250 ok\r\n"),
    )
    (event,) = events(tmp_path, "network.smtp", midstream(*steps, port=2_526))
    assert (event["smtp.mailfrom"], event["smtp.rcptto"]) == ("a@b.example", ["c@d.example"])


def test_text_that_could_be_a_reply_shows_nothing_where_the_beginning_is_missing(tmp_path: Path) -> None:
    steps = (
        (False, b"12 boxes\r\n"), (False, b"220 boxes\r\n"), (False, b"221 boxes\r\n"), (True, b"USER me\r\n"),
        (False, b"250 of them\r\n"),
    )
    packets = midstream(*steps, port=4_711)
    assert not events(tmp_path, "network.smtp", packets)
    assert not events(tmp_path, "network.ftp", packets)


def test_mqtt_begins_again_where_a_packet_bears_itself_out(tmp_path: Path) -> None:
    """A payload may begin with an octet that could begin a packet of millions; nothing must be passed over for it."""
    steps = (
        (True, b"0\xff\xff\x7f rest of a payload"), (True, b'0{"rest": 1}'), (True, publish(b"city/water", b"7")),
        (True, publish(b"city/gas", b"8") + b"\xc0\0"), (False, b"\xd0\0"),
    )
    found = events(tmp_path, "network.mqtt", midstream(*steps, port=1_883))
    assert [event["mqtt.topic"] for event in found] == ["city/water", "city/gas"]


def test_http_begins_again_behind_a_body_whose_head_is_missing(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    steps = ((False, b"\0\1\2 rest of a file"), (False, b"more of it"), (True, GET), (False, answer))
    (event,) = events(tmp_path, "network.http", midstream(*steps, port=8_080))
    assert (event["url.path"], event["http.response.status_code"]) == ("/a", 200)


def test_streams_in_which_nothing_is_recognised_are_counted(tmp_path: Path) -> None:
    """Nothing can be read of SSH behind its key exchange."""
    sealed = bytes(range(128, 180))
    packets = midstream((True, sealed), (False, sealed), (True, sealed), port=22)
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)))
    assert made.counts(portions)["conversion", "streams_unrecognised"] == 2
    assert {event["event.dataset"] for event in made.rows(portions, "network.ssh")} == set()
    whole = made.conversation((True, 0, sealed), (False, 0, sealed), dport=22)
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*whole)))
    assert ("conversion", "streams_unrecognised") not in made.counts(portions)


def test_a_key_exchange_of_ssh_whose_line_is_missing_is_read(tmp_path: Path) -> None:
    steps = DIALOGUES["ssh"].steps[:3]
    whole = Dialogue(22, steps).packets(60_000)
    (told,) = events(tmp_path, "network.ssh", whole)
    lines = [(mine, octets.partition(b"\n")) for mine, octets in steps]
    parted = Dialogue(22, tuple(
        (mine, part) for mine, (line, end, rest) in lines for part in (line + end, rest) if part
    )).packets()
    kept = [packet for packet in parted if b"SSH-2.0" not in packet]
    (event,) = events(tmp_path, "network.ssh", kept)
    fields = {name for name in told if name.startswith("ssh.") and not name.endswith((".version", ".software"))}
    assert {name: event.get(name) for name in fields} == {name: told[name] for name in fields}
    assert "ssh.client.software" not in event


def test_the_name_in_the_beginning_of_a_hello_is_told_without_a_fingerprint(tmp_path: Path) -> None:
    first, rest = HELLO[:-20], HELLO[-20:]
    for packets in (
        made.conversation((True, 0, first), dport=443),
        made.conversation((True, 0, first), (True, len(HELLO), FINISHED), dport=443),
    ):
        (event,) = events(tmp_path, "network.tls", packets)
        assert (event["tls.client.server_name"], event["hanwatch.tls.client.incomplete"]) == (NAME, True)
        assert "tls.client.ja3" not in event
    (event,) = events(tmp_path, "network.tls", made.conversation((True, 0, first), (True, len(first), rest), dport=443))
    assert "tls.client.ja3" in event
    assert "hanwatch.tls.client.incomplete" not in event


def server_flight() -> tuple[bytes, bytes]:
    """A server's hello and its certificate, in the records of the version that it chose."""
    subject = {"CN": NAME, "O": "Office of Records", "OU": "Portal", "L": "Wuhan", "ST": "Hubei"}
    hello, certified = server_hello(), certificate(subject, 7)
    return b"\x16\x03\x03" + hello[3:], b"\x16\x03\x03" + certified[3:]


def test_a_server_is_told_of_by_its_certificate_alone(tmp_path: Path) -> None:
    hello, certified = server_flight()
    size, behind = len(hello), certified + SEALED
    (whole,) = events(tmp_path, "network.tls", made.conversation((False, 0, hello + behind), dport=443))
    for packets in (
        made.conversation((False, size, behind), dport=443),
        made.conversation((False, size, behind), dport=443)[3:],
        made.conversation((True, 0, HELLO), (False, size - 9, hello[-9:] + behind), dport=443),
        made.conversation((False, 0, b"..."), (False, 3, b"......."), (False, 10, behind), dport=443)[3:],
    ):
        (event,) = events(tmp_path, "network.tls", packets)
        assert event["tls.server.hash.sha256"] == whole["tls.server.hash.sha256"]
        assert event["tls.server.subject"] == whole["tls.server.subject"]
        assert event["tls.version"] == whole["tls.version"] == "1.2"
        assert event["hanwatch.tls.server.incomplete"] is True
        assert "tls.cipher" not in event


def test_a_server_whose_client_was_not_seen_is_told_of(tmp_path: Path) -> None:
    hello, certified = server_flight()
    packets = made.conversation((False, 0, hello + certified + SEALED), dport=443)[3:]
    (event,) = events(tmp_path, "network.tls", packets)
    assert (event["tls.version"], event["tls.next_protocol"]) == ("1.2", "h2")
    assert "hanwatch.tls.server.incomplete" not in event


def test_what_was_not_seen_of_a_handshake_is_not_said_to_have_failed(tmp_path: Path) -> None:
    hello, _ = server_flight()
    segments = (
        (True, 0, HELLO + SEALED), (False, 0, hello), (False, len(hello) + 900, b"rest of a certificate"),
    )
    (event,) = events(tmp_path, "network.tls", made.conversation(*segments, dport=443))
    assert "tls.established" not in event
    assert event["hanwatch.tls.server.incomplete"] is True
    (event,) = events(tmp_path, "network.tls", made.conversation(*segments[:2], dport=443))
    assert event["tls.established"] is False


def test_a_flow_that_is_told_of_in_parts_goes_on_with_its_protocol(tmp_path: Path) -> None:
    packets = Dialogue(47_001, DIALOGUES["mqtt"].steps[:2]).packets()
    said = sum(len(octets) for mine, octets in DIALOGUES["mqtt"].steps[:2] if mine)
    keep = [made.tcp4(40_000, 47_001, made.ACK, 1_000 + said) for _ in range(30)]
    last = made.tcp4(40_000, 47_001, made.PSH | made.ACK, 1_000 + said, publish(b"city/water", b"7"))
    found = made.rows(
        made.read(tmp_path / "made.pcap", pcap(made.frames(*packets, *keep, last, step=70 * made.SECOND))),
        "network.mqtt",
    )
    assert [event["mqtt.topic"] for event in found if "mqtt.topic" in event] == ["city/water"]

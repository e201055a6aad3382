from pathlib import Path
from typing import Any

import pytest

from sensors.capture.handshakes import client_hello
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
    # The first message of MQTT and FTP is the one that shows them.
    for missing in range(4, 3 + len(dialogue.steps)):
        found = events(tmp_path, dataset, twice[:missing] + twice[missing + 1 :])
        behind = [event for event in found if event["event.sequence"] > missing]
        assert len(behind) >= len(whole) - 1, (missing, len(behind), len(whole))


def test_dns_over_tcp_behind_a_gap(tmp_path: Path) -> None:
    queries = [made.dns(number, f"{number}.example") for number in range(1, 9)]
    messages = [len(one).to_bytes(2, "big") + one for one in queries]
    found = events(tmp_path, "network.dns", made.conversation(*stream(messages, (2,)), dport=53))
    assert [event["dns.question.name"] for event in found] == [f"{n}.example" for n in (1, 2, 4, 5, 6, 7, 8)]

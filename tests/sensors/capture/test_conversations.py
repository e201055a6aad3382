from pathlib import Path
from typing import Any

import pytest

from sensors.capture import contents, conversations
from sensors.capture import reader as reading
from sensors.capture.compiled import Words
from sensors.capture.writing import Frame, pcap
from tests.sensors.capture import frames as made


def told(tmp_path: Path, *packets: bytes) -> list[dict[str, Any]]:
    found = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(*packets))), "network.dns")
    return sorted(found, key=lambda row: row["event.sequence"])


def test_a_query_and_its_answer_are_one_event(tmp_path: Path) -> None:
    (event,) = told(
        tmp_path,
        made.udp4(4_000, 53, made.dns(7, "a.example")),
        made.udp4(53, 4_000, made.dns(7, "A.example", reply=True, answers=((1, b"\x0a\0\0\x09"),)), back=True),
    )
    assert (event["dns.type"], event["dns.id"], event["dns.response_code"]) == ("answer", "7", "NOERROR")
    assert event["event.duration"] == 1_000_000
    assert (event["event.sequence"], event["source.ip"], event["dns.resolved_ip"]) == (1, made.A, ["10.0.0.9"])


def test_a_query_without_answer_is_told_when_its_flow_ends(tmp_path: Path) -> None:
    (event,) = told(tmp_path, made.udp4(4_000, 53, made.dns(7, "a.example")))
    assert event["dns.type"] == "query"
    assert "event.duration" not in event


def test_answers_find_their_own_query(tmp_path: Path) -> None:
    def answer(number: int, name: str) -> bytes:
        return bytes(made.udp4(53, 4_000, made.dns(number, name, reply=True, code=3), back=True))

    one, two, stray = told(
        tmp_path,
        made.udp4(4_000, 53, made.dns(1, "one.example")),
        made.udp4(4_000, 53, made.dns(2, "two.example")),
        answer(2, "two.example"),
        answer(1, "one.example"),
        answer(3, "stray.example"),
    )
    assert (one["dns.question.name"], one["event.duration"]) == ("one.example", 3_000_000)
    assert (two["dns.question.name"], two["event.duration"]) == ("two.example", 1_000_000)
    assert "event.duration" not in stray


def test_too_many_waiting_queries_push_the_oldest_out(tmp_path: Path) -> None:
    found = told(tmp_path, *[made.udp4(4_000, 53, made.dns(number, "a.example")) for number in range(500)])
    assert [event["dns.id"] for event in found] == [str(number) for number in range(500)]


def test_multicast_dns_and_llmnr_are_told_apart(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        made.udp4(5_353, 5_353, made.dns(0, "a.local")),
        made.udp4(9, 5_355, made.dns(1, "b.c")),
        made.udp4(9, 53, made.dns(1, "b.c")),
    )
    assert [event["network.protocol"] for event in found] == ["mdns", "llmnr", "dns"]


def test_dns_on_another_port_is_known_by_its_shape(tmp_path: Path) -> None:
    assert len(told(tmp_path, made.udp4(4_000, 9_953, made.dns(7, "a.example")))) == 1
    assert not told(tmp_path, made.udp4(4_000, 9_953, b"\0\7\1\0\0\1" + bytes(20)))


def test_what_claims_port_53_and_is_no_dns_is_counted(tmp_path: Path) -> None:
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(made.udp4(4_000, 53, b"\xff" * 40))))
    assert not made.rows(portions, "network.dns")
    assert made.counts(portions)["conversion", "messages_unread"] == 1


def test_events_of_one_packet_have_ids_of_their_own(tmp_path: Path) -> None:
    message = made.dns(7, "a.example")
    packed = len(message).to_bytes(2, "big") + message
    packets = made.conversation((True, 0, packed * 3), dport=53)
    found = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(*packets))), "network.dns")
    assert len({event["event.id"] for event in found}) == 3
    assert {event["event.sequence"] for event in found} == {4}


def test_continue_is_not_the_response(tmp_path: Path) -> None:
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
    waiting, done = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    packets = made.conversation(
        (True, 0, post), (False, 0, waiting), (True, len(post), b"x"), (False, len(waiting), done)
    )
    (event,) = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(*packets))), "network.http")
    assert event["http.response.status_code"] == 201


def test_events_without_times_take_the_receipt_time(tmp_path: Path) -> None:
    portions = made.read(tmp_path / "made.pcap", pcap([Frame(0, made.udp4(4_000, 53, made.dns(7, "a.example")))]))
    (event,) = made.rows(portions, "network.dns")
    assert (event["hanwatch.time.origin"], event["@timestamp"][:10]) == ("received", "2025-10-09")


def test_many_sets_of_fields_do_not_bring_together_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With those of the queries 2 ** 18: three times that leaves ten bits of 64 for whatever else differs.
    names = {(f"made.{number}",): number for number in range(1, (1 << 18) - 1)}
    monkeypatch.setattr(contents, "MOST_LAYOUTS", 1 << 20)

    class Many(contents.Contents):
        def _empty(self) -> None:
            super()._empty()
            self.names = dict(names)

    monkeypatch.setattr(conversations, "Contents", Many)
    packets = {port: made.udp4(port, 53, made.dns(port, "a.example")) for port in (1, 2, 3, 4)}
    frames = [Frame(0 if port % 2 else made.START, packet) for port, packet in packets.items()]
    portions = made.read(tmp_path / "a.pcap", pcap(frames))
    told = {row["source.port"]: row.get("hanwatch.time.origin") for row in made.rows(portions, "network.dns")}
    assert told == {1: "received", 2: None, 3: "received", 4: None}


def test_the_sets_of_fields_that_are_numbered_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_LAYOUTS", 3)
    monkeypatch.setattr(reading, "PORTION_BYTES", 600)
    counted: list[int] = []
    keep = contents.Contents.keep

    def kept(self: contents.Contents, used: Words) -> tuple[Words, Words]:
        counted.append(len(self.names))
        numbers = keep(self, used)
        counted.append(len(self.names))
        return numbers

    monkeypatch.setattr(contents.Contents, "keep", kept)
    heads = [b"Host: a", b"User-Agent: b"]
    heads += [b"Host: a\r\n" + more for more in (b"User-Agent: b", b"Referer: c", b"User-Agent: b\r\nReferer: c")]
    packets = []
    for port, head in enumerate(heads * 3, 40_000):
        packets += made.conversation((True, 0, b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n"), sport=port)
    portions = made.read(tmp_path / "a.pcap", pcap(made.frames(*packets)))
    assert len(made.rows(portions, "network.http")) == 15
    assert max(counted) > 3
    assert min(counted) <= 3

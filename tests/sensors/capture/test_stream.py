import random
from pathlib import Path
from typing import Any

import pytest

from sensors.capture.handshakes import client_hello, server_hello
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made

NAME = "portal.gov.example"
HELLO = client_hello(NAME)
FINISHED = b"\x14\x03\x03\x00\x01\x01"
GET = b"GET /a?b=c HTTP/1.1\r\nHost: portal.gov.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: Text/Plain; charset=x\r\n\r\nbody"


def events(tmp_path: Path, dataset: str, packets: list[bytes], **limits: int) -> list[dict[str, Any]]:
    found = made.rows(made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)), start=None, **limits), dataset)
    return sorted(found, key=lambda row: row["event.sequence"])


@pytest.mark.parametrize("size", [1, 3, 7, 50, 10_000])
def test_a_hello_in_pieces_of_any_size_is_put_together(tmp_path: Path, size: int) -> None:
    segments = [(True, at, part) for at, part in made.pieces(HELLO + FINISHED, size)]
    (event,) = events(tmp_path, "network.tls", made.conversation(*segments))
    assert event["tls.client.server_name"] == NAME
    assert event["event.sequence"] == 4


def test_segments_in_any_order_and_more_than_once_give_the_same(tmp_path: Path) -> None:
    (whole,) = events(tmp_path, "network.tls", made.conversation((True, 0, HELLO + FINISHED)))
    for seed in range(20):
        order = [(True, at, part) for at, part in made.pieces(HELLO + FINISHED, 40)]
        order += random.Random(seed).sample(order, 2)
        random.Random(seed).shuffle(order)
        (event,) = events(tmp_path, "network.tls", made.conversation(*order))
        assert event["tls.client.ja4"] == whole["tls.client.ja4"]
        assert event["tls.client.server_name"] == NAME


def test_overlapping_segments_keep_the_copy_that_came_first(tmp_path: Path) -> None:
    half = len(GET) // 2
    other = GET.replace(b"portal", b"forged")
    (event,) = events(
        tmp_path, "network.http", made.conversation((True, 0, GET[:half]), (True, 0, other), (True, half, GET[half:]))
    )
    assert event["url.path"] == "/a"
    assert event["url.original"] == "/a?b=c"


def test_sequence_numbers_wrap(tmp_path: Path) -> None:
    first = 0xFFFFFFFF - 20
    packets = [made.tcp4(9, 443, made.SYN, first - 1)]
    packets += [made.tcp4(9, 443, made.ACK, first + at, part) for at, part in made.pieces(HELLO + FINISHED, 30)]
    (event,) = events(tmp_path, "network.tls", packets)
    assert event["tls.client.server_name"] == NAME


def test_a_connection_picked_up_in_its_middle_is_read_from_a_messages_beginning(tmp_path: Path) -> None:
    (event,) = events(tmp_path, "network.http", [made.tcp4(9, 8_080, made.ACK, 77, GET)])
    assert event["url.domain"] == NAME


def test_both_sides_of_a_handshake_are_one_event(tmp_path: Path) -> None:
    packets = made.conversation(
        (True, 0, HELLO),
        (False, 0, server_hello() + FINISHED),
        (True, len(HELLO), FINISHED),
        dport=8_443,
    )
    (event,) = events(tmp_path, "network.tls", packets)
    assert event["tls.cipher"] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert (event["tls.version"], event["tls.version_protocol"], event["tls.next_protocol"]) == ("1.2", "tls", "h2")
    assert event["tls.established"] is True
    assert (event["source.ip"], event["destination.port"]) == (made.A, 8_443)
    (flow,) = made.flows_of(tmp_path, *packets)
    assert flow["network.protocol"] == "tls"
    assert flow["network.community_id"] == event["network.community_id"]


def test_a_hello_after_starttls_is_found(tmp_path: Path) -> None:
    greeting = b"EHLO synthetic.example\r\n"
    packets = made.conversation(
        (True, 0, greeting), (True, len(greeting), HELLO), (True, len(greeting) + len(HELLO), FINISHED)
    )
    (event,) = events(tmp_path, "network.tls", packets)
    assert event["tls.client.server_name"] == NAME


def test_requests_and_responses_of_one_connection_are_paired_in_order(tmp_path: Path) -> None:
    other = GET.replace(b"/a?b=c", b"/second")
    missing = OK.replace(b"200 OK", b"404 No")
    packets = made.conversation(
        (True, 0, GET),
        (False, 0, OK[:30]),
        (False, 30, OK[30:]),
        (True, len(GET), other),
        (False, len(OK), missing),
    )
    first, second = events(tmp_path, "network.http", packets)
    assert (first["url.original"], first["http.response.status_code"]) == ("/a?b=c", 200)
    assert (second["url.original"], second["http.response.status_code"]) == ("/second", 404)
    assert first["http.response.body.bytes"] == 4
    assert first["http.response.mime_type"] == "text/plain"
    assert first["event.duration"] == 1_000_000


@pytest.mark.parametrize("size", [5, 33, 10_000])
def test_pipelined_requests_are_all_found(tmp_path: Path, size: int) -> None:
    post = b"POST /p HTTP/1.1\r\nHost: h\r\ncontent-length: 5\r\n\r\nGET /"
    segments = [(True, at, part) for at, part in made.pieces(GET + post + GET, size)]
    found = events(tmp_path, "network.http", made.conversation(*segments))
    assert sorted(event["url.path"] for event in found) == ["/a", "/a", "/p"]


def test_a_body_that_looks_like_a_request_is_none(tmp_path: Path) -> None:
    post = b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(GET)
    packets = made.conversation((True, 0, post), (True, len(post), GET), (True, len(post) + len(GET), GET))
    assert [event["url.path"] for event in events(tmp_path, "network.http", packets)] == ["/p", "/a"]


def test_an_answer_to_head_has_no_body(tmp_path: Path) -> None:
    head = GET.replace(b"GET", b"HEAD")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    packets = made.conversation((True, 0, head), (False, 0, answer), (True, len(head), GET), (False, len(answer), OK))
    assert [event["http.response.status_code"] for event in events(tmp_path, "network.http", packets)] == [200, 200]


@pytest.mark.parametrize("size", [1, 9, 10_000])
def test_line_ends_between_messages_are_passed_over(tmp_path: Path, size: int) -> None:
    asked, answered = GET + b"\r\n" + GET, OK + b"\r\n" + OK + b"\n"
    segments = [(True, at, part) for at, part in made.pieces(asked, size)]
    segments += [(False, at, part) for at, part in made.pieces(answered, size)]
    found = events(tmp_path, "network.http", made.conversation(*segments))
    assert [event["http.response.status_code"] for event in found] == [200, 200]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SECOND = OK.replace(b"200 OK", b"404 No")


def behind_a_gap(*behind: bytes) -> list[tuple[bool, int, bytes]]:
    """Segments of an answer whose middle is missing, and those behind it."""
    at = len(CHUNKED) + 700
    segments = [(False, 0, CHUNKED)]
    for octets in behind:
        segments.append((False, at, octets))
        at += len(octets)
    return segments


def test_answers_behind_missing_octets_are_told(tmp_path: Path) -> None:
    other = GET.replace(b"/a?b=c", b"/second")
    rest = b"5\r\nabcde\r\n0\r\n\r\n"
    for behind in ((rest + SECOND,), (rest, SECOND), (SECOND,)):
        packets = made.conversation((True, 0, GET), *behind_a_gap(*behind), (True, len(GET), other))
        first, second = events(tmp_path, "network.http", packets)
        assert (first["url.path"], first["http.response.status_code"]) == ("/a", 200)
        assert (second["url.path"], second["http.response.status_code"]) == ("/second", 404)


def test_a_body_behind_missing_octets_tells_by_its_length_where_the_next_answer_begins(tmp_path: Path) -> None:
    found = events(tmp_path, "network.http", made.conversation(*behind_a_gap(OK + SECOND)))
    assert sorted(event["http.response.status_code"] for event in found) == [200, 200, 404]


def test_requests_behind_missing_octets_are_told(tmp_path: Path) -> None:
    post = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    packets = made.conversation((True, 0, post), (True, len(post) + 90, GET + GET.replace(b"/a", b"/b")))
    assert sorted(event["url.path"] for event in events(tmp_path, "network.http", packets)) == ["/a", "/b", "/p"]


def test_what_only_looks_like_a_message_behind_missing_octets_is_none(tmp_path: Path) -> None:
    for behind in (b"it said HTTP/1.1 200 OK\r\n\r\n", b"GET nothing\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"\n" * 500):
        found = events(tmp_path, "network.http", made.conversation(*behind_a_gap(behind)))
        assert len(found) == 1


def test_a_gap_in_a_long_body_does_not_hide_what_follows(tmp_path: Path) -> None:
    pieces = [b"y" * 1_000] * 40
    packets = made.conversation((True, 0, GET), *behind_a_gap(*pieces, SECOND))
    found = events(tmp_path, "network.http", packets)
    assert sorted(event["http.response.status_code"] for event in found) == [200, 404]


def test_a_hole_in_every_slot_is_bounded(tmp_path: Path) -> None:
    packets = []
    for port in range(1_000, 1_060):
        packets.append(made.tcp4(port, 80, made.ACK, 7, GET))
        packets.append(made.tcp4(port, 80, made.ACK, 7 + len(GET) + 5, GET * 60))
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)), slot_limit=16)
    assert len(made.rows(portions, "network.http")) + made.counts(portions)["conversion", "messages_cut"] >= 60 * 61


def test_dns_over_tcp_in_pieces(tmp_path: Path) -> None:
    query, answer = made.dns(5, "a.example"), made.dns(5, "a.example", reply=True, answers=((1, b"\x0a\0\0\1"),))
    asked, told = (len(one).to_bytes(2, "big") + one for one in (query, answer))
    segments = [(True, at, part) for at, part in made.pieces(asked, 9)]
    (event,) = events(tmp_path, "network.dns", made.conversation(*segments, (False, 0, told), dport=53))
    assert (event["dns.question.name"], event["dns.resolved_ip"]) == ("a.example", ["10.0.0.1"])
    assert event["network.transport"] == "tcp"


def test_when_every_slot_is_in_use_the_oldest_is_told_as_it_is(tmp_path: Path) -> None:
    packets = [made.tcp4(port, 443, made.ACK, 7, HELLO) for port in range(1_000, 1_100)]
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)), slot_limit=16)
    assert len(made.rows(portions, "network.tls")) == 100
    assert made.counts(portions)["conversion", "messages_cut"] > 0


def test_a_head_without_end_is_cut_and_still_told(tmp_path: Path) -> None:
    long = GET[:-2] + b"X-Long: " + b"x" * 40_000
    packets = made.conversation(*[(True, at, part) for at, part in made.pieces(long, 1_000)])
    (event,) = events(tmp_path, "network.http", packets)
    assert event["url.path"] == "/a"


def test_other_protocols_are_not_named(tmp_path: Path) -> None:
    for octets in (
        b"SSX-2.0-synthetic\r\n",
        b"MAIL FROM:<a@b.example>\r\n",
        b"\x16\x03\x01" + bytes(40),
        b"GET nothing",
    ):
        packets = made.conversation((True, 0, octets))
        (flow,) = made.flows_of(tmp_path, *packets)
        assert "network.protocol" not in flow

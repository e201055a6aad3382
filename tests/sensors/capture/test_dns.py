import struct
from typing import Any

import pytest

from sensors.capture import dns
from tests.sensors.capture import frames as made


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(kind: int, data: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def reply(kind: int, data: bytes) -> dict[str, Any]:
    message = made.dns(1, "a.example", reply=True, answers=((kind, data),))
    return dns.parse(message[2:]).fields


def test_a_query() -> None:
    message = dns.parse(made.dns(9, "Www.Example")[2:])
    assert not message.answers
    assert message.question == ("www.example", "A")
    assert message.fields == {
        "dns.type": "query",
        "dns.op_code": "QUERY",
        "dns.header_flags": ["RD"],
        "dns.question.name": "Www.Example",
        "dns.question.type": "A",
        "dns.question.class": "IN",
    }


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (1, b"\x0a\0\0\1", "10.0.0.1"),
        (28, b"\x20\x01\x0d\xb8" + bytes(11) + b"\1", "2001:db8::1"),
        (28, bytes(12) + b"\1\2\3\4", "::102:304"),
        (28, bytes(10) + b"\xff\xff\1\2\3\4", "::ffff:1.2.3.4"),
        (5, name("b.example"), "b.example"),
        (15, b"\0\x0a" + b"\xc0\x0c", "10 a.example"),
        (16, b"\x03abc\x02de", "abcde"),
        (33, struct.pack(">HHH", 1, 2, 443) + name("s.example"), "1 2 443 s.example"),
        (6, name("n.example") + name("m.example") + struct.pack(">5I", 1, 2, 3, 4, 5), "n.example m.example 1 2 3 4 5"),
        (1, b"\x0a\0", "\\# 2 0a00"),
        (999, b"\1\2", "\\# 2 0102"),
    ],
)
def test_data_of_records(kind: int, data: bytes, text: str) -> None:
    assert reply(kind, data)["dns.answers"][0]["data"] == text


def test_names_are_escaped_as_ecs_says() -> None:
    question = b'\x05a\x00".\xff\0' + b"\0\1\0\1"
    fields = dns.parse(struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + question).fields
    assert fields["dns.question.name"] == 'a\\000\\"\\046\\255'


def test_answers_that_are_cut_off_are_told_as_incomplete() -> None:
    whole = made.dns(1, "a.example", reply=True, answers=((1, b"\1\1\1\1"), (1, b"\2\2\2\2")))
    fields = dns.parse(whole[2:-1]).fields
    assert fields["hanwatch.dns.incomplete"] is True
    assert fields["dns.resolved_ip"] == ["1.1.1.1"]


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"\1\0",
        bytes(10),
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0),
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1",
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + b"\xc0\xff\0\1\0\1",
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + b"\x3fshort\0\0\1\0\1",
        struct.pack(">HHHHH", 0x0100, 99, 0, 0, 0) + name("a.b") * 99,
        struct.pack(">HHHHH", 0x7900, 1, 0, 0, 0) + name("a.b") + b"\0\1\0\1",
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + b"\x3f" * 300,
    ],
)
def test_what_is_no_dns_is_refused(rest: bytes) -> None:
    with pytest.raises(dns.NotDns):
        dns.parse(rest)

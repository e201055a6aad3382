from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols.model import Context, NotThis
from sensors.capture.protocols.mqtt import PROTOCOL, parse
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told


def packet(first: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        length += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            return bytes([first]) + length + body


def string(value: str | bytes) -> bytes:
    octets = value.encode() if isinstance(value, str) else value
    return len(octets).to_bytes(2, "big") + octets


WILL = string("lost/7") + string("gone")
CONNECT = packet(
    0x10, string("MQTT") + b"\x04\xee\x00\x3c" + string("meter-7") + WILL + string("anna") + string("secret"),
)
CONNECT_5 = packet(
    0x10, string("MQTT") + b"\x05\x06\x00\x0a\x03\x21\x00\x14" + string("") + b"\x05\x18\0\0\0\1" + WILL,
)
DIALOGUE = Dialogue(11_883, (
    (True, CONNECT),
    (False, packet(0x20, b"\0\0")),
    (True, packet(0x82, b"\0\1" + string("a/#") + b"\x01" + string("b") + b"\x02")),
    (False, packet(0x90, b"\0\1\x01\x80")),
    (True, packet(0x30, string("a/b") + b"20.5")),
    (True, packet(0x33, string("a/c") + b"\0\2" + bytes(5_000))),
    (False, packet(0x40, b"\0\2")),
    (True, packet(0xC0, b"")),
    (False, packet(0xD0, b"")),
    (True, packet(0xA2, b"\0\3" + string("b"))),
    (False, packet(0xB0, b"\0\3")),
    (True, packet(0xE0, b"")),
))


def said(octets: bytes) -> dict[str, Any]:
    message = parse(octets, Context(PROTOCOL.signs[0].framing))
    return {name.removeprefix("mqtt."): value for name, value in message.fields.items()}


@pytest.mark.parametrize("size", [60_000, 9, 1])
def test_packets_are_told_with_what_answers_them(tmp_path: Path, size: int) -> None:
    events = told(tmp_path, "network.mqtt", *DIALOGUE.packets(size))
    by_kind = {(event["mqtt.type"], event.get("mqtt.qos")): event for event in events}
    assert len(events) == len(by_kind) == 6
    connect = by_kind["CONNECT", None]
    assert own(connect, "mqtt.") == {
        "type": "CONNECT", "response": "CONNACK", "proto_name": "MQTT", "proto_version": 4, "keep_alive": 60,
        "clean_session": True, "client_id": "meter-7", "will_topic": "lost/7", "will_qos": 1, "will_retain": True,
        "password": True, "session_present": False, "reason_code": 0, "connect_status": "Connection Accepted",
    }
    assert (connect["user.name"], connect["event.outcome"]) == ("anna", "success")
    assert "secret" not in str(events)
    subscription = own(by_kind["SUBSCRIBE", None], "mqtt.")
    assert (subscription["topics"], subscription["qos_levels"], subscription["reason_codes"]) == (
        ["a/#", "b"], [1, 2], [1, 128],
    )
    assert own(by_kind["PUBLISH", 0], "mqtt.") == {
        "type": "PUBLISH", "topic": "a/b", "qos": 0, "retain": False, "dup": False, "payload_len": 4,
    }
    published = own(by_kind["PUBLISH", 1], "mqtt.")
    assert (published["response"], published["msg_id"], published["payload_len"], published["retain"]) == (
        "PUBACK", 2, 5_000, True,
    )
    assert by_kind["UNSUBSCRIBE", None]["mqtt.topics"] == ["b"]
    assert by_kind["DISCONNECT", None]["mqtt.reason_code"] == 0


def test_what_is_new_in_version_5_is_passed_over() -> None:
    connect = said(CONNECT_5)
    assert (connect["proto_version"], connect["client_id"], connect["will_topic"]) == (5, "", "lost/7")
    properties = b"\x02\x0b\x05"
    assert said(packet(0x82, b"\0\1" + properties + string("a") + b"\x01"))["topics"] == ["a"]
    assert said(packet(0x82, b"\0\1\0" + string("a") + b"\x01"))["topics"] == ["a"]
    assert said(packet(0x20, b"\0\x87\0"))["reason_code"] == 0x87
    asked = parse(packet(0x82, b"\0\1\0" + string("a") + b"\x01"), Context(PROTOCOL.signs[0].framing))
    answered = parse(packet(0x90, b"\0\1\0\x02"), Context(PROTOCOL.signs[0].framing))
    assert PROTOCOL.together(asked, answered)["mqtt.reason_codes"] == [2]


def test_version_3_1_is_read_on_any_port(tmp_path: Path) -> None:
    old = packet(0x10, string("MQIsdp") + b"\x03\x02\x00\x0a" + string("c"))
    (event,) = told(tmp_path, "network.mqtt", *Dialogue(4_000, ((True, old),)).packets())
    assert (event["mqtt.proto_name"], event["mqtt.proto_version"]) == ("MQIsdp", 3)


@pytest.mark.parametrize(
    "octets",
    [
        packet(0x10, string("MQTX") + b"\x04\x02\x00\x0a" + string("c")),
        packet(0x10, string("MQTT") + b"\x04\x03\x00\x0a" + string("c")),
        packet(0x11, string("MQTT") + b"\x04\x02\x00\x0a" + string("c")),
        packet(0x36, string("a") + b"\0\1"),
        packet(0x30, string("a/#")),
        packet(0x30, string(b"\xff")),
        packet(0x80, b"\0\1" + string("a") + b"\0"),
        packet(0x82, b"\0\1"),
        packet(0x40, b"\0\0"),
        packet(0x20, b"\2\0"),
        packet(0xC0, b"\0"),
        b"\x00\x00",
        b"\x30\xff\xff\xff\xff\x01",
    ],
)
def test_what_contradicts_the_standard_is_nothing(octets: bytes) -> None:
    with pytest.raises(NotThis):
        said(octets)


def test_many_topics_are_bounded_and_marked() -> None:
    fields = said(packet(0xA2, b"\0\1" + string("t") * 100))
    assert (len(fields["topics"]), fields["incomplete"]) == (64, True)


def test_a_connection_that_is_picked_up_in_its_middle_is_read_on_its_port_only(tmp_path: Path) -> None:
    steps = ((True, packet(0x30, string("a/b") + b"1")), (False, packet(0x20, b"\0\5")))
    assert len(told(tmp_path, "network.mqtt", *Dialogue(1_883, steps).packets())) == 2
    assert not told(tmp_path, "network.mqtt", *Dialogue(4_000, steps).packets())
    (refused,) = told(tmp_path, "network.mqtt", *Dialogue(1_883, steps[1:]).packets())
    assert (refused["event.outcome"], refused["mqtt.response"]) == ("failure", "CONNACK")

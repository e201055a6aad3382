"""Messages of the registry's protocols: who belongs to whom, and that what is said alike is read once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sensors.capture import contents
from sensors.capture.protocols import modbus
from sensors.capture.protocols.model import Context, Message
from sensors.capture.waiting import MOST_WAITING
from tests.sensors.capture.protocols.dialogues import Dialogue, told

READ = b"\x03\x00\x13\x00\x01"


def frame(transaction: int, pdu: bytes) -> bytes:
    return transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + b"\1" + pdu


def value(number: int) -> bytes:
    return b"\x03\x02" + number.to_bytes(2, "big")


def modbus_of(tmp_path: Path, *steps: tuple[bool, bytes]) -> list[dict[str, Any]]:
    return told(tmp_path, "network.modbus", *Dialogue(502, steps).packets())


def test_answers_find_the_request_of_their_number_in_any_order(tmp_path: Path) -> None:
    asked = [(True, frame(number, READ)) for number in (7, 8, 9)]
    answered = [(False, frame(number, value(number))) for number in (9, 7, 8)]
    events = modbus_of(tmp_path, *asked, *answered)
    assert {event["modbus.tid"]: event["modbus.response_values"] for event in events} == {7: [7], 8: [8], 9: [9]}


def test_an_answer_that_nobody_asked_for_is_told_alone(tmp_path: Path) -> None:
    alone, asked = modbus_of(tmp_path, (False, frame(3, value(5))), (True, frame(4, READ)))
    assert alone["modbus.response_values"] == [5]
    assert "modbus.quantity" not in alone
    assert asked["modbus.quantity"] == 1
    assert not {"event.duration"} & (alone.keys() | asked.keys())


def test_too_many_that_wait_push_the_oldest_out(tmp_path: Path) -> None:
    asked = [(True, frame(number, READ)) for number in range(MOST_WAITING + 2)]
    events = modbus_of(tmp_path, *asked, (False, frame(0, value(0))), (False, frame(2, value(2))))
    both = {"modbus.address", "modbus.response_values"}
    answered = [event["modbus.tid"] for event in events if both <= event.keys()]
    assert answered == [2]
    assert len(events) == MOST_WAITING + 3


def test_what_differs_in_number_and_client_port_only_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Context] = []
    parse = modbus.parse

    def counted(octets: bytes, context: Context) -> Message:
        parsed.append(context)
        return parse(octets, context)

    registry = [replace(one, parse=counted) if one is modbus.PROTOCOL else one for one in contents.REGISTRY]
    monkeypatch.setattr(contents, "REGISTRY", registry)
    polls = [((True, frame(number, READ)), (False, frame(number, value(1)))) for number in range(20)]
    steps = tuple(step for poll in polls for step in poll)
    packets = [packet for port in (40_000, 50_000) for packet in Dialogue(502, steps, client_port=port).packets()]
    events = told(tmp_path, "network.modbus", *packets)
    assert len(events) == 40
    assert sorted({event["modbus.tid"] for event in events}) == list(range(20))
    assert [(context.sender_port, context.receiver_port) for context in parsed] == [(0, 502), (502, 0)]

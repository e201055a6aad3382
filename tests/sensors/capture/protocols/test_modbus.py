from pathlib import Path

import pytest

from sensors.capture.protocols.modbus import PROTOCOL, parse
from sensors.capture.protocols.model import Context, NotThis
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told


def frame(transaction: int, pdu: bytes, unit: int = 1) -> bytes:
    return transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes([unit]) + pdu


DIALOGUE = Dialogue(502, (
    (True, frame(1, b"\x01\x00\x13\x00\x0a")),
    (False, frame(1, b"\x01\x02\xcd\x02")),
    (True, frame(2, b"\x10\x00\x01\x00\x02\x04\x00\x0a\x01\x02") + frame(3, b"\x06\x00\x05\x12\x34")),
    (False, frame(2, b"\x10\x00\x01\x00\x02") + frame(3, b"\x86\x02")),
    (True, frame(4, b"\x2b\x0e\x01\x00")),
))


@pytest.mark.parametrize("size", [60_000, 7, 1])
def test_requests_find_their_answers_however_segments_are_cut(tmp_path: Path, size: int) -> None:
    packets = DIALOGUE.packets(size)
    flow = told(tmp_path, "network.flow", *packets)
    events = sorted(told(tmp_path, "network.modbus", *packets), key=lambda event: event["modbus.tid"])
    read, written, refused, alone = (own(event, "modbus.") for event in events)
    assert flow[0]["network.protocol"] == "modbus"
    assert read["response_values"] == [1, 0, 1, 1, 0, 0, 1, 1, 0, 1]
    assert (read["function"], read["address"], read["quantity"], read["unit"]) == ("READ_COILS", 19, 10, 1)
    assert (written["function"], written["request_values"]) == ("WRITE_MULTIPLE_REGISTERS", [10, 258])
    assert (refused["function"], refused["request_values"], refused["exception"]) == (
        "WRITE_SINGLE_REGISTER", [0x1234], "ILLEGAL_DATA_ADDRESS",
    )
    assert (alone["function"], alone["subfunction"]) == ("ENCAP_INTERFACE_TRANSPORT", 14)
    assert "event.duration" in events[0]
    assert "event.duration" not in events[3]


def test_a_capture_that_begins_with_the_answer_still_knows_who_answers(tmp_path: Path) -> None:
    answer = Dialogue(502, ((False, frame(9, b"\x03\x02\x00\x2a")),)).packets()[3:]
    (event,) = told(tmp_path, "network.modbus", *answer)
    assert event["modbus.response_values"] == [42]


def test_other_ports_and_other_contents_are_left_alone(tmp_path: Path) -> None:
    assert not told(tmp_path, "network.modbus", *Dialogue(8_502, DIALOGUE.steps).packets())
    assert not told(tmp_path, "network.modbus", *Dialogue(502, ((True, b"GET / HTTP/1.1\r\n\r\n"),)).packets())
    with pytest.raises(NotThis):
        parse(frame(1, b"\x00"), Context(PROTOCOL.signs[0].framing, receiver_port=502))


def test_many_values_are_bounded_and_marked(tmp_path: Path) -> None:
    answer = Dialogue(502, ((False, frame(9, b"\x03\xfa" + bytes(250))),)).packets()
    (event,) = told(tmp_path, "network.modbus", *answer)
    assert (len(event["modbus.response_values"]), event["modbus.incomplete"]) == (64, True)

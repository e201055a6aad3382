from pathlib import Path

import pytest

from sensors.capture.protocols.modbus import PROTOCOL, parse
from sensors.capture.protocols.model import Context, Fields, NotThis
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


def asked(pdu: bytes) -> Fields:
    return parse(frame(1, pdu), Context(PROTOCOL.signs[0].framing, sender_port=40_000, receiver_port=502)).fields


def answered(pdu: bytes) -> Fields:
    return parse(frame(1, pdu), Context(PROTOCOL.signs[0].framing, sender_port=502, receiver_port=40_000)).fields


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


def test_a_coil_is_set_to_one_or_nothing() -> None:
    assert asked(b"\x05\x00\x01\xff\x00")["modbus.request_values"] == [1]
    assert answered(b"\x05\x00\x01\x00\x00")["modbus.response_values"] == [0]
    assert asked(b"\x05\x00\x01\x12\x34")["modbus.request_values"] == [0x1234]


def test_functions_of_vendors_have_their_names() -> None:
    assert asked(b"\x5a\x00\x02")["modbus.function"] == "PROGRAM_UNITY"
    assert asked(b"\x5a\x00\x02")["hanwatch.industrial.operation"] == "program"
    assert asked(b"\x63")["modbus.function"] == "unknown-99"


@pytest.mark.parametrize(("pdu", "operation"), [
    (b"\x03\0\0\0\1", "read"), (b"\x06\0\0\0\1", "write"), (b"\x08\0\4\0\0", "control"),
    (b"\x08\0\x0a\0\0", "configure"), (b"\x08\0\0\0\0", None),
])
def test_requests_say_what_they_do(pdu: bytes, operation: str | None) -> None:
    assert asked(pdu).get("hanwatch.industrial.operation") == operation


def test_files_are_numbered() -> None:
    read = asked(b"\x14\x0e" + b"\x06\0\x04\0\x01\0\x02" + b"\x06\0\x03\0\x09\0\x02")
    assert read["modbus.files"] == [4, 3]
    write = asked(b"\x15\x0d" + b"\x06\0\x04\0\x07\0\x03" + bytes(6))
    assert (write["modbus.files"], "modbus.incomplete" in write) == ([4], False)
    assert asked(b"\x15\x0d\x06\0\x04")["modbus.incomplete"]


def test_a_device_says_who_it_is() -> None:
    said = b"\x2b\x0e\x01\x83\x00\x00\x02" + b"\x00\x04Acme" + b"\x02\x031.2"
    assert answered(said)["modbus.device"] == ["Acme", "1.2"]
    assert answered(said[:-2])["modbus.incomplete"]
    assert answered(b"\x11\x05PLC 7")["modbus.device"] == ["PLC 7"]


def test_a_queue_and_a_status_are_read() -> None:
    assert answered(b"\x18\0\x06\0\x02\0\x07\0\x08")["modbus.response_values"] == [7, 8]
    assert answered(b"\x07\x6d")["modbus.response_values"] == [0x6D]


@pytest.mark.parametrize("pdu", [
    b"\x03", b"\x03\0", b"\x10\0\1\0\2\4\0\1", b"\x0f\0\0\0\x09\1\xff", b"\x17\0\1", b"\x16\0", b"\x2b",
])
def test_what_ends_too_early_is_told_and_marked(pdu: bytes) -> None:
    assert asked(pdu)["modbus.incomplete"]


def test_an_exception_is_a_failure() -> None:
    assert answered(b"\x83\x02")["event.outcome"] == "failure"
    assert answered(b"\x83")["modbus.incomplete"]
    with pytest.raises(NotThis):
        asked(b"\x83\x02")

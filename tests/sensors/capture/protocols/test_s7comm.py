from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols.model import Context, NotThis, Side
from sensors.capture.protocols.s7comm import parse
from sensors.capture.protocols.tpkt import FRAMING
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(FRAMING)


def tpkt(tpdu: bytes) -> bytes:
    return b"\x03\x00" + (4 + len(tpdu)).to_bytes(2, "big") + tpdu


def connect(code: int, references: bytes, calling: bytes, called: bytes) -> bytes:
    body = bytes([code]) + references + b"\0"
    for kind, selector in ((0xC1, calling), (0xC2, called), (0xC0, b"\x0a")):
        body += bytes([kind, len(selector)]) + selector
    return tpkt(bytes([len(body)]) + body)


def s7(rosctr: int, reference: int, parameters: bytes, data: bytes = b"", error: bytes = b"") -> bytes:
    header = b"\x32" + bytes([rosctr, 0, 0]) + reference.to_bytes(2, "big")
    header += len(parameters).to_bytes(2, "big") + len(data).to_bytes(2, "big") + error
    return tpkt(b"\x02\xf0\x80" + header + parameters + data)


def job(reference: int, parameters: bytes, data: bytes = b"") -> bytes:
    return s7(1, reference, parameters, data)


def ack(reference: int, parameters: bytes, data: bytes = b"", error: bytes = b"\0\0") -> bytes:
    return s7(3, reference, parameters, data, error)


def item(unit: int, count: int, block: int, area: int, address: int) -> bytes:
    return b"\x12\x0a\x10" + bytes([unit]) + count.to_bytes(2, "big") + block.to_bytes(2, "big") + bytes(
        [area]) + address.to_bytes(3, "big")


def user(reference: int, kind: int, number: int, data: bytes, error: bytes | None = None) -> bytes:
    if error is None:
        return s7(7, reference, b"\x00\x01\x12\x04\x11" + bytes([0x40 | kind, number, 0]), data)
    return s7(7, reference, b"\x00\x01\x12\x08\x12" + bytes([0x80 | kind, number, 1]) + b"\0\0" + error, data)


def plus(version: int, body: bytes) -> bytes:
    trailer = b"\x72" + bytes([version]) + b"\0\0"
    return tpkt(b"\x02\xf0\x80\x72" + bytes([version]) + len(body).to_bytes(2, "big") + body + trailer)


def begin(*names: bytes) -> bytes:
    return bytes([len(names), 0]) + b"".join(names)


SERVICE = b"\x28\0\0\0\0\0\0\xfd"
STOP = b"\x29\0\0\0\0\0\x09P_PROGRAM"
FILE = b"\x1d\0\0\0\0\0\0\0\x09_0800001A"
INSERT = begin(b"0A00001P", b"0800035P")
DIALOGUE = Dialogue(102, (
    (True, connect(0xE0, b"\0\0\0\x07", b"\x01\x00", b"\x01\x22")),
    (False, connect(0xD0, b"\0\x07\0\x03", b"\x01\x00", b"\x01\x22")),
    (True, job(0, b"\xf0\0\0\x01\0\x01\x01\xe0")),
    (False, ack(0, b"\xf0\0\0\x01\0\x01\0\xf0")),
    (True, tpkt(b"\x02\xf0\0") + job(1, b"\x04\x02" + item(2, 4, 1, 0x84, 0) + item(1, 1, 0, 0x83, 82))),
    (False, ack(1, b"\x04\x02", b"\xff\x04\0\x20\1\2\3\4" + b"\x05\x00\0\0")),
    (True, job(2, b"\x05\x01" + item(4, 2, 0, 0x82, 8), b"\0\x04\0\x20\1\2\3\4")),
    (False, ack(2, b"\x05\x01", b"\xff")),
    (True, job(3, STOP)),
    (False, ack(3, b"\x29")),
    (True, user(4, 4, 1, b"\xff\x09\0\x04\x00\x11\x00\x00")),
    (False, user(4, 4, 1, b"\xff\x09\0\x08\x00\x11\x00\x00\0\0\0\0", b"\0\0")),
    (True, user(5, 3, 3, b"\xff\x09\0\x080A00001A")),
    (False, user(5, 3, 3, b"\x0a\0\0\0", b"\xd2\x09")),
    (True, job(6, FILE)),
    (False, ack(6, b"", error=b"\x85\x04")),
    (True, job(7, SERVICE + b"\0\x12" + INSERT + b"\x05_INSE")),
    (True, job(8, SERVICE + b"\0\0\x09P_PROGRAM")),
    (True, plus(1, b"\x31\0\0\x04\xca\0\0\0\x01" + bytes(5))),
    (False, plus(3, b"\x20" + bytes(32) + b"\x33\0\0\0\0")),
))


def says(octets: bytes) -> dict[str, Any]:
    return own(parse(octets, CONTEXT).fields, "s7comm.")


@pytest.mark.parametrize("size", [60_000, 7, 1])
def test_jobs_find_their_answers_however_segments_are_cut(tmp_path: Path, size: int) -> None:
    packets = DIALOGUE.packets(size)
    events = told(tmp_path, "network.s7comm", *packets)
    assert told(tmp_path, "network.flow", *packets)[0]["network.protocol"] == "s7comm"
    by_reference = {event["s7comm.pdu_reference"]: event for event in events if "s7comm.pdu_reference" in event}
    said = {number: own(event, "s7comm.") for number, event in by_reference.items()}
    assert (said[0]["function"], said[0]["pdu_length"]) == ("Setup Communication", 240)
    assert said[1]["items"] == ["DB1.DBX0.0 BYTE 4", "M10.2 BIT 1"]
    assert said[1]["return_codes"] == ["Success", "Invalid address"]
    assert (said[2]["function"], said[2]["items"]) == ("Write Variable", ["Q1.0 WORD 2"])
    assert (said[3]["function"], said[3]["function_code"], said[3]["rosctr"]) == ("PLC Stop", 0x29, "Job-Request")
    assert (said[4]["function"], said[4]["subfunction"], said[4]["szl_id"]) == ("CPU Functions", "Read SZL", "0x0011")
    assert (said[5]["blocks"], said[5]["error_class"], said[5]["error_code"]) == (["DB1"], "Parameter Error", "0xd209")
    assert (said[6]["blocks"], said[6]["destination_filesystem"]) == (["OB1"], "Active")
    assert (said[6]["error_class"], said[6]["error_code"]) == ("Error on supplies", "0x8504")
    assert (said[7]["subfunction_code"], said[7]["blocks"]) == ("_INSE", ["DB1", "OB35"])
    assert said[8]["subfunction"] == "PLC Start / Stop"
    assert [by_reference[number].get("hanwatch.industrial.operation") for number in range(9)] == [
        None, "read", "write", "control", "read", "read", "read", "program", "control",
    ]
    assert [by_reference[number].get("event.outcome") for number in range(9)] == [
        "success", "failure", "success", "success", "success", "failure", "failure", None, None,
    ]
    connected, *_, created, notified = (own(event, "s7comm.") for event in events)
    assert (connected["rack"], connected["slot"], connected["cotp.calling_tsap"]) == (1, 2, "0x0100")
    assert {created.get("opcode"), notified.get("opcode")} == {"Request", "Notification"}


def test_any_port_will_do(tmp_path: Path) -> None:
    packets = Dialogue(4_000, DIALOGUE.steps).packets()
    assert len(told(tmp_path, "network.s7comm", *packets)) == 12


def test_a_capture_that_begins_amid_a_conversation_is_read(tmp_path: Path) -> None:
    steps = ((True, tpkt(b"\x02\xf0\0")), (True, job(3, STOP)), (False, ack(3, b"\x29")))
    (event,) = told(tmp_path, "network.s7comm", *Dialogue(102, steps).packets()[3:])
    assert event["s7comm.function"] == "PLC Stop"


@pytest.mark.parametrize(("octets", "expected"), [
    (item(28, 1, 0, 0x1C, 5), "C5 COUNTER 1"),
    (item(29, 2, 0, 0x1D, 7), "T7 TIMER 2"),
    (item(3, 1, 0, 0x81, 15), "I1.7 CHAR 1"),
    (item(8, 1, 20, 0x85, 16), "DI20.DIX2.0 REAL 1"),
    (item(99, 1, 0, 0x99, 0), "area-99:0.0 unit-99 1"),
    (b"\x12\x07\xb0\x01\x04\x00\x0a\x00\x02", "DB10.DBX2.0 BYTE 4"),
    (b"\x12\x03\xb2\xff\x00", "syntax-b2 ff00"),
])
def test_objects_are_written_as_engineers_do(octets: bytes, expected: str) -> None:
    assert says(job(1, b"\x04\x01" + octets))["items"] == [expected]


def test_many_or_broken_objects_are_marked() -> None:
    many = says(job(1, b"\x04\xff" + item(2, 1, 1, 0x84, 0) * 255))
    assert (len(many["items"]), many["incomplete"]) == (64, True)
    assert says(job(1, b"\x04\x02" + item(2, 1, 1, 0x84, 0)))["incomplete"]
    assert says(job(1, b"\x04\x01\x12\xff\x10"))["incomplete"]


def test_blocks_that_are_downloaded_are_named() -> None:
    load = b"\x1a\0\0\0\0\0\0\0\x09_0A00007P\x0d1000328000050"
    fields = parse(job(1, load), CONTEXT).fields
    assert (fields["s7comm.blocks"], fields["hanwatch.industrial.operation"]) == (["DB7"], "program")
    assert "s7comm.filename" not in says(job(1, b"\x1a\0\0\0\0\0\0\0\xff_0A"))


def test_functions_of_user_data_are_told_by_what_they_do() -> None:
    def operation(kind: int, number: int) -> str | None:
        said: str | None = parse(user(1, kind, number, b"\xff\x09\0\0"), CONTEXT).fields.get(
            "hanwatch.industrial.operation",
        )
        return said

    assert [operation(7, 1), operation(7, 2), operation(1, 9), operation(1, 12), operation(5, 1), operation(6, 1)] == [
        "read", "configure", "write", "control", "configure", None,
    ]
    assert says(user(1, 3, 2, b"\xff\x09\0\x0208"))["blocks"] == ["OB"]
    indication = s7(7, 1, b"\x00\x01\x12\x08\x12\x04\x0b\x00" + bytes(4), b"\xff\x09\0\0")
    assert parse(indication, CONTEXT).side is Side.ALONE


def test_s7comm_plus_is_named_with_its_functions() -> None:
    asked = parse(plus(2, b"\x31\0\0\x05\x42\0\0\0\x09" + bytes(4)), CONTEXT)
    answered = parse(plus(2, b"\x32\0\0\x05\x42\0\0\0\x09" + bytes(4)), CONTEXT)
    assert own(asked.fields, "s7comm.") == {
        "variant": "S7comm-plus", "version": 2, "opcode": "Request", "function": "Set Multi Variables",
        "function_code": 0x542,
    }
    assert (asked.side, answered.side, asked.key == answered.key) == (Side.ASKS, Side.ANSWERS, True)
    digest = plus(3, b"\x20" + bytes(32) + b"\x31\0\0\x04\xf2\0\0\0\x01" + bytes(4))
    assert says(digest)["function"] == "Set Variable"
    assert parse(plus(255, b"\0\0"), CONTEXT).side is Side.SILENT
    assert says(plus(3, b"\xff" * 40)) == {"variant": "S7comm-plus", "version": 3}


def test_names_of_simatic_are_called_too() -> None:
    said = says(connect(0xE0, b"\0\0\x01\x12", b"\x06\x00", b"SIMATIC-ROOT-HMI"))
    assert (said["cotp.called_tsap"], "rack" in said) == ("SIMATIC-ROOT-HMI", False)


@pytest.mark.parametrize("octets", [
    connect(0xE0, b"\0\0\0\x07", b"\0\x01", b"\0\x01"),                        # MMS (IEC 61850)
    tpkt(b"\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"),                         # RDP
    tpkt(b"\x02\xf0\x80\x0d\x0b\x01\x00"),                                     # ISO session
    tpkt(b"\x06\xe0\0\0\0\x07\0"),
    tpkt(b"\x09\xe0\0\0\0\x07\0\xc2\xff\x01\x02"),
    job(1, b""),
    job(1, b"\x04\0")[:-1],
    s7(4, 1, b"\x04\0"),
    tpkt(b"\x02\xf0\x80\x32\x01\0\0\0\x01\0\x05\0\0\x04\x01"),
    s7(7, 1, b"\x01\x01\x12\x04\x11\x44\x01\x00"),
    tpkt(b"\x02\xf0\x80\x72\x07\0\x01\0"),
    tpkt(b"\x02\xf0\x80\x72\x01\xff\xff\x31"),
    b"\x03\x00\x00\x07\x02\xf0",
])
def test_other_things_above_tpkt_are_not_named(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)

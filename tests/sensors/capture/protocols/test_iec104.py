from pathlib import Path
from struct import pack
from typing import Any

import pytest

from sensors.capture.protocols.iec104 import PROTOCOL, parse
from sensors.capture.protocols.iec104_types import TYPES
from sensors.capture.protocols.model import Context, NotThis, Side
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(PROTOCOL.signs[0].framing)
START, START_CON = b"\x68\x04\x07\0\0\0", b"\x68\x04\x0b\0\0\0"
TEST, TEST_CON = b"\x68\x04\x43\0\0\0", b"\x68\x04\x83\0\0\0"
RECEIVED = b"\x68\x04\x01\0\x06\0"


def asdu(code: int, cause: int, body: bytes, count: int = 1) -> bytes:
    """Data of station 3 in the fifth frame that was sent."""
    data = bytes([code, count, cause, 0, 3, 0]) + body
    return b"\x68" + bytes([4 + len(data)]) + b"\x0a\0\x02\0" + data


def place(address: int) -> bytes:
    return address.to_bytes(3, "little")


DIALOGUE = Dialogue(2404, (
    (True, START),
    (False, START_CON),
    (True, asdu(100, 6, place(0) + b"\x14")),
    (False, asdu(100, 7, place(0) + b"\x14") + asdu(36, 20, place(70_000) + pack("<fB", 1.5, 0x80) + bytes(7))),
    (False, asdu(1, 20, place(5) + b"\x01\x00\x11", 0x83) + RECEIVED),
    (True, asdu(45, 6, place(9) + b"\x81")),
    (False, asdu(45, 7, place(9) + b"\x81")),
    (True, asdu(45, 6, place(9) + b"\x01")),
    (False, asdu(45, 0x47, place(9) + b"\x01")),
    (True, asdu(50, 6, place(10) + pack("<fB", -2.25, 0))),
    (False, asdu(50, 47, place(10) + pack("<fB", -2.25, 0))),
    (False, TEST),
    (True, TEST_CON),
    (True, RECEIVED),
))


def says(octets: bytes) -> dict[str, Any]:
    return own(parse(octets, CONTEXT).fields, "iec104.")


@pytest.mark.parametrize("size", [60_000, 7, 1])
def test_commands_find_their_confirmations_however_segments_are_cut(tmp_path: Path, size: int) -> None:
    packets = DIALOGUE.packets(size)
    events = told(tmp_path, "network.iec104", *packets)
    assert told(tmp_path, "network.flow", *packets)[0]["network.protocol"] == "iec104"
    said = {
        (event.get("iec104.type") or event["iec104.function"], event.get("iec104.select")): own(event, "iec104.")
        for event in events
    }
    assert len(events) == len(said) == 8
    asked = {"originator": 0, "common_address": 3, "cause": "act"}
    assert said["C_IC_NA_1", None] == {
        "type": "C_IC_NA_1", "type_id": 100, **asked, "objects": [0], "values": [20], "reply_cause": "actcon",
    }
    assert said["C_SC_NA_1", True]["reply_cause"] == "actcon"
    assert "negative" not in said["C_SC_NA_1", True]
    executed = said["C_SC_NA_1", False]
    assert (executed["objects"], executed["values"], executed["negative"]) == ([9], [1], True)
    assert said["C_SE_NC_1", False]["values"] == [-2.25]
    assert said["C_SE_NC_1", False]["reply_cause"] == "unknown-object-address"
    float_point, points = said["M_ME_TF_1", None], said["M_SP_NA_1", None]
    assert (float_point["objects"], float_point["values"], float_point["quality"]) == ([70_000], [1.5], ["IV"])
    assert (points["objects"], points["values"], points["quality"]) == ([5, 6, 7], [1, 0, 1], ["BL"])
    assert ("STARTDT act", None) in said
    assert ("TESTFR act", None) in said
    outcomes = {
        (event["iec104.type"], event.get("iec104.select")): (
            event.get("event.outcome"), event.get("hanwatch.industrial.operation"), "event.duration" in event,
        )
        for event in events if "iec104.type" in event
    }
    assert outcomes == {
        ("C_IC_NA_1", None): ("success", "read", True), ("C_SC_NA_1", True): ("success", "control", True),
        ("C_SC_NA_1", False): ("failure", "control", True), ("C_SE_NC_1", False): ("failure", "write", True),
        ("M_ME_TF_1", None): (None, None, False), ("M_SP_NA_1", None): (None, None, False),
    }


def test_a_connection_that_is_opened_is_known_on_any_port(tmp_path: Path) -> None:
    assert len(told(tmp_path, "network.iec104", *Dialogue(4_000, DIALOGUE.steps).packets())) == 8
    # Amid a conversation only the port can tell.
    assert not told(tmp_path, "network.iec104", *Dialogue(4_000, DIALOGUE.steps[2:6]).packets())
    assert told(tmp_path, "network.iec104", *Dialogue(2404, DIALOGUE.steps[2:6]).packets())


@pytest.mark.parametrize("code", sorted(TYPES))
def test_every_type_is_read_alone_and_in_a_row(code: int) -> None:
    kind = TYPES[code]
    single = says(asdu(code, 3, (place(1) + bytes(kind.size)) * 2, 2))
    row = says(asdu(code, 3, place(1) + bytes(kind.size) * 2, 0x82))
    assert (single["type"], single["objects"], row["objects"]) == (kind.name, [1, 1], [1, 2])
    assert single.get("values") == row.get("values")
    for wrong in (-1, 1):
        if kind.size + wrong >= 0:
            with pytest.raises(NotThis):
                parse(asdu(code, 3, place(1) + bytes(kind.size + wrong)), CONTEXT)


@pytest.mark.parametrize(("code", "element", "expected", "quality"), [
    (1, b"\x41", 1, ["NT"]),
    (3, b"\x22", 2, ["SB"]),
    (5, b"\x7f\x01", -1, ["OV"]),
    (5, b"\xbf\x00", 63, None),
    (7, b"\xff\xff\xff\xff\x00", 4_294_967_295, None),
    (9, b"\x00\xc0\x00", -0.5, None),
    (11, b"\xfe\xff\xd0", -2, ["IV", "NT", "BL"]),
    (13, pack("<f", 0.5) + b"\0", 0.5, None),
    (13, pack("<f", float("nan")) + b"\0", None, None),
    (15, b"\xff\xff\xff\xff\x9f", -1, ["IV"]),
    (15, b"\x01\0\0\0\x1f", 1, None),
    (58, b"\x81" + bytes(7), 1, None),
    (120, b"\x07\0" + bytes(4), 7, None),
])
def test_values_and_qualities(code: int, element: bytes, expected: float | None, quality: list[str] | None) -> None:
    said = says(asdu(code, 3, place(1) + element))
    assert (said["values"], said.get("quality")) == ([expected], quality)


def test_many_objects_are_bounded_and_marked() -> None:
    said = says(asdu(1, 3, place(1) + bytes(127), 0xFF))
    assert (len(said["objects"]), len(said["values"]), said["incomplete"]) == (64, 64, True)


def test_the_clock_and_tests_and_files() -> None:
    clock = parse(asdu(103, 6, place(0) + bytes(7)), CONTEXT)
    assert (clock.fields["hanwatch.industrial.operation"], "iec104.values" in clock.fields) == ("configure", False)
    assert says(asdu(45, 0x86, place(9) + b"\x01"))["test"] is True
    segment = says(asdu(125, 13, place(4) + b"\x09\0\x01\x03abc"))
    assert (segment["type"], segment["objects"], segment["values"]) == ("F_SG_NA_1", [4], [9])
    assert parse(asdu(102, 5, place(4)), CONTEXT).fields["hanwatch.industrial.operation"] == "read"
    private = says(asdu(200, 3, place(4) + b"anything"))
    assert (private["type"], private["objects"]) == ("private-200", [4])


def test_a_frame_that_only_counts_is_silent() -> None:
    assert parse(RECEIVED, CONTEXT).side is Side.SILENT


@pytest.mark.parametrize("octets", [
    b"\x68\x04\x0f\0\0\0",                                # two functions at once
    b"\x68\x04\x03\0\0\0",
    b"\x68\x04\x07\0\x01\0",
    b"\x68\x04\x01\x01\0\0",
    b"\x68\x05\x01\0\0\0",
    b"\x68\x04\x00\0\0\0",
    asdu(1, 3, place(1) + b"\x01", 0),                    # no object
    asdu(1, 0, place(1) + b"\x01"),                       # no cause
    asdu(1, 50, place(1) + b"\x01"),
    asdu(1, 3, place(1) + b"\x01", 2),                    # fewer than it says
    asdu(22, 3, place(1) + b"\x01"),                      # no such type
    asdu(125, 13, place(4) + b"\x09\0\x01\xffabc"),
    asdu(200, 3, b"\0"),
    b"\x68\x0e\x01" + bytes(13),
])
def test_what_does_not_hold_to_the_standard_is_not_named(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)

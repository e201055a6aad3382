from pathlib import Path

import pytest

from sensors.capture.protocols.model import Context, NotThis, Side
from sensors.capture.protocols.ntp import PROTOCOL, parse
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(PROTOCOL.signs[0].framing)
SENT = (0xEC000000).to_bytes(4, "big") + b"\x80\0\0\0"
RECEIVED = (0xEC000000).to_bytes(4, "big") + b"\xc0\0\0\0"
"""2025-06-20, by half a second and three quarters."""


def timed(
    mode: int, *, version: int = 4, leap: int = 0, stratum: int = 0, source: bytes = bytes(4), origin: bytes = bytes(8),
    received: bytes = bytes(8), sent: bytes = SENT, behind: bytes = b"",
) -> bytes:
    first = leap << 6 | version << 3 | mode
    return (
        bytes([first, stratum, 6, 0xEC]) + b"\0\0\x80\0" + b"\0\1\0\0" + source + bytes(8) + origin + received + sent
        + behind
    )


def private(code: int, *, answers: bool = False, number: int = 0, items: int = 0, size: int = 0) -> bytes:
    first = (0x80 if answers else 0) | 2 << 3 | 7
    return bytes([first, number, 3, code]) + items.to_bytes(2, "big") + size.to_bytes(2, "big") + bytes(items * size)


def control(code: int, data: bytes = b"", *, answers: bool = False, offset: int = 0, refused: bool = False) -> bytes:
    bits = (0x80 if answers else 0) | (0x40 if refused else 0) | code
    return bytes([2 << 3 | 6, bits]) + b"\0\1" + b"\x06\x18" + b"\0\2" + offset.to_bytes(2, "big") + (
        len(data).to_bytes(2, "big") + data
    )


DIALOGUE = Dialogue(123, (
    (True, timed(3, stratum=3, source=b"\xc0\0\2\x7a")),
    (False, timed(4, stratum=2, source=b"\xc0\0\2\x7b", origin=SENT, received=RECEIVED, sent=RECEIVED)),
    (True, timed(3, sent=RECEIVED)),
    (True, private(42)),
    *[(False, private(42, answers=True, number=number, items=6, size=72)) for number in range(3)],
    (True, control(2)),
    (False, control(2, b'version="ntpd 4.2.6p5"', answers=True)),
    (False, control(2, b"x" * 8, answers=True, offset=22)),
), udp=True)


def test_requests_and_answers_are_one_event_and_floods_of_answers_are_not_many(tmp_path: Path) -> None:
    events = sorted(told(tmp_path, "network.ntp", *DIALOGUE.packets()), key=lambda event: event["event.sequence"])
    answered, alone, listed, read = (own(event, "ntp.") for event in events)
    assert answered == {
        "version": 4, "mode": 4, "leap": 0, "stratum": 2, "poll": 64.0, "precision": 2.0**-20, "root_delay": 0.5,
        "root_disp": 1.0, "ref_id": "192.0.2.123", "client_stratum": 3, "client_ref_id": "192.0.2.122", "num_exts": 0,
        "org_time": "2025-06-20T15:42:56.500Z",
        "rec_time": "2025-06-20T15:42:56.750Z", "xmt_time": "2025-06-20T15:42:56.750Z",
    }
    assert (alone["mode"], alone["stratum"], "ref_id" in alone) == (3, 0, False)
    assert (listed["request"], listed["monlist"], listed["items"], listed["err"]) == ("MON_GETLIST_1", True, 6, 0)
    assert (read["operation"], read["data"], read["err_bit"]) == ("READVAR", 'version="ntpd 4.2.6p5"', False)
    assert (read["association_id"], read["status"], read["sequence"]) == (2, 0x618, 1)
    assert "event.duration" in events[0]
    assert "event.duration" not in events[1]


def test_sources_are_read_as_their_stratum_says() -> None:
    assert parse(timed(4, stratum=1, source=b"GPS\0"), CONTEXT).fields["ntp.ref_id"] == "GPS"
    assert parse(timed(4, stratum=0, source=b"RATE"), CONTEXT).fields["ntp.kiss_code"] == "RATE"
    assert "ntp.kiss_code" not in parse(timed(3, stratum=0, source=b"INIT"), CONTEXT).fields
    assert parse(timed(5, stratum=3, source=b"\x0a\0\0\1"), CONTEXT).side is Side.ALONE


def test_times_go_on_behind_the_end_of_the_era() -> None:
    fields = parse(timed(5, sent=b"\0\0\0\1\0\0\0\0"), CONTEXT).fields
    assert fields["ntp.xmt_time"] == "2036-02-07T06:28:17.000Z"


def test_extensions_and_keys_are_told_apart() -> None:
    extension = b"\x01\x04\0\x24" + bytes(32)
    fields = parse(timed(3, behind=extension * 2 + b"\0\0\0\x0b" + bytes(16)), CONTEXT).fields
    assert (fields["ntp.num_exts"], fields["ntp.key_id"]) == (2, 11)
    fields = parse(timed(3, behind=b"\0\0\0\x0b" + bytes(20)), CONTEXT).fields
    assert (fields["ntp.num_exts"], fields["ntp.key_id"]) == (0, 11)
    assert "ntp.key_id" not in parse(timed(4, behind=bytes(4)), CONTEXT).fields


@pytest.mark.parametrize("octets", [
    b"", timed(0), timed(3, version=0), timed(3, version=5), timed(3)[:47], timed(3) + b"\0", timed(4, stratum=17),
    private(99), private(42)[:2] + b"\x09" + private(42)[3:], private(42, answers=True, items=6, size=72)[:60],
    control(20), control(2, b"abc")[:14],
])
def test_what_is_no_message_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)


def test_other_ports_are_left_alone(tmp_path: Path) -> None:
    assert not told(tmp_path, "network.ntp", *Dialogue(1_123, DIALOGUE.steps, udp=True).packets())

from itertools import pairwise
from pathlib import Path

import pytest

from sensors.capture.protocols.dnp3 import PROTOCOL, parse
from sensors.capture.protocols.model import Context, Fields, NotThis, Side
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

MASTER, STATION = 1, 10
TCP = Context(PROTOCOL.signs[0].framing)
UDP = Context(PROTOCOL.signs[1].framing)


def crc(octets: bytes) -> bytes:
    """IEEE 1815 section 9.2.4.3, bit by bit."""
    rest = 0
    for octet in octets:
        rest ^= octet
        for _ in range(8):
            rest = rest >> 1 ^ 0xA6BC if rest & 1 else rest >> 1
    return (rest ^ 0xFFFF).to_bytes(2, "little")


def frame(user: bytes, *, station: bool = False, control: int = 0x44) -> bytes:
    """A link frame of at most 250 octets of user data."""
    source, destination = (STATION, MASTER) if station else (MASTER, STATION)
    header = b"\x05\x64" + bytes([5 + len(user), control if station else control | 128])
    header += destination.to_bytes(2, "little") + source.to_bytes(2, "little")
    blocks = [user[at : at + 16] for at in range(0, len(user), 16)]
    return header + crc(header) + b"".join(block + crc(block) for block in blocks)


def frames(fragment: bytes, *, station: bool = False) -> list[bytes]:
    """A fragment in as many frames as it takes (transport function)."""
    parts = [fragment[at : at + 249] for at in range(0, len(fragment), 249)]
    flags = [(not number) << 6 | (number == len(parts) - 1) << 7 | number for number in range(len(parts))]
    return [frame(bytes([flag]) + part, station=station) for flag, part in zip(flags, parts, strict=True)]


def request(sequence: int, function: int, objects: bytes = b"") -> bytes:
    return b"".join(frames(bytes([0xC0 | sequence, function]) + objects))


def response(sequence: int, objects: bytes = b"", iin: bytes = b"\0\0") -> bytes:
    return b"".join(frames(bytes([0xC0 | sequence, 129]) + iin + objects, station=True))


def report(sequence: int, objects: bytes, iin: bytes) -> bytes:
    """What an outstation tells by itself, and wants to be confirmed."""
    return b"".join(frames(bytes([0xF0 | sequence, 130]) + iin + objects, station=True))


LONG = b"\x01\x02\x00\x00\x77" + bytes(120) + b"\x1e\x02\x01\x00\x00\x63\x00" + bytes(300)
RELAY = b"\x0c\x01\x28\x01\x00\x03\x00" + b"\x41\x02\x64\x00\x00\x00\xc8\x00\x00\x00\x00"
DIALOGUE = Dialogue(20_000, (
    (True, request(1, 1, b"\x3c\x02\x06\x3c\x01\x06")),
    (False, response(1, LONG, b"\x02\x00")),
    (True, request(2, 5, RELAY)),
    (False, response(2, RELAY[:-1] + b"\x09")),
    (False, report(3, b"\x02\x01\x17\x01\x05\x81", b"\x90\x00")),
    (True, b"".join(frames(b"\xd3\x00"))),
    (True, frame(b"", control=0x49)),
    (True, request(4, 13)),
))


def said(octets: bytes, context: Context = TCP) -> Fields:
    return own(parse(octets, context).fields, "dnp3.")


@pytest.mark.parametrize("size", [60_000, 7, 1])
def test_requests_find_their_answers_however_segments_are_cut(tmp_path: Path, size: int) -> None:
    packets = DIALOGUE.packets(size)
    events = told(tmp_path, "network.dnp3", *packets)
    read, operated, reported, restarted = (own(event, "dnp3.") for event in sorted(
        events, key=lambda event: (event["event.sequence"], event["dnp3.function_code"]),
    ))
    assert told(tmp_path, "network.flow", *packets)[0]["network.protocol"] == "dnp3"
    assert (read["function"], read["objects"]) == ("READ", ["g60v2", "g60v1"])
    # The answer takes two frames, and the second begins within the second header's objects.
    assert read["response_objects"] == ["g1v2 0-119", "g30v2 0-99"]
    assert (read["iin"], read["indications"], "incomplete" in read) == (512, ["CLASS_1_EVENTS"], False)
    assert (operated["function"], operated["objects"]) == ("DIRECT_OPERATE", ["g12v1 3"])
    assert {name: value for name, value in operated.items() if name.startswith("control.")} == {
        "control.index_number": [3], "control.operation_type": ["Pulse On"], "control.trip_control_code": ["Close"],
        "control.clear_bit": [False], "control.execute_count": [2], "control.on_time": [100],
        "control.off_time": [200], "control.status_code": ["Not Authorized"],
    }
    assert (reported["function"], reported["source"], reported["confirmed"]) == ("UNSOLICITED_RESPONSE", STATION, True)
    assert reported["indications"] == ["NEED_TIME", "DEVICE_RESTART"]
    assert reported["response_objects"] == ["g2v1 5"]
    assert (restarted["function"], restarted["destination"]) == ("COLD_RESTART", STATION)
    assert [event.get("hanwatch.industrial.operation") for event in events if "dnp3.objects" in event] == [
        "read", "control",
    ]


def test_any_port_and_udp_will_do(tmp_path: Path) -> None:
    for dialogue in (Dialogue(4_000, DIALOGUE.steps), Dialogue(4_000, DIALOGUE.steps, udp=True)):
        events = told(tmp_path, "network.dnp3", *dialogue.packets())
        assert {event["dnp3.function"] for event in events} == {
            "READ", "DIRECT_OPERATE", "UNSOLICITED_RESPONSE", "COLD_RESTART",
        }


def test_a_wrong_checksum_is_nothing(tmp_path: Path) -> None:
    good = request(1, 1, b"\x3c\x02\x06")
    for place in range(10):
        bad = good[:place] + bytes([good[place] ^ 16]) + good[place + 1 :]
        with pytest.raises(NotThis):
            parse(bad, TCP)
    broken = Dialogue(20_000, ((True, good[:9] + b"\0" + good[10:]),))
    assert not told(tmp_path, "network.dnp3", *broken.packets())
    assert "network.protocol" not in told(tmp_path, "network.flow", *broken.packets())[0]


def test_objects_are_told_in_every_way_of_addressing_them() -> None:
    ranges = b"\x1e\x04\x01\x02\x00\x0a\x00" + bytes(18) + b"\x01\x01\x00\x03\x0c" + bytes(2)
    ranges += b"\x0a\x02\x02" + bytes(8) + b"\0"
    assert said(response(1, ranges))["response_objects"] == ["g30v4 2-10", "g1v1 3-12", "g10v2 0-0"]
    counted = b"\x34\x02\x07\x01\x10\x27" + b"\x20\x01\x28\x02\x00" + b"\x07\x00" + bytes(5) + b"\x09\x00" + bytes(5)
    assert said(response(1, counted))["response_objects"] == ["g52v2 x1", "g32v1 7 9"]
    named = b"\x1e\x00\x17\x02\x05\x09" + b"\x14\x00\x06"
    assert said(request(1, 1, named))["objects"] == ["g30v0 5 9", "g20v0"]


def test_many_indices_are_bounded_and_say_how_many_more_there_are() -> None:
    many = b"\x02\x01\x17\x50" + b"".join(bytes([index, 1]) for index in range(80))
    assert said(response(1, many))["response_objects"] == [f"g2v1 {' '.join(map(str, range(16)))} +64"]
    headers = said(request(1, 1, b"\x3c\x02\x06" * 100))
    assert (len(headers["objects"]), headers["incomplete"]) == (64, True)


def test_many_commands_are_bounded_and_marked() -> None:
    relays = (b"\x0c\x01\x17\x28" + bytes(12 * 40)) * 2
    fields = said(request(1, 5, relays))
    assert (len(fields["control.index_number"]), fields["incomplete"]) == (64, True)


def test_outputs_that_are_set_are_told_with_their_values() -> None:
    block = b"\x29\x03\x17\x01\x04" + b"\x00\x00\x20\x41" + b"\0"
    fields = said(request(1, 5, block))
    assert (fields["output.index_number"], fields["output.value"]) == ([4], [10.0])


def test_files_are_named_and_passwords_are_not() -> None:
    name = b"C:/temp/config.xml"
    command = b"\x1a\x00" + len(name).to_bytes(2, "little") + bytes(16) + b"\x02\x00\x00\x04\x01\x00" + name
    fields = parse(request(1, 25, b"\x46\x03\x5b\x01" + len(command).to_bytes(2, "little") + command), TCP).fields
    assert (fields["file.path"], fields["dnp3.file.mode"]) == ("C:/temp/config.xml", "WRITE")
    assert (fields["hanwatch.industrial.operation"], fields["dnp3.objects"]) == ("program", ["g70v3 x1"])
    login = b"\x0c\x00\x05\x00\x11\x00\x06\x00" + bytes(4) + b"admin" + b"secret"
    fields = parse(request(1, 29, b"\x46\x02\x5b\x01" + len(login).to_bytes(2, "little") + login), TCP).fields
    assert fields["user.name"] == "admin"
    assert "secret" not in str(fields)
    status = bytes(12) + b"\x01"
    answered = said(response(1, b"\x46\x04\x5b\x01" + len(status).to_bytes(2, "little") + status))
    assert answered["file.status"] == "PERMISSION_DENIED"


@pytest.mark.parametrize("objects", [
    b"\x1e\x02\x01\x00\x00\xff\xff" + bytes(30),    # more than there are
    b"\x1e\x02\x01\x05\x00\x02\x00",                # backwards
    b"\x1e\x02\x09\xff\xff\xff\xff",                # four thousand millions
    b"\x46\x05\x5b\xff\xff\xff",                    # sizes that lie
    b"\xc8\x01\x07\x01\x00",                        # no such group
    b"\x1e\x02\x0e\x01",                            # no such range
    b"\x1e\x02\x77\x01",                            # no such prefix
    b"\x01\x01\x17\x01\x01\x01",                    # packed bits with indices
    b"\x1e\x02",
])
def test_what_does_not_add_up_is_marked(objects: bytes) -> None:
    assert said(response(1, objects))["incomplete"]


def test_a_fragment_whose_end_never_comes_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = frames(b"\xc1\x81\0\0" + LONG, station=True)
    (event,) = told(tmp_path, "network.dnp3", *Dialogue(20_000, ((False, whole[0]),)).packets())
    assert (event["dnp3.response_objects"], event["dnp3.incomplete"]) == (["g1v2 0-119", "g30v2 0-99"], True)
    # A new message before the end of the former: both are told.
    events = told(tmp_path, "network.dnp3", *Dialogue(20_000, ((False, whole[0]), (False, response(5)))).packets())
    assert [own(event, "dnp3.").get("incomplete") for event in events] == [True, None]


def test_a_fragment_without_end_is_bounded(tmp_path: Path) -> None:
    first = frame(b"\x40\xc1\x81\0\0" + bytes(245), station=True)
    endless = first + b"".join(frame(bytes([number & 63]) + bytes(249), station=True) for number in range(60))
    packets = Dialogue(20_000, ((False, endless), (False, response(5)))).packets()
    events = told(tmp_path, "network.dnp3", *packets)
    assert [event.get("dnp3.incomplete") for event in events] == [True, None]


def test_a_datagram_may_begin_with_a_frame_of_the_link_layer() -> None:
    octets = frame(b"", control=0x49) + request(1, 13)
    assert said(octets, UDP)["function"] == "COLD_RESTART"
    assert said(request(1, 13) + request(2, 14), UDP)["incomplete"]
    assert parse(frame(b"", control=0x49), UDP).side is Side.SILENT


def test_numbers_of_functions_without_a_name_are_told() -> None:
    names = [said(request(1, number))["function"] for number in (33, 34, 127)]
    assert names == ["AUTHENTICATE_REQ_NR", "unknown-34", "unknown-127"]
    assert all(one != other for one, other in pairwise(names))


def test_other_bytes_on_the_port_are_left_alone(tmp_path: Path) -> None:
    packets = made.conversation((True, 0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), dport=20_000)
    assert not told(tmp_path, "network.dnp3", *packets)

import numpy as np
import pytest

from sensors.capture.compiled import Octets
from sensors.capture.protocols.tables import FRAMINGS
from sensors.capture.supposing import CERTAIN, LATER, TCP, UNSEEN, borne_out, suppose
from sensors.capture.table import MODE_CLOSED, MODE_GENERAL

MODES = {framing.name: MODE_GENERAL + place for place, framing in enumerate(FRAMINGS)}
PING = b"\xc0\0"
PUBLISH = b"\x30\x05\0\1a20"


def octets(data: bytes) -> Octets:
    return np.frombuffer(data, np.uint8)


@pytest.mark.parametrize(
    ("name", "data", "borne"),
    [
        ("mqtt", PING, True), ("mqtt", PUBLISH, True), ("mqtt", PUBLISH + PING, True),
        ("mqtt", PUBLISH + b"\0\0", False), ("mqtt", PUBLISH[:-1], False),
        ("mqtt", b"\x36\x05\0\1a20", False), ("mqtt", b"\xc0\1a", False),
        ("mqtt", b"\x30\xff\xff\xff\xff", False), ("mqtt", b"\x30\xff", False), ("mqtt", b"\x30", False),
        ("lines", b"RETR a\r\n", True), ("lines", b"RETR a\r\nmore", True), ("lines", b"RETR a", False),
        ("lines", b"a line\r\n", False), ("lines", b"226 done\r\n", True), ("ssh", b"SSH-2.0-x\r\n", True),
    ],
)  # fmt: skip
def test_a_message_is_borne_out_by_its_end_or_by_the_next_one(name: str, data: bytes, borne: bool) -> None:
    assert borne_out(octets(data), 0, len(data), MODES[name]) == borne


@pytest.mark.parametrize(
    ("data", "port", "doubt", "name"),
    [
        (b"220 mx\r\n", 4_000, CERTAIN, "lines"), (b"220 mx\r\n", 4_000, UNSEEN, "lines"),
        (b"220 mx\r\n", 4_000, LATER, ""), (b"PASV\r\n", 4_000, CERTAIN, ""), (b"PASV\r\n", 4_000, UNSEEN, "lines"),
        (b"PASV\r\n", 4_000, LATER, "lines"),
        (b"PASV\r\n", 21, CERTAIN, "lines"), (b"some text", 21, CERTAIN, "lines"), (b"some text", 21, LATER, ""),
        (PUBLISH + b"\0\0", 1_883, CERTAIN, "mqtt"), (PUBLISH + b"\0\0", 1_883, UNSEEN, ""),
        (PUBLISH, 1_883, LATER, "mqtt"), (PUBLISH, 4_000, LATER, ""), (b"", 21, CERTAIN, ""),
    ],
)  # fmt: skip
def test_the_more_doubt_there_is_the_more_has_to_be_there(data: bytes, port: int, doubt: int, name: str) -> None:
    mode = suppose(octets(data), 0, len(data), TCP, 40_000, port, doubt)
    assert mode == (MODES[name] if name else MODE_CLOSED)

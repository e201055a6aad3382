import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.capture import index as ix
from sensors.capture.live import block
from sensors.capture.live.warming import made_block
from tests.sensors.capture import frames as made

SIZE = 8_192


def scanned(octets: bytes, base: int = 0, size: int = SIZE) -> tuple[list[list[int]], np.ndarray, list[int]]:
    ring = np.frombuffer(bytearray(octets), np.uint8)
    index, seen = np.zeros((200, ix.COLUMNS), np.int64), np.zeros(block.K_COLUMNS, np.int64)
    count = block.scan(ring, base, size, 1, index, seen)
    return index[:count].tolist(), ring, seen.tolist()


def packets(octets: bytes, base: int = 0) -> list[bytes]:
    rows, ring, _ = scanned(octets, base)
    return [ring[row[ix.AT] : row[ix.AT] + row[ix.CAPTURED]].tobytes() for row in rows]


def test_packets_are_found_with_their_times() -> None:
    frames = made.frames(made.udp4(1, 2, b"one"), made.udp4(3, 4, b"and another"))
    rows, _, seen = scanned(made_block(frames, SIZE))
    assert packets(made_block(frames, SIZE)) == [frame.octets for frame in frames]
    assert [row[ix.TIME] for row in rows] == [frame.time for frame in frames]
    assert [row[ix.WIRE] for row in rows] == [len(frame.octets) for frame in frames]
    assert seen[: block.K_LAST] == [0, 0, 0]


def test_a_block_is_found_at_its_place_in_the_ring() -> None:
    frames = made.frames(made.udp4(1, 2, b"one"))
    ring = bytes(SIZE) + made_block(frames, SIZE)
    assert packets(ring, SIZE) == [frames[0].octets]
    assert packets(ring) == []


def test_tags_are_put_back_in_place() -> None:
    inside = made.ipv4(made.A, made.B, 17, made.udp(1, 2, b"tagged"))
    frames = made.frames(made.ethernet(inside))
    plain = made_block(frames, SIZE, status=block.VLAN_VALID, tag=0x2005)
    assert packets(plain) == [made.ethernet(inside)[:12] + b"\x81\x00\x20\x05" + made.ethernet(inside)[12:]]
    service = made_block(frames, SIZE, status=block.VLAN_VALID | block.TPID_VALID, tag=7, kind=0x88A8)
    assert packets(service)[0][12:16] == b"\x88\xa8\x00\x07"
    rows, _, seen = scanned(plain)
    assert rows[0][ix.WIRE] == len(frames[0].octets) + 4
    assert seen[block.K_TAGS] == 1


def test_the_cards_own_time_is_counted() -> None:
    _, _, seen = scanned(made_block(made.frames(made.udp4(1, 2)), SIZE, status=block.HARDWARE_TIME))
    assert seen[block.K_HARDWARE] == 1


def test_packets_that_are_not_where_the_block_says_are_counted() -> None:
    octets = bytearray(made_block(made.frames(made.udp4(1, 2), made.udp4(3, 4), made.udp4(5, 6)), SIZE))
    octets[block.B_FIRST : block.B_FIRST + 4] = struct.pack("<I", SIZE - 10)
    rows, _, seen = scanned(bytes(octets))
    assert (rows, seen[block.K_BROKEN]) == ([], 3)


@settings(max_examples=300)
@given(
    st.lists(st.binary(min_size=14, max_size=200), max_size=12),
    st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 255)), max_size=12),
    st.integers(0, 0xFFFFFFFF),
)
def test_lying_lengths_lead_nowhere_else(frames: list[bytes], lies: list[tuple[int, int]], status: int) -> None:
    before, after = b"\x5a" * 512, b"\xa5" * 512
    octets = bytearray(made_block(made.frames(*frames), SIZE, status=status, tag=5))
    for place, value in lies:
        octets[place] = value
    whole = before + bytes(octets) + after
    ring = np.frombuffer(bytearray(whole), np.uint8)
    index, seen = np.zeros((200, ix.COLUMNS), np.int64), np.zeros(block.K_COLUMNS, np.int64)
    count = block.scan(ring, len(before), SIZE, 1, index, seen)
    assert bytes(ring[: len(before)]) == before
    assert bytes(ring[-len(after) :]) == after
    for row in index[:count].tolist():
        assert len(before) + block.BLOCK_HEAD_BYTES <= row[ix.AT]
        assert row[ix.AT] + row[ix.CAPTURED] <= len(before) + SIZE
        assert row[ix.WIRE] >= row[ix.CAPTURED] >= 0
    claimed = min(struct.unpack_from("<I", octets, block.B_COUNT)[0], SIZE // block.PACKET_HEAD_BYTES)
    assert count + seen[block.K_BROKEN] == claimed

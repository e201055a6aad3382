import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sensors.capture.identifying import CONTENT_WORDS, event_ids, line_ids
from sensors.event import identity
from sensors.event.block import Block

SOURCE = "0123456789abcdef" * 2


def test_ids_are_those_of_the_event() -> None:
    chance = np.random.default_rng(3)
    positions = chance.integers(0, 1 << 62, 500)
    contents = chance.integers(0, 1 << 64, (500, CONTENT_WORDS), dtype=np.uint64, endpoint=False)
    expected = identity.event_ids(SOURCE, positions.tolist(), [row.tobytes() for row in contents])
    assert event_ids(SOURCE, positions, contents) == expected


def test_no_events_have_no_ids() -> None:
    assert event_ids(SOURCE, np.zeros(0, np.int64), np.zeros((0, CONTENT_WORDS), np.uint64)) == []


@given(st.lists(st.one_of(st.binary(max_size=300), st.integers(0, 5_000).map(bytes)), min_size=1, max_size=80))
def test_ids_of_lines_are_those_of_the_event(lines: list[bytes]) -> None:
    positions = np.arange(len(lines)) * 77 + (1 << 40)
    assert line_ids(SOURCE, positions, Block.of(lines)) == identity.event_ids(SOURCE, positions.tolist(), lines)


def test_lines_that_end_at_a_block_of_the_hash() -> None:
    lines = [bytes(size) for size in (0, 103, 104, 105, 231, 232, 233, 360)]
    positions = np.zeros(len(lines), np.int64)
    assert line_ids(SOURCE, positions, Block.of(lines)) == identity.event_ids(SOURCE, positions.tolist(), lines)

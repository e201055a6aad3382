import numpy as np

from sensors.capture.identifying import CONTENT_WORDS, event_ids
from sensors.event import identity

SOURCE = "0123456789abcdef" * 2


def test_ids_are_those_of_the_event() -> None:
    chance = np.random.default_rng(3)
    positions = chance.integers(0, 1 << 62, 500)
    contents = chance.integers(0, 1 << 64, (500, CONTENT_WORDS), dtype=np.uint64, endpoint=False)
    expected = identity.event_ids(SOURCE, positions.tolist(), [row.tobytes() for row in contents])
    assert event_ids(SOURCE, positions, contents) == expected


def test_no_events_have_no_ids() -> None:
    assert event_ids(SOURCE, np.zeros(0, np.int64), np.zeros((0, CONTENT_WORDS), np.uint64)) == []

"""Times read together are the times read one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.event.times import SECOND, from_iso, iso
from sensors.parsers.instants import epoch_moment, epoch_moments, iso_moment, iso_moments

SAMPLES = ["2026-05-13T07:04:08.123456+0800", "2026-05-13T07:04:08.123456Z", "2026-05-13T07:04:08.123456",
           "2026-05-13T07:04:08+08:00", "2026-05-13T07:04:08.1Z", "2026-05-13T07:04:08.123456789Z", "2026-05-13",
           "2026-05-13T07:04:08.+12345Z", "2026-05-13T07:04:08X123456Z", "", "x" * 100, None, 5]  # fmt: skip


@given(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=5))
def test_iso(column: list[Any]) -> None:
    assert iso_moments(column) == [iso_moment(value) for value in column]


def test_iso_values() -> None:
    expected = from_iso("2026-05-12T23:04:08.123456Z")
    assert iso_moments(SAMPLES[:1]) == [expected]
    assert iso_moment(SAMPLES[5]) == from_iso("2026-05-13T07:04:08Z") + 123_456_789
    assert [iso_moment(value) for value in SAMPLES[7:]] == [None] * 6


@given(st.lists(st.integers(0, 10**17).map(lambda micros: f"{micros // 10**6}.{micros % 10**6:06d}"), min_size=1))
def test_epoch_texts(column: list[str]) -> None:
    assert epoch_moments(column) == [epoch_moment(text) for text in column]


@pytest.mark.parametrize(
    ("value", "moment"),
    [(1778627048.123456, 1_778_627_048_123_456_000), ("1778627048.123456", 1_778_627_048_123_456_000), (5, 5 * SECOND),
     ("7", 7 * SECOND), (1e300, None), (True, None), ("-1.0", None), ("1e5", None), ("XXXX.XX", None), (None, None)],
)  # fmt: skip
def test_epoch_values(value: Any, moment: int | None) -> None:
    assert epoch_moment(value) == moment


@given(st.integers(0, 9_000_000_000 * SECOND))
def test_what_is_written_as_iso_is_read_again(moment: int) -> None:
    assert iso_moments([iso(moment)]) == [moment]

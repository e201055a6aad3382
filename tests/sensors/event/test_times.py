from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.event.times import EARLIEST, LATEST, from_iso, iso


@given(st.integers(EARLIEST, LATEST - 1))
def test_text_and_back_change_nothing(moment: int) -> None:
    assert from_iso(iso(moment)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1970-01-01 00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456_789),
        ("1970-01-01T00:00:00.1234567891234Z", 123_456_789),
        ("1970-01-01T00:00:00.5+0800", -28_799_500_000_000),
    ],
)
def test_forms_of_time(text: str, moment: int) -> None:
    assert from_iso(text) == moment


@pytest.mark.parametrize("text", ["", "now", "1970-13-01", "1970-01-01T00:00:00.Z", "22/Nov/2026"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        from_iso(text)


def test_the_last_moment_is_the_one_that_nanoseconds_can_say() -> None:
    assert datetime(2262, 1, 1, tzinfo=UTC).timestamp() * 1_000_000_000 == LATEST

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.days import begin_of, day_of, end_of, read_day
from sensors.event.times import iso


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "2026 年 03 月 01 日", "20260301", "2026-03-01T00:00:00",
     "2026-03-01 0:00"],
)  # fmt: skip
def test_a_day_is_read_in_the_notations_in_use(text: str) -> None:
    assert read_day(text) == "2026-03-01"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13-01", "2026-02-30", "26-03-01", "03/01/2026", "2026-03-01T08:00:00", "1899-01-01"]
)
def test_what_is_no_day_for_sure_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_day_begins_in_china_when_it_does() -> None:
    assert iso(begin_of("2026-03-01")) == "2026-02-28T16:00:00.000Z"
    assert iso(end_of("2026-02-28")) == "2026-02-28T16:00:00.000Z"


@given(st.dates())
def test_every_moment_of_a_day_is_of_that_day(day: object) -> None:
    text = str(day)
    assert day_of(begin_of(text)) == day_of(end_of(text) - 1) == text
    assert day_of(end_of(text)) != text or text == "9999-12-31"

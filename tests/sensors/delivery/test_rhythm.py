"""A source is silent by its own habit, not by ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.delivery.rhythm import LEAST_BEATS, LEAST_PAUSE, Rhythm, expected, heard
from sensors.event.times import SECOND

MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


def after(*pauses: int) -> Rhythm:
    now, rhythm = 10**18, heard(None, 10**18)
    for pause in pauses:
        now += pause
        rhythm = heard(rhythm, now)
    return rhythm


def test_a_regular_source_is_expected_after_twice_its_pause() -> None:
    rhythm = after(*[5 * MINUTE] * 50)
    assert (rhythm.beats, rhythm.pause, rhythm.longest) == (50, 5 * MINUTE, 5 * MINUTE)
    assert expected(rhythm) == rhythm.last + 10 * MINUTE


def test_a_night_of_silence_is_a_habit_for_some_days() -> None:
    day = [10 * MINUTE] * 84 + [10 * HOUR]
    rhythm = after(*day, *day, *day[:-1])
    due = expected(rhythm)
    assert due is not None
    assert due - rhythm.last > 10 * HOUR


def test_a_habit_is_forgotten_in_time() -> None:
    rhythm = after(*[10 * HOUR], *[MINUTE] * 3_000)
    due = expected(rhythm)
    assert due is not None
    assert due - rhythm.last < 5 * MINUTE


@pytest.mark.parametrize("pauses", [[], [MINUTE] * (LEAST_BEATS - 1), [SECOND // 2] * 1_000, [-MINUTE] * 50])
def test_without_a_habit_nothing_is_expected(pauses: list[int]) -> None:
    assert expected(after(*pauses)) is None


@given(st.lists(st.integers(-HOUR, 100 * HOUR), max_size=60))
def test_nothing_is_expected_before_the_longest_pause_of_late(pauses: list[int]) -> None:
    rhythm = after(*pauses)
    assert 0 <= rhythm.pause <= rhythm.longest
    due = expected(rhythm)
    assert due is None or due >= rhythm.last + max(rhythm.longest, LEAST_PAUSE)

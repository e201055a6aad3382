import pytest

from correlation.intelligence.errors import FeedFormatUnknown
from correlation.intelligence.model import Imported
from correlation.intelligence.pacing import MINUTE, PAUSES, SPREAD, due, late
from correlation.intelligence.standing import CUT_OFF, Standing
from tests.correlation.matcher.making import NOON

HOUR = 60 * MINUTE


def wait(standing: Standing, interval: int = HOUR, key: str = "https://a.example/") -> int:
    return due(key, standing, interval, NOON + 1) - NOON


def failed(times: int) -> Standing:
    return Standing(NOON - 5, NOON, NOON - 9 * HOUR, times)


def test_what_was_never_read_or_not_to_its_end_is_due_at_once() -> None:
    assert wait(Standing()) == wait(Standing(begun=NOON)) == wait(Standing(NOON, NOON - HOUR, NOON - HOUR)) == 1


def test_a_reading_that_is_cut_off_time_after_time_is_tried_by_growing_pauses() -> None:
    waits = []
    standing = Standing()
    for _ in range(CUT_OFF + len(PAUSES) + 2):
        standing = standing.beginning(NOON)
        waits.append(wait(standing))
    assert waits[:CUT_OFF] == [1] * CUT_OFF
    for found, pause in zip(waits[CUT_OFF:], (*PAUSES, HOUR, HOUR), strict=True):
        assert pause <= found <= pause * (1 + SPREAD)
    assert due("a", standing, HOUR, NOON - HOUR) == NOON - HOUR, "the clock was set back"


def test_the_interval_after_success() -> None:
    assert HOUR <= wait(Standing(NOON - 5, NOON, NOON)) <= HOUR * (1 + SPREAD)


@pytest.mark.parametrize(("times", "pause"), [*enumerate(PAUSES, 1), (4, HOUR), (400, HOUR)])
def test_pauses_grow_with_failures(times: int, pause: int) -> None:
    assert pause <= wait(failed(times)) <= pause * (1 + SPREAD)
    assert wait(failed(times), MINUTE) <= MINUTE * (1 + SPREAD), "never longer than the interval"


def test_each_feed_always_waits_as_long_as_itself_and_not_as_others() -> None:
    waits = {wait(Standing(NOON - 5, NOON, NOON), key=f"https://{number}.example/") for number in range(50)}
    assert len(waits) == 50
    assert max(waits) - min(waits) > HOUR * SPREAD / 2
    assert wait(failed(1)) == wait(failed(1))


def test_a_clock_that_was_set_back_does_not_stop_reading() -> None:
    assert due("a", Standing(NOON, NOON, NOON), HOUR, NOON - 9 * HOUR) == NOON - 9 * HOUR


def test_late_is_three_intervals_without_success() -> None:
    assert not late(Standing(), HOUR, NOON), "nobody tried yet"
    never = Standing().beginning(NOON)
    failed = never.ending(NOON + 1, Imported(), FeedFormatUnknown()).beginning(NOON + 3 * HOUR)
    for standing in (never, failed, Standing(begun=NOON)):
        assert not late(standing, HOUR, NOON + 3 * HOUR), "it has just been taken up"
        assert late(standing, HOUR, NOON + 7 * HOUR)
    assert late(failed, HOUR, NOON + 4 * HOUR), "however often it was tried since"
    assert not late(Standing(NOON, NOON, NOON), HOUR, NOON + 3 * HOUR)
    assert late(Standing(NOON, NOON, NOON), HOUR, NOON + 4 * HOUR)

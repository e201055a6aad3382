"""The rhythm of calls."""

from correlation.detectors.beaconing import rhythm
from sensors.event.times import SECOND


def calls(gaps: list[float], sent: list[int] | None = None) -> list[tuple[int, int]]:
    times = [round(sum(gaps[:number]) * SECOND) for number in range(len(gaps) + 1)]
    return list(zip(times, sent or [500] * len(times), strict=True))


def test_a_clock_is_heard_through_a_missed_and_a_doubled_call() -> None:
    assert rhythm(calls([60, 60, 120, 60, 30, 30, 60, 60])) == (60.0, 0.0, 0.0)


def test_people_are_no_clocks() -> None:
    assert rhythm(calls([3, 200, 15, 60, 900, 42, 7, 130])) is None


def test_sessions_and_copies_are_no_beacons() -> None:
    assert rhythm(calls([2] * 19)) is None
    assert rhythm(calls([60] * 19, [5_000_000] * 20)) is None
    assert rhythm(calls([60] * 19, [100, 90_000] * 10)) is None
    assert rhythm(calls([7 * 3_600] * 19)) is None

"""A set rate, by a clock that the test holds."""

import pytest

from inventory.probing.pacing import Pace


def test_requests_are_evenly_spread() -> None:
    now = [100.0]
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    pace = Pace(4, lambda: now[0], wait)
    for _ in range(4):
        pace.take()
    assert waited == [0.25] * 3
    now[0] += 10
    pace.take()
    pace.take()
    assert waited == [0.25] * 4, "what was not used is not saved up"


def test_a_rate_is_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        Pace(0, float, print)

"""Servers that publish feeds, and a clock that a test moves."""

from collections.abc import Iterator

import pytest

from sensors.event.times import SECOND
from tests.correlation.intelligence.serving import Publisher
from tests.correlation.matcher.making import NOON


class Clock:
    """Now, as a test says."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as started:
        yield started

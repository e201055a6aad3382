"""Servers that publish feeds, and a clock that a test moves."""

from collections.abc import Iterator

import pytest

from tests.correlation.clocks import Clock
from tests.correlation.intelligence.serving import Publisher
from tests.correlation.matcher.making import NOON


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as started:
        yield started

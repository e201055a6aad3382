"""What a source has done is noted with its portions, and told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.delivery.activity import KEPT_HOURS
from sensors.delivery.rhythm import LEAST_BEATS
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.times import SECOND
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import NOON, portion, source

MINUTE = 60 * SECOND


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path, clock: Clock) -> Iterator[EmbeddedSpool]:
    with EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), clock) as opened:
        yield opened


def send(spool: EmbeddedSpool, name: str, events: int, rejects: int = 0) -> None:
    at = spool.position(source(name)) or Position()
    spool.append(source(name), "lines", portion(source(name), at, events, rejects=rejects), at)


def test_counts_rates_and_lag(spool: EmbeddedSpool, clock: Clock) -> None:
    clock.now = NOON + 90 * SECOND
    send(spool, "a", 30, rejects=10)
    clock.now = NOON + 2 * 3_600 * SECOND
    send(spool, "a", 5)
    send(spool, "b", 0)
    a, b = spool.activity()
    assert (a.source.name, a.format, a.events, a.rejected) == ("a", "lines", (5, 35), 10)
    assert a.parsed == pytest.approx(35 / 45)
    assert a.newest == NOON
    assert a.lag == 2 * 3_600 * SECOND
    assert (b.rhythm, b.newest, b.parsed, b.silent) == (None, None, None, False)
    clock.now += 25 * 3_600 * SECOND
    assert spool.activity()[0].events == (0, 0)


def test_a_source_that_falls_silent_is_told_and_forgiven(spool: EmbeddedSpool, clock: Clock) -> None:
    for _ in range(LEAST_BEATS + 1):
        clock.now += MINUTE
        send(spool, "a", 1)
    clock.now += 2 * MINUTE
    assert not spool.activity()[0].silent
    clock.now += SECOND
    assert spool.activity()[0].silent
    send(spool, "a", 1)
    assert not spool.activity()[0].silent


def test_old_counts_are_removed(spool: EmbeddedSpool, clock: Clock) -> None:
    send(spool, "a", 1)
    clock.now += (KEPT_HOURS + 2) * 3_600 * SECOND
    spool.retain()
    with spool._database.moment() as connection:
        assert connection.execute("SELECT count(*) FROM activity").fetchone() == (0,)

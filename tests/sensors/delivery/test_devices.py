"""Who sends behind a listener is told apart, in bounds, and missed by its own habit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.delivery import devices
from sensors.delivery.devices import DeviceActivity, Heard
from sensors.delivery.ports import Delivery
from sensors.delivery.report import verdict
from sensors.delivery.rhythm import LEAST_BEATS
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.times import SECOND
from sensors.reading.model import Portion, Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import NOON, source

MINUTE = 60 * SECOND


class Listener:
    """A spool, and a listener's notes into it at times that the test says."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.spool = EmbeddedSpool(folder / "spool", SpoolSettings(min_free_bytes=0), lambda: self.now)

    def note(self, *heard: Heard) -> None:
        own = source("syslog.udp://127.0.0.1:514")
        at = self.spool.position(own) or Position()
        self.spool.append_many([Delivery(own, "", Portion((), (), {}, at), at, heard)])

    def known(self) -> dict[str, DeviceActivity]:
        return {device.name: device for one in self.spool.activity() for device in one.devices}


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path)
    yield made
    made.spool.close()


def test_each_device_has_its_counts_lag_and_skew(listener: Listener) -> None:
    late = Heard("10.0.0.1", "FW-1", NOON, 8, 2, 2, NOON - 5 * SECOND, 5 * SECOND, -3 * SECOND)
    listener.note(late, Heard("10.0.0.2", "", NOON, 1))
    listener.note(Heard("10.0.0.1", "FW-1", NOON + SECOND, 2, newest=NOON, lag=SECOND, least=SECOND))
    known = listener.known()
    assert list(known) == ["FW-1 (10.0.0.1)", "10.0.0.2"]
    first = known["FW-1 (10.0.0.1)"]
    assert (first.events, first.unknown, first.rejected) == ((10, 10), 2, 2)
    assert first.parsed == pytest.approx(8 / 12)
    assert (first.newest, first.lag, first.skew) == (NOON, SECOND, -3 * SECOND)
    assert (known["10.0.0.2"].newest, known["10.0.0.2"].skew, known["10.0.0.2"].parsed) == (None, None, 1.0)
    assert first.path("udp://x") == "udp://x/10.0.0.1/FW-1"
    assert verdict(listener.spool.report()).complete


def test_a_device_is_missed_by_its_own_habit_while_others_go_on(listener: Listener) -> None:
    for beat in range(LEAST_BEATS + 1):
        listener.now = NOON + beat * MINUTE
        listener.note(Heard("10.0.0.1", "a", listener.now, 1), Heard("10.0.0.2", "b", listener.now, 1))
    for _ in range(5):
        listener.now += MINUTE
        listener.note(Heard("10.0.0.1", "a", listener.now, 1))
    (own,) = listener.spool.activity()
    assert [(device.host, device.silent) for device in own.devices] == [("a", False), ("b", True)]
    assert (own.silent, own.missed) == (False, True)


def test_what_is_beyond_the_bound_is_counted_together_and_never_missed(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 3)
    for beat in range(LEAST_BEATS + 1):
        listener.now = NOON + beat * MINUTE
        listener.note(*(Heard("10.0.0.1", f"h{number}", listener.now, 1, rejected=1) for number in range(5)))
    listener.now += 99 * MINUTE
    *named, rest = next(iter(listener.spool.activity())).devices
    assert [device.host for device in named] == ["h0", "h1", "h2"]
    assert (rest.rest, rest.name, rest.silent) == (True, "", False)
    assert rest.events[1] == 2 * (LEAST_BEATS + 1)
    assert all(device.silent for device in named)


def test_strangers_give_up_their_places_and_what_is_old_is_forgotten(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 2)
    listener.note(Heard("192.0.2.1", "", NOON, 1), Heard("192.0.2.2", "", NOON, 1))
    listener.now = NOON + 25 * 60 * MINUTE
    listener.note(Heard("10.0.0.1", "", listener.now, 1))
    assert list(listener.known()) == ["10.0.0.1"]
    listener.now += 32 * 24 * 60 * MINUTE
    listener.spool.retain()
    assert listener.known() == {}

"""Posture at work: of real stores, and recorded now and then."""


import pytest
from sqlalchemy import Engine

from correlation.incidents.severity import weights
from correlation.posture.bench import NoSources
from correlation.posture.service import MINUTE, PostureService, Recording
from correlation.posture.settings import PostureSettings
from correlation.store.memory import MemoryStore
from sensors.delivery.activity import SourceActivity
from sensors.delivery.rhythm import Rhythm
from sensors.event.model import Source
from tests.correlation.posture.making import DAY, NOON, POLICY
from tests.correlation.posture.test_declaring import entry, land
from tests.sensors.delivery.test_activity import Clock


class OneSilent(NoSources):
    """A spool with one source, which is silent."""

    def activity(self) -> list[SourceActivity]:
        rhythm = Rhythm(20, NOON - DAY, MINUTE, MINUTE)
        return [SourceActivity(Source("aa" * 16, "text", "fw"), "lines", 0, rhythm, None, None, (0, 0), 0, silent=True)]


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.now = NOON
    return made


@pytest.fixture
def service(engine: Engine, clock: Clock) -> PostureService:
    known = land(entry("10.8.0.0/16", unit="health", district="A"))
    return PostureService(
        engine, MemoryStore(), OneSilent(), clock, policy=POLICY, weights=weights(), landscape=lambda: known,
        rules=lambda: (),
    )  # fmt: skip


def test_sources_are_known_of_now_and_of_moments_that_were_recorded(service: PostureService, clock: Clock) -> None:
    assert [gap.kind for gap in service.facts(NOON).gaps] == ["silent-source"]
    assert [gap.kind for gap in service.facts(NOON - MINUTE).gaps] == ["silent-source"], "it is now, more or less"
    service.record(keep_days=400)
    clock.now += DAY // 2
    assert [gap.kind for gap in service.facts(NOON + MINUTE).gaps] == ["silent-source"], "as it was recorded"
    assert [gap.kind for gap in service.facts(NOON - DAY).gaps] == ["unrecorded"]


def test_who_asks_again_does_not_pay_each_time(service: PostureService, clock: Clock) -> None:
    first = service.recent()
    clock.now += MINUTE // 2
    assert service.recent() is first
    clock.now += MINUTE
    assert service.recent().moment == clock.now


def test_snapshots_are_recorded_now_and_then(service: PostureService, clock: Clock) -> None:
    recording = Recording(lambda: service, PostureSettings(every_minutes=60, keep_days=2), clock)
    recording.step()
    assert service.book.latest(clock.now) is None, "what came meanwhile is read first"
    for _ in range(125):
        clock.now += MINUTE
        recording.step()
    moments = [one.moment for one in service.book.verify(0, clock.now + 1)]
    assert moments == [NOON + 5 * MINUTE, NOON + 65 * MINUTE, NOON + 125 * MINUTE]
    # A process that is started again goes on where the last one stopped.
    again = Recording(lambda: service, PostureSettings(every_minutes=60, keep_days=2), clock)
    for _ in range(59):
        clock.now += MINUTE
        again.step()
    assert service.book.latest(clock.now) == moments[-1]
    clock.now += 3 * DAY
    again.step()
    assert [one.moment for one in service.book.verify(0, clock.now + 1)] == [clock.now], "older ones are forgotten"


def test_a_failure_is_no_reason_to_stop_matching(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> PostureService:
        raise RuntimeError("no store")

    recording = Recording(fail, PostureSettings(), clock)
    recording.step()
    clock.now += 6 * MINUTE
    recording.step()
    assert "recording posture failed" in capsys.readouterr().out


def test_recording_can_be_switched_off(clock: Clock) -> None:
    def never() -> PostureService:
        raise AssertionError

    recording = Recording(never, PostureSettings(every_minutes=0), clock)
    for _ in range(3):
        clock.now += DAY
        recording.step()
    with pytest.raises(ValueError, match="keep_days"):
        PostureSettings(keep_days=0)

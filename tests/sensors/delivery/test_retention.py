"""What everybody has acknowledged may go; what somebody needs goes only if that is allowed, and is counted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensors.delivery.errors import SpoolFull
from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE, Outcome
from sensors.delivery.report import verdict
from sensors.delivery.retention import QUARANTINE
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.times import SECOND
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import NOON, portion, source, stored

HOUR = 3_600 * SECOND


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


Opener = Callable[..., EmbeddedSpool]


@pytest.fixture
def opener(folder: Path, hands: Hands) -> Opener:
    """Opens the spool so that every record has a segment of its own."""

    def opened(**settings: Any) -> EmbeddedSpool:
        return EmbeddedSpool(folder, SpoolSettings(**{"min_free_bytes": 0, "segment_bytes": 1} | settings), hands)

    return opened


def fill(spool: EmbeddedSpool, name: str, *sizes: int) -> None:
    at = spool.position(source(name)) or Position()
    for size in sizes:
        made = portion(source(name), at, size)
        spool.append(source(name), "lines", made, at)
        at = made.position


def store(spool: EmbeddedSpool, records: int) -> None:
    spool.acknowledge(STORE, [stored(record) for record in list(spool.read(STORE, 1 << 30))[:records]])


def segments(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "segments").iterdir())


def test_what_is_acknowledged_goes_when_it_is_old(opener: Opener, hands: Hands, folder: Path) -> None:
    with opener(keep_hours=2) as spool:
        fill(spool, "a", 1, 1, 1)
        store(spool, 2)
        hands.now += 1 * HOUR
        assert spool.retain().segments == 0
        hands.now += 2 * HOUR
        done = spool.retain()
        assert (done.segments, done.expired, len(segments(folder))) == (2, {}, 1)
        assert [record.sequence for record in spool.read(STORE, 9)] == [3]
        fill(spool, "a", 1)
        assert [record.sequence for record in spool.read(STORE, 9)] == [3, 4]
        assert verdict(spool.report()).complete


def test_every_consumer_is_waited_for(opener: Opener, hands: Hands) -> None:
    with opener(keep_hours=0) as spool:
        fill(spool, "a", 1, 1)
        assert len(list(spool.read("observations", 9))) == 2
        store(spool, 2)
        hands.now += HOUR
        assert spool.retain().segments == 0
        spool.acknowledge("observations", [Outcome(1, {})])
        assert spool.retain().segments == 1
        spool.forget("observations")
        assert spool.retain().segments == 1


def test_the_store_cannot_be_forgotten(opener: Opener) -> None:
    with opener() as spool, pytest.raises(ValueError, match="ledger"):
        spool.forget(STORE)


def test_a_full_spool_holds_the_reader_up_until_the_store_has_caught_up(opener: Opener) -> None:
    with opener(max_bytes=400_000) as spool:
        with pytest.raises(SpoolFull) as caught:
            fill(spool, "a", *[5_000] * 50)
        assert caught.value.parameters["reason"] == "max_bytes"
        assert caught.value.parameters["limit"] == 400_000
        before = spool.counts()[EVENTS, "spooled"]
        position = spool.position(source("a"))
        store(spool, 2)
        fill(spool, "a", 5_000)
        assert spool.position(source("a")) != position
        assert spool.counts()[EVENTS, "spooled"] == before + 5_000
        assert (EVENTS, "expired") not in spool.counts()
        assert verdict(spool.report()).complete


def test_too_little_free_disk_holds_the_reader_up(opener: Opener) -> None:
    with opener(min_free_bytes=1 << 60) as spool:
        with pytest.raises(SpoolFull) as caught:
            fill(spool, "a", 1)
        assert caught.value.parameters["reason"] == "min_free_bytes"
        assert spool.report() == []


def test_the_oldest_expires_where_that_is_allowed_and_is_counted_by_source(opener: Opener, folder: Path) -> None:
    with opener(max_bytes=400_000, expire_unacknowledged=True) as spool:
        fill(spool, "a", 5_000)
        fill(spool, "b", *[5_000] * 20)
        sequences = [record.sequence for record in spool.read(STORE, 1 << 30)]
        assert sequences == list(range(sequences[0], 22))
        assert sequences[0] > 2
        reports = {report.source.name: report for report in spool.report()}
        assert reports["a"].counts[EVENTS, "expired"] == 5_000
        assert reports["b"].counts[EVENTS, "expired"] == 5_000 * (sequences[0] - 2)
        assert verdict(reports.values()).complete
        store(spool, 1 << 30)
        assert verdict(spool.report()).complete
        assert len(segments(folder)) <= len(sequences)


def test_what_expired_while_the_store_had_it_in_hand_is_stored(opener: Opener, hands: Hands) -> None:
    with opener(keep_hours=1, expire_unacknowledged=True) as spool:
        fill(spool, "a", 1, 2, 4)
        in_hand = list(spool.read(STORE, 1 << 30))[:2]
        hands.now += 2 * HOUR
        assert spool.retain().expired == {source("a").id: 7}
        assert spool.counts()[EVENTS, "expired"] == 7
        spool.acknowledge(STORE, [stored(record) for record in in_hand])
        counts = spool.counts()
        assert (counts[EVENTS, "stored"], counts[EVENTS, "expired"]) == (3, 4)
        assert verdict(spool.report()).complete
        assert spool.acknowledged(STORE) == 3, "nothing that could be waited for is left"


def test_another_consumers_loss_is_told_beside_the_balance(opener: Opener, hands: Hands) -> None:
    with opener(keep_hours=1, expire_unacknowledged=True) as spool:
        fill(spool, "a", 1, 2)
        store(spool, 2)
        assert len(list(spool.read("observations", 1))) == 1
        hands.now += 2 * HOUR
        done = spool.retain()
        assert (done.segments, done.expired) == (2, {}), "the store had them"
        assert not list(spool.read("observations", 9))
        counts = spool.counts()
        assert counts[EVENTS, "missed.observations"] == 3
        assert (EVENTS, "expired") not in counts
        assert (spool.acknowledged("observations"), verdict(spool.report()).complete) == (2, True)


def test_a_segment_that_another_producer_writes_stays(opener: Opener, hands: Hands) -> None:
    with opener(keep_hours=0) as spool, opener(keep_hours=0) as other:
        fill(spool, "a", 1)
        fill(other, "b", 1)
        store(spool, 2)
        hands.now += HOUR
        assert spool.retain().segments == 1
        fill(other, "b", 1)
        assert [record.source.name for record in spool.read(STORE, 9)] == ["b"]
        assert other.retain().segments == 1


def test_old_quarantine_goes_and_is_counted(opener: Opener, hands: Hands) -> None:
    with opener(quarantine_days=1) as spool:
        spool.append(source("a"), "lines", portion(source("a"), Position(), 1, rejects=3), Position())
        hands.now += 25 * HOUR
        spool.retain()
        assert spool.quarantined() == []
        assert spool.counts()[QUARANTINE, "expired"] == 3
        assert verdict(spool.report()).complete


def test_a_removed_file_is_told_as_damaged_not_as_expired(opener: Opener, folder: Path) -> None:
    with opener() as spool:
        fill(spool, "a", 1, 2)
        (folder / "segments" / segments(folder)[0]).unlink()
        assert [record.sequence for record in spool.read(STORE, 9)] == [2]
        assert spool.quarantined()[0].reject.detail.startswith("the segment is missing")
        store(spool, 1)
        assert spool.counts()[EVENTS, "quarantined"] == 1
        assert verdict(spool.report()).complete

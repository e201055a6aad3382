"""Gaps in how sources are read, of a real spool; and of rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from correlation.coverage import Covered
from correlation.posture.gaps import Counted, Senses, blind_rules
from correlation.posture.model import ALL, Gap, Touch
from sensors.delivery.devices import Heard
from sensors.delivery.ledger import DROPPED, EVENTS, PACKETS
from sensors.delivery.ports import STORE, Delivery, Outcome
from sensors.delivery.rhythm import LEAST_BEATS
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Portion, Position
from sensors.settings import SpoolSettings
from tests.correlation.matcher.making import make_rule
from tests.sensors.delivery.making import NOON, portion, reject, source
from tests.sensors.delivery.test_activity import MINUTE, Clock, send


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path, clock: Clock) -> Iterator[EmbeddedSpool]:
    with EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), clock) as opened:
        yield opened


def _gaps(spool: EmbeddedSpool, before: Counted | None = None) -> tuple[list[Gap], Counted]:
    senses = Senses(spool, 95, lambda source_: (Touch(f"of {source_[:4]}"),), lambda address, _: (Touch(address),))
    gaps, counted = senses.gaps(before or {})
    return list(gaps), counted


def test_a_source_that_is_silent_against_its_rhythm_is_a_gap_where_it_looks(spool: EmbeddedSpool, clock: Clock) -> None:
    for _ in range(LEAST_BEATS + 1):
        clock.now += MINUTE
        send(spool, "a", 1)
    assert _gaps(spool)[0] == []
    last = clock.now
    clock.now += 5 * MINUTE
    (gap,), _ = _gaps(spool)
    assert (gap.kind, gap.subject, gap.share) == ("silent-source", source("a").id, ALL)
    assert gap.touches == (Touch(f"of {source('a').id[:4]}"),)
    assert dict(gap.said) == {"last": last, "name": "a"}


def test_a_silent_device_is_a_gap_where_it_is(spool: EmbeddedSpool, clock: Clock) -> None:
    for number in range(LEAST_BEATS + 5):
        clock.now += MINUTE
        at = spool.position(source("udp")) or Position()
        heard = (Heard("10.0.0.9", "fw", clock.now, 1),) if number <= LEAST_BEATS else ()
        spool.append_many([Delivery(source("udp"), "lines", portion(source("udp"), at, 1), at, heard)])
    (gap,), _ = _gaps(spool)
    assert (gap.kind, gap.subject, gap.touches) == (
        "silent-device", f"{source('udp').id}/10.0.0.9/fw", (Touch("10.0.0.9"),)
    )  # fmt: skip


def test_what_no_format_reads_is_a_gap_by_its_share(spool: EmbeddedSpool) -> None:
    send(spool, "a", 96, rejects=4)
    send(spool, "b", 30, rejects=10)
    (gap,), _ = _gaps(spool)
    assert (gap.kind, gap.share, dict(gap.said)) == ("unread", ALL // 4, {"name": "b", "read": 30, "total": 40})


def test_losses_count_since_they_were_counted_last(spool: EmbeddedSpool) -> None:
    def lose(lost: int, read: int) -> None:
        at = spool.position(source("tap")) or Position()
        made = portion(source("tap"), at, 1)
        counts: dict[tuple[str, str], int] = {
            (PACKETS, "read"): read + lost, (PACKETS, "flow"): read, (PACKETS, DROPPED): lost,
        }  # fmt: skip
        spool.append(source("tap"), "lines", Portion(made.batches, made.rejects, counts, made.position), at)

    lose(10, 90)
    (gap,), counted = _gaps(spool)
    assert (gap.kind, gap.share) == ("lost", ALL // 10)
    assert counted == {source("tap").id: (10, 90)}
    lose(0, 90)
    assert _gaps(spool, counted)[0] == []
    lose(30, 0)
    (gap,), _ = _gaps(spool, counted)
    assert dict(gap.said) == {"lost": 30, "taken": 90, "name": "tap"}


def test_events_that_the_store_refused_are_a_gap_until_they_are_replayed(spool: EmbeddedSpool) -> None:
    send(spool, "a", 10)
    (record,) = spool.read(STORE, 1)
    counts = {(EVENTS, "stored"): 8, (EVENTS, "quarantined"): 2}
    refused = tuple(reject(number, reason="store-refused") for number in (1, 2))
    spool.acknowledge(STORE, [Outcome(record.sequence, counts, refused)])
    (gap,), _ = _gaps(spool)
    assert (gap.kind, gap.share, dict(gap.said)) == ("quarantined", ALL * 2 // 12, {"waiting": 2, "name": "a"})


def test_rules_that_have_gone_blind_are_told_one_by_one_and_those_that_never_saw_as_a_share() -> None:
    rule = make_rule({"s": {"a": 1}, "condition": "s"}, title="made")
    sights: tuple[Any, ...] = ("sees", "gone", "fields", "never", "nowhere")
    found = list(blind_rules([Covered(rule, sight, (), NOON) for sight in sights]))
    assert [(one.kind, one.share) for one in found] == [
        ("rule-gone", ALL), ("rule-gone", ALL), ("rules-never", ALL * 2 // 5),
    ]  # fmt: skip
    assert list(blind_rules([])) == []


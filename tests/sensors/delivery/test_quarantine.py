"""Quarantine keeps what was refused, shows it, and lets it in again after a fix without upsetting a balance."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from sensors.delivery.documents import event_batch, event_reject
from sensors.delivery.errors import NotInQuarantine, NotReplayable
from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import STORE, Outcome
from sensors.delivery.quarantine import Filter
from sensors.delivery.report import verdict
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.model import Batch, Source
from sensors.reading.model import MAX_REJECT_BYTES, Portion, Position, Reject
from tests.sensors.delivery.making import batch, portion, reject, source, stored

A, B = source("a"), source("b")


def refused(*rejects: Reject) -> Portion:
    """A portion in which a sensor refused these."""
    counts = {(RECORDS, "read"): len(rejects), (RECORDS, "rejected"): len(rejects)}
    return Portion((), rejects, counts, Position(10, 1 + len(rejects)))


def parse(raw: bytes, of: Source, ordinal: int, offset: int) -> Sequence[Batch] | Reject:
    """Now understands everything but `still`, takes `#` for a comment and `twice` for two events."""
    if raw == b"still":
        return Reject(ordinal, offset, "line-still-broken", "", raw, len(raw))
    if raw.startswith(b"#"):
        return []
    return [batch(of, ordinal, [raw] * (2 if raw == b"twice" else 1))]


def no_parse(raw: bytes, of: Source, ordinal: int, offset: int) -> Sequence[Batch] | Reject:
    raise AssertionError("not called")


def test_entries_are_listed_by_what_is_asked_for(spool: EmbeddedSpool) -> None:
    spool.append(A, "lines", refused(reject(1), reject(2, reason="line-too-long")), Position())
    spool.append(B, "zeek.tsv", portion(B, Position(), 2, rejects=1), Position())
    (record,) = spool.read(STORE, 9)
    spool.acknowledge(STORE, [Outcome(1, {(EVENTS, "stored"): 1}, [event_reject(record.batches[0], 1, "field", "")])])

    def numbers(source: str | None = None, stage: str | None = None, reason: str | None = None) -> list[int]:
        return [entry.number for entry in spool.quarantined(Filter(source, stage, reason))]

    assert numbers() == [1, 2, 3, 4]
    assert numbers(source=A.id) == [1, 2]
    assert numbers(reason="line-broken") == [1, 3]
    assert numbers(stage=STORE) == [4]
    assert numbers(stage="sensor", source=B.id) == [3]
    assert [entry.number for entry in spool.quarantined(after=1, limit=2)] == [2, 3]
    assert spool.quarantine_tally() == {
        ("sensor", "line-broken"): 2, ("sensor", "line-too-long"): 1, (STORE, "field"): 1,
    }
    entry = spool.quarantine_entry(3)
    assert (entry.source, entry.format, entry.sequence, entry.reject) == (B, "zeek.tsv", None, reject(3))
    assert spool.quarantine_entry(4).sequence == 1
    with pytest.raises(NotInQuarantine):
        spool.quarantine_entry(5)


def test_a_record_that_is_understood_now_becomes_an_event(spool: EmbeddedSpool) -> None:
    spool.append(A, "lines", refused(reject(7, b"seven"), reject(8, b"# eight"), reject(9, b"twice")), Position())
    assert spool.replay(1, parse) == 1
    assert spool.replay(2, parse) == 0
    assert spool.replay(3, parse) == 2
    assert spool.counts() == {
        (RECORDS, "read"): 3, (RECORDS, "rejected"): 0, (RECORDS, "event"): 2, (RECORDS, "skipped"): 1,
        (EVENTS, "sensed"): 3, (EVENTS, "spooled"): 3,
    }
    first, second = spool.read(STORE, 9)
    assert first.batches[0].row(0)["message"] == "seven"
    assert verdict(spool.report()).complete
    spool.acknowledge(STORE, [stored(first), stored(second)])
    assert verdict(spool.report()).complete
    assert spool.quarantined() == []
    assert [entry.replayed for entry in spool.quarantined(Filter(waiting=False))] == [1, 0, 2]
    assert spool.position(A) == Position(10, 4), "replaying moves no position"


def test_a_record_that_is_refused_again_stays_with_the_new_reason(spool: EmbeddedSpool) -> None:
    spool.append(A, "lines", refused(reject(1, b"still")), Position())
    before = spool.counts()
    answer = spool.replay(1, parse)
    assert isinstance(answer, Reject)
    assert answer.reason == "line-still-broken"
    entry = spool.quarantine_entry(1)
    assert (entry.reject.reason, entry.attempts, entry.replayed) == ("line-still-broken", 1, None)
    assert spool.counts() == before


def test_an_event_that_the_store_refused_goes_in_again(spool: EmbeddedSpool) -> None:
    spool.append(A, "lines", portion(A, Position(), 3), Position())
    (record,) = spool.read(STORE, 9)
    bad = event_reject(record.batches[0], 1, "field-type", "not a number")
    spool.acknowledge(STORE, [Outcome(1, {(EVENTS, "stored"): 2, (EVENTS, "quarantined"): 1}, [bad])])
    assert verdict(spool.report()).complete

    assert spool.replay(1, no_parse) == 2
    (report,) = spool.report()
    assert (report.pending, report.complete, report.counts[EVENTS, "spooled"]) == (1, True, 3)
    (again,) = spool.read(STORE, 9)
    assert again.batches[0].row(0) == record.batches[0].row(1)
    spool.acknowledge(STORE, [stored(again)])
    assert spool.counts()[EVENTS, "stored"] == 3
    assert spool.counts()[EVENTS, "quarantined"] == 0
    assert verdict(spool.report()).complete


def test_what_cannot_be_replayed_says_why_and_changes_nothing(spool: EmbeddedSpool, folder: Path) -> None:
    long = reject(1, b"x" * (MAX_REJECT_BYTES + 1))
    spool.append(A, "lines", refused(replace(long, raw=long.raw[:MAX_REJECT_BYTES])), Position())
    uncounted = replace(refused(reject(1)), counts={})
    spool.append(B, "lines", uncounted, Position())
    at = uncounted.position
    spool.append(B, "lines", portion(B, at, 2), at)
    (record,) = spool.read("observations", 9)
    spool.acknowledge("observations", [Outcome(1, {}, [event_reject(record.batches[0], 0, "refused", "")])])
    spool.acknowledge(STORE, [Outcome(1, {(EVENTS, "quarantined"): 2}, [reject(1, b"{]"), reject(2, b"{}")])])
    before = spool.counts()
    size = sum(file.stat().st_size for file in (folder / "segments").iterdir())
    for number, reason in [
        (1, "quarantine-cut"),
        (2, "quarantine-not-counted"),
        (3, "quarantine-stage"),
        (4, "quarantine-no-event"),
        (5, "quarantine-no-event"),
    ]:
        with pytest.raises(NotReplayable) as caught:
            spool.replay(number, parse)
        assert caught.value.parameters["number"] == number
        assert caught.value.parameters["reason"] == reason
    with pytest.raises(NotInQuarantine):
        spool.replay(99, parse)
    assert (spool.counts(), len(spool.quarantined())) == (before, 5)
    assert sum(file.stat().st_size for file in (folder / "segments").iterdir()) == size, "taken back"
    assert verdict(spool.report()).complete


def test_nothing_is_replayed_twice(spool: EmbeddedSpool) -> None:
    spool.append(A, "lines", refused(reject(1), reject(2)), Position())
    spool.replay(1, parse)
    with pytest.raises(NotReplayable, match="quarantine-replayed"):
        spool.replay(1, parse)

    def meanwhile(raw: bytes, of: Source, ordinal: int, offset: int) -> Sequence[Batch] | Reject:
        spool.replay(2, parse)
        return parse(raw, of, ordinal, offset)

    with pytest.raises(NotReplayable, match="quarantine-replayed"):
        spool.replay(2, meanwhile)
    assert len(list(spool.read(STORE, 9))) == 2
    assert verdict(spool.report()).complete


def test_an_event_survives_the_way_through_its_document() -> None:
    made = replace(
        batch(A, 5, [b"x"]),
        columns={"message": ["甲"], "n": [None], "list": [[1, {"a": 1.5}]]},
        constants={"event.module": "ecs", "source.port": 443},
    )
    again = event_batch(event_reject(made, 0, "", "").raw, A)
    assert again.row(0) == made.row(0)
    assert (again.source, again.received, list(again.times)) == (A, made.received, list(made.times))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"event.dataset": 1}', orjson.dumps(None), b"\xff"])
def test_a_document_that_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - that it is one is the promise
        event_batch(raw, A)

"""What the embedded spool adds to the contract: damage, several processes at once, waiting, one fsync for many."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from sensors.delivery.errors import Superseded
from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE, Delivery, Outcome, Record
from sensors.delivery.quarantine import SPOOL, SPOOL_DAMAGED
from sensors.delivery.report import verdict
from sensors.delivery.segments import segment_path
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.codec import decode
from sensors.event.model import Batch
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.disks import FailingDisk
from tests.sensors.delivery.making import portion, source, stored, ticking

SETTINGS = SpoolSettings(min_free_bytes=0)


def fill(spool: EmbeddedSpool, name: str, *sizes: int) -> None:
    at = spool.position(source(name)) or Position()
    for size in sizes:
        made = portion(source(name), at, size)
        spool.append(source(name), "lines", made, at)
        at = made.position


def flip(folder: Path, record: int, of: int) -> None:
    """Flip one byte in the middle of one of so many equal records."""
    file = segment_path(folder / "segments", 1)
    data = bytearray(file.read_bytes())
    data[(2 * record - 1) * len(data) // (2 * of)] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize("damaged", [{1}, {2}, {3}, {1, 2}, {2, 3}, {1, 2, 3}])
def test_a_damaged_record_goes_into_quarantine_and_the_rest_goes_on(
    spool: EmbeddedSpool, folder: Path, damaged: set[int]
) -> None:
    fill(spool, "a", 10, 10, 10)
    for record in damaged:
        flip(folder, record, of=3)
    for _ in range(2):
        found = list(spool.read(STORE, 1 << 30))
        assert {record.sequence for record in found} == {1, 2, 3} - damaged
        assert verdict(spool.report()).complete
    if found:
        spool.acknowledge(STORE, [stored(record) for record in found])
    assert spool.acknowledged(STORE) == 3
    counts = spool.counts()
    assert (counts[EVENTS, "quarantined"], counts.get((EVENTS, "stored"), 0)) == (10 * len(damaged), 10 * len(found))
    assert verdict(spool.report()).complete
    entries = spool.quarantined()
    assert [(entry.stage, entry.reject.reason, entry.sequence) for entry in entries] == [
        (SPOOL, SPOOL_DAMAGED, sequence) for sequence in sorted(damaged)
    ]


def test_what_was_seen_of_a_record_that_cannot_be_read_to_its_end_is_forgotten(
    spool: EmbeddedSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(spool, "a", 1_500)
    fill(spool, "b", 10)

    def cut(data: bytes) -> Iterator[Batch]:
        for batch in decode(data):
            yield batch
            if len(batch) == 1_000:
                raise ValueError("cut off")

    monkeypatch.setattr("sensors.delivery.spool.decode", cut)
    looked: list[int] = []
    (record,) = spool.read(STORE, 1 << 30, lambda batch: looked.append(len(batch)))
    assert (record.sequence, record.seen, looked) == (2, (None,), [1_000, 10])
    assert [entry.reject.reason for entry in spool.quarantined()] == [SPOOL_DAMAGED]
    spool.acknowledge(STORE, [stored(record)])
    assert verdict(spool.report()).complete


def test_who_waits_for_a_damaged_record_does_not_wait_for_ever(spool: EmbeddedSpool, folder: Path) -> None:
    fill(spool, "a", 10)
    flip(folder, 1, of=1)
    assert not list(spool.read(STORE, 1))
    assert spool.wait(STORE, 1, timeout=0)


def test_damage_beyond_the_limit_does_not_look_like_the_end(spool: EmbeddedSpool, folder: Path) -> None:
    fill(spool, "a", 10, 10, 10)
    flip(folder, 1, of=3)
    flip(folder, 2, of=3)
    assert [record.sequence for record in spool.read(STORE, 1)] == [3]


def test_a_record_that_was_damaged_in_the_stores_hands_is_stored(spool: EmbeddedSpool, folder: Path) -> None:
    fill(spool, "a", 10, 10)
    in_hand = list(spool.read(STORE, 100))
    flip(folder, 1, of=2)
    assert [record.sequence for record in spool.read("observations", 100)] == [2]
    assert spool.counts()[EVENTS, "quarantined"] == 10
    spool.acknowledge(STORE, [stored(record) for record in in_hand])
    counts = spool.counts()
    assert (counts[EVENTS, "stored"], counts.get((EVENTS, "quarantined"), 0)) == (20, 0)
    spool.acknowledge("observations", [Outcome(2, {})])
    assert spool.counts()[EVENTS, "missed.observations"] == 10
    assert verdict(spool.report()).complete


def test_several_portions_cost_one_wait_for_the_disk(folder: Path) -> None:
    class Counting(FailingDisk):
        syncs = 0

        def sync(self, descriptor: int) -> None:
            Counting.syncs += 1
            super().sync(descriptor)

    with EmbeddedSpool(folder, SETTINGS, ticking(), Counting()) as spool:
        sources = [source(f"{number}") for number in range(20)]
        deliveries = [Delivery(of, "lines", portion(of, Position(), 3), Position()) for of in sources]
        assert spool.append_many(deliveries) == list(range(1, 21))
        assert Counting.syncs == 1
        assert [record.source for record in spool.read(STORE, 1 << 30)] == sources


def test_a_refused_portion_leaves_no_bytes(spool: EmbeddedSpool, folder: Path) -> None:
    fill(spool, "a", 5)
    size = segment_path(folder / "segments", 1).stat().st_size
    with pytest.raises(Superseded):
        spool.append(source("a"), "lines", portion(source("a"), Position(), 5), Position())
    assert segment_path(folder / "segments", 1).stat().st_size == size


def test_each_producer_has_a_segment_and_a_later_one_takes_it_up(folder: Path) -> None:
    with EmbeddedSpool(folder, SETTINGS, ticking()) as one, EmbeddedSpool(folder, SETTINGS, ticking()) as other:
        fill(one, "a", 1)
        fill(other, "b", 1)
        fill(one, "a", 1)
        assert len(list((folder / "segments").iterdir())) == 2
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        fill(spool, "a", 1)
        assert len(list((folder / "segments").iterdir())) == 2
        assert [record.source.name for record in spool.read(STORE, 99)] == ["a", "b", "a", "a"]


def test_a_segment_ends_when_it_is_long_enough(folder: Path) -> None:
    with EmbeddedSpool(folder, SpoolSettings(min_free_bytes=0, segment_bytes=10_000), ticking()) as spool:
        fill(spool, "a", *[100] * 10)
        assert 2 <= len(list((folder / "segments").iterdir())) < 10
        assert [record.events for record in spool.read(STORE, 1 << 30)] == [100] * 10


PRODUCE = """
import sys
from pathlib import Path
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.codec import decode
from sensors.event.model import Batch
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion, source
of, begun = source(sys.argv[2]), Position()
with EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0), lambda: 0) as spool:
    for number in range(60):
        made = portion(of, begun, 1 + number % 7, rejects=number % 2)
        spool.append(of, "lines", made, begun)
        begun = made.position
"""


def consumed(spool: EmbeddedSpool, until: int) -> Iterator[Record]:
    """All records up to a sequence number, as they come, acknowledged one step after the other."""
    while spool.acknowledged(STORE) < until:
        assert spool.wait_for_records(STORE, 60)
        found = list(spool.read(STORE, 20))
        spool.acknowledge(STORE, [stored(record) for record in found])
        yield from found


def test_processes_produce_while_one_consumes(folder: Path) -> None:
    with EmbeddedSpool(folder, SETTINGS, ticking()) as spool:
        producers = [
            subprocess.Popen([sys.executable, "-c", PRODUCE, str(folder), name], env={"PYTHONPATH": "."})
            for name in ("a", "b", "c")
        ]
        found = list(consumed(spool, 180))
        assert [producer.wait(60) for producer in producers] == [0, 0, 0]
        assert [record.sequence for record in found] == list(range(1, 181)), "dense, and never filled in behind"
        for name in ("a", "b", "c"):
            ordinals = [
                ordinal
                for record in found
                if record.source.name == name
                for batch in record.batches
                for ordinal in batch.ordinals.tolist()
            ]
            assert ordinals == sorted(set(ordinals))
        assert verdict(spool.report()).complete


def test_threads_of_one_process_produce_at_once(spool: EmbeddedSpool) -> None:
    threads = [Thread(target=fill, args=(spool, name, *[3] * 30)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = list(spool.read(STORE, 1 << 30))
    assert [record.sequence for record in found] == list(range(1, 121))
    assert verdict(spool.report()).complete


def test_two_readers_of_one_source_get_it_once(folder: Path) -> None:
    """Whoever is slower is told so, looks again, and goes on from where the other is."""
    with EmbeddedSpool(folder, SETTINGS, ticking()) as one, EmbeddedSpool(folder, SETTINGS, ticking()) as other:
        random, refused = Random(1), 0
        begun = {one: Position(), other: Position()}
        for _ in range(60):
            spool = random.choice([one, other])
            made = portion(source(), begun[spool], 2)
            try:
                spool.append(source(), "lines", made, begun[spool])
                begun[spool] = made.position
            except Superseded:
                refused += 1
                begun[spool] = spool.position(source()) or Position()
        assert refused > 5
        ordinals = [int(n) for record in one.read(STORE, 1 << 30) for batch in record.batches for n in batch.ordinals]
        assert ordinals == list(range(1, len(ordinals) + 1))


def test_waiting_ends_with_the_acknowledgement(folder: Path, spool: EmbeddedSpool) -> None:
    fill(spool, "a", 1, 1)
    assert not spool.wait(STORE, 2, timeout=0.02)
    with EmbeddedSpool(folder, SETTINGS, ticking()) as correlator:

        def work() -> None:
            assert len(list(consumed(correlator, 2))) == 2

        thread = Thread(target=work)
        thread.start()
        assert spool.wait(STORE, 2, timeout=60)
        thread.join(60)
    assert spool.wait(STORE, 0)


def test_waiting_for_records_ends_with_the_append(spool: EmbeddedSpool) -> None:
    assert not spool.wait_for_records(STORE, timeout=0.02)
    thread = Thread(target=fill, args=(spool, "a", 1))
    thread.start()
    assert spool.wait_for_records(STORE, timeout=60)
    thread.join(60)


def test_a_lease_is_held_between_processes(folder: Path, spool: EmbeddedSpool) -> None:
    with spool.lease("correlator"):
        assert (folder / "leases" / "correlator.lock").exists()

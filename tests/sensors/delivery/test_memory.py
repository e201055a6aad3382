"""The embedded spool behaves as the one in memory does, whatever is done to it and in whatever order."""

import shutil
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sensors.delivery.errors import OutOfOrder, Superseded
from sensors.delivery.ledger import EVENTS
from sensors.delivery.memory import MemorySpool
from sensors.delivery.ports import STORE, Delivery, Outcome
from sensors.delivery.report import verdict
from sensors.delivery.segments import segment_number, segment_path
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.times import SECOND
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import NOON, portion, source

HOUR = 3_600 * SECOND
CONSUMERS = (STORE, "observations")
NAMES = st.sampled_from("abc")
SIZES = st.tuples(st.integers(0, 12), st.integers(0, 2), st.integers(0, 2))


class SpoolMachine(RuleBasedStateMachine):
    """Two processes' spools over one folder, and the model of what must be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="spool"))
        self.now = NOON
        self.model = MemorySpool()
        self.lost: set[int] = set()
        self.begun: dict[tuple[int, str], Position] = {}
        self.spools: list[EmbeddedSpool] = []

    @initialize(segment_bytes=st.sampled_from([1, 3_000, 1 << 20]), expire=st.booleans())
    def open(self, segment_bytes: int, *, expire: bool) -> None:
        self.settings = SpoolSettings(
            segment_bytes=segment_bytes, min_free_bytes=0, keep_hours=1, expire_unacknowledged=expire
        )
        self.spools = [self.opened(), self.opened()]
        for spool in self.spools:
            for consumer in CONSUMERS:
                assert not list(spool.read(consumer, 1))

    def opened(self) -> EmbeddedSpool:
        return EmbeddedSpool(self.folder / "spool", self.settings, lambda: self.now)

    def teardown(self) -> None:
        for spool in self.spools:
            spool.close()
        shutil.rmtree(self.folder)

    @rule(who=st.integers(0, 1), name=NAMES, sizes=SIZES)
    def append(self, who: int, name: str, sizes: tuple[int, int, int]) -> None:
        """A producer appends from where it believes the source to be, and believes the spool when it is told off."""
        of, (events, rejects, skipped) = source(name), sizes
        begun = self.begun.get((who, name), Position())
        made = portion(of, begun, events, rejects=rejects, skipped=skipped)
        try:
            expected = self.model.append(of, "lines", made, begun)
        except Superseded:
            try:
                self.spools[who].append(of, "lines", made, begun)
            except Superseded:
                self.begun[who, name] = self.spools[who].position(of) or Position()
                return
            raise AssertionError("a stale portion was taken") from None
        assert self.spools[who].append(of, "lines", made, begun) == expected
        self.begun[who, name] = made.position

    @rule(who=st.integers(0, 1), chosen=st.lists(st.tuples(NAMES, SIZES), min_size=2, max_size=4))
    def append_many(self, who: int, chosen: list[tuple[str, tuple[int, int, int]]]) -> None:
        deliveries = []
        at: dict[str, Position] = {}
        for name, (events, rejects, skipped) in chosen:
            begun = at.get(name) or self.model.position(source(name)) or Position()
            made = portion(source(name), begun, events, rejects=rejects, skipped=skipped)
            deliveries.append(Delivery(source(name), "lines", made, begun))
            at[name] = made.position
        assert self.spools[who].append_many(deliveries) == self.model.append_many(deliveries)

    @rule(who=st.integers(0, 1), consumer=st.sampled_from(CONSUMERS), limit=st.integers(1, 60), data=st.data())
    def consume(self, who: int, consumer: str, limit: int, data: st.DataObject) -> None:
        """A consumer reads, and acknowledges some of what it got."""
        got = list(self.spools[who].read(consumer, limit))
        alive = self.alive(consumer)
        assert [record.sequence for record in got] == [record.sequence for record in alive[: len(got)]]
        assert bool(got) == bool(alive)
        for ours, theirs in zip(got, alive, strict=False):
            assert [list(b.rows()) for b in ours.batches] == [list(b.rows()) for b in theirs.batches]
        if not got:
            return
        upto = data.draw(st.integers(1, len(got)))
        outcomes = [self.outcome(consumer, record.sequence, record.events) for record in got[:upto]]
        self.spools[who].acknowledge(consumer, outcomes)
        self.acknowledge_model(consumer, outcomes)

    @precondition(lambda self: self.model.acknowledged(STORE))
    @rule(who=st.integers(0, 1))
    def acknowledge_again(self, who: int) -> None:
        try:
            self.spools[who].acknowledge(STORE, [Outcome(self.model.acknowledged(STORE), {(EVENTS, "stored"): 1})])
        except OutOfOrder:
            return
        raise AssertionError("acknowledged twice")

    @rule(who=st.integers(0, 1), torn=st.binary(max_size=50))
    def die(self, who: int, torn: bytes) -> None:
        """A process ends, perhaps in the middle of a frame, and another one begins."""
        self.spools[who].close()
        segments = self.folder / "spool" / "segments"
        free = [file for file in sorted(segments.iterdir()) if segment_number(file)]
        if free and len(self.spools) > who:
            with free[-1].open("ab") as file:
                file.write(torn)
        segment_path(segments, 10_000).write_bytes(torn)
        self.spools[who] = self.opened()
        assert not segment_path(segments, 10_000).exists()

    @rule(who=st.integers(0, 1), hours=st.sampled_from([0, 1, 3]))
    def retain(self, who: int, hours: int) -> None:
        """Time passes, and a process cleans up: what was expired is no longer given to anybody."""
        self.now += hours * HOUR
        before = {record.sequence for record in self.model.read("nobody", 1 << 30)} - self.lost
        done = self.spools[who].retain()
        there = {
            sequence
            for (sequence,) in self.spools[who]._database.rows("SELECT sequence FROM records WHERE state = 0")
        }
        gone = before - there - {n for n in before if n <= min(self.model.acknowledged(each) for each in CONSUMERS)}
        assert not gone or self.settings.expire_unacknowledged
        stored = self.model.acknowledged(STORE)
        expired = sum(
            record.events
            for record in self.model.read("nobody", 1 << 30)
            if record.sequence in gone and record.sequence > stored
        )
        assert sum(done.expired.values()) == expired
        self.lost |= gone

    @invariant()
    def the_last_record_is_known_whatever_became_of_it(self) -> None:
        assert all(spool.last() == self.model.last() for spool in self.spools)

    @invariant()
    def the_ledger_adds_up(self) -> None:
        for spool in self.spools:
            reports = spool.report()
            assert verdict(reports).complete
            assert {r.source: r.counts.get((EVENTS, "spooled"), 0) for r in reports} == {
                r.source: r.counts.get((EVENTS, "spooled"), 0) for r in self.model.report()
            }

    @invariant()
    def counts_are_those_of_the_model(self) -> None:
        for spool in self.spools:
            ours, theirs = Counter(spool.counts()), Counter(self.model.counts())
            for consumer in CONSUMERS:
                for record in self.model.read(consumer, 1 << 30):
                    if record.sequence in self.lost and consumer == STORE:
                        theirs[EVENTS, "expired"] += record.events
            assert {k: n for k, n in ours.items() if "missed" not in k[1]} == {
                k: n for k, n in theirs.items() if "missed" not in k[1]
            }

    @invariant()
    def positions_are_those_of_the_model(self) -> None:
        for spool in self.spools:
            for name in "abc":
                assert spool.position(source(name)) == self.model.position(source(name))

    def alive(self, consumer: str) -> list[Any]:
        return [record for record in self.model.read(consumer, 1 << 30) if record.sequence not in self.lost]

    def outcome(self, consumer: str, sequence: int, events: int) -> Outcome:
        if consumer != STORE:
            return Outcome(sequence, {("observations", "seen"): events})
        again = events // 3
        duplicates = {(EVENTS, "duplicate"): again} if again else {}
        return Outcome(sequence, {(EVENTS, "stored"): events - again} | duplicates)

    def acknowledge_model(self, consumer: str, outcomes: list[Outcome]) -> None:
        """In the model, a lost record that is passed over is one whose outcome says so."""
        whole = []
        given = {outcome.sequence: outcome for outcome in outcomes}
        for record in self.model.read(consumer, 1 << 30):
            if record.sequence in given:
                whole.append(given.pop(record.sequence))
            elif record.sequence in self.lost:
                bucket = "expired" if consumer == STORE else f"missed.{consumer}"
                whole.append(Outcome(record.sequence, {(EVENTS, bucket): record.events}))
            else:
                break
        self.model.acknowledge(consumer, whole)


TestSpoolMachine = SpoolMachine.TestCase
TestSpoolMachine.settings = settings(
    max_examples=40, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)

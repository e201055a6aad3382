"""Deliveries of NetFlow: packets sorted by exporter and template, decoded together, losses told.

Data that comes before its template waits for it, within bounds; what waits too long or too much goes to quarantine.
Templates and samplings are kept in the spool with the listener's position, so that a restart finds them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from sensors.capture import text
from sensors.capture.compiled import announce
from sensors.capture.identifying import event_ids
from sensors.delivery.devices import Heard
from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import Delivery, Spool
from sensors.event.model import BATCH_ROWS, Batch
from sensors.event.times import LATEST
from sensors.listening.devices import SENDER, Devices
from sensors.listening.lanes import Lane, source_of
from sensors.listening.model import Arrivals, Refused, refused
from sensors.listening.netflow.decode import Column, decode, record_count
from sensors.listening.netflow.flows import CONSTANTS, DATASET, Told, events
from sensors.listening.netflow.runs import Run, runs
from sensors.listening.netflow.sequences import UNITS, Sequences
from sensors.listening.netflow.templates import Book, Exporter, Template, read_templates
from sensors.listening.netflow.version5 import RECORD
from sensors.listening.netflow.wire import FIRST_DATA_SET, MILLISECOND, V5_SET, Packet, read_packet
from sensors.listening.writer import added
from sensors.reading.model import PORTION_EVENTS

FLUSH_PACKETS = 2_000
"""Packets that are decoded together: with some thirty records in each, more would only take memory."""
WAITING_BYTES = 32 << 20
WAITING_SECONDS = 1_800
"""Exporters send templates at least every half hour, as most are set up."""
ODD_PACKET = "netflow-odd-packet"
NO_TEMPLATE = "netflow-no-template"
ODD_RECORD = "netflow-odd-record"
_SECOND = 1_000_000_000
_SAMPLERS = 65_536
_BEGUN = 160
"""systemInitTimeMilliseconds"""
_INTERVALS = (34, 50, 305)
"""Elements that say every how manieth packet is looked at; 306 says how many are left out after 305."""


class _Set(NamedTuple):
    """A data set with what its packet says of all records."""

    content: bytes
    exported: int
    uptime: int | None
    sampling: int


@dataclass(slots=True)
class _Round:
    """What one call finds."""

    received: int
    sets: dict[tuple[Exporter, Template], list[_Set]] = field(default_factory=dict)
    refusals: list[Refused] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A set whose template has not come."""

    since: int
    exporter: Exporter
    number: int
    set: _Set


def prepare() -> None:
    """Compile what decoding needs before anything comes, since that may take seconds once."""
    announce()
    one = np.ones(1, np.uint64)
    text.addresses(one, one, np.ones(1, np.int64))
    text.times(np.ones(1, np.int64))
    event_ids("00" * 16, np.ones(1, np.int64), one.reshape(1, 1))


class NetflowMaker:
    """Deliveries of one NetFlow listener."""

    def __init__(self, spool: Spool, listener: str, name: str) -> None:
        self._own, self._kept, self._flows = (
            Lane(source, part, spool.position(source))
            for part in ("", "netflow.templates", DATASET)
            for source in (source_of(listener, part, name, "records"),)
        )
        self._book = Book()
        self._samplings: dict[Exporter, dict[int, int]] = {}
        self._begun: dict[Exporter, int] = {}
        self._load(self._kept.position.state)
        self._sequences = Sequences()
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._devices = Devices()

    def deliveries(self, arrivals: Sequence[Arrivals], received: int) -> list[Delivery]:
        """The deliveries of packets that arrived (see sensors.listening.writer.Maker)."""
        found = _Round(received)
        found.lost |= added(arrivals)
        for some in arrivals:
            at = 0
            for run in runs(some.texts):
                for data in some.texts[at : run.begin]:
                    self._packet(some.sender, data, found)
                at = run.end if self._run(some.sender, run, found) else run.begin
            for data in some.texts[at:]:
                self._packet(some.sender, data, found)
        self._give_up(found, received - WAITING_SECONDS * _SECOND, WAITING_BYTES)
        return self._made(found)

    def idle(self, received: int) -> list[Delivery]:
        """What exporters did before they fell silent."""
        return self._noted(self._devices.due(received))

    def _noted(self, devices: Sequence[Heard]) -> list[Delivery]:
        return [self._own.refusal((), {}, None, devices)] if devices else []

    def finish(self, received: int) -> list[Delivery]:
        """What is left at the end: data whose template never came."""
        found = _Round(received)
        self._give_up(found, received + 1, 0)
        return self._made(found, last=True)

    def settle(self, *, persisted: bool) -> None:
        """What was made has been persisted, or given up."""
        self._devices.settle(persisted=persisted)
        for lane in (self._own, self._kept, self._flows):
            lane.settle(persisted=persisted)

    def refused(self, arrivals: Arrivals) -> Mapping[int, str]:
        """Nobody waits for an answer."""
        del arrivals
        return {}

    def _run(self, sender: str, run: Run, found: _Round) -> bool:
        """Take up packets that hold nothing but records; False, and nothing is done, where their template is missing.

        A template can change only where no run goes on.
        """
        exporter = sender, 9, run.domain
        template = self._book.find(exporter, run.number)
        if template is None:
            return False
        found.sets.setdefault((exporter, template), []).extend(
            map(_Set, run.contents, run.exported, run.uptime, repeat(0))
        )
        gap = self._sequences.seen_all(exporter, run.sequence, run.end - run.begin)
        if gap:
            found.lost[UNITS[9]] = found.lost.get(UNITS[9], 0) + gap
        return True

    def _packet(self, sender: str, data: bytes, found: _Round) -> None:
        packet = read_packet(data)
        if packet is None or packet.fault:
            found.refusals.append(refused(packet.fault if packet else ODD_PACKET, data, detail=sender))
            self._devices.refused([sender], found.received)
        if packet is None:
            return
        exporter = sender, packet.version, packet.domain
        records: int | None = 0
        for number, content in packet.sets:
            if number >= FIRST_DATA_SET or (packet.version == 5 and number == V5_SET):
                count = self._data(exporter, number, packet, content, found)
                records = None if records is None or count is None else records + count
            elif number <= 3:
                self._templates(exporter, number, content, found)
        step = {5: packet.announced, 9: 1}.get(packet.version, records)
        gap = self._sequences.seen(exporter, packet.sequence, step)
        if gap:
            unit = UNITS[packet.version]
            found.lost[unit] = found.lost.get(unit, 0) + gap

    def _data(
        self, exporter: Exporter, number: int, packet: Packet, content: bytes, found: _Round
    ) -> int | None:
        mine = _Set(content, packet.exported, packet.uptime, packet.sampling)
        template = RECORD if packet.version == 5 else self._book.find(exporter, number)
        if template is None:
            self._waiting.append(_Waiting(found.received, exporter, number, mine))
            self._waiting_bytes += len(content)
            return None
        found.sets.setdefault((exporter, template), []).append(mine)
        return record_count(template, content)

    def _templates(self, exporter: Exporter, number: int, content: bytes, found: _Round) -> None:
        templates, fault = read_templates(exporter[1], number, content)
        if fault:
            found.refusals.append(refused(fault, content, detail=exporter[0]))
        news = set(self._book.keep(exporter, templates))
        if not news or not self._waiting:
            return
        still = []
        for each in self._waiting:
            template = self._book.find(exporter, each.number) if each.exporter == exporter else None
            if template is None:
                still.append(each)
            else:
                self._waiting_bytes -= len(each.set.content)
                found.sets.setdefault((exporter, template), []).append(each.set)
        self._waiting = still

    def _give_up(self, found: _Round, before: int, room: int) -> None:
        """Data that waited too long for its template, the oldest first, also where too much waits."""
        gone = 0
        for each in self._waiting:
            if each.since >= before and self._waiting_bytes <= room:
                break
            gone += 1
            self._waiting_bytes -= len(each.set.content)
            address, version, domain = each.exporter
            detail = f"{address} version {version} domain {domain} template {each.number}"
            found.refusals.append(refused(NO_TEMPLATE, each.set.content, detail=detail))
        del self._waiting[:gone]

    def _made(self, found: _Round, *, last: bool = False) -> list[Delivery]:
        made: list[Delivery] = []
        changed = False
        # Options first: a sampling that comes in the same packet is that of its flows.
        for (exporter, template), sets in sorted(found.sets.items(), key=lambda entry: not entry[0][1].scopes):
            columns, counts, faults = decode(template, [each.content for each in sets])
            if faults:
                found.refusals.append(refused(ODD_RECORD, sets[-1].content, detail=exporter[0]))
            total = sum(counts)
            if not total or not columns:
                continue
            if template.scopes:
                changed |= self._options(exporter, columns)
                skipped = {(RECORDS, "read"): total, (RECORDS, "skipped"): total}
                made.append(self._flows.delivery(total, (), (), skipped))
            else:
                made += self._flow_deliveries(exporter, sets, columns, counts, found)
        if self._book.changed or changed:
            self._book.changed = False
            made.append(self._kept.delivery(0, (), (), {}, self._state()))
        devices = self._devices.due(found.received, all_of_it=last)
        if found.refusals or devices or any(found.lost.values()):
            made.append(self._own.refusal(found.refusals, found.lost, None, devices))
        return made

    def _flow_deliveries(
        self, exporter: Exporter, sets: Sequence[_Set], columns: Sequence[Column], counts: Sequence[int], found: _Round
    ) -> list[Delivery]:
        rows = np.asarray(counts)
        exported = np.repeat(np.array([each.exported for each in sets], np.int64), rows)
        uptime = None
        if sets[0].uptime is not None:
            uptime = np.repeat(np.array([each.uptime for each in sets], np.int64), rows)
        samplings = self._samplings.get(exporter, {})
        if sets[0].sampling > 1:
            samplings = {0: sets[0].sampling}
        named, times, odd = events(columns, exported, uptime, Told(samplings, self._begun.get(exporter)))
        total = len(exported)
        kept = np.flatnonzero(~odd)
        for _ in range(total - len(kept)):
            found.refusals.append(refused(ODD_RECORD, b"", detail=f"{exporter[0]}: a number beyond 63 bits"))
            self._devices.refused([exporter[0]], found.received)
        constants = dict(CONSTANTS) | {
            SENDER: exporter[0], "observer.ip": exporter[0], "netflow.version": exporter[1],
            "netflow.source_id": exporter[2],
        }  # fmt: skip
        if times is None:
            constants["hanwatch.time.origin"] = "received"
            times = np.full(total, found.received, np.int64)
        if len(kept) < total:
            named = {name: _picked(values, kept) for name, values in named.items()}
            times, exported = times[kept], exported[kept]
        if len(exported):
            self._devices.flows(exporter[0], found.received, len(exported), int(exported[-1]))
        return self._cut(named, times, exported, constants, found.received)

    def _cut(
        self, named: Mapping[str, Any], times: Any, exported: Any, constants: Mapping[str, Any], received: int
    ) -> list[Delivery]:
        made = []
        for first in range(0, len(times), PORTION_EVENTS):
            last = min(first + PORTION_EVENTS, len(times))
            ordinals = np.arange(last - first, dtype=np.int64) + self._flows.position.ordinal
            contents = exported[first:last].astype(np.uint64).reshape(-1, 1)
            ids = event_ids(self._flows.source.id, ordinals, contents)
            batches = []
            for begin in range(first, last, BATCH_ROWS):
                end = min(begin + BATCH_ROWS, last)
                batches.append(
                    Batch(
                        dataset=DATASET,
                        source=self._flows.source,
                        received=received,
                        times=times[begin:end],
                        ids=ids[begin - first : end - first],
                        ordinals=ordinals[begin - first : end - first],
                        constants=constants,
                        columns={name: values[begin:end] for name, values in named.items()},
                    )
                )
            count = last - first
            counts = {(RECORDS, "read"): count, (RECORDS, "event"): count, (EVENTS, "sensed"): count}
            made.append(self._flows.delivery(count, batches, (), counts))
        return made

    def _options(self, exporter: Exporter, columns: Sequence[Column]) -> bool:
        """Take up what options records say of sampling and of the exporter's clock; whether anything is new."""
        numbers = {column.number: column.values for column in columns if isinstance(column.values, np.ndarray)}
        news = False
        if _BEGUN in numbers:
            begun = min(int(numbers[_BEGUN][-1]), LATEST // MILLISECOND)
            news = self._begun.get(exporter) != begun
            self._begun[exporter] = begun
        intervals = next((numbers[number] for number in _INTERVALS if number in numbers), None)
        if intervals is None:
            return news
        if 305 in numbers and 306 in numbers:
            packets = np.maximum(numbers[305], np.uint64(1))
            intervals = (packets + numbers[306]) // packets
        samplers = numbers.get(48, numbers.get(302))
        mine = self._samplings.setdefault(exporter, {})
        before = dict(mine)
        for row in range(len(intervals)):
            sampler = 0 if samplers is None else int(samplers[row])
            if 0 < int(intervals[row]) < 1 << 31 and (len(mine) < _SAMPLERS or sampler in mine):
                mine[sampler] = int(intervals[row])
        return news or mine != before

    def _state(self) -> dict[str, Any]:
        samplings = [[*exporter, sorted(known.items())] for exporter, known in self._samplings.items()]
        begun = [[*exporter, moment] for exporter, moment in self._begun.items()]
        return {"templates": self._book.state(), "samplings": samplings, "begun": begun}

    def _load(self, state: Any) -> None:
        if isinstance(state, dict):
            self._book.load(state.get("templates"))
            for address, version, domain, known in state.get("samplings", ()):
                self._samplings[address, version, domain] = dict(known)
            for address, version, domain, moment in state.get("begun", ()):
                self._begun[address, version, domain] = moment


def _picked(values: Any, kept: Any) -> Any:
    return values[kept] if isinstance(values, np.ndarray) else [values[index] for index in kept.tolist()]

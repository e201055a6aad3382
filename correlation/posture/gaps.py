"""What keeps us from seeing: of the spool's report of its sources, and of what rules can look at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from correlation.coverage import Covered
from correlation.posture.model import ALL, Gap, GapKind, Touch
from sensors.delivery.activity import SourceActivity
from sensors.delivery.ledger import LOST, PACKET_LOSSES, PACKETS, RECORDS
from sensors.delivery.quarantine import SENSOR, Filter
from sensors.delivery.report import SourceReport

_MOST_TRACED: Final = 200
"""Sources of which the units that they show are looked up; gaps of the others count for the city as a whole."""

Counted: TypeAlias = Mapping[str, tuple[int, int]]
"""What each source had lost and taken until a moment, by its id."""


class Delivered(Protocol):
    """What is asked of the spool."""

    def report(self) -> Sequence[SourceReport]:
        """The counts of every source."""
        ...

    def activity(self) -> Sequence[SourceActivity]:
        """What every source has done."""
        ...

    def quarantine_tally(self, wanted: Filter | None = None) -> Mapping[tuple[str, str], int]:
        """How many entries the quarantine has by stage and reason."""
        ...


class Senses:
    """Finds gaps in how sources are read."""

    def __init__(
        self,
        delivered: Delivered,
        readable: int,
        traced: Callable[[str], tuple[Touch, ...]],
        placed: Callable[[str, str], tuple[Touch, ...]],
    ) -> None:
        """`readable` percent read are enough; `traced` tells where a source looks, `placed` where a device is."""
        self._delivered = delivered
        self._readable = readable
        self._traced = traced
        self._placed = placed
        self._known: dict[str, tuple[Touch, ...]] = {}

    def gaps(self, before: Counted) -> tuple[tuple[Gap, ...], Counted]:
        """All gaps, and what was counted by now; losses are those since `before` was counted."""
        activity = self._delivered.activity()
        reports = {one.source.id: one for one in self._delivered.report()}
        counted = {
            one.source.id: _losses(reports[one.source.id].counts)
            for one in activity
            if one.source.id in reports and (one.events[1] or _losses(reports[one.source.id].counts)[0])
        }
        found = [gap for one in activity for gap in self._of(one, reports.get(one.source.id))]
        found += self._lost(activity, counted, before)
        return tuple(found), counted

    def _of(self, one: SourceActivity, report: SourceReport | None) -> Iterator[Gap]:
        source, name = one.source.id, one.source.name
        if one.silent and one.rhythm is not None:
            yield self._gap("silent-source", source, ALL, name, last=one.rhythm.last)
        for device in one.devices:
            if device.silent and not device.rest:
                touches = self._placed(device.address, device.host) or self._where(source)
                said = (("last", device.rhythm.last), ("name", device.path(name)))
                yield Gap("silent-device", device.path(source), ALL, touches, said)
        if one.parsed is not None and one.parsed * 100 < self._readable:
            total = one.events[1] + one.rejected
            read = round(one.parsed * total)
            yield self._gap("unread", source, ALL * (total - read) // total, name, read=read, total=total)
        if report is not None and report.counts.get(("events", "quarantined"), 0):
            tally = self._delivered.quarantine_tally(Filter(source=source))
            waiting = sum(number for (stage, _), number in tally.items() if stage != SENSOR)
            if waiting:
                share = ALL * waiting // (waiting + one.events[1])
                yield self._gap("quarantined", source, share, name, waiting=waiting)

    def _lost(self, activity: Iterable[SourceActivity], counted: Counted, before: Counted) -> Iterator[Gap]:
        for one in activity:
            lost, taken = counted.get(one.source.id, (0, 0))
            was = before.get(one.source.id, (0, 0))
            lost, taken = lost - was[0], taken - was[1]
            if lost > 0:
                share = ALL * lost // (lost + max(0, taken))
                yield self._gap("lost", one.source.id, share, one.source.name, lost=lost, taken=max(0, taken))

    def _gap(self, kind: GapKind, source: str, share: int, name: str, **said: int) -> Gap:
        return Gap(kind, source, share, self._where(source), (*sorted(said.items()), ("name", name)))

    def _where(self, source: str) -> tuple[Touch, ...]:
        if source not in self._known:
            if len(self._known) >= _MOST_TRACED:
                return ()
            self._known[source] = self._traced(source)
        return self._known[source]


def blind_rules(covered: Sequence[Covered]) -> Iterator[Gap]:
    """Rules that saw something once and do not any more, and the share of those that never did."""
    never = sum(one.sight in {"never", "nowhere"} for one in covered)
    for one in covered:
        if one.sight in {"gone", "fields"}:
            rule = one.rule
            said = (("last", one.last or 0), ("name", rule.title), ("name_zh", rule.title_zh), ("sight", one.sight))
            yield Gap("rule-gone", rule.id, ALL, said=said)
    if never:
        said_of = (("never", never), ("rules", len(covered)))
        yield Gap("rules-never", "rules", ALL * never // len(covered), said=said_of)


def _losses(counts: Mapping[tuple[str, str], int]) -> tuple[int, int]:
    """What a source had lost and what was taken of it: packets and records."""
    dropped = sum(counts.get((PACKETS, bucket), 0) for bucket in PACKET_LOSSES)
    lost = dropped + sum(number for (stage, _), number in counts.items() if stage == LOST)
    return lost, counts.get((PACKETS, "read"), 0) - dropped + counts.get((RECORDS, "read"), 0)

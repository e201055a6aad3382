"""The windows of all groups of one lane, fed in order of event time."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, TypeAlias

from correlation.rules.model import Correlation
from correlation.windows.counting import MOST_KEPT, Entry, Rising, fulfilled, number_of, rising
from correlation.windows.model import MOST_EVIDENCE, Finding, Signal
from correlation.windows.plan import Plan, Seat, closes

Group: TypeAlias = tuple[str, ...]

MOST_GROUPS = 1_000_000
"""So many groups are watched at once; beyond it the one that was quiet for longest is given up, and counted."""
_NUMBERED = frozenset({"value_sum", "value_avg", "value_percentile"})


@dataclass(slots=True)
class Watch:
    """A rising window, when it was last given a signal, and until when it stays silent because it has alerted."""

    window: Rising
    last: int
    silent: int = -1


@dataclass(slots=True)
class Open:
    """A closing window: when it began, and the signals since then."""

    begun: int
    entries: list[Entry] = field(default_factory=list)


class Groups:
    """Windows by correlation and group.

    Attributes:
        watches, opened: rising windows, the longest quiet first, and closing ones.
        given_up: how many groups were forgotten because there were too many.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._closing = [closes(correlation) for correlation in plan.correlations]
        self.watches: OrderedDict[tuple[int, Group], Watch] = OrderedDict()
        self.opened: dict[tuple[int, Group], Open] = {}
        self._ends: list[tuple[int, int, Group]] = []
        self._longest = max((one.timespan for one in plan.correlations), default=0)
        self.given_up = 0

    def take(self, signal: Signal) -> Iterator[Finding]:
        """Give a signal to the windows that look at its rule; what comes true, and what comes true because of that."""
        yield from self.pass_to(signal.time)
        yield from self._given(signal)

    def pass_to(self, time: int) -> Iterator[Finding]:
        """Close the windows that ended before this moment."""
        while self._ends and self._ends[0][0] < time:
            end, number, group = heappop(self._ends)
            found = self.opened.get((number, group))
            correlation = self._plan.correlations[number]
            if found is None or found.begun + correlation.timespan != end:
                continue
            del self.opened[number, group]
            if fulfilled(correlation, found.entries):
                yield from self._found(correlation, end, group, found.entries, {})
        while self.watches:
            oldest = next(iter(self.watches.values()))
            if max(oldest.last + self._longest, oldest.silent) >= time and len(self.watches) <= MOST_GROUPS:
                break
            self.given_up += len(self.watches) > MOST_GROUPS
            self.watches.popitem(last=False)

    def _given(self, signal: Signal) -> Iterator[Finding]:
        for seat in self._plan.seats(signal.rule):
            correlation = self._plan.correlations[seat.correlation]
            values = _values(correlation, seat, signal)
            if not values:
                continue
            for group in seat.groups(signal.values):
                for value in values:
                    entry = Entry(signal.time, signal.key, seat.position, value, signal.evidence)
                    yield from self.enter(seat.correlation, group, entry, signal)

    def enter(self, number: int, group: Group, entry: Entry, signal: Signal) -> Iterator[Finding]:
        """Put an entry into the window of a group."""
        correlation = self._plan.correlations[number]
        if self._closing[number]:
            self.open(number, group, entry)
            return
        watch = self.watches.get((number, group))
        if watch is None or entry.time < watch.last - correlation.timespan:
            # The second happens among what is late alone: another recording of an earlier time begins.
            watch = self.watches[number, group] = Watch(rising(correlation), entry.time)
        self.watches.move_to_end((number, group))
        watch.last = entry.time
        proof = watch.window.add(entry)
        if proof and entry.time > watch.silent:
            watch.silent = entry.time + correlation.timespan
            yield from self._found(correlation, entry.time, group, proof, signal.values)

    def resume(self, number: int, group: Group, last: int, silent: int, entries: Iterable[Entry]) -> None:
        """A rising window as it was before a restart."""
        watch = self.watches[number, group] = Watch(rising(self._plan.correlations[number]), last, silent)
        for entry in entries:
            watch.window.add(entry)

    def open(self, number: int, group: Group, entry: Entry) -> None:
        """Put an entry into a closing window, which begins with it if there is none."""
        found = self.opened.get((number, group))
        if found is None:
            found = self.opened[number, group] = Open(entry.time)
            heappush(self._ends, (entry.time + self._plan.correlations[number].timespan, number, group))
        if len(found.entries) < MOST_KEPT and entry.key not in {other.key for other in found.entries[-4:]}:
            found.entries.append(entry)

    def _found(
        self, correlation: Correlation, time: int, group: Group, proof: Sequence[Entry], values: Mapping[str, Any],
    ) -> Iterator[Finding]:
        entries = sorted(proof, key=lambda entry: (entry.time, entry.position, entry.key))
        known = {item.event_id: item for entry in entries for item in entry.evidence}
        evidence = tuple(known.values())[-MOST_EVIDENCE:]
        shared = dict(zip(correlation.group_by, group, strict=True))
        finding = Finding(correlation, time, group, evidence, {**values, **shared})
        yield finding
        yield from self._given(Signal(correlation.id, time, finding.key, finding.values, evidence))


def _values(correlation: Correlation, seat: Seat, signal: Signal) -> list[Group]:
    """What is counted of a signal; nothing where it lacks what is counted."""
    if not seat.fields:
        return [()]
    values = seat.counted(signal.values)
    if correlation.type in _NUMBERED:
        return [value for value in values if number_of(value) is not None]
    return values

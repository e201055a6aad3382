"""The windows of all groups of one lane, fed in order of event time."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
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
_NEVER = (1 << 63) - 2
_AGAIN = 4
"""How far back a closing window looks for the same signal: what is repeated comes right behind itself."""
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
        self._due = 0

    def take(self, signal: Signal, found: list[Finding]) -> None:
        """Give a signal to the windows that look at its rule; adds what comes true, and what does because of that."""
        if self._due <= signal.time or len(self.watches) > MOST_GROUPS:
            self.pass_to(signal.time, found)
        self._give(signal, found)

    def pass_to(self, time: int, found: list[Finding]) -> None:
        """Close the windows that ended before this moment, and forget those that nothing can come of any more."""
        while self._ends and self._ends[0][0] < time:
            end, number, group = heappop(self._ends)
            one = self.opened.get((number, group))
            correlation = self._plan.correlations[number]
            if one is None or one.begun + correlation.timespan != end:
                continue
            del self.opened[number, group]
            if fulfilled(correlation, one.entries):
                self._find(correlation, end, group, one.entries, {}, found)
        while self.watches:
            oldest = next(iter(self.watches.values()))
            quiet = max(oldest.last + self._longest, oldest.silent)
            if quiet >= time and len(self.watches) <= MOST_GROUPS:
                break
            self.given_up += len(self.watches) > MOST_GROUPS
            self.watches.popitem(last=False)
        ends = self._ends[0][0] if self._ends else _NEVER
        self._due = min(ends, quiet if self.watches else _NEVER) + 1

    def _give(self, signal: Signal, found: list[Finding]) -> None:
        for seat in self._plan.seats(signal.rule):
            values = _values(self._plan.correlations[seat.correlation], seat, signal)
            for group in seat.groups(signal.values) if values else ():
                for value in values:
                    entry = Entry(signal.time, signal.key, seat.position, value, signal.evidence)
                    self._enter(seat.correlation, group, entry, signal, found)

    def _enter(self, number: int, group: Group, entry: Entry, signal: Signal, found: list[Finding]) -> None:
        """Put an entry into the window of a group."""
        if self._closing[number]:
            self.open(number, group, entry)
            return
        correlation, place = self._plan.correlations[number], (number, group)
        watch = self.watches.get(place)
        if watch is None or entry.time < watch.last:
            # The second happens among what is late alone: something recorded earlier begins.
            watch = self.watches[place] = Watch(rising(correlation), entry.time)
            self._due = min(self._due, entry.time + self._longest + 1)
        self.watches.move_to_end(place)
        watch.last = entry.time
        proof = watch.window.add(entry)
        if proof and entry.time > watch.silent:
            watch.silent = entry.time + correlation.timespan
            self._find(correlation, entry.time, group, proof, signal.values, found)

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
            end = entry.time + self._plan.correlations[number].timespan
            heappush(self._ends, (end, number, group))
            self._due = min(self._due, end + 1)
        if len(found.entries) < MOST_KEPT and entry[:4] not in {other[:4] for other in found.entries[-_AGAIN:]}:
            found.entries.append(entry)

    def _find(  # noqa: PLR0913, PLR0917 - what a finding is made of
        self, correlation: Correlation, time: int, group: Group, proof: Sequence[Entry], values: Mapping[str, Any],
        found: list[Finding],
    ) -> None:  # fmt: skip
        entries = sorted(proof, key=lambda entry: (entry.time, entry.position, entry.key))
        known = {item.event_id: item for entry in entries for item in entry.evidence}
        evidence = tuple(known.values())[-MOST_EVIDENCE:]
        shared = dict(zip(correlation.group_by, group, strict=True))
        finding = Finding(correlation, time, group, evidence, {**values, **shared})
        found.append(finding)
        if self._plan.seats(correlation.id):
            self._give(Signal(correlation.id, time, finding.key, finding.values, evidence), found)


def _values(correlation: Correlation, seat: Seat, signal: Signal) -> list[Group]:
    """What is counted of a signal; nothing where it lacks what is counted."""
    if not seat.fields:
        return [()]
    values = seat.counted(signal.values)
    if correlation.type in _NUMBERED:
        return [value for value in values if number_of(value) is not None]
    return values

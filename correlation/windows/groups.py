"""The windows of all groups of one lane, fed in order of event time."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Any, Final, TypeAlias

from correlation.rules.model import Correlation
from correlation.windows.counting import MOST_KEPT, Entry, fulfilled, number_of, rising
from correlation.windows.model import MOST_EVIDENCE, Excepts, Finding, Signal, nothing_excepted
from correlation.windows.plan import Plan, Seat, closes, combined
from correlation.windows.proofs import pack, unpack

Group: TypeAlias = tuple[str, ...]

MOST_GROUPS = 1_000_000
"""So many groups are watched at once; beyond it the one that was quiet for longest is given up, and counted."""
_NEVER: Final = (1 << 63) - 2
_AGAIN = 4
"""How far back a closing window looks for the same signal: what is repeated comes right behind itself."""
_NUMBERED = frozenset({"value_sum", "value_avg", "value_percentile"})
_NOTHING: Final[Sequence[Group]] = ((),)


class Watch:
    """A rising window: what it keeps, when it was last given a signal, and until when it stays silent.

    It is silent for a timespan after it has alerted.
    """

    __slots__ = ("kept", "last", "silent")

    def __init__(self, kept: Any, last: int, silent: int = -1) -> None:
        self.kept, self.last, self.silent = kept, last, silent


@dataclass(slots=True)
class Open:
    """A closing window: when it began, and the signals since then."""

    begun: int
    entries: list[Entry] = field(default_factory=list)


class Groups:
    """Windows by correlation and group.

    Attributes:
        watches: for each correlation its rising windows by group, the longest quiet first.
        opened: closing windows by correlation and group.
        watched: how many rising windows there are.
        given_up: how many groups were forgotten because there were too many.
        excepts: asked of each finding which exceptions hide it; it is told among the others, and goes no further up.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rising = [None if closes(one) else rising(one) for one in plan.correlations]
        self.watches: list[OrderedDict[Group, Watch]] = [OrderedDict() for _ in plan.correlations]
        self.opened: dict[tuple[int, Group], Open] = {}
        self.watched = 0
        self.given_up = 0
        self.excepts: Excepts = nothing_excepted
        self._ends: list[tuple[int, int, Group]] = []

    def take(self, signals: Iterable[Signal], found: list[Finding]) -> None:
        """Give signals to the windows that look at their rules; adds what comes true, and what does because of that."""
        for signal in signals:
            if self._ends and self._ends[0][0] < signal.time:
                self._close(signal.time, found)
            self._give(signal, found)

    def pass_to(self, time: int, found: list[Finding]) -> None:
        """Close the windows that ended before this moment, and forget those that nothing can come of any more."""
        self._close(time, found)
        for correlation, watches in zip(self._plan.correlations, self.watches, strict=True):
            while watches and _over(correlation, next(iter(watches.values())), time):
                watches.popitem(last=False)
                self.watched -= 1

    def resume(self, number: int, group: Group, last: int, silent: int, entries: Iterable[Entry]) -> None:
        """A rising window as it was before a restart."""
        kind = self._rising[number]
        assert kind is not None, "a correlation whose fingerprint is the same is of the same kind"
        kept = kind.begin()
        for entry in entries:
            kind.add(kept, entry)
        self.watches[number][group] = Watch(kept, last, silent)
        self.watched += 1

    def kept(self, number: int, watch: Watch) -> Sequence[Entry]:
        """What a rising window would be resumed with."""
        kind = self._rising[number]
        return () if kind is None else kind.entries(watch.kept)

    def open(self, number: int, group: Group, entry: Entry) -> None:
        """Put an entry into a closing window, which begins with it if there is none."""
        found = self.opened.get((number, group))
        if found is None:
            found = self.opened[number, group] = Open(entry.time)
            heappush(self._ends, (entry.time + self._plan.correlations[number].timespan, number, group))
        if len(found.entries) < MOST_KEPT and entry[:4] not in {other[:4] for other in found.entries[-_AGAIN:]}:
            found.entries.append(entry)

    def _close(self, time: int, found: list[Finding]) -> None:
        while self._ends and self._ends[0][0] < time:
            end, number, group = heappop(self._ends)
            entries = self.opened.pop((number, group)).entries
            correlation = self._plan.correlations[number]
            if fulfilled(correlation, entries):
                self._find(correlation, end, group, entries, {}, found)

    def _give(self, signal: Signal, found: list[Finding]) -> None:
        rule, time, key, values, proof = signal
        groups: Sequence[Group] = ()
        entry = Entry(time, key, 0, (), proof)
        for seat in self._plan.seats.get(rule, ()):
            if not seat.again:
                groups = combined(values, seat.group)
            counted = self._counted(seat, values) if seat.fields else _NOTHING
            for group in groups:
                for value in counted:
                    # What several correlations keep alike is kept once.
                    if seat.position != entry.position or value != entry.value:
                        entry = Entry(time, key, seat.position, value, proof)
                    proven = self._enter(seat.correlation, group, entry)
                    if proven:
                        correlation = self._plan.correlations[seat.correlation]
                        self._find(correlation, time, group, proven, values, found)

    def _counted(self, seat: Seat, values: Mapping[str, Any]) -> Sequence[Group]:
        """What is counted of a signal; nothing where it lacks what is counted."""
        counted = combined(values, seat.fields)
        if self._plan.correlations[seat.correlation].type in _NUMBERED:
            return [value for value in counted if number_of(value) is not None]
        return counted

    def _enter(self, number: int, group: Group, entry: Entry) -> Sequence[Entry]:
        """Put an entry into the window of a group; what is to be told of it now."""
        kind = self._rising[number]
        if kind is None:
            self.open(number, group, entry)
            return ()
        watches, time = self.watches[number], entry.time
        watch = watches.get(group)
        if watch is None:
            watch = watches[group] = Watch(kind.begin(), time)
            self.watched += 1
            if self.watched > MOST_GROUPS:
                self._give_up(time)
        else:
            watches.move_to_end(group)
            if time < watch.last:
                # Among what is late alone: something recorded earlier begins.
                watch.kept, watch.silent = kind.begin(), -1
            watch.last = time
        proof = kind.add(watch.kept, entry)
        if not proof or time <= watch.silent:
            return ()
        watch.silent = time + self._plan.correlations[number].timespan
        return proof

    def _give_up(self, time: int) -> None:
        """Forget the group that was quiet for longest."""
        fronts = [(next(iter(watches.values())), number) for number, watches in enumerate(self.watches) if watches]
        longest, number = min(fronts, key=lambda front: front[0].last)
        self.watches[number].popitem(last=False)
        self.watched -= 1
        self.given_up += not _over(self._plan.correlations[number], longest, time)

    def _find(  # noqa: PLR0913, PLR0917 - what a finding is made of
        self, correlation: Correlation, time: int, group: Group, proof: Sequence[Entry], values: Mapping[str, Any],
        found: list[Finding],
    ) -> None:  # fmt: skip
        entries = sorted(proof, key=lambda entry: (entry.time, entry.position, entry.key))
        known = {item.event_id: item for entry in entries for item in unpack(entry.proof)}
        evidence = tuple(known.values())[-MOST_EVIDENCE:]
        finding = Finding(correlation, time, group, evidence, values)
        finding = replace(finding, values={**values, **finding.shared}, excepted=self.excepts(finding))
        found.append(finding)
        if not finding.excepted and correlation.id in self._plan.seats:
            self._give(Signal(correlation.id, time, finding.key, finding.values, pack(evidence)), found)


def _over(correlation: Correlation, watch: Watch, time: int) -> bool:
    """Whether nothing can come of what a window keeps any more."""
    return max(watch.last + correlation.timespan, watch.silent) < time

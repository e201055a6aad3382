"""Signals in, findings out, by event time: the order in which signals arrive makes no difference within the lateness.

Signals wait until the watermark has passed them, and are taken in order of their time. The watermark stands the
allowed lateness behind the newest event. What comes later than that goes into windows of its own, record by record, and
is counted: an old capture that is read today is correlated with itself, not with what was told already.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Final, TypeAlias

from correlation.rules.model import Correlation
from correlation.windows.groups import Groups
from correlation.windows.model import Excepts, Finding, Signal
from correlation.windows.plan import Plan
from sensors.event.times import SECOND

MOST_PENDING = 200_000
"""So many signals wait at most; beyond it the oldest are taken, as if the lateness were shorter."""
_AT_ONCE: Final = 10
"""The tenth part of them is taken at once then, so that they are not put in order for each signal."""
_NEVER: Final = (1 << 63) - 2

Pending: TypeAlias = tuple[int, str, str, int, Signal]
"""A signal that waits, behind its time, rule and key, which are its place, and the number of its arrival."""


class Windows:
    """Correlations at work.

    Attributes:
        plan: what looks at what.
        lateness: ns; None where all that there is will come.
        pending: signals that wait.
        groups, late_groups: windows of what came in time, and of what did not.
        late: signals that came behind the watermark, so far.
        watermark: the event time before which all signals were taken, ns; -1 at first.
    """

    def __init__(self, correlations: Sequence[Correlation], lateness: int | None) -> None:
        """Windows of these correlations, none open.

        Args:
            correlations: each behind those that it looks at.
            lateness: how much later than newer ones signals may come, ns; None where all that there is will come
                before `settle` is called, as with files that are read once.
        """
        self.plan = Plan(correlations)
        self.lateness = lateness
        self.pending: list[Pending] = []
        self._arrivals = count()
        self.groups, self.late_groups = Groups(self.plan), Groups(self.plan)
        self.watermark = -1
        self.late = 0

    def except_by(self, excepts: Excepts) -> None:
        """Ask this of each finding from now on."""
        self.groups.excepts = self.late_groups.excepts = excepts

    @property
    def idle(self) -> bool:
        """Whether nothing waits for time to pass."""
        return not self.pending and not self.groups.opened and not self.late_groups.opened

    @property
    def given_up(self) -> int:
        """Groups that were forgotten because there were too many, since this process began."""
        return self.groups.given_up + self.late_groups.given_up

    @property
    def size(self) -> int:
        """About how much there is to be written down: signals that wait, and windows."""
        groups = (self.groups, self.late_groups)
        return len(self.pending) + sum(each.watched + len(each.opened) for each in groups)

    def take(self, signals: Iterable[Signal], newest: int) -> list[Finding]:
        """Take signals, of events of which the newest happened at `newest`, ns; what has come true."""
        found: list[Finding] = []
        late: list[Pending] = []
        for signal, arrival in zip(signals, self._arrivals):  # noqa: B905 - the arrivals have no end
            rule, time, key, _, _ = signal
            (self.pending if time >= self.watermark else late).append((time, rule, key, arrival, signal))
        if late:
            self.late += len(late)
            late.sort()
            self.late_groups.take(_once(late), found)
            self.late_groups.pass_to(late[-1][0], found)
        if self.lateness is not None:
            # In steps of a second, so that what waits is not put in order at each of many small portions.
            before = newest - self.lateness
            self._pass(before - before % SECOND, found)
        if len(self.pending) > MOST_PENDING:
            self.pending.sort()
            self._pass(self.pending[-MOST_PENDING + MOST_PENDING // _AT_ONCE][0], found)
        return found

    def settle(self, until: int | None = None) -> list[Finding]:
        """Wait no longer for what is late: take all that waits, and close what ended before `until`, ns."""
        found: list[Finding] = []
        behind = max((time + 1 for time, *_ in self.pending), default=self.watermark)
        self._pass(behind if until is None else max(behind, until), found)
        self.late_groups.pass_to(_NEVER, found)
        return found

    def _pass(self, watermark: int, found: list[Finding]) -> None:
        """Take what happened before a moment."""
        if watermark <= self.watermark:
            return
        self.watermark = watermark
        self.pending.sort()
        # A shorter tuple stands before the longer ones that begin like it.
        number = bisect_left(self.pending, (watermark,))
        ready = self.pending[:number]
        del self.pending[:number]
        self.groups.take(_once(ready), found)
        self.groups.pass_to(watermark, found)


def _once(pending: Iterable[Pending]) -> Iterator[Signal]:
    """Signals that stand in order; those that came twice once."""
    last_rule = last_key = ""
    for _, rule, key, _, signal in pending:
        if key != last_key or rule != last_rule:
            last_rule, last_key = rule, key
            yield signal

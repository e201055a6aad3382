"""Signals in, findings out, by event time: the order in which signals arrive makes no difference within the lateness.

Signals wait until the watermark has passed them, and are taken in order of their time. The watermark stands the
allowed lateness behind the newest event. What comes later than that goes into windows of its own, record by record, and
is counted: an old capture that is read today is correlated with itself, not with what was told already.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from correlation.rules.model import Correlation
from correlation.windows.groups import Groups
from correlation.windows.model import Finding, Signal
from correlation.windows.plan import Plan

MOST_PENDING = 200_000
"""So many signals wait at most; beyond it the oldest are taken, as if the lateness were shorter."""


class Windows:
    """Correlations at work.

    Attributes:
        plan: what looks at what.
        lateness: ns; None where all that there is will come.
        pending: signals that wait, by time, rule and key; `waiting` are their rules and keys.
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
        self.pending: list[tuple[int, str, str, Signal]] = []
        self.waiting: set[tuple[str, str]] = set()
        self.groups, self.late_groups = Groups(self.plan), Groups(self.plan)
        self.watermark = -1
        self.late = 0

    @property
    def idle(self) -> bool:
        """Whether nothing waits for time to pass."""
        return not self.pending and not self.groups.opened

    @property
    def given_up(self) -> int:
        """Groups that were forgotten because there were too many, since this process began."""
        return self.groups.given_up + self.late_groups.given_up

    @property
    def size(self) -> int:
        """About how much there is to be written down: signals that wait, and windows."""
        groups = (self.groups, self.late_groups)
        return len(self.pending) + sum(len(each.watches) + len(each.opened) for each in groups)

    def take(self, signals: Iterable[Signal], newest: int) -> list[Finding]:
        """Take signals, of events of which the newest happened at `newest`, ns; what has come true."""
        found: list[Finding] = []
        late: list[tuple[int, str, str, Signal]] = []
        for signal in signals:
            if signal.time < self.watermark:
                late.append((signal.time, signal.rule, signal.key, signal))
            elif (signal.rule, signal.key) not in self.waiting:
                self.waiting.add((signal.rule, signal.key))
                heappush(self.pending, (signal.time, signal.rule, signal.key, signal))
        self.late += len(late)
        for *_, signal in sorted(late, key=_order):
            self.late_groups.take(signal, found)
        if self.lateness is not None:
            self._pass(newest - self.lateness, found)
        while len(self.pending) > MOST_PENDING:
            self._pass(self.pending[0][0] + 1, found)
        return found

    def settle(self, until: int | None = None) -> list[Finding]:
        """Wait no longer for what is late: take all that waits, and close what ended before `until`, ns."""
        found: list[Finding] = []
        behind = max((signal.time + 1 for *_, signal in self.pending), default=self.watermark)
        self._pass(behind if until is None else max(behind, until), found)
        return found

    def _pass(self, watermark: int, found: list[Finding]) -> None:
        while self.pending and self.pending[0][0] < watermark:
            *_, signal = heappop(self.pending)
            self.waiting.discard((signal.rule, signal.key))
            self.groups.take(signal, found)
        if watermark > self.watermark:
            self.watermark = watermark
            self.groups.pass_to(watermark, found)


def _order(waiting: tuple[int, str, str, Signal]) -> tuple[int, str, str]:
    return waiting[:3]

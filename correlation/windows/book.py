"""Windows on disk: what they held at some moment, and what they were given since, so that a kill changes nothing.

Operations are written down after the alerts that they led to and before their records are acknowledged. At the next
start they are done again on what was kept before them; the alerts that come of it are there already. With them stands
which findings exceptions had kept from correlations above: exceptions may have ended or changed since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, delete, func, insert, select

from correlation.alerts.tables import window_operation, window_state
from correlation.windows.engine import Windows
from correlation.windows.model import Finding, Signal, nothing_excepted
from correlation.windows.state import dump, dump_signals, load_signals, restore
from inventory.database import writing

SIGNALS_BETWEEN: Final = 5_000
"""So many signals and operations are done again at a start, or twice as many as windows hold, before all is written."""


Identity: TypeAlias = tuple[Any, ...]
"""A finding among all: its correlation's id, its time and its group."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What windows were given: the signals of a record of the spool, or the word that they shall wait no longer.

    Attributes:
        sequence: the record's number; where they are to settle that of the last one before.
        moment: event time of the newest event, ns; where they are to settle, what ended before it is closed (-1: only
            what is over by its events).
        signals: what rules found in it; None where they are to settle.
        withheld: findings that would have been signals to correlations, had exceptions not hidden them.
    """

    sequence: int
    moment: int
    signals: Sequence[Signal] | None
    withheld: frozenset[Identity] = field(default_factory=frozenset)

    def done(self, windows: Windows) -> list[Finding]:
        """Do it; what has come true."""
        if self.signals is None:
            return windows.settle(None if self.moment < 0 else self.moment)
        return windows.take(self.signals, self.moment)


class WindowBook:
    """Windows with their record in the relational database."""

    def __init__(self, engine: Engine, windows: Windows) -> None:
        """Windows as they were when the process before this one ended."""
        self._engine = engine
        self._windows = windows
        self._since = 0
        self.sequence = 0
        self._waiting: list[Operation] = []
        with engine.connect() as connection:
            for row in connection.execute(select(window_state)):
                self.sequence = row.sequence
                restore(windows, row.state)
            for row in connection.execute(select(window_operation).order_by(window_operation.c.number)):
                signals = None if row.signals is None else load_signals(row.signals)
                withheld = frozenset((name, time, *group) for name, time, *group in row.withheld or ())
                _again(Operation(row.sequence, row.moment, signals, withheld), windows)
                self.sequence = row.sequence
                self._since += 1 + len(signals or ())

    @property
    def windows(self) -> Windows:
        """The windows themselves."""
        return self._windows

    def follow(self, last: int) -> bool:
        """Go on with the spool whose last record has this number; whether it is the one that windows know.

        Records of another are numbered from one again; without this they were taken for those that windows had
        already, until there were as many of them. Nothing may be unwritten.
        """
        if self.sequence <= last:
            return True
        self.sequence = 0
        # Written at once: else a start that comes when there are as many records takes them for known.
        with writing(self._engine) as connection:
            self._write_anew(connection)
        self._since = 0
        return False

    def take(self, sequence: int, signals: Sequence[Signal], newest: int) -> list[Finding]:
        """Give the signals of a record to the windows, unless they had them already; what has come true."""
        if sequence <= self.sequence or (not signals and self._windows.idle):
            return []
        return self._done(Operation(sequence, newest, signals))

    def settle(self, until: int | None = None) -> list[Finding]:
        """Wait no longer for what is late, and close what ended before `until`, ns; what has come true."""
        if self._windows.idle:
            return []
        return self._done(Operation(self.sequence, -1 if until is None else until, None))

    def _done(self, operation: Operation) -> list[Finding]:
        # What fails is not written down: it would fail again at every start.
        self.sequence = operation.sequence
        found = operation.done(self._windows)
        seats = self._windows.plan.seats
        withheld = frozenset(_identity(one) for one in found if one.excepted and one.correlation.id in seats)
        self._waiting.append(replace(operation, withheld=withheld))
        return found

    def write(self) -> None:
        """Write down what was done since the last time; the alerts of it have been."""
        if not self._waiting:
            return
        self._since += sum(1 + len(one.signals or ()) for one in self._waiting)
        # Where most of what was given still waits in the windows, writing all of it anew would save nothing at a start.
        anew = self._since > max(SIGNALS_BETWEEN, 2 * self._windows.size)
        with writing(self._engine) as connection:
            if anew:
                self._write_anew(connection)
            else:
                first = (connection.execute(select(func.max(window_operation.c.number))).scalar() or 0) + 1
                connection.execute(insert(window_operation), [
                    {
                        "number": number, "sequence": one.sequence, "moment": one.moment,
                        "signals": None if one.signals is None else dump_signals(one.signals),
                        "withheld": sorted(one.withheld) or None,
                    }
                    for number, one in enumerate(self._waiting, first)
                ])  # fmt: skip
        if anew:
            self._since = 0
        self._waiting.clear()

    def renewed(self, windows: Windows) -> "WindowBook":
        """The book of other, empty windows that go on from these, without a restart; this one is not used again.

        Everything must have been written. Correlations that are as they were keep what they hold. What was done since
        windows were written down last is not done again for the others, as a start would: one that is new could come
        true by it without being told, and stay silent afterwards.
        """
        with writing(self._engine) as connection:
            self._write_anew(connection)
        return WindowBook(self._engine, windows)

    def _write_anew(self, connection: Connection) -> None:
        connection.execute(delete(window_operation))
        connection.execute(delete(window_state))
        row = {"id": 1, "sequence": self.sequence, "state": dump(self._windows)}
        connection.execute(insert(window_state), [row])


def _again(operation: Operation, windows: Windows) -> None:
    """Do an operation as it was done, whatever is excepted by now."""
    windows.except_by(lambda finding: ("",) if _identity(finding) in operation.withheld else ())
    operation.done(windows)
    windows.except_by(nothing_excepted)


def _identity(finding: Finding) -> Identity:
    return finding.correlation.id, finding.time, *finding.group

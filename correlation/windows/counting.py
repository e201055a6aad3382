"""What a window of one group has seen, for each type of correlation: pure values that can be written down.

A *rising* window is asked after every signal whether what it looks for is there, with what lies no further back than
the timespan. It keeps the least that answers this, so that a flood costs no memory. A *closing* window begins
with a signal and is asked once, when its timespan is over.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from correlation.alerts.model import Evidence
from correlation.rules.condition import And, Node, Not, Or
from correlation.rules.model import Correlation, Threshold

_COUNTED: Mapping[str, Callable[["Entry"], Any]] = {
    "event_count": lambda entry: entry.key,
    "value_count": lambda entry: entry.value,
    "temporal": lambda entry: entry.position,
}
"""What a closing window counts, each once."""
MOST_KEPT = 100_000
"""So many signals a window keeps at most, where all of them count; the oldest beyond it are left out."""


class Entry(NamedTuple):
    """A signal as a window keeps it."""

    time: int
    key: str
    position: int
    value: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Rising(Protocol):
    """A window that is asked after every signal."""

    def add(self, entry: Entry) -> Sequence[Entry]:
        """Take a signal that is no older than those before it; what makes the condition true by now, or nothing."""
        ...

    def entries(self) -> Sequence[Entry]:
        """All that is kept, in an order in which adding it again leads to the same window."""
        ...


class Last:
    """event_count: the last so many signals, which is all that can make the count."""

    def __init__(self, timespan: int, threshold: Threshold) -> None:
        self._timespan = timespan
        self._most = max(1, _least(threshold))
        self._kept: list[Entry] = []

    def add(self, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        kept = self._kept
        if not kept or kept[-1].time < entry.time:
            kept.append(entry)
        else:
            if any(entry.key == other.key for other in kept if other.time == entry.time):
                return ()
            insort(kept, entry, key=_moment)
        if len(kept) > self._most:
            del kept[0]
        full = len(kept) == self._most and entry.time - kept[0].time <= self._timespan
        return tuple(kept) if full else ()

    def entries(self) -> Sequence[Entry]:
        """As in `Rising`."""
        return self._kept


class Newest:
    """value_count and temporal: the newest signal of each value, or of each rule."""

    def __init__(self, correlation: Correlation) -> None:
        self._timespan = correlation.timespan
        self._by_value = correlation.type == "value_count"
        self._wanted = correlation
        threshold = correlation.threshold
        self._most = MOST_KEPT if threshold is None else max(1, _least(threshold))
        self._kept: dict[Any, Entry] = {}

    def add(self, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        of = entry.value if self._by_value else entry.position
        self._kept.pop(of, None)
        self._kept[of] = entry
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        if self._by_value:
            # No more are kept than are enough, the oldest first: if that one is within the timespan, all are.
            oldest = next(iter(self._kept.values()))
            full = len(self._kept) == self._most and entry.time - oldest.time <= self._timespan
            return list(self._kept.values()) if full else ()
        there = [other for other in self._kept.values() if entry.time - other.time <= self._timespan]
        return there if self._fulfilled(there) else ()

    def _fulfilled(self, there: Sequence[Entry]) -> bool:
        wanted = self._wanted
        if wanted.expression is not None:
            return holds(wanted.expression, {wanted.rules[entry.position] for entry in there})
        if wanted.threshold is not None:
            return wanted.threshold.holds(len(there))
        return len(there) == len(wanted.rules)

    def entries(self) -> Sequence[Entry]:
        """As in `Rising`."""
        return list(self._kept.values())


class Added:
    """value_sum: all signals of the timespan, and their sum, which is exact so that no order of adding shows in it."""

    def __init__(self, timespan: int, threshold: Threshold) -> None:
        self._timespan = timespan
        self._threshold = threshold
        self._kept: deque[Entry] = deque()
        self._sum: int | Fraction = 0

    def add(self, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        kept = self._kept
        while kept and (entry.time - kept[0].time > self._timespan or len(kept) >= MOST_KEPT):
            self._sum -= _exact(kept.popleft())
        kept.append(entry)
        self._sum += _exact(entry)
        return kept if self._threshold.holds(self._sum) else ()

    def entries(self) -> Sequence[Entry]:
        """As in `Rising`."""
        return self._kept


class Chain:
    """temporal_ordered: for each rule the chain of those before it that began last.

    Signals of one moment may stand in any order.
    """

    def __init__(self, timespan: int, length: int) -> None:
        self._timespan = timespan
        self._chains: list[tuple[Entry, ...]] = [()] * length
        self._newest: list[Entry | None] = [None] * length

    def add(self, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        self._newest[entry.position] = entry
        for position in range(entry.position, len(self._chains)):
            other = self._newest[position]
            if other is None or other.time != entry.time:
                break
            before = self._chains[position - 1] if position else ()
            if position and not (before and other.time - before[0].time <= self._timespan):
                break
            self._chains[position] = (*before, other)
        whole = self._chains[-1]
        return whole if whole and whole[-1].time == entry.time else ()

    def entries(self) -> Sequence[Entry]:
        """As in `Rising`."""
        kept = {(entry.position, entry.key): entry for chain in self._chains for entry in chain}
        kept |= {(entry.position, entry.key): entry for entry in self._newest if entry is not None}
        return sorted(kept.values(), key=lambda entry: (entry.time, entry.position))


def rising(correlation: Correlation) -> Rising:
    """An empty window for a correlation whose end need not be waited for."""
    threshold = correlation.threshold
    if correlation.type == "temporal_ordered":
        return Chain(correlation.timespan, len(correlation.rules))
    if correlation.type in {"value_count", "temporal"}:
        return Newest(correlation)
    assert threshold is not None
    if correlation.type == "value_sum":
        return Added(correlation.timespan, threshold)
    return Last(correlation.timespan, threshold)


def fulfilled(correlation: Correlation, entries: Sequence[Entry]) -> bool:
    """Whether a closing window with these signals, in order, is what its correlation asks for."""
    if correlation.expression is not None:
        return holds(correlation.expression, {correlation.rules[entry.position] for entry in entries})
    threshold = correlation.threshold
    assert threshold is not None
    if correlation.type in _COUNTED:
        return threshold.holds(len({_COUNTED[correlation.type](entry) for entry in entries}))
    numbers = [_number(entry) for entry in entries]
    return bool(numbers) and threshold.holds(_reckoned(correlation, threshold, numbers))


def _reckoned(correlation: Correlation, threshold: Threshold, numbers: list[float]) -> float:
    if correlation.type == "value_percentile":
        return _percentile(numbers, threshold.percentile)
    total = math.fsum(numbers)
    return total / len(numbers) if correlation.type == "value_avg" else total


def holds(expression: Node, found: set[str]) -> bool:
    """Whether a condition that names rules is true when these have found something."""
    if isinstance(expression, And):
        return all(holds(part, found) for part in expression.parts)
    if isinstance(expression, Or):
        return any(holds(part, found) for part in expression.parts)
    if isinstance(expression, Not):
        return not holds(expression.part, found)
    return expression.field in found


def number_of(value: tuple[str, ...]) -> float | None:
    """A value as a number; None where it is none."""
    try:
        number = float(value[0])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None


def _number(entry: Entry) -> float:
    number = number_of(entry.value)
    assert number is not None, "only signals with a number are let in"
    return number


def _exact(entry: Entry) -> int | Fraction:
    number = _number(entry)
    return int(number) if number.is_integer() else Fraction(number)


def _percentile(numbers: list[float], percentile: float) -> float:
    """Between the two nearest ranks in proportion, as numpy's `linear` and PostgreSQL's percentile_cont do."""
    ordered = sorted(numbers)
    rank = (len(ordered) - 1) * percentile / 100
    low = math.floor(rank)
    high = math.ceil(rank)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _least(threshold: Threshold) -> int:
    """The least whole number that is enough."""
    return math.floor(threshold.number) + 1 if threshold.operator == "gt" else math.ceil(threshold.number)


def _moment(entry: Entry) -> tuple[int, str]:
    return entry.time, entry.key

"""What a window of one group has seen, for each type of correlation: pure values that can be written down.

A *rising* window is asked after every signal whether what it looks for is there, with what lies no further back than
the timespan. It keeps the least that answers this, so that a flood costs no memory. A *closing* window begins
with a signal and is asked once, when its timespan is over.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

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
    proof: bytes


class Rising(Protocol):
    """How the windows of a correlation count that are asked after every signal.

    What a window has seen stands in a value of its own, `kept`, since there are as many of them as groups.
    """

    def begin(self) -> Any:
        """A window that has seen nothing."""
        ...

    def add(self, kept: Any, entry: Entry) -> Sequence[Entry]:
        """Take a signal that is no older than those before it; what makes the condition true by now, or nothing."""
        ...

    def entries(self, kept: Any) -> Sequence[Entry]:
        """All that is kept, in an order in which adding it again leads to the same window."""
        ...


class Last:
    """event_count: the last so many signals, which is all that can make the count."""

    def __init__(self, timespan: int, threshold: Threshold) -> None:
        self._timespan = timespan
        self._most = max(1, _least(threshold))

    def begin(self) -> list[Entry]:
        """As in `Rising`."""
        return []

    def add(self, kept: list[Entry], entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        time = entry.time
        if kept and kept[-1].time == time:
            if any(entry.key == other.key for other in kept if other.time == time):
                return ()
            insort(kept, entry, key=_moment)
        else:
            kept.append(entry)
        if len(kept) < self._most:
            return ()
        if len(kept) > self._most:
            del kept[0]
        return kept if time - kept[0].time <= self._timespan else ()

    def entries(self, kept: list[Entry]) -> Sequence[Entry]:
        """As in `Rising`."""
        return kept


class Newest:
    """value_count and temporal: the newest signal of each value, or of each rule."""

    def __init__(self, correlation: Correlation) -> None:
        self._timespan = correlation.timespan
        self._by_value = correlation.type == "value_count"
        self._wanted = correlation
        threshold = correlation.threshold
        self._most = MOST_KEPT if threshold is None else max(1, _least(threshold))

    def begin(self) -> dict[Any, Entry]:
        """As in `Rising`."""
        return {}

    def add(self, kept: dict[Any, Entry], entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        of = entry.value if self._by_value else entry.position
        kept.pop(of, None)
        kept[of] = entry
        if len(kept) > self._most:
            del kept[next(iter(kept))]
        if self._by_value:
            # No more are kept than are enough, the oldest first: if that one is within the timespan, all are.
            if len(kept) < self._most:
                return ()
            oldest = next(iter(kept.values()))
            return list(kept.values()) if entry.time - oldest.time <= self._timespan else ()
        there = [other for other in kept.values() if entry.time - other.time <= self._timespan]
        return there if self._fulfilled(there) else ()

    def _fulfilled(self, there: Sequence[Entry]) -> bool:
        wanted = self._wanted
        if wanted.expression is not None:
            return holds(wanted.expression, {wanted.rules[entry.position] for entry in there})
        if wanted.threshold is not None:
            return wanted.threshold.holds(len(there))
        return len(there) == len(wanted.rules)

    def entries(self, kept: dict[Any, Entry]) -> Sequence[Entry]:
        """As in `Rising`."""
        return list(kept.values())


@dataclass(slots=True)
class Total:
    """All signals of a timespan, and their sum."""

    entries: deque[Entry] = field(default_factory=deque)
    sum: int | Fraction = 0


class Added:
    """value_sum: all signals of the timespan, and their sum, which is exact so that no order of adding shows in it."""

    def __init__(self, timespan: int, threshold: Threshold) -> None:
        self._timespan = timespan
        self._threshold = threshold

    def begin(self) -> Total:
        """As in `Rising`."""
        return Total()

    def add(self, kept: Total, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        entries = kept.entries
        while entries and (entry.time - entries[0].time > self._timespan or len(entries) >= MOST_KEPT):
            kept.sum -= _exact(entries.popleft())
        entries.append(entry)
        kept.sum += _exact(entry)
        return entries if self._threshold.holds(kept.sum) else ()

    def entries(self, kept: Total) -> Sequence[Entry]:
        """As in `Rising`."""
        return kept.entries


class Chains:
    """For each rule of an order the chain of those before it that began last, and its newest signal."""

    __slots__ = ("chains", "newest")

    def __init__(self, length: int) -> None:
        self.chains: list[tuple[Entry, ...]] = [()] * length
        self.newest: list[Entry | None] = [None] * length


class Ordered:
    """temporal_ordered. Signals of one moment may stand in any order."""

    def __init__(self, timespan: int, length: int) -> None:
        self._timespan = timespan
        self._length = length

    def begin(self) -> Chains:
        """As in `Rising`."""
        return Chains(self._length)

    def add(self, kept: Chains, entry: Entry) -> Sequence[Entry]:
        """As in `Rising`."""
        kept.newest[entry.position] = entry
        for position in range(entry.position, self._length):
            other = kept.newest[position]
            if other is None or other.time != entry.time:
                break
            before = kept.chains[position - 1] if position else ()
            if position and not (before and other.time - before[0].time <= self._timespan):
                break
            kept.chains[position] = (*before, other)
        whole = kept.chains[-1]
        return whole if whole and whole[-1].time == entry.time else ()

    def entries(self, kept: Chains) -> Sequence[Entry]:
        """As in `Rising`."""
        found = {(entry.position, entry.key): entry for chain in kept.chains for entry in chain}
        found |= {(entry.position, entry.key): entry for entry in kept.newest if entry is not None}
        return sorted(found.values(), key=lambda entry: (entry.time, entry.position))


def rising(correlation: Correlation) -> Rising:
    """How a correlation counts whose end need not be waited for."""
    threshold = correlation.threshold
    if correlation.type == "temporal_ordered":
        return Ordered(correlation.timespan, len(correlation.rules))
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

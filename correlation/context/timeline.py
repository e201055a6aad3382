"""What is known over time: an answer that changes at moments, and one laid over another."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from correlation.context.model import Entry, Known


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known at every time: `known[0]` before `cuts[0]`, `known[1]` from there on, and so forth."""

    cuts: tuple[int, ...]
    known: tuple[Known | None, ...]

    def __post_init__(self) -> None:
        if len(self.known) != len(self.cuts) + 1:
            raise ValueError("there is one answer more than moments at which it changes")

    def at(self, moment: int) -> Known | None:
        """What is known at a moment, ns since 1970."""
        return self.known[bisect_right(self.cuts, moment)]


Found: TypeAlias = Known | Timeline | None
"""An answer: the same at all times, or one that depends on the time."""


def known_at(found: Found, moment: int) -> Known | None:
    """What an answer says at a moment."""
    return found.at(moment) if isinstance(found, Timeline) else found


def merged(upper: Known | None, lower: Known | None) -> Known | None:
    """What is known by either, field by field; what the upper one says counts."""
    if upper is None or lower is None:
        return lower if upper is None else upper
    return Known._make(below if mine is None else mine for mine, below in zip(upper, lower, strict=True))


def combined(upper: Found, lower: Found, combine: Callable[[Known | None, Known | None], Known | None]) -> Found:
    """Two answers made one, at every time for itself."""
    if not isinstance(upper, Timeline) and not isinstance(lower, Timeline):
        return combine(upper, lower)
    return along(_cuts(upper) | _cuts(lower), lambda at: combine(known_at(upper, at), known_at(lower, at)))


def along(cuts: set[int], answer: Callable[[int], Known | None]) -> Found:
    """The answer over time, where it can change at `cuts` only."""
    moments = sorted(cuts)
    # Before the first cut any moment is as good as another.
    known = [answer(moments[0] - 1)] if moments else [answer(0)]
    kept = []
    for moment in moments:
        now = answer(moment)
        if now != known[-1]:
            kept.append(moment)
            known.append(now)
    return Timeline(tuple(kept), tuple(known)) if kept else known[0]


def told(entries: Sequence[Entry]) -> Found:
    """What entries say together, the most specific one first: field by field, the first that says something counts."""
    cuts = {moment for one in entries for moment in (one.valid_from, one.valid_to) if moment is not None}

    def answer(moment: int) -> Known | None:
        found: Known | None = None
        for one in entries:
            if holds(one, moment):
                found = merged(found, one.known)
                if found is not None and None not in found:
                    break
        return found

    return along(cuts, answer)


def holds(entry: Entry, moment: int) -> bool:
    """Whether an entry is valid at a moment."""
    begun = entry.valid_from is None or entry.valid_from <= moment
    return begun and (entry.valid_to is None or moment < entry.valid_to)


def _cuts(found: Found) -> set[int]:
    return set(found.cuts) if isinstance(found, Timeline) else set()

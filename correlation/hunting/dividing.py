"""A query in pieces of time with about as many events each, so that several processes can ask at once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from correlation.ports import EventStore
from correlation.query.model import Query
from sensors.event.times import SECOND

LEAST: Final = 100_000
"""A piece of fewer events is not worth a process, which has to compile the rules first."""
_STEPS: Final = (86_400 * SECOND, 3_600 * SECOND, 60 * SECOND, SECOND)
"""Ever finer intervals to cut at, ns."""
_MOST_INTERVALS: Final = 50_000


def divided(store: EventStore, query: Query, most: int, least: int) -> Sequence[Query]:
    """The query itself, or up to `most` queries that follow each other in time and find the same between them.

    Args:
        store: is asked how its events lie in time.
        query: its condition and time count.
        most: pieces.
        least: events that a piece should have.
    """
    if most < 2:
        return [query]
    for step, finer in zip(_STEPS, (*_STEPS[1:], SECOND), strict=True):
        counts = store.histogram(query, step)
        total = sum(count for _, count in counts)
        pieces = min(most, total // least)
        if pieces < 2:
            return [query]
        even = max(count for _, count in counts) * pieces * 2 <= total
        if even or step == finer or len(counts) * (step // finer) > _MOST_INTERVALS:
            break
    cuts = _cuts(counts, total, pieces)
    return [
        replace(query, start=start, end=end)
        for start, end in zip((query.start, *cuts), (*cuts, query.end), strict=True)
    ]


def _cuts(counts: Sequence[tuple[int, int]], total: int, pieces: int) -> list[int]:
    """Where pieces end and the next ones begin: the intervals at which a piece's share of all is behind."""
    before = accumulate((count for _, count in counts), initial=0)
    number, cuts = 1, []
    for (start, _), behind in zip(counts, before, strict=False):
        if number < pieces and behind * pieces >= number * total:
            cuts.append(start)
            number = behind * pieces // total + 1
    return cuts

"""What rules cost on given events: CPU time of compiling them, of a first pass and of one with all values remembered.

Each pass gets its events out of the bytes that the spool would hold, decoded a moment before as in a run: texts that
were looked up before would cost less than any that come from a sensor.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from correlation.matcher.engine import Matcher
from correlation.rules.model import Rule
from sensors.event.codec import decode, encode
from sensors.event.model import Batch

BATCHES_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Cost:
    """What rules cost.

    Attributes:
        rules, events: of how many.
        matches: pairs of a rule and an event that it matched.
        compiling, cold, warm: CPU seconds of compiling for the kinds of events there are, of the pass that meets every
            value for the first time, and of one more.
    """

    rules: int
    events: int
    matches: int
    compiling: float
    cold: float
    warm: float


class Events:
    """Events kept as the spool would, so that each pass meets texts that nobody looked at."""

    def __init__(self, batches: Iterable[Batch], most: int) -> None:
        """Take the first `most` events, in whole batches; `all` says whether that was all."""
        self._records: list[bytes] = []
        self.count = 0
        self.all = True
        portion: list[Batch] = []
        for batch in batches:
            if self.count >= most:
                self.all = False
                break
            self.count += len(batch)
            portion.append(batch)
            if len(portion) == BATCHES_AT_ONCE:
                self._records.append(encode(portion))
                portion = []
        if portion:
            self._records.append(encode(portion))

    def __iter__(self) -> Iterator[Batch]:
        for record in self._records:
            yield from decode(record)


def cost_of(rules: Sequence[Rule], events: Events) -> Cost:
    """What these rules cost together."""
    begun = time.process_time()
    matcher = Matcher(rules)
    compiling = time.process_time() - begun
    for batch in events:
        begun = time.process_time()
        matcher.prepare(batch)
        compiling += time.process_time() - begun
    cold, matches = _pass(matcher, events)
    warm, _ = _pass(matcher, events)
    return Cost(len(rules), events.count, matches, compiling, cold, warm)


def _pass(matcher: Matcher, events: Events) -> tuple[float, int]:
    """CPU seconds of matching alone, and how many pairs were found."""
    spent, matches = 0.0, 0
    for batch in events:
        begun = time.process_time()
        found = matcher.match(batch)
        spent += time.process_time() - begun
        matches += sum(len(match.rules) for match in found)
    return spent, matches

"""Looking again at what is stored, by itself, once indicators have come that were not known when its events came.

A look goes over the events of the last days, page by page, and works so small a share of the time that nobody feels it.
It begins when something new is in the book, and only after the one before it has ended; what comes meanwhile is looked
for by the next. Where looking ended is in the book, so that a kill costs one look; what was told is not told again,
since an alert has its id from its rule and its event.
"""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic, sleep
from typing import Final

import structlog

from correlation.alerts.model import Alert
from correlation.hunting.service import Progress
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY
from correlation.intelligence.matching import INDICATOR_FIELDS
from correlation.query.model import Query
from correlation.rules.condition import leaves
from correlation.rules.model import Rule
from sensors.errors import Problem
from sensors.event.times import Clock

SHARE: Final = 0.25
"""Of the time, that looking takes at most."""
LOOKED: Final = "looked-again"
"""Under which name the book keeps up to where was looked, beside the positions of feeds."""
_log = structlog.get_logger(__name__)


class LookingAgain:
    """Looks again while nothing else is to be done."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self, book: IndicatorBook, hunt: Callable[[Query], Iterator[Progress]],
        record: Callable[[Sequence[Alert]], int], days: int, clock: Clock, *, pause: Callable[[float], None] = sleep,
    ) -> None:  # fmt: skip
        """What it looks with.

        Args:
            book: where indicators come into.
            hunt: looks at all events of a query, by rules about indicators and by the book as it is then.
            record: records alerts that are not there yet; how many those were.
            days: how far back; older events are not looked at.
            clock: ns since 1970.
            pause: waits so many seconds.
        """
        self._book = book
        self._hunt = hunt
        self._record = record
        self._days = days
        self._clock = clock
        self._pause = pause
        self._look: Iterator[Progress] | None = None
        self._until = ""
        self._found = self._looked = 0

    def wait(self, seconds: float) -> None:
        """Let so much time pass, and look meanwhile; a page that was begun is looked at to its end."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            begun = monotonic()
            try:
                more = self._step()
            except Problem as problem:
                _log.warning("looking again at stored events failed and begins anew", problem=str(problem))
                self._look, more = None, False
            took = monotonic() - begun
            self._pause(min(took * (1 / SHARE - 1), max(end - monotonic(), 0.0)) if more else left)
            if not more:
                return

    def _step(self) -> bool:
        """Look at a page, where there is something to look for; whether there may be more."""
        if self._look is None:
            self._until = str(self._book.fresh)
            if self._until == (self._book.feeds.position(LOOKED) or "0"):
                return False
            now = self._clock()
            self._look = self._hunt(Query(start=now - self._days * DAY, end=now))
            self._found = self._looked = 0
        page = next(self._look, None)
        if page is None:
            self._look = None
            self._book.feeds.move(LOOKED, self._until)
            _log.info("looked again at stored events", candidates=self._looked, alerts=self._found)
            return True
        self._looked = page.looked
        self._found += self._record(page.alerts)
        return True


def about_indicators(rules: Sequence[Rule]) -> list[Rule]:
    """Those of these rules that ask for indicators."""
    fields = ((rule, [leaf.field or "" for leaf in leaves(rule.condition)]) for rule in rules)
    return [rule for rule, asked in fields if any(name.startswith(INDICATOR_FIELDS) for name in asked)]

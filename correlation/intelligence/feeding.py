"""Reading feeds, once or again and again: each by its own last success, and what came of it in the book.

One feed after the other: what is slow or away is left after a while and tried again, so that it holds up the others
for a quarter of an hour, and the answer that is then under way, which has its own bound. What lies on this machine is
read to its end.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from time import sleep
from traceback import clear_frames, format_tb
from typing import Final

import structlog

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY, ends
from correlation.intelligence.errors import BookUnusable, FeedUnforeseen, IntelligenceProblem
from correlation.intelligence.importing import FirstFew, import_portions
from correlation.intelligence.model import Assumed, Imported
from correlation.intelligence.pacing import MINUTE, due
from correlation.intelligence.sources import Source, sources_of
from correlation.intelligence.standing import Standing
from correlation.settings import IntelligenceSettings
from sensors.errors import Place, Problem
from sensors.event.times import SECOND, Clock

PATIENCE_SECONDS: Final = 900.0
"""How long one reading may go on asking a server; the next goes on where it ended."""
LONGEST_WAIT: Final = 60.0
"""Seconds; then the clock is asked again, which somebody may have put right."""
TOLD: Final = 5
"""Entries of one reading that cannot be used and are told one by one; the others are counted."""
_log = structlog.get_logger(__name__)


def read_source(  # noqa: PLR0913 - what a reading stands between
    book: IndicatorBook, source: Source, assumed: Assumed, clock: Clock, complain: Callable[[Problem], None], *,
    anew: bool = False, patience: float | None = None,
) -> Standing:  # fmt: skip
    """Read a source into the book from where its last reading ended; how it stands then, which is noted there.

    A problem of the standing says why it could not be read to its end; what was read until then is in the book, and is
    counted.

    Args:
        book: gets the indicators; its index is made by the caller.
        source: what is read.
        assumed: what holds for entries that do not say it.
        clock: for when the reading begins and ends.
        complain: is told of every entry that cannot be used.
        anew: begin at the beginning.
        patience: seconds after which a server is asked nothing more.

    Raises:
        BookUnusable: nothing can be noted in it either; the reading remains unfinished.
    """
    standing = book.feeds.of(source.key).beginning(clock())
    book.feeds.note(source.key, standing)
    done = Imported()
    problem: IntelligenceProblem | None = None
    try:
        portions = source.portions("" if anew else book.feeds.position(source.key), assumed, patience)
        for part in import_portions(book, source.key, portions, complain):
            done += part
    except BookUnusable:
        raise
    except IntelligenceProblem as told:
        problem = told
    except Exception as error:  # noqa: BLE001 - a feed that we do not cope with must not keep us from the others
        problem = FeedUnforeseen(place=Place(source.name), reason=type(error).__name__)
        problem.__cause__ = error
        # The frames of the traceback hold what was read, which may be why the memory was not enough.
        clear_frames(error.__traceback__)
    standing = standing.ending(clock(), done, problem)
    book.feeds.note(source.key, standing)
    return standing


class Feeder:
    """Keeps a book as its feeds are; one at a time for a book."""

    def __init__(
        self, book: IndicatorBook, settings: IntelligenceSettings, clock: Clock, wait: Callable[[float], None] = sleep
    ) -> None:
        self._book = book
        self._settings = settings
        self._clock = clock
        self._wait = wait
        self._sources = sources_of(settings)
        self._interval = settings.every_minutes * MINUTE

    def run(self) -> None:
        """Read what is due, for ever."""
        while True:
            try:
                left = (self.step() - self._clock()) / SECOND
            except BookUnusable as problem:
                _log.warning("the book of indicators cannot be used and is tried again", problem=str(problem))
                left = LONGEST_WAIT
            self._wait(min(max(left, 0.0), LONGEST_WAIT))

    def step(self) -> int:
        """Read the sources that are due; the moment at which the next one will be.

        Raises:
            BookUnusable: the book cannot be used; nothing is lost by trying again.
        """
        now = self._clock()
        self.read([source for source in self._sources if self._due(source, now) <= now])
        return min(self._due(source, self._clock()) for source in self._sources)

    def read(self, sources: Sequence[Source] | None = None) -> int:
        """Keep house, and read these sources, or all; how many could not be read.

        Raises:
            BookUnusable: the book cannot be used.
        """
        # First, since a clock that was put right lets all of them be read from their beginning.
        self._expire()
        failed = 0
        made = self._clock()
        wanted = self._sources if sources is None else sources
        # What was tried longest ago comes first: should one bring down the process, the others still have their turn.
        for source in sorted(wanted, key=lambda one: self._book.feeds.of(one.key).begun):
            failed += not self._read(source)
            if self._clock() - made >= MINUTE:
                self._book.compile()
                made = self._clock()
        self._book.compile()
        return failed

    def _read(self, source: Source) -> bool:
        """Read one source, and tell the journal; whether it was read to its end."""
        log = _log.bind(feed=source.name)
        few = FirstFew(lambda problem: log.warning("an entry of a feed cannot be used", problem=str(problem)), TOLD)
        assumed = source.assumed(self._settings, self._clock())
        standing = read_source(self._book, source, assumed, self._clock, few, patience=PATIENCE_SECONDS)
        if few.more:
            log.warning("more entries cannot be used", number=few.more)
        numbers = asdict(standing.imported)
        if standing.problem is not None:
            where = trace(standing.problem.__cause__) if isinstance(standing.problem, FeedUnforeseen) else None
            log.warning("a feed cannot be read", problem=str(standing.problem), **numbers, exception=where)
            return False
        if standing.imported != Imported():
            log.info("feed read", **numbers)
        return True

    def _due(self, source: Source, now: int) -> int:
        return due(source.key, self._book.feeds.of(source.key), self._interval, now)

    def _expire(self) -> None:
        """Once a day remove what no longer can count."""
        now, last = self._clock(), self._book.expired
        if not last <= now < last + DAY:
            gone = self._book.expire(now, ends(now, self._settings.lifetimes))
            _log.info("indicators expired", number=gone)


def trace(error: BaseException | None) -> str:
    """Where an error happened, in lines of code alone: its words and what variables held may be secrets."""
    return "" if error is None else "".join([*format_tb(error.__traceback__), type(error).__name__])

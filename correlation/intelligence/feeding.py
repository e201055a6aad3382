"""Reading feeds, once or again and again: each by its own last success, and what came of it in the book.

One feed after the other: what is slow or away is left after a while and tried again, so that it holds up the others
for a quarter of an hour at most.
"""

from collections.abc import Callable, Sequence
from time import sleep
from typing import Final

import structlog

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY, ends
from correlation.intelligence.errors import BookUnusable, FeedUnreadable, IntelligenceProblem
from correlation.intelligence.importing import import_portions
from correlation.intelligence.model import Assumed, Imported
from correlation.intelligence.pacing import MINUTE, due
from correlation.intelligence.sources import Source, sources_of
from correlation.settings import IntelligenceSettings
from sensors.errors import Place, Problem
from sensors.event.times import SECOND, Clock

PATIENCE_SECONDS: Final = 900.0
"""How long one reading may take; the next goes on where it ended."""
LONGEST_WAIT: Final = 60.0
"""Seconds; then the clock is asked again, which somebody may have put right."""
TOLD: Final = 5
"""Entries of one reading that cannot be used and are told one by one; the others are counted."""
_log = structlog.get_logger(__name__)


def read_source(  # noqa: PLR0913 - what a reading stands between
    book: IndicatorBook, source: Source, assumed: Assumed, clock: Clock, complain: Callable[[Problem], None], *,
    anew: bool = False, patience: float | None = None,
) -> Imported:  # fmt: skip
    """Read a source into the book from where its last reading ended, and note there what came of it.

    Args:
        book: gets the indicators; its index is made by the caller.
        source: what is read.
        assumed: what holds for entries that do not say it.
        clock: for when the reading begins and ends.
        complain: is told of every entry that cannot be used.
        anew: begin at the beginning.
        patience: seconds after which a server is asked nothing more.

    Raises:
        IntelligenceProblem: it cannot be read to its end; what was read is in the book.
    """
    standing = book.feeds.of(source.key).beginning(clock())
    book.feeds.note(source.key, standing)
    try:
        portions = source.portions("" if anew else book.feeds.position(source.key), assumed, patience)
        imported = import_portions(book, source.key, portions, complain)
    except BookUnusable:
        # Nothing can be noted in it either; the reading remains unfinished, and so is due.
        raise
    except IntelligenceProblem as problem:
        book.feeds.note(source.key, standing.ending(clock(), Imported(), problem))
        raise
    except Exception as error:
        # A feed that we do not cope with must not keep us from the others.
        wrong = FeedUnreadable(place=Place(source.name), reason=type(error).__name__)
        book.feeds.note(source.key, standing.ending(clock(), Imported(), wrong))
        raise wrong from error
    book.feeds.note(source.key, standing.ending(clock(), imported, None))
    return imported


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
        assumed = source.assumed(self._settings, self._clock())
        telling = _Telling(source)
        try:
            done = read_source(self._book, source, assumed, self._clock, telling, patience=PATIENCE_SECONDS)
        except BookUnusable:
            raise
        except IntelligenceProblem as problem:
            unforeseen = problem.__cause__ if isinstance(problem, FeedUnreadable) else None
            _log.warning("a feed cannot be read", feed=source.name, problem=str(problem), exc_info=unforeseen)
            return False
        finally:
            telling.close()
        if done != Imported():
            _log.info(
                "feed read", feed=source.name, fresh=done.fresh, renewed=done.renewed, withdrawn=done.withdrawn,
                unusable=done.unusable,
            )  # fmt: skip
        return True

    def _due(self, source: Source, now: int) -> int:
        return due(source.key, self._book.feeds.of(source.key), self._interval, now)

    def _expire(self) -> None:
        """Once a day remove what no longer can count."""
        now, last = self._clock(), self._book.expired
        if not last <= now < last + DAY:
            gone = self._book.expire(now, ends(now, self._settings.lifetimes))
            _log.info("indicators expired", number=gone)


class _Telling:
    """Tells the journal of the first entries of a reading that cannot be used, and of how many others there were."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._number = 0

    def __call__(self, problem: Problem) -> None:
        self._number += 1
        if self._number <= TOLD:
            _log.warning("an entry of a feed cannot be used", feed=self._source.name, problem=str(problem))

    def close(self) -> None:
        if self._number > TOLD:
            _log.warning("more entries cannot be used", feed=self._source.name, number=self._number - TOLD)

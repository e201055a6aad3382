"""The indicators of a run."""

from functools import cached_property

import structlog

from cli.ground import Ground
from correlation.intelligence.allowing import AllowList, load_allowed
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.matching import Intelligence

_log = structlog.get_logger(__name__)


class WithIntelligence(Ground):
    """A run that keeps indicators, or looks for them."""

    @cached_property
    def indicators(self) -> IndicatorBook:
        """The book of indicators."""
        book = IndicatorBook(self.settings.data / "intelligence")
        self._open.callback(book.close)
        return book

    @cached_property
    def allowed(self) -> AllowList:
        """What never is an indicator; what is wrong with the files of the settings is in the journal."""
        allowed, problems = load_allowed(self.settings.intelligence.allow)
        for problem in problems:
            _log.warning("an entry of an allow list cannot be used", problem=str(problem))
        return allowed

    @cached_property
    def intelligence(self) -> Intelligence:
        """Indicators in events."""
        return Intelligence(self.indicators, self.settings.intelligence, self.allowed, self.clock)

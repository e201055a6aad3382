"""A hunt in a run: in this process, or in several, each of which looks at a stretch of time."""

import os
from collections.abc import Iterator, Sequence

from cli.elsewhere import side_by_side
from cli.parts.book import WithBook
from cli.parts.context import WithContext
from cli.parts.intelligence import WithIntelligence
from cli.parts.store import WithStore
from cli.settings import Settings
from correlation.hunting.dividing import LEAST, divided
from correlation.hunting.service import Hunt, Progress, candidates
from correlation.query.model import Query
from correlation.rules.model import Rule


class WithHunt(WithBook, WithContext, WithIntelligence, WithStore):
    """What a hunt stands on."""

    def hunt(
        self, rules: Sequence[Rule], within: Query, processes: int | None = None
    ) -> Iterator[tuple[int, Progress]]:
        """Look at all events of a query.

        Args:
            rules: what to look for.
            within: its condition and time count.
            processes: at most so many at once; None for one a core.

        Yields:
            How far each part has come, behind its number; what a part has found is told once.

        Raises:
            ElsewhereError: a process was ended.
        """
        most = len(os.sched_getaffinity(0)) if processes is None else processes
        wanted = candidates(rules, within)
        parts = [within] if wanted is None else divided(self.store, wanted, most, LEAST)
        if len(parts) == 1:
            yield from ((0, step) for step in self.look(rules, within))
        else:
            calls = [(self.settings, rules, _stretch(within, part), number > 0) for number, part in enumerate(parts)]
            yield from side_by_side(_elsewhere, calls)

    def look(self, rules: Sequence[Rule], within: Query, *, quiet: bool = False) -> Iterator[Progress]:
        """The same in this process alone; `quiet`: what is wrong with the context is told elsewhere."""
        self.quiet = quiet
        yield from Hunt(self.store, rules, self.clock, (*self.declared.context(), self.intelligence)).run(within)


def _elsewhere(settings: Settings, rules: Sequence[Rule], within: Query, quiet: bool) -> Iterator[Progress]:
    with WithHunt(settings) as house:
        yield from house.look(rules, within, quiet=quiet)


def _stretch(within: Query, part: Query) -> Query:
    return Query(where=within.where, start=part.start, end=part.end)

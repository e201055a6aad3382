"""Rules over what is stored: pages of candidates from the store, context and indicators as of today, then the matcher.

What is stored can be divided, so that several processes look at parts of it at once (`dividing.py`).

The ids of what is found are those that it would have had when the events came: what was told then is not told again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from correlation.alerts.making import Witness, alert
from correlation.alerts.model import Alert
from correlation.exceptions.excepting import NO_EXCEPTIONS, Excepting
from correlation.hunting.narrowing import narrowed
from correlation.hunting.rebuilding import batches
from correlation.matcher.engine import Matcher
from correlation.ports import Enricher, EventStore
from correlation.query.model import Query
from correlation.query.tree import And, Everything
from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from sensors.errors import Problem
from sensors.event.model import Batch
from sensors.event.times import Clock

PAGE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Progress:
    """What one page gave: candidates looked at so far and in all, alerts, and what the store could not read."""

    looked: int
    total: int
    alerts: Sequence[Alert]
    problems: Sequence[Problem]


class Hunt:
    """Rules that are asked of a store."""

    def __init__(
        self, store: EventStore, rules: Sequence[Rule], clock: Clock, enrichers: Sequence[Enricher] = (),
        exceptions: Excepting = NO_EXCEPTIONS,
    ) -> None:  # fmt: skip
        """Compile the rules.

        Args:
            store: whose events are asked.
            rules: what to look for.
            clock: when it is found.
            enrichers: what is known of events today: context, indicators.
            exceptions: what is not told.
        """
        self._store = store
        self._matcher = Matcher(rules)
        self._rules = rules
        self._fixed = {name for rule in rules for route in routes(rule.logsource) for name, _ in route.where}
        self._clock = clock
        self._enrichers = tuple(enrichers)
        self._exceptions = exceptions

    def run(self, within: Query) -> Iterator[Progress]:
        """Look at all events of a query, the oldest first, page by page; of the query its condition and time count."""
        asked = candidates(self._rules, within)
        if asked is None:
            return
        looked = 0
        while True:
            page = self._store.search(asked)
            looked += len(page.events)
            found = [one for batch in batches(page.events, self._fixed) for one in self._matched(batch)]
            yield Progress(looked, page.total, found, page.problems)
            if page.after is None:
                return
            asked = replace(asked, after=page.after)

    def _matched(self, batch: Batch) -> Iterator[Alert]:
        for enricher in self._enrichers:
            batch = enricher.enrich(batch)
        witness = None
        now = self._clock()
        for match in self._matcher.match(batch):
            rules, _ = self._exceptions.sift(match.rules, batch, match.row, now)
            if not rules:
                continue
            witness = witness or Witness(batch)
            proofs = (witness.evidence(match.row),)
            for rule in rules:
                yield alert(rule, proofs, now)


def candidates(rules: Sequence[Rule], within: Query) -> Query | None:
    """All events of a query that any of these rules can match, the oldest first; None where there can be none."""
    wanted = narrowed(rules)
    if wanted is None:
        return None
    where = wanted if isinstance(within.where, Everything) else And((within.where, wanted))
    return Query(where=where, start=within.start, end=within.end, descending=False, limit=PAGE)

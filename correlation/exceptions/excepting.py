"""Which of the rules that match an event are excepted there, and which findings of correlations.

Asked of matches and findings alone, never of every event.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from correlation.exceptions.model import RuleException
from correlation.matcher.plain import Check, checks
from correlation.matcher.rows import flat, flat_row
from correlation.rules.model import Described
from sensors.event.model import Batch

One = TypeVar("One", bound=Described)


class Excepting:
    """The exceptions of a run, by the rules that they are for."""

    def __init__(self, exceptions: Iterable[RuleException], rules: Iterable[Described]) -> None:
        known = [(one, checks(one.condition)) for one in exceptions]
        self._by_rule: dict[str, list[tuple[RuleException, Check]]] = {}
        for rule in rules if known else ():
            if serving := [pair for pair in known if pair[0].serves(rule)]:
                self._by_rule[rule.id] = serving

    def sift(
        self, rules: Sequence[One], batch: Batch, row: int, now: int
    ) -> tuple[Sequence[One], Sequence[tuple[One, Sequence[str]]]]:
        """Rules and detectors that match a row: those that may tell it, and the others with their exceptions' ids.

        Args:
            rules: all that match.
            batch: with what is known about its events.
            row: of the batch.
            now: ns since 1970; what has ended by then does nothing.
        """
        if not self._by_rule or self._by_rule.keys().isdisjoint([rule.id for rule in rules]):
            return rules, ()
        event = flat_row(batch, row)
        told: list[One] = []
        excepted: list[tuple[One, Sequence[str]]] = []
        for rule in rules:
            ids = [one.id for one, fits in self._by_rule.get(rule.id, ()) if one.works(now) and fits(event)]
            if ids:
                excepted.append((rule, ids))
            else:
                told.append(rule)
        return told, excepted

    def of_group(self, correlation: Described, group: Mapping[str, str], now: int) -> tuple[str, ...]:
        """Ids of the exceptions that hide what a correlation found.

        Args:
            correlation: which one.
            group: the values that its signals share, by the names that it groups by. Nothing else is asked, so that
                all findings of a group are hidden or none, whatever evidence happens to be kept.
            now: ns since 1970.
        """
        found = self._by_rule.get(correlation.id)
        if not found:
            return ()
        event = flat(group)
        return tuple(one.id for one, fits in found if one.works(now) and fits(event))


NO_EXCEPTIONS = Excepting((), ())

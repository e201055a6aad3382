"""From matches to signals: the values of an event that correlations ask for, under the names of the rule."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from correlation.windows.plan import Plan
from sensors.event.model import Batch


class Sensing:
    """Knows which fields of which rules' events are asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wanted: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]] = {}

    def watched(self, rule: Rule) -> bool:
        """Whether any correlation looks at a rule."""
        return rule.id in self._plan.seats

    def values(self, rule: Rule, batch: Batch, row: int) -> Mapping[str, Any]:
        """What correlations ask of an event that a rule matched; fields that it lacks are left out."""
        found: dict[str, Any] = {}
        for name, places in self._places(rule, batch.dataset):
            for place in places:
                if place in batch.columns:
                    value = batch.columns[place][row]
                    found[name] = value.item() if isinstance(value, np.generic) else value
                    break
                if place in batch.constants:
                    found[name] = batch.constants[place]
                    break
        return found

    def _places(self, rule: Rule, dataset: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Where fields may stand in events of a dataset: under each route's name for it, or under the rule's own."""
        key = rule.id, dataset
        if key not in self._names:
            wanted = sorted(self._plan.wanted(rule.id))
            self._names[key] = tuple((name, tuple(dict.fromkeys(_called(rule, dataset, name)))) for name in wanted)
        return self._names[key]


def _called(rule: Rule, dataset: str, name: str) -> Iterator[str]:
    for route in routes(rule.logsource):
        if route.takes(dataset):
            yield route.names(name)
    yield name

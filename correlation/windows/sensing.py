"""From matches to signals: the values of an event that correlations ask for, under the names of the rule."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from correlation.alerts.model import Evidence
from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from correlation.windows.model import Signal
from correlation.windows.plan import Plan
from correlation.windows.proofs import pack
from sensors.event.model import Batch, Column


class _Asked(NamedTuple):
    """What is asked of a rule's events in a batch: values that all of them share, columns of values, and of numbers."""

    shared: Mapping[str, Any]
    columns: Sequence[tuple[str, Column]]
    arrays: Sequence[tuple[str, Column]]


class Sensing:
    """Knows which fields of which rules' events are asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wanted: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]] = {}
        self._batch: Batch | None = None
        self._asked: dict[str, _Asked] = {}

    def signal(self, rule: Rule, batch: Batch, row: int, proof: Evidence) -> Signal | None:
        """What correlations are told of an event that a rule matched; None where none looks at the rule.

        Fields that the event lacks are left out.
        """
        if rule.id not in self._plan.seats:
            return None
        if batch is not self._batch:
            self._batch, self._asked = batch, {}
        asked = self._asked.get(rule.id)
        if asked is None:
            asked = self._asked[rule.id] = self._asked_of(rule, batch)
        values = dict(asked.shared)
        for name, column in asked.columns:
            values[name] = column[row]
        for name, array in asked.arrays:
            values[name] = array[row].item()
        return Signal(rule.id, proof.time, proof.event_id, values, pack((proof,)))

    def _asked_of(self, rule: Rule, batch: Batch) -> _Asked:
        shared: dict[str, Any] = {}
        columns: list[tuple[str, Column]] = []
        arrays: list[tuple[str, Column]] = []
        for name, places in self._places(rule, batch.dataset):
            for place in places:
                if place in batch.columns:
                    column = batch.columns[place]
                    (arrays if isinstance(column, np.ndarray) else columns).append((name, column))
                    break
                if place in batch.constants:
                    shared[name] = batch.constants[place]
                    break
        return _Asked(shared, columns, arrays)

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

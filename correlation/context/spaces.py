"""Which address space an event's addresses are in: told by its outer VLAN, its tunnels, and who saw it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

import numpy as np

from correlation.context.model import Space
from correlation.context.table import DEFAULT
from sensors.event.model import Batch

_VLAN: Final = "network.vlan.id"
_TUNNELS: Final = "hanwatch.tunnel.id"
_OBSERVER: Final = "observer.name"
_TELLING: Final = (_VLAN, _TUNNELS, _OBSERVER)
_MOST: Final = 10_000


class Choice:
    """Chooses the space of events; of several that an event fits the first counts."""

    def __init__(self, spaces: Sequence[Space]) -> None:
        self._spaces = tuple(spaces)
        self._memo: dict[tuple[str, tuple[tuple[str, ...], ...]], str] = {}

    def of(self, batch: Batch) -> str | list[str]:
        """The space of all rows, or that of each."""
        if not self._spaces:
            return DEFAULT
        name, rows = batch.source.name, len(batch)
        columns = [_texts_of_rows(batch, field) for field in _TELLING]
        if not any(isinstance(column, list) for column in columns):
            return self._choose(name, tuple(column for column in columns if isinstance(column, tuple)))
        telling = [column if isinstance(column, list) else [column] * rows for column in columns]
        chosen = [self._choose(name, row) for row in zip(*telling, strict=True)]
        return chosen[0] if chosen.count(chosen[0]) == rows else chosen

    def _choose(self, source: str, telling: tuple[tuple[str, ...], ...]) -> str:
        key = (source, telling)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= _MOST:
                self._memo.clear()
            vlans, tunnels, observers = telling
            fits = (one.name for one in self._spaces if _fits(one, vlans[:1], tunnels, (source, *observers)))
            found = self._memo[key] = next(fits, DEFAULT)
        return found


def _fits(space: Space, vlan: Sequence[str], tunnels: Sequence[str], seen_by: Sequence[str]) -> bool:
    return (
        (not space.vlan or not space.vlan.isdisjoint(vlan))
        and (not space.tunnel_id or not space.tunnel_id.isdisjoint(tunnels))
        and (not space.source or any(fnmatchcase(name, pattern) for name in seen_by for pattern in space.source))
    )


def _texts_of_rows(batch: Batch, field: str) -> tuple[str, ...] | list[tuple[str, ...]]:
    """The values of a field as texts: those of all rows, or of each."""
    column = batch.columns.get(field)
    if column is None:
        return _texts(batch.constants.get(field))
    return [_texts(value) for value in (column.tolist() if isinstance(column, np.ndarray) else column)]


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)

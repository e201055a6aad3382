"""What events of a window name, of the event store: assets, units and address spaces; and what a source shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from correlation.ports import EventStore
from correlation.posture.declaring import Declared, Seen
from correlation.posture.model import Touch
from correlation.posture.placing import plain
from correlation.query.model import Query
from correlation.query.tree import And, Everything, Exists, Node, Not, Phrase

_SIDES: Final = ("source", "destination", "host")
_SPACE: Final = "hanwatch.space"
_MOST: Final = 1_000_000
"""Different values of a field that are counted; a city has a tenth of it."""
_MOST_UNITS: Final = 1_000
"""Units that a source is taken to show."""


class Observed:
    """Looks at events from `start` (included) to `end`, ns since 1970."""

    def __init__(self, store: EventStore, start: int, end: int) -> None:
        self._store = store
        self._start = start
        self._end = end

    def seen(self, of: Declared) -> Seen:
        """What events name of what is declared.

        Names are counted over all address spaces at once, and by space only where several have an asset of one name.
        """
        names = self._values("asset", Everything())
        shared = self._shared(of)
        own: dict[str, AbstractSet[str]] = {
            space: self._values("asset", Phrase(_SPACE, space) if space else Not(Exists(_SPACE))) for space in shared
        }
        assets = {(one.space, one.name) for one in of.assets if one.name in own.get(one.space, names)}
        spaces = frozenset(self._counted(_SPACE, Everything())) if of.tenants else frozenset()
        return Seen(assets, self._values("unit", Everything()), spaces)

    def units_of(self, source: str) -> tuple[Touch, ...]:
        """Where a source looks, by its id: the units that its events name."""
        where = Phrase("hanwatch.source.id", source)
        units = {Touch(unit=unit) for unit in self._values("unit", where, _MOST_UNITS)}
        return plain(units)

    def _values(self, name: str, where: Node, most: int = _MOST) -> AbstractSet[str]:
        return {value for side in _SIDES for value in self._counted(f"hanwatch.{side}.{name}", where, most)}

    def _counted(self, field: str, where: Node, most: int = _MOST) -> Iterable[str]:
        query = Query(And((where, Exists(field))), start=self._start, end=self._end)
        return (str(value) for value, _ in self._store.count_by(query, field, most))

    @staticmethod
    def _shared(of: Declared) -> AbstractSet[str]:
        """Address spaces that have an asset of which another has one of the same name."""
        spaces: Mapping[str, list[str]] = defaultdict(list)
        for one in of.assets:
            spaces[one.name].append(one.space)
        return {space for where in spaces.values() if len(where) > 1 for space in where}

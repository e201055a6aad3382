"""What detectors remember: always bounded, and always the same after a restart."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

Key: TypeAlias = tuple[str | int | None, ...]
Value = TypeVar("Value")


class Bounded(Generic[Value]):
    """Values by key, the longest unused forgotten where there are too many.

    Attributes:
        given_up: how many were forgotten so.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        """The value of a key, which counts as used now."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Remember a value."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
            self.given_up += 1

    def dump(self, plain: Callable[[Value], Any] = lambda value: value) -> list[Any]:
        """All of it as JSON can say it, the longest unused first."""
        return [[list(key), plain(value)] for key, value in self._kept.items()]

    def load(self, said: Iterable[Any], made: Callable[[Any], Value] = lambda value: value) -> None:
        """Remember what was dumped."""
        for key, value in said:
            self._kept[tuple(key)] = made(value)


class Quiet:
    """Tells each key once within a time."""

    def __init__(self, period: int, most: int = 100_000) -> None:
        """Nothing was told yet.

        Args:
            period: ns of event time for which a key is not told again.
            most: keys that are remembered.
        """
        self._period = period
        self._until: Bounded[int] = Bounded(most)

    def tell(self, key: Key, time: int) -> bool:
        """Whether a key is to be told now; it counts as told then."""
        until = self._until.get(key)
        if until is not None and time < until and time > until - 2 * self._period:
            return False
        self._until.put(key, time + self._period)
        return True

    def dump(self) -> list[Any]:
        """As `Bounded.dump`."""
        return self._until.dump()

    def load(self, said: Iterable[Any]) -> None:
        """As `Bounded.load`."""
        self._until.load(said)


class Pace(NamedTuple):
    """So many different values within a time, ns, are enough; a name for people."""

    name: str
    wanted: int
    period: int


class Distinct(Generic[Value]):
    """The newest different values of each key, no more of them than are wanted at once."""

    def __init__(self, wanted: int, period: int, most: int) -> None:
        """No values yet.

        Args:
            wanted: so many different values within the period are enough.
            period: ns of event time.
            most: keys that are remembered.
        """
        self._wanted, self._period = wanted, period
        self._kept: Bounded[dict[Any, tuple[int, Value]]] = Bounded(most)

    @property
    def given_up(self) -> int:
        """As in `Bounded`."""
        return self._kept.given_up

    def add(self, key: Key, value: str | int, time: int, note: Value) -> list[Value] | None:
        """Note a value; the notes of all, the oldest first, if there are enough within the period."""
        found = self._kept.get(key)
        if found is None:
            found = {}
            self._kept.put(key, found)
        found.pop(value, None)
        found[value] = time, note
        if len(found) > self._wanted:
            del found[next(iter(found))]
        if len(found) < self._wanted:
            return None
        oldest = next(iter(found.values()))[0]
        return [said for _, said in found.values()] if 0 <= time - oldest <= self._period else None

    def dump(self) -> list[Any]:
        """As `Bounded.dump`."""
        return self._kept.dump(lambda found: [[value, time, note] for value, (time, note) in found.items()])

    def load(self, said: Iterable[Any]) -> None:
        """As `Bounded.load`."""
        self._kept.load(said, lambda found: {value: (time, note) for value, time, note in found})

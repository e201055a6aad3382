"""The event store in memory: the plainest reading of what a query means, and the oracle of the other two.

It keeps nothing when the process ends, so no command uses it; tests and rehearsals do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlation.ports import Dropped, Page, Stored
from correlation.query.errors import FieldNotCountable, FieldNotSortable
from correlation.query.meaning import (
    All,
    Always,
    Any_,
    AnyKeyword,
    AnyKeywordLike,
    AnySame,
    Between,
    Condition,
    Like,
    MisfitLike,
    MisfitSame,
    Never,
    None_,
    Present,
    Same,
    WordLike,
    WordSequence,
    resolve,
)
from correlation.query.model import Query, check_interval
from correlation.query.pattern import expression
from correlation.query.values import Scalar, Seen, ip_bytes, time_ns
from correlation.query.words import LONGEST_WORD, words
from correlation.store.cursor import Cursor, read_cursor, write_cursor
from sensors.delivery.ports import Record
from sensors.errors import Problem
from sensors.event.fields import field_type


def comparable(kind: str, value: Scalar) -> Scalar | bytes | None:
    """A canonical value in the form that is compared: ip as bytes, date as ns, the rest as it is."""
    if kind == "ip":
        return ip_bytes(str(value))
    return time_ns(str(value)) if kind == "date" else value


def _between(value: Any, condition: Between) -> bool:
    low, high = condition.low, condition.high
    above = low is None or (value >= low if condition.low_included else value > low)
    return bool(above and (high is None or (value <= high if condition.high_included else value < high)))


def _follows(text: Scalar, wanted: tuple[str, ...]) -> bool:
    found = words(str(text))
    return any(tuple(found[start : start + len(wanted)]) == wanted for start in range(len(found)))


def holds(condition: Condition, seen: Seen) -> bool:  # noqa: C901, PLR0911, PLR0912 - one case for each condition
    """Whether a condition holds for an event."""
    if isinstance(condition, Always | Never):
        return isinstance(condition, Always)
    if isinstance(condition, All):
        return all(holds(part, seen) for part in condition.parts)
    if isinstance(condition, Any_):
        return any(holds(part, seen) for part in condition.parts)
    if isinstance(condition, None_):
        return not holds(condition.part, seen)
    if isinstance(condition, AnyKeyword):
        return any(condition.value in found for found in _keywords(seen))
    if isinstance(condition, AnyKeywordLike):
        matches = expression(condition.pattern).fullmatch
        return any(matches(str(value)) for found in _keywords(seen) for value in found)
    if isinstance(condition, AnySame):
        return any(
            field_type(name) == condition.kind and condition.value in found for name, found in seen.typed.items()
        )
    typed, misfits = seen.typed.get(condition.field, ()), seen.misfits.get(condition.field, ())
    if isinstance(condition, Present):
        return bool(typed or misfits)
    if isinstance(condition, Same):
        return any(value == condition.value for value in typed)
    if isinstance(condition, Between):
        return any(_between(comparable(condition.kind, value), condition) for value in typed)
    if isinstance(condition, Like):
        return any(expression(condition.pattern).fullmatch(str(value)) for value in typed)
    if isinstance(condition, WordSequence):
        return any(_follows(value, condition.words) for value in typed)
    if isinstance(condition, WordLike):
        matches = expression(condition.pattern).fullmatch
        found = (word for value in typed for word in words(str(value)) if word.isascii() and len(word) <= LONGEST_WORD)
        return any(map(matches, found))
    if isinstance(condition, MisfitLike):
        return any(expression(condition.pattern).fullmatch(value) for value in misfits)
    assert isinstance(condition, MisfitSame)
    return condition.value in misfits


def _keywords(seen: Seen) -> Iterable[Sequence[Scalar]]:
    yield from (found for name, found in seen.typed.items() if field_type(name) == "keyword")
    yield from seen.misfits.values()


@dataclass(frozen=True, slots=True)
class _Kept:
    event: Mapping[str, Any]
    seen: Seen
    time: int
    id: str


class MemoryStore:
    """`EventStore` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._delivered: dict[int, tuple[tuple[str, ...], Stored]] = {}

    def append(self, records: Sequence[Record]) -> list[Stored]:
        """Store the events of these records."""
        return [self._append(record) for record in records]

    def _append(self, record: Record) -> Stored:
        ids = tuple(event_id for batch in record.batches for event_id in batch.ids)
        earlier = self._delivered.get(record.sequence)
        if earlier is not None and earlier[0] == ids:
            return earlier[1]
        new = 0
        for batch in record.batches:
            for index, event in enumerate(batch.rows()):
                event_id = batch.ids[index]
                if event_id not in self._kept:
                    new += 1
                    self._kept[event_id] = _Kept(event, Seen(event), int(batch.times[index]), event_id)
        stored = Stored(record.sequence, new, len(ids) - new)
        self._delivered[record.sequence] = ids, stored
        return stored

    def _matching(self, query: Query) -> list[_Kept]:
        condition = resolve(query.where)
        return [
            kept
            for kept in self._kept.values()
            if (query.start is None or kept.time >= query.start)
            and (query.end is None or kept.time < query.end)
            and holds(condition, kept.seen)
        ]

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        kind = field_type(query.sort)
        if kind in ("text", "object"):
            raise FieldNotSortable(field=query.sort, type=kind)
        cursor = read_cursor(query)
        found = self._matching(query)
        pick = max if query.descending else min
        rows: list[tuple[Any, str, _Kept]] = []
        for kept in found:
            values = [comparable(kind, value) for value in kept.seen.typed.get(query.sort, ())]
            rows.append((pick(values) if values else None, kept.id, kept))  # type: ignore[type-var]
        valued = sorted((row for row in rows if row[0] is not None), key=lambda row: row[:2], reverse=query.descending)
        without = sorted((row for row in rows if row[0] is None), key=lambda row: row[1], reverse=query.descending)
        ordered = valued + without
        if cursor is not None:
            place = next((n + 1 for n, row in enumerate(ordered) if row[1] == cursor.event_id), len(ordered))
            ordered = ordered[place:]
        page = ordered[: query.limit]
        total = len(found) if cursor is None else cursor.total
        after = None
        if len(ordered) > len(page) > 0:
            after = write_cursor(query, Cursor(None, page[-1][1], total))
        return Page([row[2].event for row in page], total, after)

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events, most frequent first, ties by value."""
        kind = field_type(field)
        if kind in ("text", "object", "date"):
            raise FieldNotCountable(field=field, type=kind)
        counts: Counter[Scalar] = Counter()
        for kept in self._matching(query):
            counts.update(set(kept.seen.typed.get(field, ())))
        ordered: list[tuple[Any, int]] = sorted(
            counts.items(), key=lambda item: (-item[1], comparable(kind, item[0]))
        )
        return ordered[:limit]

    def histogram(self, query: Query, interval: int) -> list[tuple[int, int]]:
        """How many matching events each interval (ns, counted from 1970) has, by its start, empty ones left out."""
        check_interval(interval)
        counts = Counter(kept.time // interval * interval for kept in self._matching(query))
        return sorted(counts.items())

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        kept = self._kept.get(event_id)
        return None if kept is None else kept.event

    def maintain(self) -> Sequence[Dropped]:
        """Nothing to do: it is gone with the process."""
        return ()

    def dropped(self) -> Sequence[Dropped]:
        """Nothing is ever dropped here."""
        return ()

    def problems(self) -> Sequence[Problem]:
        """Nothing can be damaged here."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""

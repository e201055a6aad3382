"""Reading the segments through DuckDB: pages in two phases, counts, histograms, and one event by its id.

The first phase finds keys (sort value, id, file, row) in windows of time that grow from the newest (or oldest) event
on; the second fetches the rows of the page. A file that is missing or damaged is named, left out and counted, and the
rest answers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias, TypeVar

import duckdb

from correlation.ports import Page
from correlation.query.errors import FieldNotCountable, FieldNotSortable
from correlation.query.meaning import Condition, resolve
from correlation.query.model import Query, check_interval
from correlation.query.values import ip_bytes, ip_text
from correlation.store.cursor import Cursor, read_cursor, write_cursor
from correlation.store.embedded.columns import ID, TIME
from correlation.store.embedded.manifest import Manifest, Segment
from correlation.store.embedded.restoring import events_of
from correlation.store.embedded.sql import FALSE, Scope, Sql, both, id_bytes, quoted, translate, value_list
from correlation.store.errors import QueryTooHeavy, SegmentDamaged, SegmentMissing
from sensors.errors import Problem
from sensors.event.fields import field_type
from sensors.event.times import SECOND

Answer = TypeVar("Answer")
Key: TypeAlias = tuple[Any, bytes, str, int, int]
"""Sort value, id, file, row in the file, time."""

FIRST_WINDOW: Final = 900 * SECOND
WINDOW_GROWTH: Final = 4
_GLOB: Final = re.compile(r"[*?\[]")
EARLIEST_NS: Final = -(1 << 63)
LATEST_NS: Final = (1 << 63) - 1
_TIME = quoted(TIME)
_ID = quoted(ID)
_PLAIN: Final = "hive_partitioning = false"
"""A folder named `a=b` above the store is no column of its events."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of event time, ns: start included, end excluded, None for open."""

    start: int | None = None
    end: int | None = None

    @property
    def sql(self) -> Sql:
        """The range as a condition."""
        ends = ((">=", self.start), ("<", self.end))
        return both(Sql(f"{_TIME} {sign} ?", (end,)) for sign, end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the union of the groups' answers."""

    before: Sql
    after: Sql


class Reader:
    """Answers queries from a store's folder; safe to use from several threads."""

    def __init__(self, root: Path, manifest: Manifest, *, memory_bytes: int, threads: int) -> None:
        self._root = root
        self._manifest = manifest
        self._lock = Lock()
        self._bad: dict[str, Problem] = {}
        self._duck = duckdb.connect(
            config={
                "memory_limit": f"{memory_bytes >> 20}MiB",
                "threads": threads,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "preserve_insertion_order": "false",
                "temp_directory": "",
            }
        )
        self._duck.execute("set global parquet_metadata_cache = true")
        self._duck.create_function(
            "hanwatch_ip_bytes", _ip_bytes, [duckdb.sqltypes.VARCHAR], duckdb.sqltypes.BLOB
        )

    def problems(self) -> list[Problem]:
        """What was found missing or damaged so far and still belongs to the store."""
        return self._problems_of(self._manifest.segments())

    def _problems_of(self, segments: Sequence[Segment]) -> list[Problem]:
        with self._lock:
            return [self._bad[one.path] for one in segments if one.path in self._bad]

    def bad(self) -> set[str]:
        """The paths of segments that were found missing or damaged."""
        with self._lock:
            return set(self._bad)

    def examine(self, segments: Sequence[Segment]) -> list[Problem]:
        """Read every value of these segments; returns what is wrong with them, which searches then leave out."""
        for segment in self._present(segments):
            self._sound(segment)
        return self.problems()

    def close(self) -> None:
        """Let go of DuckDB."""
        self._duck.close()

    def search(self, query: Query) -> Page:
        """Events that match, sorted by (query.sort, event.id)."""
        kind = field_type(query.sort)
        if kind in ("text", "object"):
            raise FieldNotSortable(field=query.sort, type=kind)
        query = _bounded(query)
        cursor = read_cursor(query)
        condition = resolve(query.where)
        total = cursor.total if cursor is not None else self._count(query, condition)
        wanted = query.limit + 1
        keys = self._by_time(query, condition, cursor, wanted) if query.sort == "@timestamp" else self._by_field(
            query, condition, cursor, wanted
        )  # fmt: skip
        page = keys[: query.limit]
        after = None
        if len(keys) > query.limit > 0:
            value, event_id = page[-1][0], page[-1][1].hex()
            after = write_cursor(query, Cursor(ip_text(value) if kind == "ip" and value else value, event_id, total))
        events = self._fetch(page)
        return Page(events, total, after, tuple(self._problems_of(self._manifest.segments(query.start, query.end))))

    def count_by(self, query: Query, field: str, limit: int) -> list[tuple[Any, int]]:
        """The most frequent values of a field among matching events."""
        kind = field_type(field)
        if kind in ("text", "object", "date"):
            raise FieldNotCountable(field=field, type=kind)
        query = _bounded(query)
        condition = resolve(query.where)

        def one(scope: Scope) -> Sql:
            values = value_list(field, scope)
            return Sql(f"select unnest(list_distinct({values.text})) as v", values.values)

        frame = Frame(
            Sql("select v, count(*) as n from ("), Sql(") group by v order by n desc, v limit ?", (limit,))
        )
        rows = self._over(Span(query.start, query.end), condition, one, frame)
        return [(ip_text(value) if kind == "ip" else value, count) for value, count in rows]

    def histogram(self, query: Query, interval: int) -> list[tuple[int, int]]:
        """How many matching events each interval has, by its start."""
        check_interval(interval)
        query = _bounded(query)
        condition = resolve(query.where)
        frame = Frame(
            Sql("select t // ? * ?, count(*) from (", (interval, interval)), Sql(") group by 1 order by 1")
        )
        rows = self._over(
            Span(query.start, query.end), condition, lambda _: Sql(f"select {_TIME} as t"), frame
        )
        return [(start, count) for start, count in rows]

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """One event by its id."""
        packed = id_bytes(event_id)
        if packed is None:
            return None
        keys = self._keys(Span(), lambda _: Sql(f"{_ID} = ?", (packed,)), lambda _: Sql(_TIME), "1", 1)
        return self._fetch(keys)[0] if keys else None

    def _count(self, query: Query, condition: Condition) -> int:
        frame = Frame(Sql("select count(*) from ("), Sql(")"))
        rows = self._over(Span(query.start, query.end), condition, lambda _: Sql("select 1"), frame)
        return int(rows[0][0]) if rows else 0

    def _by_time(self, query: Query, condition: Condition, cursor: Cursor | None, wanted: int) -> list[Key]:
        segments = self._manifest.segments(query.start, query.end)
        if not segments:
            return []
        start, end = min(one.min_time for one in segments), max(one.max_time for one in segments) + 1
        low = start if query.start is None else max(start, query.start)
        high = end if query.end is None else min(end, query.end)
        here = None if cursor is None or not isinstance(cursor.value, int) else cursor.value
        if here is not None:
            low, high = (low, min(high, here + 1)) if query.descending else (max(low, here), high)
        place = _after(query, cursor)
        order = f"{_TIME} {'desc' if query.descending else 'asc'}, {_ID} {'desc' if query.descending else 'asc'}"
        keys: list[Key] = []
        window = FIRST_WINDOW
        while low < high and len(keys) < wanted:
            start, end = (max(low, high - window), high) if query.descending else (low, min(high, low + window))
            keys += self._keys(
                Span(start, end), lambda scope: both([translate(condition, scope), place(Sql(_TIME))]),
                lambda _: Sql(_TIME), order, wanted - len(keys),
            )  # fmt: skip
            low, high = (low, start) if query.descending else (end, high)
            window *= WINDOW_GROWTH
        return keys

    def _by_field(self, query: Query, condition: Condition, cursor: Cursor | None, wanted: int) -> list[Key]:
        place = _after(query, cursor)
        direction = "desc" if query.descending else "asc"
        pick = "list_max" if query.descending else "list_min"

        def value(scope: Scope) -> Sql:
            values = value_list(query.sort, scope)
            return Sql(f"{pick}({values.text})", values.values)

        return self._keys(
            Span(query.start, query.end), lambda scope: both([translate(condition, scope), place(value(scope))]), value,
            f"sort {direction} nulls last, id {direction}", wanted,
        )  # fmt: skip

    def _keys(
        self,
        span: Span,
        where: Callable[[Scope], Sql],
        sort: Callable[[Scope], Sql],
        order: str,
        limit: int,
    ) -> list[Key]:
        """Keys of events in order. Within `order`, `sort` and `id` are the names of the sort value and the id."""

        def one(segments: Sequence[Segment]) -> Sql:
            scope = _scope(segments)
            test, value = where(scope), sort(scope)
            source = self._source(segments)
            condition = both([span.sql, test])
            return Sql(  # every piece is a translation of ours, every value a parameter
                f"select {value.text} as sort, {_ID} as id, filename, file_row_number, {_TIME} as t"  # noqa: S608
                f" from {source.text} where {condition.text}",
                (*value.values, *source.values, *condition.values),
            )

        outer = order.replace(_TIME, "sort").replace(_ID, "id")
        return self._run(span, one, Frame(Sql("select * from ("), Sql(f") order by {outer} limit ?", (limit,))))

    def _over(
        self, span: Span, condition: Condition, select: Callable[[Scope], Sql], frame: Frame
    ) -> list[tuple[Any, ...]]:
        """What is selected from the matching events, within a frame."""

        def one(segments: Sequence[Segment]) -> Sql:
            scope = _scope(segments)
            head, test, source = select(scope), translate(condition, scope), self._source(segments)
            where = both([span.sql, test])
            return Sql(
                f"{head.text} from {source.text} where {where.text}", (*head.values, *source.values, *where.values)
            )

        return self._run(span, one, frame)

    def _source(self, segments: Sequence[Segment]) -> Sql:
        paths = [_literally(self._root / segment.path) for segment in segments]
        more = "union_by_name = true, filename = true, file_row_number = true"
        return Sql(f"read_parquet(?, {_PLAIN}, {more})", (paths,))

    def _run(self, span: Span, one: Callable[[Sequence[Segment]], Sql], frame: Frame) -> list[Any]:
        """Ask the live segments of a time range, in groups of those with and those without odd values."""

        def ask(segments: Sequence[Segment]) -> list[Any]:
            odd = [segment for segment in segments if segment.leaves or segment.misfits]
            plain = [segment for segment in segments if not (segment.leaves or segment.misfits)]
            parts = [one(group) for group in (plain, odd) if group]
            text = frame.before.text + " union all ".join(part.text for part in parts) + frame.after.text
            values = [*frame.before.values, *(value for part in parts for value in part.values), *frame.after.values]
            return self._duck.cursor().execute(text, values).fetchall()

        return self._readable(lambda: self._manifest.segments(span.start, span.end), ask, [])

    def _readable(
        self, segments: Callable[[], Sequence[Segment]], ask: Callable[[Sequence[Segment]], Answer], nothing: Answer
    ) -> Answer:
        """The answer of all segments that can be read; the others are remembered as problems."""
        chosen = self._present(segments())
        for _ in range(2):
            if not chosen:
                return nothing
            try:
                return ask(chosen)
            except duckdb.OutOfMemoryException as error:
                raise QueryTooHeavy(reason=str(error).splitlines()[0]) from error
            except duckdb.Error:
                # Perhaps a compaction's grace has passed meanwhile; otherwise find out which file it was.
                before, chosen = chosen, self._present(segments())
                if [segment.path for segment in before] == [segment.path for segment in chosen]:
                    chosen = [segment for segment in chosen if self._sound(segment)]
                    if len(chosen) == len(before):
                        raise
        return ask(chosen) if chosen else nothing

    def _present(self, segments: Sequence[Segment]) -> list[Segment]:
        found = []
        for segment in segments:
            if segment.path in self._bad:
                continue
            try:
                size = (self._root / segment.path).stat().st_size
            except OSError:
                if segment.path in {one.path for one in self._manifest.segments()}:
                    self._spoiled(segment, SegmentMissing(path=segment.path, events=segment.rows))
                continue
            if size == segment.bytes:
                found.append(segment)
            else:
                reason = f"{size} bytes instead of {segment.bytes}"
                self._spoiled(segment, SegmentDamaged(path=segment.path, events=segment.rows, reason=reason))
        return found

    def _sound(self, segment: Segment) -> bool:
        """Whether every value of a segment can be read, whatever was asked of it."""
        path = _literally(self._root / segment.path)
        query = f"select count(columns(*)) from read_parquet(?, {_PLAIN})"  # noqa: S608 - a constant of ours
        try:
            self._duck.cursor().execute(query, [path]).fetchall()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            self._spoiled(segment, SegmentDamaged(path=segment.path, events=segment.rows, reason=reason))
            return False
        return True

    def _spoiled(self, segment: Segment, problem: Problem) -> None:
        with self._lock:
            self._bad[segment.path] = problem

    def _fetch(self, keys: Sequence[Key]) -> list[Mapping[str, Any]]:
        """The events of these keys, in their order."""
        by_file: dict[str, list[Key]] = {}
        for key in keys:
            by_file.setdefault(key[2], []).append(key)
        found: dict[bytes, Mapping[str, Any]] = {}
        for path, wanted in by_file.items():
            rows = ", ".join(str(int(key[3])) for key in wanted)
            times = [key[4] for key in wanted]
            try:
                result = self._duck.cursor().sql(
                    f"select * from read_parquet(?, {_PLAIN}, file_row_number = true) where {_TIME} between ? and ?"  # noqa: S608
                    f" and file_row_number in ({rows})",
                    params=[_literally(Path(path)), min(times), max(times)],
                )
                found.update(events_of(result.to_arrow_table()))
            except duckdb.Error as error:
                relative = str(Path(path).relative_to(self._root))
                problem = SegmentDamaged(path=relative, events=len(wanted), reason=str(error).splitlines()[0])
                with self._lock:
                    self._bad[relative] = problem
                continue
        return [found[key[1]] for key in keys if key[1] in found]


def _literally(path: Path) -> str:
    """A path as DuckDB's patterns write it, where `*`, `?` and `[` would stand for other characters."""
    return _GLOB.sub(r"[\g<0>]", str(path))


def _ip_bytes(text: str) -> bytes | None:
    return ip_bytes(text)


def _bounded(query: Query) -> Query:
    """The query with its range of time cut to what 64 bits hold."""
    start, end = (
        None if end is None else min(max(end, EARLIEST_NS), LATEST_NS) for end in (query.start, query.end)
    )
    return replace(query, start=start, end=end)


def _scope(segments: Sequence[Segment]) -> Scope:
    empty: frozenset[str] = frozenset()
    return Scope(
        empty.union(*(segment.columns for segment in segments)),
        empty.union(*(segment.leaves for segment in segments)),
        empty.union(*(segment.misfits for segment in segments)),
    )


def _after(query: Query, cursor: Cursor | None) -> Callable[[Sql], Sql]:
    """The condition that an event comes after the cursor, given the SQL of its sort value; nulls are last."""
    if cursor is None:
        return lambda _: Sql("true")
    packed = id_bytes(cursor.event_id)
    if packed is None:
        return lambda _: FALSE
    less = "<" if query.descending else ">"
    value: Any = cursor.value
    if value is not None and field_type(query.sort) == "ip":
        value = ip_bytes(str(value))
    if value is None:
        return lambda sort: Sql(f"({sort.text} is null and {_ID} {less} ?)", (*sort.values, packed))
    return lambda sort: Sql(
        f"({sort.text} {less} ? or ({sort.text} = ? and {_ID} {less} ?) or {sort.text} is null)",
        (*sort.values, value, *sort.values, value, packed, *sort.values),
    )

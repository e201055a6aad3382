"""Conditions as DuckDB's SQL over a group of segment files: every value a parameter, every column from our own list.

A field with a column is asked there, another in the JSON text of `rest`; where some event of the group has values
outside of both (`leaves`, `misfits`), these are asked too. A column that no file of the group has is no value at all.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from correlation.query import meaning as m
from correlation.query.meaning import Condition, typed_fields
from correlation.query.pattern import Pattern, Wild, written
from correlation.query.values import Scalar
from correlation.query.words import LONGEST_WORD, OTHER
from correlation.store.embedded.columns import COLUMNS, ID, LEAVES, MISFITS, REST, Column
from sensors.event.fields import FieldType, field_type, fields

ANY_NAME: Final = "*"
"""Stands in a segment's names of leaves when there are too many to list."""

_WORD: Final = "0-9A-Za-z_"
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters, in the order of their question marks."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the files of a group have: columns, and names of leaves outside of column and `rest`."""

    columns: frozenset[str]
    leaves: frozenset[str]
    misfits: frozenset[str]

    def in_leaves(self, field: str) -> bool:
        """Whether some event may have values of this field in `leaves`."""
        return field in self.leaves or ANY_NAME in self.leaves

    def in_misfits(self, field: str) -> bool:
        """Whether some event may have values of this field in `misfits`."""
        return field in self.misfits or ANY_NAME in self.misfits


TRUE: Final = Sql("true")
FALSE: Final = Sql("false")


def _join(word: str, parts: Iterable[Sql], empty: Sql) -> Sql:
    kept = list(parts)
    if not kept:
        return empty
    return Sql(f"({f' {word} '.join(part.text for part in kept)})", tuple(v for part in kept for v in part.values))


def either(parts: Iterable[Sql]) -> Sql:
    """At least one of these."""
    return _join("or", (part for part in parts if part is not FALSE), FALSE)


def both(parts: Iterable[Sql]) -> Sql:
    """All of these."""
    return _join("and", (part for part in parts if part is not TRUE), TRUE)


def quoted(name: str) -> str:
    """A column's name as an identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def pointer(field: str) -> str:
    """The place of a field in a JSON text (RFC 6901): dots mean nothing in it."""
    return "/" + field.replace("~", "~0").replace("/", "~1")


def _listed(json: str) -> str:
    """A JSON value as a list of texts: of an array its elements, of a scalar itself, of an object nothing."""
    return (
        f"case json_type({json}) when 'ARRAY' then json_extract_string({json}, '$[*]')"
        f" when 'OBJECT' then [] when 'NULL' then [] else [json_extract_string({json}, '$')] end"
    )


def json_values(field: str, scope: Scope) -> Sql | None:
    """The texts that a search sees of a field without a column (or beside its column); None if there are none."""
    has_leaves = scope.in_leaves(field) and LEAVES in scope.columns
    place = pointer(field)
    if field in COLUMNS:
        return Sql(_listed(f"json_extract({LEAVES}, ?)"), (place,) * 3) if has_leaves else None
    if REST not in scope.columns and not has_leaves:
        return None
    if not has_leaves:
        return Sql(_listed(f"json_extract({REST}, ?)"), (place,) * 3)
    if REST not in scope.columns:
        return Sql(_listed(f"json_extract({LEAVES}, ?)"), (place,) * 3)
    return Sql(_listed(f"coalesce(json_extract({LEAVES}, ?), json_extract({REST}, ?))"), (place,) * 6)


def _guard(field: str, scope: Scope) -> Sql:
    """A quick test that is true wherever `json_values` has something: the name stands in the text."""
    if field in COLUMNS or scope.in_leaves(field):
        return TRUE
    return Sql(f"contains({REST}, ?)", (orjson.dumps(field).decode() + ":",))


Test = Callable[[str], Sql]
"""Makes a condition on one value, given its SQL expression."""


def _some(values: Sql, test: Test) -> Sql:
    inner = test("x")
    return Sql(f"len(list_filter({values.text}, lambda x: {inner.text})) > 0", (*values.values, *inner.values))


def comparable(kind: FieldType, x: str) -> str:
    """The text of a canonical value in the type that it is compared in."""
    if kind == "long":
        return f"try_cast({x} as bigint)"
    if kind == "double":
        return f"try_cast({x} as double)"
    if kind == "date":
        return f"epoch_ns(try_cast({x} as timestamp_ns))"
    if kind == "ip":
        return f"hanwatch_ip_bytes({x})"
    return f"({x} = 'true')" if kind == "boolean" else x


def _column_test(column: Column, test: Test, *, as_bytes: bool = False) -> Sql:
    name = quoted(column.bytes_name) if as_bytes else column.sql
    return _some(Sql(name), test) if column.many else test(name)


def _on_field(
    field: str, scope: Scope, on_column: Test, on_text: Test | None = None, *, as_bytes: bool = False
) -> Sql:
    """A test of any value of a field: on its column, and on texts where values may stand in JSON."""
    parts = []
    column = COLUMNS.get(field)
    if column is not None and column.name in scope.columns:
        parts.append(_column_test(column, on_column, as_bytes=as_bytes))
    values = json_values(field, scope)
    if values is not None:
        parts.append(both([_guard(field, scope), _some(values, on_text or on_column)]))
    return either(parts)


def word_pattern(words: tuple[str, ...]) -> str:
    """RE2 for these folded words one after the other in a text, as `correlation.query.words` cuts it."""
    separator = f"[^{_WORD}{OTHER}]"
    made = [f"(?:\\A|[^{_WORD}])"] if words[0].isascii() else []
    for index, word in enumerate(words):
        if index:
            made.append(separator + ("+" if word.isascii() and words[index - 1].isascii() else "*"))
        made.append(_any_case(word))
    if words[-1].isascii():
        made.append(f"(?:[^{_WORD}]|\\z)")
    return "".join(made)


def wild_word_pattern(pattern: Pattern) -> str:
    """RE2 for one ASCII word that matches a wildcard pattern as a whole."""
    return f"(?:\\A|[^{_WORD}]){_wild_word(pattern)}(?:[^{_WORD}]|\\z)"


def _wild_word(pattern: Pattern) -> str:
    return "".join(
        _any_case(piece) if isinstance(piece, str) else f"[{_WORD}]" + ("*" if piece is Wild.MANY else "")
        for piece in pattern
    )


def _word_like(pattern: Pattern) -> Test:
    """Any word of a text that is not longer than words may be; only a long text can hold a longer one."""
    anywhere, whole = wild_word_pattern(pattern), _wild_word(pattern)
    word = f"length(w) <= {LONGEST_WORD} and regexp_full_match(w, ?)"
    return lambda x: Sql(
        f"case when length({x}) <= {LONGEST_WORD} then regexp_matches({x}, ?) "
        f"else len(list_filter(regexp_extract_all({x}, '[{_WORD}]+'), lambda w: {word})) > 0 end",
        (anywhere, whole),
    )


def _any_case(word: str) -> str:
    return "".join(f"[{c}{c.upper()}]" if "a" <= c <= "z" else c for c in word)


def _like(pattern: Pattern) -> Test:
    return lambda x: Sql(f"{x} like ? escape '\\'", (written(pattern, "\\%_", "%", "_"),))


def _equal(kind: FieldType, value: Scalar) -> tuple[Test, Test]:
    """Equality on a column and on a text; addresses are canonical as text in both."""
    if kind in ("keyword", "ip"):
        return (lambda x: Sql(f"{x} = ?", (value,)),) * 2
    return lambda x: Sql(f"{x} = ?", (value,)), lambda x: Sql(f"{comparable(kind, x)} = ?", (value,))


def _between(condition: m.Between) -> Test:
    def test(x: str) -> Sql:
        parts = []
        if condition.low is not None:
            parts.append(Sql(f"{x} {'>=' if condition.low_included else '>'} ?", (condition.low,)))
        if condition.high is not None:
            parts.append(Sql(f"{x} {'<=' if condition.high_included else '<'} ?", (condition.high,)))
        return both(parts)

    return test


def _entries(json: str, test: Sql, names: Sql, guard: Sql = TRUE, unless: str | None = None) -> Sql:
    """Some field of a JSON text, its name chosen by `names` (of `e.key`), has a value (`x`) that passes."""
    hidden = Sql("")
    if unless is not None:
        key = "'/' || replace(replace(e.key, '~', '~0'), '/', '~1')"
        hidden = Sql(f" and ({unless} is null or json_extract({unless}, {key}) is null)")
    text = (
        f"len(list_filter(map_entries(cast(cast({json} as json) as map(varchar, json))), lambda e:"
        f" {names.text}{hidden.text}"
        f" and len(list_filter({_listed('e.value')}, lambda x: {test.text})) > 0)) > 0"
    )
    return both([guard, Sql(text, (*names.values, *test.values))])


def _anywhere(scope: Scope, kind: FieldType, test: Test, on_json: Test, needle: str) -> Sql:
    """Some field of a type has a value that passes, whatever its name; misfits count as keywords."""
    parts = [
        _column_test(column, test)
        for column in COLUMNS.values()
        if column.kind == kind and column.name in scope.columns
    ]
    if kind == "keyword":
        others = [name for name, field in fields().items() if field.type != "keyword" and not name.endswith(".*")]
        names = Sql("not list_contains(?, e.key)", (others,))
    else:
        names = Sql("list_contains(?, e.key)", (typed_fields(kind),))
    inner = on_json("x")
    escaped = orjson.dumps(needle).decode()[1:-1]
    if REST in scope.columns:
        hidden = LEAVES if LEAVES in scope.columns else None
        guard = Sql(f"contains({REST}, ?)", (escaped,)) if escaped else TRUE
        parts.append(_entries(REST, inner, both([names, _not_columns()]), guard, hidden))
    if scope.leaves and LEAVES in scope.columns:
        parts.append(_entries(LEAVES, inner, names))
    if kind == "keyword" and scope.misfits and MISFITS in scope.columns:
        parts.append(_entries(MISFITS, inner, TRUE))
    return either(parts)


def _not_columns() -> Sql:
    """The original of a field with a column is in `rest` only to be given back; its column or leaves are searched."""
    return Sql("not list_contains(?, e.key)", (list(COLUMNS),))


def translate(condition: Condition, scope: Scope) -> Sql:  # noqa: C901, PLR0911, PLR0912 - one case for each condition
    """A condition as SQL, true or otherwise (false, null) for an event."""
    if isinstance(condition, m.Always | m.Never):
        return TRUE if isinstance(condition, m.Always) else FALSE
    if isinstance(condition, m.All):
        return both(translate(part, scope) for part in condition.parts)
    if isinstance(condition, m.Any_):
        return either(translate(part, scope) for part in condition.parts)
    if isinstance(condition, m.None_):
        inner = translate(condition.part, scope)
        return Sql(f"not coalesce({inner.text}, false)", inner.values)
    if isinstance(condition, m.AnyKeyword):
        value = condition.value
        equal: Test = lambda x: Sql(f"{x} = ?", (value,))  # noqa: E731 - a test like those beside it
        return _anywhere(scope, "keyword", equal, equal, value)
    if isinstance(condition, m.AnyKeywordLike):
        longest = max((piece for piece in condition.pattern if isinstance(piece, str)), key=len, default="")
        return _anywhere(scope, "keyword", _like(condition.pattern), _like(condition.pattern), longest)
    if isinstance(condition, m.AnySame):
        on_column, on_text = _equal(condition.kind, condition.value)
        return _anywhere(scope, condition.kind, on_column, on_text, str(condition.value))
    if isinstance(condition, m.Present):
        return _present(condition.field, scope)
    if isinstance(condition, m.Same):
        if condition.field == "event.id":  # asked as bytes, so that the bloom filter can answer
            packed = id_bytes(str(condition.value))
            return FALSE if packed is None else Sql(f"{quoted(ID)} = ?", (packed,))
        return _on_field(condition.field, scope, *_equal(condition.kind, condition.value))
    if isinstance(condition, m.Between):
        test = _between(condition)
        kind = condition.kind
        return _on_field(condition.field, scope, test, lambda x: test(comparable(kind, x)), as_bytes=kind == "ip")
    if isinstance(condition, m.Like):
        return _on_field(condition.field, scope, _like(condition.pattern))
    if isinstance(condition, m.WordSequence):
        expression = word_pattern(condition.words)
        return _on_field(condition.field, scope, lambda x: Sql(f"regexp_matches({x}, ?)", (expression,)))
    if isinstance(condition, m.WordLike):
        return _on_field(condition.field, scope, _word_like(condition.pattern))
    if not scope.in_misfits(condition.field) or MISFITS not in scope.columns:
        return FALSE
    values = Sql(_listed(f"json_extract({MISFITS}, ?)"), (pointer(condition.field),) * 3)
    if isinstance(condition, m.MisfitLike):
        return _some(values, _like(condition.pattern))
    text = condition.value
    return _some(values, lambda x: Sql(f"{x} = ?", (text,)))


def _present(field: str, scope: Scope) -> Sql:
    parts = []
    column = COLUMNS.get(field)
    if column is not None and column.name in scope.columns:
        name = quoted(column.name)
        parts.append(Sql(f"len({name}) > 0" if column.many else f"{name} is not null"))
    values = json_values(field, scope)
    if values is not None:
        parts.append(both([_guard(field, scope), _some(values, lambda x: Sql(f"{x} is not null"))]))
    if scope.in_misfits(field) and MISFITS in scope.columns:
        parts.append(Sql(f"json_exists({MISFITS}, ?)", (pointer(field),)))
    return either(parts)


def id_bytes(event_id: str) -> bytes | None:
    """An event's id as it stands in a segment; None if it is no id."""
    return bytes.fromhex(event_id) if _ID.fullmatch(event_id) else None


def value_list(field: str, scope: Scope) -> Sql:
    """All values of a field that fit its type, as a list in the type that they are compared in."""
    kind = field_type(field)
    column = COLUMNS.get(field)
    parts: list[Sql] = []
    if column is not None and column.name in scope.columns:
        name = quoted(column.bytes_name) if kind == "ip" else column.sql
        one = f"case when {name} is null then [] else [{name}] end"
        parts.append(Sql(f"coalesce({name}, [])" if column.many else one))
    values = json_values(field, scope)
    if values is not None:
        guard = _guard(field, scope)
        text = f"list_transform({values.text}, lambda x: {comparable(kind, 'x')})"
        if guard is TRUE:
            parts.append(Sql(f"coalesce({text}, [])", values.values))
        else:
            parts.append(Sql(f"case when {guard.text} then {text} else [] end", (*guard.values, *values.values)))
    if not parts:
        return Sql("[]")
    return Sql(
        f"list_filter({' || '.join(part.text for part in parts)}, lambda x: x is not null)",
        tuple(value for part in parts for value in part.values),
    )




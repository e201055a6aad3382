"""What a query means, decided once: conditions on typed values, which each store translates and none interprets.

`resolve` turns the syntax tree into conditions by the fields' types. A condition on a field holds if any of its values
(correlation.query.values) fulfils it. Values that do not fit their field's type are found by exact text and wildcards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from correlation.query.errors import QueryValue, QueryWildcard
from correlation.query.pattern import Pattern, Wild, pieces, written
from correlation.query.tree import And, Everything, Exists, Node, Not, Or, Phrase, Range, Term
from correlation.query.values import Misfit, Scalar, canonical, ip_bytes, time_ns
from correlation.query.words import LONGEST_WORD, fold, words
from sensors.event.fields import FieldType, field_type, fields

MAX_CODE_POINT = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Always:
    """Every event."""


@dataclass(frozen=True, slots=True)
class Never:
    """No event."""


@dataclass(frozen=True, slots=True)
class Same:
    """A value of `field` equals `value`, which is canonical for `kind` (never "text")."""

    field: str
    kind: FieldType
    value: Scalar


@dataclass(frozen=True, slots=True)
class Between:
    """A value of `field` lies between; None is open. Keywords by code point, ip as 16 bytes, date as ns."""

    field: str
    kind: FieldType
    low: Scalar | bytes | None
    high: Scalar | bytes | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Like:
    """A value of the keyword `field` matches the wildcard pattern as a whole."""

    field: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class WordSequence:
    """A value of the text `field` holds these words (folded, at least one) one after the other."""

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordLike:
    """A value of the text `field` holds a word of ASCII that matches the (folded) wildcard pattern as a whole."""

    field: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class MisfitSame:
    """A value of `field` that does not fit its type is this text."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class MisfitLike:
    """A value of `field` that does not fit its type matches the wildcard pattern as a whole."""

    field: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class AnyKeyword:
    """A keyword of whatever name, or a misfit, is this text."""

    value: str


@dataclass(frozen=True, slots=True)
class AnyKeywordLike:
    """A keyword of whatever name, or a misfit, matches the wildcard pattern as a whole."""

    pattern: Pattern


@dataclass(frozen=True, slots=True)
class AnySame:
    """A value of whatever declared field of this type (long or ip) equals `value`, which is canonical."""

    kind: FieldType
    value: Scalar


@dataclass(frozen=True, slots=True)
class Present:
    """`field` has a value, fitting or not."""

    field: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - typing has taken the name
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class None_:  # noqa: N801 - Python has taken the name
    """The part does not hold."""

    part: "Condition"


Condition: TypeAlias = (
    Always | Never | Same | Between | Like | WordSequence | WordLike | MisfitSame | MisfitLike | AnyKeyword
    | AnyKeywordLike | AnySame | Present | All | Any_ | None_
)  # fmt: skip


def resolve(node: Node) -> Condition:  # noqa: PLR0911 - one return for each kind of node
    """The meaning of a syntax tree.

    Raises:
        QueryValue: a value cannot be compared with its field's type.
        QueryWildcard: a pattern cannot be used on its field's type.
    """
    if isinstance(node, Everything):
        return Always()
    if isinstance(node, And):
        return All(tuple(resolve(part) for part in node.parts))
    if isinstance(node, Or):
        return Any_(tuple(resolve(part) for part in node.parts))
    if isinstance(node, Not):
        return None_(resolve(node.part))
    if isinstance(node, Exists):
        return _exists(node.field)
    if isinstance(node, Range):
        return _range(node)
    if node.field is None:
        return _anywhere(node)
    if isinstance(node, Term) and node.wild:
        return _wild(node.field, pieces(node.value))
    return _equal(node.field, node.value)


def _either(*parts: Condition) -> Condition:
    kept = tuple(part for part in parts if not isinstance(part, Never))
    if len(kept) == 1:
        return kept[0]
    return Any_(kept) if kept else Never()


def _sequence(name: str, value: str) -> Condition:
    found = tuple(words(value))
    if not found or any(len(word) > LONGEST_WORD for word in found):
        return Never()
    return WordSequence(name, found)


def _equal(name: str, value: str) -> Condition:
    kind = field_type(name)
    if kind == "keyword":
        return Same(name, "keyword", value)
    if kind == "text":
        return _sequence(name, value)
    misfit = MisfitSame(name, value)
    if kind == "object":
        return misfit
    if kind == "ip" and "/" in value:
        ends = _cidr(value)
        if ends is None:
            raise QueryValue(field=name, type=kind, value=value)
        return Between(name, kind, *ends, low_included=True, high_included=True)
    if kind == "date":
        span = _moments(value)
        return misfit if span is None else _either(Between(name, kind, *span, True, False), misfit)  # noqa: FBT003
    fitting = canonical(kind, value)
    return misfit if isinstance(fitting, Misfit) else _either(Same(name, kind, fitting), misfit)


def _cidr(value: str) -> tuple[bytes, bytes] | None:
    """First and last address of `prefix/length`; bits beyond the length are ignored (RFC 4632, section 3.1)."""
    address, _, length = value.partition("/")
    packed = ip_bytes(address)
    if packed is None or not length.isascii() or not length.isdecimal() or len(length) > 3:
        return None
    bits = int(length) + (0 if ":" in address else 96)
    if bits > 128:
        return None
    host = (1 << (128 - bits)) - 1
    number = int.from_bytes(packed, "big")
    return (number & ~host).to_bytes(16, "big"), (number | host).to_bytes(16, "big")


_SPANS: dict[int, Callable[[str], tuple[str, str]]] = {
    4: lambda text: (f"{text}-01-01", f"{int(text) + 1:04d}-01-01"),
    7: lambda text: (
        f"{text}-01",
        f"{int(text[:4]) + 1:04d}-01-01" if text[5:] == "12" else f"{text[:5]}{int(text[5:]) + 1:02d}-01",
    ),
}
_DAY_NS = 86_400_000_000_000


def _moments(value: str) -> tuple[int, int] | None:
    """The span of time that a date names, end excluded: a year, a month, a day or one moment of ns."""
    try:
        if len(value) in _SPANS and value.replace("-", "").isdecimal():
            first, after = _SPANS[len(value)](value)
            low, high = time_ns(first), time_ns(after)
            return None if low is None or high is None else (low, high)
    except ValueError:
        return None
    moment = time_ns(value)
    if moment is None:
        return None
    return moment, moment + (_DAY_NS if len(value) == 10 and value.count("-") == 2 else 1)


def _wild(name: str, pattern: Pattern) -> Condition:
    kind = field_type(name)
    if kind == "keyword":
        return Like(name, pattern)
    if kind == "text":
        return _text_wild(name, pattern)
    if kind == "object":
        return MisfitLike(name, pattern)
    raise QueryWildcard(field=name, type=kind, value=written(pattern))


def _text_wild(name: str, pattern: Pattern) -> Condition:
    """Wildcards in a text work inside of one ASCII word, or around words as `*some words*`, which is a phrase."""
    literals = [fold(piece) if isinstance(piece, str) else piece for piece in pattern]
    text = "".join(piece for piece in literals if isinstance(piece, str))
    if text and (len(words(text)) != 1 or words(text) != [text] or not text.isascii()):
        inner = pattern[1:] if pattern[0] is Wild.MANY else pattern
        inner = inner[:-1] if inner and inner[-1] is Wild.MANY else inner
        if len(inner) == 1 and isinstance(inner[0], str):
            return _sequence(name, inner[0])
        raise QueryWildcard(field=name, type="text", value=written(pattern))
    return WordLike(name, tuple(literals))


def _range(node: Range) -> Condition:
    kind = field_type(node.field)
    if kind in ("text", "object", "boolean"):
        raise QueryValue(field=node.field, type=kind, value=f"{node.low} TO {node.high}")
    low, high = _end(node.field, kind, node.low), _end(node.field, kind, node.high)
    if low is None and high is None:
        return _exists(node.field)
    if kind != "date":
        return Between(
            node.field, kind, None if low is None else low[0], None if high is None else high[-1],
            node.low_included, node.high_included,
        )  # fmt: skip
    # A date names a span: `[2026-01-01 TO 2026-01-02]` has both days, `{…}` has neither.
    first = None if low is None else low[0] if node.low_included else low[1]
    after = None if high is None else high[1] if node.high_included else high[0]
    return Between(node.field, kind, first, after, low_included=True, high_included=False)


def _end(name: str, kind: FieldType, text: str | None) -> tuple[Scalar | bytes, Scalar | bytes] | None:
    if text is None:
        return None
    if kind == "date":
        span = _moments(text)
        if span is None:
            raise QueryValue(field=name, type=kind, value=text)
        return span
    fitting = canonical(kind, text)
    if isinstance(fitting, Misfit):
        raise QueryValue(field=name, type=kind, value=text)
    if kind == "ip":
        packed = ip_bytes(text)
        assert packed is not None
        return packed, packed
    return fitting, fitting


def _exists(name: str) -> Condition:
    """A name with declared fields below it exists when one of them does, as in Elasticsearch."""
    below = [Present(other) for other in fields() if other.startswith(f"{name}.") and not other.endswith("*")]
    return _either(Present(name), *below)


def text_fields() -> list[str]:
    """The declared text fields, which a word without a field is looked for in."""
    return [name for name, field in fields().items() if field.type == "text"]


def typed_fields(kind: FieldType) -> list[str]:
    """The declared fields of a type, without open namespaces."""
    return [name for name, field in fields().items() if field.type == kind and not name.endswith(".*")]


def _anywhere(node: Term | Phrase) -> Condition:
    """A word without a field: words of the text fields, or the whole of a keyword, an address or a number."""
    if isinstance(node, Term) and node.wild:
        pattern = pieces(node.value)
        parts: list[Condition] = [AnyKeywordLike(pattern)]
        for name in text_fields():
            try:
                parts.append(_text_wild(name, pattern))
            except QueryWildcard:
                continue
        return _either(*parts)
    parts = [AnyKeyword(node.value), *(_sequence(name, node.value) for name in text_fields())]
    address = canonical("ip", node.value)
    ends = _cidr(node.value) if "/" in node.value else None
    if isinstance(address, str):
        parts.append(AnySame("ip", address))
    elif ends is not None:
        parts += [Between(name, "ip", *ends, low_included=True, high_included=True) for name in typed_fields("ip")]
    number = canonical("long", node.value)
    if isinstance(number, int):
        parts.append(AnySame("long", number))
    return _either(*parts)


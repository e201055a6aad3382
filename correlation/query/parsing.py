r"""The query language of people: Lucene's syntax, as far as every store can answer it alike.

    word  "a phrase"  field:value  field:"a phrase"  field:(a OR b)  field:wild*c?rd  field:*  _exists_:field
    field:[1 TO 5]  field:{1 TO *}  field:>=5  source.ip:10.0.0.0/8  source.ip:2001:db8::1  @timestamp:[now-1h TO now]
    AND OR NOT  +must -not  ( )  \ before a character that is meant itself

`NOT` binds closest, then `AND`, then `OR`. Words side by side are alternatives, as in Kibana, unless one carries `+`:
then those with `+` must match and those without do not matter; those with `-` must not match. Specification: Apache
Lucene, "Query Parser Syntax" (org.apache.lucene.queryparser.classic); decisions: docs/decisions/0006.
"""

import re
from bisect import bisect_left
from threading import Lock
from typing import Final

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.parser import lexer as _lexer
from luqum.parser import parser as _parser

from correlation.query.datemath import moment
from correlation.query.errors import QuerySyntax, QueryTooLong, QueryUnsupported
from correlation.query.tree import And, Everything, Exists, Node, Not, Or, Phrase, Range, Term
from correlation.query.values import ip_bytes
from sensors.event.fields import field_type
from sensors.event.times import iso

LONGEST_QUERY: Final = 10_000
"""Characters of a query; a longer list of values belongs into an indicator list."""
MOST_PARTS: Final = 1_000
DEEPEST_GROUP: Final = 50

_LOCK = Lock()  # the parser's tables are shared and keep state while they work
_POSITION = re.compile(r"at position (\d+)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_IPV6 = re.compile(r'(?:^|(?<=[\s:\[{(<>="]))[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*')
_QUOTED = re.compile(r'"(?:[^\\"]|\\.)*"', re.DOTALL)
_UNSUPPORTED: Final[tuple[tuple[type[lucene.Item], str], ...]] = (
    (lucene.Regex, "/regular expression/"),
    (lucene.Fuzzy, "fuzzy~"),
    (lucene.Proximity, '"proximity"~'),
    (lucene.Boost, "boost^"),
)
_OTHER_SPELLINGS: Final = {"&&": "AND", "||": "OR", "!": "NOT"}


def parse(text: str, now: int | None = None) -> Node:
    """The syntax tree of a query; nothing typed means everything.

    Args:
        text: what a person typed.
        now: ns since 1970, for `now-1h`; without it relative times are refused.

    Raises:
        QuerySyntax: it is not in the language; `column` counts from 1.
        QueryUnsupported: it is Lucene, but regular expressions, fuzzy words or the like.
        QueryTooLong: it has too many characters, parts or levels.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryTooLong(limit=LONGEST_QUERY)
    if not text.strip():
        return Everything()
    plain, inserted = _escape_ipv6(text)
    return _Reading(text, inserted, now).query(plain)


def _escape_ipv6(text: str) -> tuple[str, list[int]]:
    """IPv6 addresses with their colons escaped, as Lucene wants them, and where backslashes were put in."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    made: list[str] = []
    inserted: list[int] = []
    last = 0
    for match in _IPV6.finditer(text):
        start, end = match.span()
        if ip_bytes(match.group()) is None or any(low < start < high for low, high in quoted):
            continue
        made.append(text[last:start])
        for place in range(start, end):
            if text[place] == ":":
                inserted.append(place + len(inserted))
                made.append("\\")
            made.append(text[place])
        last = end
    return "".join([*made, text[last:]]), inserted


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _has_wildcard(text: str) -> bool:
    return any(character in _ESCAPE.sub("", text) for character in "*?")


class _Reading:
    """One query being read: makes nodes of luqum's items and knows the columns."""

    def __init__(self, text: str, inserted: list[int], now: int | None) -> None:
        self._text = text
        self._inserted = inserted
        self._now = now
        self._parts = 0

    def query(self, plain: str) -> Node:
        try:
            with _LOCK:
                item: lucene.Item = _parser.parse(plain, lexer=_lexer.clone())
        except ParseError as error:
            found = _POSITION.search(str(error))
            raise self._syntax(int(found[1]) if found else len(plain)) from error
        except RecursionError as error:
            raise QueryTooLong(limit=DEEPEST_GROUP) from error
        return self._node(item, None, 0)

    def _syntax(self, position: int | None) -> QuerySyntax:
        place = position or 0
        place -= bisect_left(self._inserted, place)
        return QuerySyntax(column=place + 1, near=self._text[place : place + 20])

    def _unsupported(self, item: lucene.Item, what: str) -> QueryUnsupported:
        return QueryUnsupported(what=what, column=self._syntax(item.pos).parameters["column"])

    def _node(  # noqa: C901, PLR0911 - one case for each item
        self, item: lucene.Item, field: str | None, depth: int
    ) -> Node:
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST_GROUP:
            raise QueryTooLong(limit=MOST_PARTS if self._parts > MOST_PARTS else DEEPEST_GROUP)
        for kind, what in _UNSUPPORTED:
            if isinstance(item, kind):
                raise self._unsupported(item, what)
        if isinstance(item, lucene.SearchField):
            return self._search_field(item, depth)
        if isinstance(item, lucene.BaseGroup):
            return self._node(item.expr, field, depth + 1)
        if isinstance(item, lucene.AndOperation | lucene.OrOperation):
            parts = tuple(self._node(part, field, depth + 1) for part in item.operands)
            return And(parts) if isinstance(item, lucene.AndOperation) else Or(parts)
        if isinstance(item, lucene.UnknownOperation):
            return self._side_by_side(item, field, depth)
        if isinstance(item, lucene.Plus):
            return self._node(item.a, field, depth + 1)
        if isinstance(item, lucene.Not | lucene.Prohibit):
            return Not(self._node(item.a, field, depth + 1))
        if isinstance(item, lucene.Range | lucene.OpenRange):
            return self._range(item, field)
        return self._term(item, field)

    def _side_by_side(self, item: lucene.UnknownOperation, field: str | None, depth: int) -> Node:
        must: list[Node] = []
        never: list[Node] = []
        may: list[Node] = []
        for part in item.operands:
            node = self._node(part, field, depth + 1)
            group = must if isinstance(part, lucene.Plus) else never
            (group if isinstance(part, lucene.Plus | lucene.Not | lucene.Prohibit) else may).append(node)
        if not must and may:
            must = [Or(tuple(may)) if len(may) > 1 else may[0]]
        parts = (*must, *never)
        return And(parts) if len(parts) > 1 else parts[0]

    def _search_field(self, item: lucene.SearchField, depth: int) -> Node:
        if _has_wildcard(item.name):
            if item.name == "*" and isinstance(item.expr, lucene.Word) and item.expr.value == "*":
                return Everything()
            raise self._unsupported(item, "field*:")
        name = _unescaped(item.name)
        inner = item.expr
        if name == "_exists_":
            if not isinstance(inner, lucene.Word | lucene.Phrase) or _has_wildcard(inner.value):
                raise self._syntax(inner.pos)
            return Exists(_value(inner))
        numeric = field_type(name) in ("long", "double")
        if numeric and isinstance(inner, lucene.Prohibit) and isinstance(inner.a, lucene.Word):
            return Term(name, f"-{_unescaped(inner.a.value)}")
        return self._node(inner, name, depth + 1)

    def _range(self, item: lucene.Range | lucene.OpenRange, field: str | None) -> Range | Exists:
        if field is None:
            raise self._unsupported(item, "[a TO b]")
        if isinstance(item, lucene.OpenRange):
            value = self._end(item.a, field)
            if value is None:
                raise self._syntax(item.a.pos)
            if isinstance(item, lucene.From):
                return Range(field, value, None, item.include, high_included=False)
            return Range(field, None, value, low_included=False, high_included=item.include)
        low, high = self._end(item.low, field), self._end(item.high, field)
        if low is None and high is None:
            return Exists(field)
        return Range(field, low, high, bool(item.include_low), bool(item.include_high))

    def _end(self, item: lucene.Item, field: str) -> str | None:
        if isinstance(item, lucene.Prohibit):
            return f"-{_value(item.a)}"
        if isinstance(item, lucene.Word) and item.value == "*":
            return None
        return self._time(item, field, _value(item))

    def _term(self, item: lucene.Item, field: str | None) -> Node:
        if isinstance(item, lucene.Phrase):
            return Phrase(field, _value(item))
        if not isinstance(item, lucene.Word):
            raise self._syntax(item.pos)
        text = item.value
        for spelling, operator in _OTHER_SPELLINGS.items():
            if text == spelling or (spelling == "!" and text.startswith("!")):
                raise self._unsupported(item, f"{spelling} ({operator})")
        if text == "*":
            return Everything() if field is None else Exists(field)
        if _has_wildcard(text):
            return Term(field, text, wild=True)
        return Term(field, self._time(item, field, _unescaped(text)))

    def _time(self, item: lucene.Item, field: str | None, text: str) -> str:
        if field is None or not text.startswith("now") or field_type(field) != "date":
            return text
        found = None if self._now is None else moment(text, self._now)
        if found is None:
            raise self._syntax(item.pos)
        return iso(found)


def _value(item: lucene.Word | lucene.Phrase) -> str:
    return _unescaped(item.value[1:-1] if isinstance(item, lucene.Phrase) else item.value)

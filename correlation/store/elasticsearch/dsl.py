"""Conditions as Elasticsearch's query DSL; `query_string` is not used, since its syntax is not ours to check."""

from typing import Any, Final

from correlation.query import meaning as m
from correlation.query.meaning import Condition, typed_fields
from correlation.query.pattern import Pattern, Wild, written
from correlation.query.values import Scalar, ip_text
from correlation.store.elasticsearch.layout import Slot, flattened_roots, misfit_slot, slot
from sensors.event.fields import FieldType
from sensors.event.times import EARLIEST, LATEST, iso

Dsl = dict[str, Any]

HIGHEST: Final = "\U0010ffff" * 8
"""Above every text that occurs: flattened fields want both ends of a range."""

MATCH: Final = """
boolean at(String s, int start, String p) {
  if (start + p.length() > s.length()) { return false; }
  return s.startsWith(p, start);
}
boolean low(char c) {
  int code = (int) c;
  return code >= 56320 && code <= 57343;
}
boolean glob(String s, List parts) {
  // Each part is a run of literals (text) and single wildcards (null) between two stars.
  int place = 0;
  int count = parts.size();
  for (int n = 0; n < count; n++) {
    List part = (List) parts.get(n);
    int found = -1;
    boolean first = n == 0;
    boolean last = n == count - 1;
    for (int start = place; start <= s.length(); start++) {
      if (first && start > 0) { break; }
      if (start > 0 && start < s.length() && low(s.charAt(start))) { continue; }
      int here = start;
      boolean fits = true;
      for (def piece : part) {
        if (piece == null) {
          if (here >= s.length()) { fits = false; break; }
          here += Character.charCount(s.codePointAt(here));
        } else {
          if (!at(s, here, (String) piece)) { fits = false; break; }
          here += ((String) piece).length();
        }
      }
      if (fits && (!last || here == s.length())) { found = here; break; }
    }
    if (found < 0) { return false; }
    place = found;
  }
  return true;
}
for (def value : doc[params.field]) { if (glob(value, params.parts)) { return true; } }
return false;
"""
"""Wildcards on one key of a flattened field, which Elasticsearch has no query for."""

ALL: Final[Dsl] = {"match_all": {}}
NONE: Final[Dsl] = {"match_none": {}}


def translate(condition: Condition) -> Dsl:  # noqa: C901, PLR0911, PLR0912 - one case for each condition
    """A condition as a query, to be used in filter context."""
    if isinstance(condition, m.Always | m.Never):
        return ALL if isinstance(condition, m.Always) else NONE
    if isinstance(condition, m.All):
        return {"bool": {"filter": [translate(part) for part in condition.parts]}}
    if isinstance(condition, m.Any_):
        return either([translate(part) for part in condition.parts])
    if isinstance(condition, m.None_):
        return {"bool": {"must_not": [translate(condition.part)]}}
    if isinstance(condition, m.AnyKeyword):
        return either([_term(name, condition.value) for name in (*typed_fields("keyword"), *flattened_roots())])
    if isinstance(condition, m.AnyKeywordLike):
        names = (*typed_fields("keyword"), *flattened_roots())
        return either([_wildcard(name, condition.pattern) for name in names])
    if isinstance(condition, m.AnySame):
        return either([_term(name, condition.value) for name in typed_fields(condition.kind)])
    if isinstance(condition, m.Present):
        return _present(condition.field)
    if isinstance(condition, m.Same):
        return _term(slot(condition.field).field, condition.value)
    if isinstance(condition, m.Between):
        return _between(condition)
    if isinstance(condition, m.Like):
        return _like(slot(condition.field), condition.pattern)
    if isinstance(condition, m.WordSequence):
        return {"match_phrase": {condition.field: {"query": " ".join(condition.words)}}}
    if isinstance(condition, m.WordLike):
        return {"regexp": {condition.field: {"value": _word_expression(condition.pattern)}}}
    if isinstance(condition, m.MisfitLike):
        return _like(misfit_slot(condition.field), condition.pattern)
    return _term(misfit_slot(condition.field).field, condition.value)


def either(parts: list[Dsl]) -> Dsl:
    """At least one of these."""
    return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NONE


def _term(field: str, value: Scalar) -> Dsl:
    return {"term": {field: {"value": value}}}


def _wildcard(field: str, pattern: Pattern) -> Dsl:
    if all(isinstance(piece, str) for piece in pattern):
        # An empty text is found as a term only: Lucene takes an empty pattern for one that matches nothing.
        return _term(field, "".join(str(piece) for piece in pattern))
    return {"wildcard": {field: {"value": written(pattern)}}}


def _like(place: Slot, pattern: Pattern) -> Dsl:
    if place.place == "own":
        return _wildcard(place.field, pattern)
    script = {"source": MATCH, "params": {"field": place.field, "parts": parts_between_stars(pattern)}}
    # The root's index says quickly which events have such a value under any key; the script looks at the key.
    return {"bool": {"filter": [_wildcard(place.root, pattern), {"script": {"script": script}}]}}


def parts_between_stars(pattern: Pattern) -> list[list[str | None]]:
    """A pattern cut at its stars: each part a list of literals and of None for `?`."""
    parts: list[list[str | None]] = [[]]
    for piece in pattern:
        if piece is Wild.MANY:
            parts.append([])
        else:
            parts[-1].append(None if piece is Wild.ONE else str(piece))
    return parts


def _word_expression(pattern: Pattern) -> str:
    made = []
    for piece in pattern:
        if isinstance(piece, str):
            made.append(piece)
        else:
            made.append("[0-9a-z_]*" if piece is Wild.MANY else "[0-9a-z_]")
    return "".join(made)


def _between(condition: m.Between) -> Dsl:
    place = slot(condition.field)
    ends: Dsl = {}
    if condition.low is not None:
        ends["gte" if condition.low_included else "gt"] = _end(condition.kind, condition.low)
    if condition.high is not None:
        ends["lte" if condition.high_included else "lt"] = _end(condition.kind, condition.high)
    if place.place != "own":
        ends = {**ends, **({} if condition.low is not None else {"gte": ""})}
        ends = {**ends, **({} if condition.high is not None else {"lte": HIGHEST})}
    return {"range": {place.field: ends}}


def _end(kind: FieldType, value: Scalar | bytes) -> Scalar:
    if isinstance(value, bytes):
        return ip_text(value)
    return iso(int(value)) if kind == "date" else value


def _present(field: str) -> Dsl:
    place = slot(field)
    parts: list[Dsl] = []
    if place.place != "own":
        parts.append({"prefix": {place.field: {"value": ""}}})
    elif place.kind not in ("keyword", "text"):
        parts = [{"exists": {"field": field}}, {"prefix": {misfit_slot(field).field: {"value": ""}}}]
    else:
        parts.append({"exists": {"field": field}})
    return either(parts)


def times(start: int | None, end: int | None) -> list[Dsl]:
    """The range of event time as filters."""
    # A time that no event can have bounds nothing, and Elasticsearch refuses to read it.
    ends = {
        name: iso(moment)
        for name, moment in (("gte", start), ("lt", end))
        if moment is not None and EARLIEST <= moment < LATEST
    }
    if (start is not None and start >= LATEST) or (end is not None and end < EARLIEST):
        return [NONE]
    return [{"range": {"@timestamp": ends}}] if ends else []



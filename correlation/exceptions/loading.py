"""Exceptions from YAML: `exceptions`, a list of mappings. What is broken suppresses nothing, and is told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from sigma.rule import SigmaDetections

from correlation.errors import (
    ExceptionDuplicate,
    ExceptionEnded,
    ExceptionFieldForeign,
    ExceptionIncomplete,
    ExceptionInvalid,
    ExceptionKeyUnknown,
    ExceptionReferenceUnknown,
    ExceptionsInvalid,
    RuleProblem,
)
from correlation.exceptions.model import RuleException
from correlation.rules.condition import FieldRef, Leaf, Node, Or, Regex, leaves
from correlation.rules.conversion import convert
from correlation.rules.loading import Loaded
from correlation.rules.model import Correlation, Described
from correlation.rules.positions import PATTERNS_OF_PYTHON, REFUSALS, line_of
from correlation.rules.site_files import mapping_of
from sensors.errors import Place
from sensors.event.times import SECOND

KEYS: Final = ("id", "rules", "tags", "fields", "detection", "owner", "reason", "end", "note")
_TEXTS: Final = ("id", "owner", "reason")
_ROOT: Final = "exceptions"
_LONGEST_ID: Final = 64
_NO_LETTERS: Final = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}]*\}|.)|\(\?P[<=]\w+", re.DOTALL
)
"""What stands for something else in a regular expression, whatever letters it is written with: escapes, names."""


class Excepted(NamedTuple):
    """Exceptions in the order of their files, ended ones too, and what is wrong with the others."""

    exceptions: Sequence[RuleException]
    problems: Sequence[RuleProblem]


def load_exceptions(files: Iterable[Path], loaded: Loaded, others: Sequence[Described] = ()) -> Excepted:
    """The exceptions of these files, for what is loaded and `others` (detectors) that alert like rules."""
    found: dict[str, RuleException] = {}
    problems: list[RuleProblem] = []
    for one in _read(files):
        if isinstance(one, RuleException):
            unknown = [
                *_unknown(one, [*loaded.rules, *others], loaded.correlations), *_foreign(one, loaded.correlations)
            ]  # fmt: skip
            first = found.get(one.id)
            if first is not None:
                problems.append(ExceptionDuplicate(place=one.place, id=one.id, first=str(first.place)))
            elif unknown:
                problems += unknown
            else:
                found[one.id] = one
        else:
            problems.append(one)
    return Excepted(list(found.values()), problems)


def ended(exceptions: Iterable[RuleException], now: int) -> list[ExceptionEnded]:
    """A problem for each exception that does nothing any more at a moment, ns since 1970."""
    return [
        ExceptionEnded(place=one.place, id=one.id, owner=one.owner, end=moment_text(one.end))
        for one in exceptions
        if not one.works(now)
    ]


def moment_text(end: int) -> str:
    """An end as people write it: the last day that counts, or the moment where it lies within a day (UTC)."""
    moment = datetime.fromtimestamp(end // SECOND, UTC)
    if moment.time() == time():
        return (moment - timedelta(days=1)).date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def _read(files: Iterable[Path]) -> Iterator[RuleException | RuleProblem]:
    for file in files:
        try:
            node, document = mapping_of(file, ExceptionsInvalid)
        except RuleProblem as problem:
            yield problem
            continue
        for key in document:
            if key != _ROOT:
                place = Place(str(file), line_of(node, (str(key),)), field=str(key))
                yield ExceptionKeyUnknown(place=place, key=str(key), nearest=_ROOT)
        entries = document.get(_ROOT, [])
        if not isinstance(entries, list):
            yield ExceptionsInvalid(place=Place(str(file), line_of(node, (_ROOT,))), reason="not a list")
            continue
        for number, entry in enumerate(entries):
            place = Place(str(file), line_of(node, (_ROOT, str(number))))
            try:
                yield _exception(entry, place)
            except RuleProblem as problem:
                field = problem.place.field if problem.place else None
                lines = (_ROOT, str(number), *(field.split(".")[:1] if field else ()))
                problem.place = Place(str(file), line_of(node, lines), field=field)
                yield problem


def _exception(entry: Any, place: Place) -> RuleException:
    if not isinstance(entry, dict):
        raise ExceptionInvalid(reason="not a mapping")
    for key in entry:
        if key not in KEYS:
            nearest = get_close_matches(str(key), KEYS, n=1)
            raise ExceptionKeyUnknown(place=_at(str(key)), key=str(key), nearest=", ".join(nearest or KEYS))
    texts = {key: _text(entry, key) for key in _TEXTS}
    if len(texts["id"]) > _LONGEST_ID:
        raise ExceptionInvalid(place=_at("id"), reason=f"an id has {_LONGEST_ID} characters or less")
    if "end" not in entry:
        raise ExceptionIncomplete(key="end")
    rules, tags = _names(entry, "rules"), _names(entry, "tags")
    if not (rules or tags):
        raise ExceptionIncomplete(key="rules")
    return RuleException(
        **texts, rules=rules, tags=tags, condition=_condition(entry), end=_end(entry["end"]), place=place
    )


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None or value == "":
        raise ExceptionIncomplete(key=key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ExceptionInvalid(place=_at(key), reason=f"{key} is a text")
    return str(value).strip()


def _names(entry: dict[str, Any], key: str) -> frozenset[str]:
    value = entry.get(key, [])
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and name for name in names):
        raise ExceptionInvalid(place=_at(key), reason=f"{key} is a list of texts")
    return frozenset(names)


def _end(value: Any) -> int:
    """The first moment that does not count any more: a day counts to its end (UTC)."""
    if not isinstance(value, str | date):
        raise ExceptionInvalid(place=_at("end"), reason="a day (2026-12-31) or a moment (2026-12-31T18:00:00+08:00)")
    said = value
    try:
        if isinstance(said, str):
            said = date.fromisoformat(said) if len(said) == len("2026-12-31") else datetime.fromisoformat(said)
        if isinstance(said, datetime):
            moment = said if said.tzinfo else said.replace(tzinfo=UTC)
        else:
            moment = datetime.combine(said, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ExceptionInvalid(place=_at("end"), reason=f"end: {error}") from error
    return int(moment.timestamp()) * SECOND


def _condition(entry: dict[str, Any]) -> Node:
    """What an event must be: all of `fields`, or what `detection` says."""
    if ("fields" in entry) == ("detection" in entry):
        raise ExceptionIncomplete(key="fields") if "fields" not in entry else ExceptionInvalid(
            place=_at("fields"), reason="fields and detection cannot both be said"
        )
    key = "fields" if "fields" in entry else "detection"
    said = entry[key]
    if not isinstance(said, dict) or not said:
        raise ExceptionInvalid(place=_at(key), reason=f"{key} is a mapping of what must match")
    detection = {"fields": said, "condition": "fields"} if key == "fields" else dict(said)
    try:
        sigma = SigmaDetections.from_dict(detection, policy=PATTERNS_OF_PYTHON)
        trees = tuple(convert(condition.parsed) for condition in sigma.parsed_condition)
    except RuleProblem as problem:
        problem.place = _at(key)
        raise
    except REFUSALS as error:
        raise ExceptionInvalid(place=_at(key), reason=str(error)) from error
    if any(leaf.field is None for tree in trees for leaf in leaves(tree)):
        raise ExceptionInvalid(place=_at(key), reason="an exception names fields, it does not look for words anywhere")
    return trees[0] if len(trees) == 1 else Or(trees)


def _unknown(
    one: RuleException, rules: Sequence[Described], correlations: Sequence[Described]
) -> Iterator[RuleProblem]:
    """A problem for each name and tag that no rule has: it may be misspelt, and then protects nobody's sleep."""
    known = {name for rule in (*rules, *correlations) for name in (rule.id, rule.name)}
    tags = {tag for rule in rules for tag in rule.tags}
    for name in sorted((one.rules - known) | (one.tags - tags)):
        yield ExceptionReferenceUnknown(place=one.place, name=name)


def _foreign(one: RuleException, correlations: Sequence[Correlation]) -> Iterator[RuleProblem]:
    """A problem for each field of a condition that a correlation's findings do not have: it would never match."""
    asked = list(leaves(one.condition))
    fields = {leaf.field for leaf in asked if leaf.field} | {leaf.other for leaf in asked if isinstance(leaf, FieldRef)}
    for correlation in correlations:
        if not one.serves(correlation):
            continue
        name, shared = correlation.name or correlation.id, correlation.group_by
        for field in sorted(fields - set(shared)):
            yield ExceptionFieldForeign(place=one.place, name=name, field=field, fields=", ".join(shared) or "-")
        if any(map(_cased, asked)):
            reason = f"{name} groups without case: leave `cased` out, and say `re|i` instead of `re`"
            yield ExceptionInvalid(place=one.place, reason=reason)


def _cased(leaf: Leaf) -> bool:
    """Whether a leaf looks at capital letters, of which groups have none."""
    if isinstance(leaf, Regex):
        letters = _NO_LETTERS.sub("", leaf.pattern)
        return "i" not in leaf.flags and letters != letters.lower()
    return bool(getattr(leaf, "cased", False))


def _at(key: str) -> Place:
    return Place("", field=key)

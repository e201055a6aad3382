"""A plain evaluator of Sigma: pySigma's condition tree, one rule, one event, no tables. The matcher must agree with it.

It shares no code with the matcher or with our own tree of conditions. An event is any JSON object.
"""

import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import PythonRegexEngine
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

NO_ITEMS = object()
AN_OBJECT = object()


class Event:
    """The leaves of an event by dotted name, whatever way the dots came about."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.leaves: dict[str, list[Any]] = {}
        self.objects: set[str] = set()
        for name, value in document.items():
            self._add(name, value)
        self.texts = {
            name: [(shown, shown.lower()) for shown in map(show, values)]
            for name, values in (
                (name, [v for v in values if v is not None and v is not NO_ITEMS and v is not AN_OBJECT])
                for name, values in self.leaves.items()
            )
        }

    def _add(self, name: str, value: Any) -> None:
        parts = name.split(".")
        self.objects.update(".".join(parts[:cut]) for cut in range(1, len(parts)))
        if isinstance(value, dict):
            self.objects.add(name)
            for key, below in value.items():
                self._add(f"{name}.{key}", below)
        elif isinstance(value, list):
            self.leaves.setdefault(name, []).append(NO_ITEMS)
            for item in value:
                self._add(name, item)
        else:
            self.leaves.setdefault(name, []).append(value)

    def has(self, name: str) -> bool:
        return name in self.leaves or name in self.objects

    def all_texts(self) -> Iterator[tuple[str, str]]:
        for texts in self.texts.values():
            yield from texts


Check = Callable[[Event], bool]
Naming = Callable[[str], str]


def show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def checks(rule: SigmaRule, naming: Naming = str) -> Check:
    """The rule as a function of an event; its conditions are alternatives."""
    parts = [build(condition.parsed, naming) for condition in rule.detection.parsed_condition]
    return lambda event: any(part(event) for part in parts)


def read(document: dict[str, Any]) -> SigmaRule:
    return SigmaRule.from_dict(document, policy=SigmaPolicy(regex_engine=PythonRegexEngine()))


def build(node: Any, naming: Naming) -> Check:
    if isinstance(node, ConditionAND | ConditionOR):
        parts = [build(part, naming) for part in node.args]
        join = all if isinstance(node, ConditionAND) else any
        return lambda event: join(part(event) for part in parts)
    if isinstance(node, ConditionNOT):
        inner = build(node.args[0], naming)
        return lambda event: not inner(event)
    if isinstance(node, ConditionValueExpression):
        return value_check(None, node.value, naming)
    assert isinstance(node, ConditionFieldEqualsValueExpression)
    return value_check(naming(node.field), node.value, naming)


def value_check(field: str | None, value: Any, naming: Naming) -> Check:  # noqa: PLR0911
    if isinstance(value, SigmaExpansion):
        parts = [value_check(field, one, naming) for one in value.values]
        return lambda event: any(part(event) for part in parts)
    if field is None:
        test = text_test(value, keyword=True)
        return lambda event: any(test(text, lower) for text, lower in event.all_texts())
    if isinstance(value, SigmaNull):
        return lambda event: not event.has(field) or None in event.leaves.get(field, ())
    if isinstance(value, SigmaExists):
        return lambda event: event.has(field) == value.exists
    if isinstance(value, SigmaFieldReference):
        return reference(field, naming(value.field), value)
    if isinstance(value, SigmaString) and value.s and all(part is SpecialChars.WILDCARD_MULTI for part in value.s):
        return lambda event: bool(event.texts.get(field)) or field in event.objects
    test = text_test(value, keyword=False)
    return lambda event: any(test(text, lower) for text, lower in event.texts.get(field, ()))


def reference(field: str, other: str, value: SigmaFieldReference) -> Check:
    def holds(one: str, two: str) -> bool:
        if value.starts_with and value.ends_with:
            return two in one
        if value.starts_with:
            return one.startswith(two)
        return one.endswith(two) if value.ends_with else one == two

    return lambda event: any(
        holds(one, two) for _, one in event.texts.get(field, ()) for _, two in event.texts.get(other, ())
    )


def text_test(value: Any, *, keyword: bool) -> Callable[[str, str], bool]:  # noqa: PLR0911
    match value:
        case SigmaString():
            return string_test(value, keyword=keyword)
        case SigmaTimestampPart():
            return lambda text, _: part_of(text, value.timestamp_part.name) == value.number
        case SigmaNumber():
            wanted = str(value.number)
            return (lambda _, lower: wanted in lower) if keyword else (lambda _, lower: lower == wanted)
        case SigmaBool():
            wanted = str(value.boolean).lower()
            return (lambda _, lower: wanted in lower) if keyword else (lambda _, lower: lower == wanted)
        case SigmaRegularExpression():
            flags = 0
            for flag in value.flags:
                flags |= getattr(re, flag.name)
            expression = re.compile(str(value.regexp), flags)
            return lambda text, _: bool(expression.search(text))
        case SigmaCIDRExpression():
            network = ipaddress.ip_network(value.cidr)
            return lambda text, _: inside(text, network)
        case SigmaCompareExpression():
            name = value.op.name.lower()
            relation = getattr(operator, {"lte": "le", "gte": "ge", "neq": "ne"}.get(name, name))
            return lambda text, _: (n := number(text, value.number)) is not None and relation(n, value.number.number)
    raise AssertionError(value)


def string_test(value: SigmaString, *, keyword: bool) -> Callable[[str, str], bool]:
    cased = isinstance(value, SigmaCasedString)
    pattern = ""
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            pattern += r"[\s\S]*"
        elif part is SpecialChars.WILDCARD_SINGLE:
            pattern += r"[\s\S]"
        else:
            pattern += re.escape(part if cased else part.lower())
    expression = re.compile(pattern)
    find = expression.search if keyword else expression.fullmatch
    return (lambda text, _: bool(find(text))) if cased else (lambda _, lower: bool(find(lower)))


def inside(text: str, network: Any) -> bool:
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    return address in network or (getattr(address, "ipv4_mapped", None) or address) in network


def number(text: str, wanted: SigmaNumber) -> float | None:
    if isinstance(wanted, SigmaTimestampPart):
        return part_of(text, wanted.timestamp_part.name)
    if not re.fullmatch(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*", text):
        return None
    return float(text)


def part_of(text: str, unit: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        plain = number(text, SigmaNumber(0))
        if plain is None:
            return None
        try:
            moment = datetime.fromtimestamp(plain / 1000 if plain >= 100_000_000_000 else plain, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isocalendar()[1] if unit == "WEEK" else int(getattr(moment, unit.lower()))

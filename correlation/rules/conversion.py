"""From pySigma's parsed condition to our own tree: wildcards become the simplest leaf that says the same."""

import re
import warnings
from collections.abc import Sequence
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    Placeholder,
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

from correlation.errors import RuleInvalid, RulePlaceholder, RuleRegexInvalid
from correlation.rules.condition import (
    And,
    Cidr,
    Compare,
    Contains,
    EndsWith,
    Equals,
    Exists,
    FieldRef,
    Glob,
    How,
    Leaf,
    Node,
    Not,
    Null,
    Operator,
    Or,
    Present,
    Regex,
    StartsWith,
    Unit,
    Wild,
)

_WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
_FLAG_LETTERS = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}
_HOW: dict[tuple[bool, bool], How] = {
    (False, False): "equals", (True, True): "contains", (True, False): "startswith", (False, True): "endswith",
}
_UNITS: dict[str, Unit] = {
    "MINUTE": "minute", "HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year",
}
_OPERATORS: dict[str, Operator] = {"LT": "lt", "LTE": "lte", "GT": "gt", "GTE": "gte", "NEQ": "neq"}
_PYTHON_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


def convert(node: Any) -> Node:
    """The tree of a condition that pySigma has parsed and resolved.

    Raises:
        RuleProblem: a value cannot be matched: a placeholder, a broken regular expression, a value without meaning.
    """
    if isinstance(node, ConditionAND):
        return joined(And, [convert(part) for part in node.args])
    if isinstance(node, ConditionOR):
        return joined(Or, [convert(part) for part in node.args])
    if isinstance(node, ConditionNOT):
        return Not(convert(node.args[0]))
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return of_value(node.field, node.value)
    if isinstance(node, ConditionValueExpression):
        return of_value(None, node.value)
    raise RuleInvalid(reason="the condition is empty")


def compile_regex(pattern: str, flags: str) -> re.Pattern[str]:
    """The pattern as Python's `re` understands it, which is what Sigma's `re` means here.

    Raises:
        re.error: it is not a regular expression.
    """
    mode = re.NOFLAG
    for letter in flags:
        mode |= _PYTHON_FLAGS[letter]
    with warnings.catch_warnings():
        # `[[` only announces what a future version may mean; today's meaning is what the rule's author tested.
        warnings.simplefilter("ignore")
        return re.compile(pattern, mode)


def joined(kind: type[And] | type[Or], parts: Sequence[Node]) -> Node:
    """Parts under one operator: a part that has the same one gives its own parts; what is said twice stands once."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else kind(unique)


def of_value(field: str | None, value: Any) -> Node:
    """What a field must be, or any value where there is none, for one of pySigma's values.

    Raises:
        RuleProblem: as `convert`.
    """
    if isinstance(value, SigmaExpansion):
        return joined(Or, [of_value(field, one) for one in value.values])
    if isinstance(value, SigmaString):
        return _text(field, value, cased=isinstance(value, SigmaCasedString))
    if isinstance(value, SigmaRegularExpression):
        return _regex(field, value)
    return _typed(field, value)


def _typed(field: str | None, value: Any) -> Leaf:
    if field is not None:
        match value:
            case SigmaNull():
                return Null(field)
            case SigmaExists():
                return Exists(field, value.exists)
            case SigmaFieldReference():
                return FieldRef(field, value.field, _HOW[value.starts_with, value.ends_with])
    return _scalar(field, value)


def _scalar(field: str | None, value: Any) -> Leaf:
    match value:
        case SigmaTimestampPart():
            return Compare(field, "eq", value.number, _UNITS[value.timestamp_part.name])
        case SigmaNumber():
            return _literal(field, str(value.number))
        case SigmaBool():
            return _literal(field, "true" if value.boolean else "false")
        case SigmaCIDRExpression():
            return Cidr(field, value.cidr)
        case SigmaCompareExpression():
            unit = _UNITS[value.number.timestamp_part.name] if isinstance(value.number, SigmaTimestampPart) else None
            return Compare(field, _OPERATORS[value.op.name], float(value.number.number), unit)
        case _:
            raise RuleInvalid(reason=f"a value of type {type(value).__name__} cannot stand here")


def _literal(field: str | None, text: str) -> Leaf:
    return Contains(None, text) if field is None else Equals(field, text)


def _regex(field: str | None, value: SigmaRegularExpression) -> Regex:
    for part in value.regexp.s:
        if isinstance(part, Placeholder):
            raise RulePlaceholder(name=part.name)
    pattern = str(value.regexp)
    flags = "".join(sorted(_FLAG_LETTERS[flag.name] for flag in value.flags))
    try:
        compile_regex(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise RuleRegexInvalid(pattern=pattern, reason=str(error)) from error
    return Regex(field, pattern, flags)


def _text(field: str | None, value: SigmaString, *, cased: bool) -> Leaf:
    parts: list[str | Wild] = []
    for part in value.s:
        if isinstance(part, Placeholder):
            raise RulePlaceholder(name=part.name)
        parts.append(_WILD[part] if isinstance(part, SpecialChars) else part if cased else part.lower())
    if field is None:  # a keyword stands anywhere in a value
        parts = [Wild.MANY, *parts, Wild.MANY]
    return _simplest(field, _merged(parts), cased=cased)


def _merged(parts: Sequence[str | Wild]) -> list[str | Wild]:
    """Neighbouring texts as one, and `**` as `*`."""
    merged: list[str | Wild] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        elif not (part is Wild.MANY and last is Wild.MANY):
            merged.append(part)
    return merged


def _simplest(field: str | None, parts: Sequence[str | Wild], *, cased: bool) -> Leaf:
    match parts:
        case [Wild.MANY]:
            return Present(field)
        case [] | [str()]:
            return Equals(field, "".join(str(part) for part in parts), cased)
        case [Wild.MANY, str(text), Wild.MANY]:
            return Contains(field, text, cased)
        case [str(text), Wild.MANY]:
            return StartsWith(field, text, cased)
        case [Wild.MANY, str(text)]:
            return EndsWith(field, text, cased)
    return Glob(field, tuple(parts), cased)

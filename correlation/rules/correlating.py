"""From a Sigma document to a correlation: pySigma's reading, our own checks.

Specification: Sigma 2.1, "Sigma Correlation Rules", https://github.com/SigmaHQ/sigma-specification. What pySigma has
beyond it is taken as well: conditions of temporal correlations that name rules, and `value_median`.
"""

from collections.abc import Callable, Iterator
from typing import Any, get_args

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationCondition,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from correlation.errors import RuleInvalid
from correlation.rules.condition import And, Node, Not, Or, Present
from correlation.rules.model import Correlation, CorrelationType, Threshold
from sensors.errors import Place
from sensors.event.times import SECOND

KNOWN_KEYS = frozenset({"type", "rules", "group-by", "timespan", "aliases", "condition", "generate"})
_MEDIAN = "value_median"
_ONE_FIELD = frozenset({"value_sum", "value_avg", "value_percentile", _MEDIAN})
_TEMPORAL = frozenset({"temporal", "temporal_ordered"})


def read(
    document: dict[str, Any],
    described: Callable[[Any, dict[str, Any], Callable[..., Place]], dict[str, Any]],
    place: Callable[..., Place],
) -> Correlation:
    """The correlation that a document is.

    Args:
        document: it.
        described: gives what any rule says of itself, as `Correlation` calls it.
        place: gives the place of a key for an error.

    Raises:
        RuleInvalid: it is none, for a reason that pySigma does not look at.
        SigmaError: pySigma refuses it.
    """
    for kind in ("logsource", "detection"):
        if kind in document:
            raise RuleInvalid(place=place(kind), reason=f"a correlation has no {kind} of its own")
    sigma = SigmaCorrelationRule.from_dict(document)
    kind = sigma.type.name.lower()
    if kind not in (*get_args(CorrelationType), _MEDIAN):
        raise RuleInvalid(place=place("correlation", "type"), reason=f"{kind} is no type of the specification")
    rules, expression = _rules(sigma)
    if not rules or len(set(rules)) < len(rules):
        raise RuleInvalid(place=place("correlation", "rules"), reason="a correlation names one rule or more, each once")
    aliases = {alias.alias: {ref.reference: name for ref, name in alias.mapping.items()} for alias in sigma.aliases}
    for name, mapping in aliases.items():
        for stranger in mapping.keys() - set(rules):
            raise RuleInvalid(place=place("correlation", "aliases", name), reason=f"{stranger} is not among its rules")
    threshold = _threshold(sigma, kind, document, place) if expression is None else None
    if kind == "temporal_ordered" and not _all_of_them(rules, threshold, expression):
        reason = "an order needs all of the rules: leave the condition out, or join all of them by `and`"
        raise RuleInvalid(place=place("correlation", "condition"), reason=reason)
    ordered = kind == "temporal_ordered"
    return Correlation(
        **described(sigma, document, place),
        type="value_percentile" if kind == _MEDIAN else kind,  # type: ignore[arg-type] # checked above
        rules=rules,
        group_by=tuple(sigma.group_by or ()),
        timespan=sigma.timespan.seconds * SECOND,
        aliases=aliases,
        threshold=None if ordered else threshold,
        expression=None if ordered else expression,
        generate=sigma.generate,
    )


def _all_of_them(rules: tuple[str, ...], threshold: Threshold | None, expression: Node | None) -> bool:
    """Whether a condition says nothing but that each of the rules must have found something."""
    if expression is not None:
        parts = expression.parts if isinstance(expression, And) else (expression,)
        return all(isinstance(part, Present) for part in parts)
    return threshold is None or (threshold.operator in {"gte", "eq"} and threshold.number == len(rules))


def _rules(sigma: SigmaCorrelationRule) -> tuple[tuple[str, ...], Node | None]:
    """What it looks at, in order, and the condition that names them, if it has one."""
    if isinstance(sigma.condition, SigmaExtendedCorrelationCondition):
        named = sigma.condition.get_referenced_rules()
        listed = [str(rule.reference) for rule in sigma.rules or ()]
        return tuple(listed or named), _node(sigma.condition.parsed)
    return tuple(str(rule.reference) for rule in sigma.rules or ()), None


def _node(item: CorrelationConditionItem | SigmaRuleReference) -> Node:
    if isinstance(item, SigmaRuleReference):
        return Present(item.reference)
    parts = tuple(_node(part) for part in item.args)
    if isinstance(item, CorrelationConditionNOT):
        return Not(parts[0])
    return And(parts) if isinstance(item, CorrelationConditionAND) else Or(parts)


def _threshold(
    sigma: SigmaCorrelationRule, kind: str, document: dict[str, Any], place: Callable[..., Place]
) -> Threshold | None:
    condition = sigma.condition
    assert isinstance(condition, SigmaCorrelationCondition)
    if kind in _TEMPORAL and "condition" not in document["correlation"]:
        return None
    fields = tuple(_fields(condition.fieldref))
    if kind in _ONE_FIELD and len(fields) != 1:
        raise RuleInvalid(place=place("correlation", "condition", "field"), reason=f"{kind} looks at one field")
    percentile = 50.0 if condition.percentile is None else float(condition.percentile)
    if not 0 <= percentile <= 100:
        raise RuleInvalid(place=place("correlation", "condition", "percentile"), reason="from 0 to 100")
    name: Any = condition.op.name.lower()
    return Threshold(name, float(condition.count), fields, percentile)


def _fields(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif said is not None:
        yield from map(str, said)

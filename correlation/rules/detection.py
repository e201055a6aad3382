"""From pySigma's detections straight to our own tree, as it resolves its conditions, in less than half of the time.

pySigma makes a tree of objects that know their parents, which only the garbage collector can give back. Here the
condition's words are taken apart once for all rules that have the same, and detections are read where they stand.
Whatever is not quite as usual goes pySigma's own way (`convert`), so that it alone says what is wrong, and in which
order. One test holds both ways to the same answers.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.rule.detection import EmptySigmaDetections, SigmaDetection, SigmaDetectionItem, SigmaDetections
from sigma.types import SigmaNull

from correlation.errors import RuleProblem
from correlation.rules.condition import And, Node, Not, Or
from correlation.rules.conversion import convert, joined, of_value
from correlation.rules.positions import REFUSALS

_NONE: Final = EmptySigmaDetections()
_LINKED: Final[Mapping[Any, type[And] | type[Or]]] = {ConditionAND: And, ConditionOR: Or}


def of_condition(condition: SigmaCondition) -> Node:
    """The tree of a condition with its detections in it.

    Raises:
        RuleProblem: a value cannot be matched.
        SigmaError: the condition is broken, or names what is not there; or another of `REFUSALS`.
    """
    try:
        return _named(_words(condition.condition), condition.detections)
    except (*REFUSALS, RuleProblem):
        return convert(condition.parsed)


@lru_cache(maxsize=4_096)
def _words(condition: str) -> Any:
    """A condition taken apart, its names not looked up; it must not be changed."""
    return SigmaCondition(condition, _NONE).parse(postprocess=False)


def _named(item: Any, detections: SigmaDetections) -> Node:
    kind = type(item)
    if kind is ConditionIdentifier:
        return _detection(detections.detections[item.identifier])
    if kind is ConditionSelector:
        found = [_named(one, detections) for one in item.resolve_referenced_detections(detections)]
        return _linked(item.cond_class, found)
    parts = [_named(part, detections) for part in item.args]
    if kind is ConditionNOT:
        return Not(parts[0])
    return _linked(kind, parts)


def _detection(detection: SigmaDetection | SigmaDetectionItem) -> Node:
    if isinstance(detection, SigmaDetectionItem):
        return _item(detection)
    parts = [_detection(item) for item in detection.detection_items]
    return parts[0] if len(parts) == 1 else _linked(detection.item_linking, parts)


def _item(item: SigmaDetectionItem) -> Node:
    values = item.value if len(item.value) else [SigmaNull()]
    parts = [of_value(item.field, value) for value in values]
    node = parts[0] if len(parts) == 1 else _linked(item.value_linking, parts)
    return Not(node) if item.negated else node


def _linked(kind: Any, parts: list[Node]) -> Node:
    if not parts:
        raise ValueError("what pipelines have emptied is pySigma's to judge")
    return joined(_LINKED[kind], parts)

"""From the documents of a rule file to rules: pySigma's reading, our own checks, and the places of what is wrong."""

import re
import uuid
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any, TypeAlias

from sigma.filters import SigmaFilter
from sigma.rule import SigmaDetections, SigmaRule
from sigma.rule.base import SigmaRuleBase

from correlation.errors import RuleInvalid, RuleKeyUnknown, RuleNotYaml, RuleProblem
from correlation.rules import correlating
from correlation.rules.condition import Node, Or
from correlation.rules.detection import of_condition
from correlation.rules.logsources import routes
from correlation.rules.model import Correlation, Filter, LogSource, Rule
from correlation.rules.positions import KEYS_BY_ERROR, PATTERNS_OF_PYTHON, REFUSALS, broken_item
from correlation.rules.processing import UNTOUCHED, Processing
from correlation.rules.trees import Tree, read, reason_of
from sensors.errors import Place

KNOWN_KEYS = frozenset({
    "title", "id", "related", "name", "taxonomy", "status", "description", "license", "author", "references", "date",
    "modified", "logsource", "detection", "fields", "falsepositives", "level", "tags", "scope",  # Sigma 2.1
    "correlation",  # in place of logsource and detection
    "filter",  # in place of detection
    "regression_tests_path", "simulation",  # SigmaHQ's own, in its published rules
    "hanwatch",  # our pack's own: Chinese title and situation, evidence (docs/rules.md)
})
KNOWN_SOURCE_KEYS = frozenset({"product", "category", "service", "definition"})
_NAMESPACE = uuid.UUID("6b6a1b0e-52a5-5d7c-9d5e-0d0d7c2f9a11")
MAX_BYTES = 4 << 20
"""No rule file is longer; the longest published one has 35 KB."""


Document: TypeAlias = Rule | Correlation | Filter


def parse(
    text: str, path: str, processing: Processing = UNTOUCHED
) -> tuple[list[Document], list[RuleProblem]]:
    """The rules of one file, and what is wrong with the documents that are none; `path` goes into both."""
    return understood(read(text, path), path, processing)


def understood(
    trees: Iterable[Tree | RuleProblem], path: str, processing: Processing = UNTOUCHED
) -> tuple[list[Document], list[RuleProblem]]:
    """As `parse`, of what was read already; values of the trees are taken to pieces.

    Where trees were kept, problems stand at the beginning of their document.
    """
    rules: list[Document] = []
    problems: list[RuleProblem] = []
    for tree in trees:
        if isinstance(tree, RuleProblem):
            problems.append(tree)
            continue
        try:
            rules.append(_rule(tree, path, processing))
        except RuleProblem as problem:
            problems.append(problem)
    return rules, problems


def _rule(tree: Tree, path: str, processing: Processing) -> Document:
    def place(*keys: str) -> Place:
        return Place(path, tree.line_of(keys), field=".".join(keys) or None)

    document = tree.value
    if not isinstance(document, dict):
        raise RuleNotYaml(place=place(), reason="not a mapping")
    _refuse_strangers(document, place)
    if not isinstance(document.get("id", ""), str):
        raise RuleInvalid(place=place("id"), reason="Sigma rule identifier must be an UUID")
    try:
        if "correlation" in document:
            return correlating.read(document, _described, place)
        if "filter" in document:
            sigma_filter = SigmaFilter.from_dict(document, policy=PATTERNS_OF_PYTHON)
            return _filter(sigma_filter, document, place, processing)
        sigma = SigmaRule.from_dict(document, policy=PATTERNS_OF_PYTHON)
    except REFUSALS as error:
        keys = _guilty(error, document)
        raise RuleInvalid(place=place(*keys), reason=reason_of(error)) from error
    return _ours(sigma, document, place, processing)


def _refuse_strangers(document: dict[Any, Any], place: Callable[..., Place]) -> None:
    """Keys that Sigma does not know, most often misspelt."""
    for key in document:
        if key not in KNOWN_KEYS:
            raise RuleKeyUnknown(place=place(str(key)), key=str(key))
    source = document.get("logsource")
    for key in source if isinstance(source, dict) else ():
        if key not in KNOWN_SOURCE_KEYS:
            raise RuleKeyUnknown(place=place("logsource", str(key)), key=str(key))
    inner = document.get("correlation")
    for key in inner if isinstance(inner, dict) else ():
        if key not in correlating.KNOWN_KEYS:
            raise RuleKeyUnknown(place=place("correlation", str(key)), key=str(key))


def _guilty(error: Exception, document: dict[Any, Any]) -> tuple[str, ...]:
    name = type(error).__name__
    if name in KEYS_BY_ERROR and name not in ("SigmaDetectionError", "SigmaModifiedError"):
        return tuple(KEYS_BY_ERROR[name].split("."))
    key = "filter" if "filter" in document else "detection"
    return (key, *broken_item(document.get(key))[1:])


def _ours(
    sigma: SigmaRule, document: dict[str, Any], place: Callable[..., Place], processing: Processing
) -> Rule:
    _process(sigma, place, processing)
    condition = _condition(sigma.detection, "detection", document, place)
    logsource = LogSource(sigma.logsource.product, sigma.logsource.category, sigma.logsource.service)
    return Rule(
        **_described(sigma, document, place),
        logsource=logsource,
        condition=condition,
        routable=bool(routes(logsource)),
    )


def _process(sigma: SigmaRule, place: Callable[..., Place], processing: Processing) -> None:
    try:
        processing.apply(sigma)
    except RuleProblem as problem:
        problem.place = place()
        raise


def _filter(
    sigma: SigmaFilter, document: dict[str, Any], place: Callable[..., Place], processing: Processing
) -> Filter:
    if "detection" in document:
        raise RuleInvalid(place=place("detection"), reason="a filter has no detection of its own")
    named = sigma.filter.rules
    # Its conditions are joined to those of rules: they go through the same pipelines.
    asked = SigmaRule(title=sigma.title, logsource=sigma.logsource, detection=sigma.filter)
    _process(asked, place, processing)
    return Filter(
        **_described(sigma, document, place),
        logsource=LogSource(asked.logsource.product, asked.logsource.category, asked.logsource.service),
        rules=() if isinstance(named, str) else tuple(str(one.reference) for one in named),
        condition=_condition(asked.detection, "filter", document, place),
    )


def _condition(detections: SigmaDetections, key: str, document: dict[str, Any], place: Callable[..., Place]) -> Node:
    """What detections ask for, from the part of a document below `key`."""
    try:
        trees = [of_condition(condition) for condition in detections.parsed_condition]
        # They know each other: without this, all that pySigma read would wait for the garbage collector.
        detections.parsed_condition.clear()
    except RuleProblem as problem:
        needle = str(problem.parameters.get("name") or problem.parameters.get("pattern") or "")
        problem.place = place(key, *_holding(document[key], needle))
        raise
    except REFUSALS as error:
        raise RuleInvalid(place=place(key, "condition"), reason=reason_of(error)) from error
    return trees[0] if len(trees) == 1 else Or(tuple(trees))


def _described(sigma: SigmaRuleBase, document: dict[str, Any], place: Callable[..., Place]) -> dict[str, Any]:
    """What any document says of itself, as `Described` calls it."""
    where = place()
    return {
        "id": str(sigma.id) if sigma.id else str(uuid.uuid5(_NAMESPACE, f"{PurePath(where.file).name}\n{sigma.title}")),
        "title": sigma.title,
        "name": sigma.name or "",
        "title_zh": _title_zh(document, place),
        "description": (sigma.description or "").strip(),
        "level": str(sigma.level) if sigma.level else "medium",
        "status": str(sigma.status) if sigma.status else None,
        "tags": tuple(str(tag) for tag in sigma.tags),
        "falsepositives": _texts(sigma.falsepositives),
        "references": _texts(sigma.references),
        "author": sigma.author or "",
        "fields": _texts(sigma.fields),
        "path": where.file,
        "line": where.line or 1,
    }


def _title_zh(document: dict[str, Any], place: Callable[..., Place]) -> str:
    own = document.get("hanwatch", {})
    title = own.get("title_zh", "") if isinstance(own, dict) else None
    if not isinstance(title, str):
        raise RuleInvalid(place=place("hanwatch", "title_zh"), reason="the Chinese title must be a text")
    return title.strip()


def _texts(values: list[Any] | None) -> tuple[str, ...]:
    return tuple(str(value) for value in values or ())


def _holding(definition: Any, needle: str) -> tuple[str, ...]:
    """The path of the first key of the detection whose value holds the text, to place an error about that value."""
    if isinstance(definition, dict | list):
        for key, value in definition.items() if isinstance(definition, dict) else enumerate(definition):
            if needle in str(value):
                return (str(key), *_holding(value, needle))
    return ()


def looks_like_a_rule(name: str) -> bool:
    """Whether a file inside a folder is taken for a rule file, by its name."""
    return re.search(r"\.ya?ml$", name, re.IGNORECASE) is not None

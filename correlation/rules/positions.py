"""Where a key stands in a rule's YAML, so that an error can name the line."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from sigma.exceptions import SigmaError
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import PythonRegexEngine
from sigma.rule.detection import SigmaDetection

PATTERNS_OF_PYTHON = SigmaPolicy(regex_engine=PythonRegexEngine())
"""pySigma's own default refuses look-ahead, which rules use and `re` understands."""

REFUSALS = (SigmaError, TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError)
"""What pySigma raises on broken rules: its own errors, and what escapes where a value has an unforeseen type."""

KEYS_BY_ERROR = {
    "SigmaAuthorError": "author", "SigmaConditionError": "detection.condition",
    "SigmaCorrelationConditionError": "correlation.condition", "SigmaCorrelationRuleError": "correlation",
    "SigmaCorrelationTypeError": "correlation.type", "SigmaDateError": "date",
    "SigmaDescriptionError": "description", "SigmaDetectionError": "detection",
    "SigmaFalsePositivesError": "falsepositives", "SigmaFieldsError": "fields",
    "SigmaFilterConditionError": "filter.condition", "SigmaFilterError": "filter",
    "SigmaFilterRuleReferenceError": "filter.rules", "SigmaIdentifierError": "id",
    "SigmaLevelError": "level", "SigmaLicenseError": "license", "SigmaLogsourceError": "logsource",
    "SigmaModifiedError": "modified", "SigmaNameError": "name", "SigmaReferencesError": "references",
    "SigmaRelatedError": "related", "SigmaScopeError": "scope", "SigmaStatusError": "status", "SigmaTagError": "tags",
    "SigmaTaxonomyError": "taxonomy", "SigmaTimespanError": "correlation.timespan", "SigmaTitleError": "title",
}  # in the order of their names
"""The key that each of pySigma's errors speaks of."""


def line_of(root: yaml.Node, path: tuple[str, ...]) -> int:
    """The line, counted from 1, of the deepest key on the path that exists; the document's first if none does."""
    line = int(root.start_mark.line) + 1
    node: yaml.Node | None = root
    for name in path:
        found = _child(node, name)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, name: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == name:
                return int(key.start_mark.line) + 1, value
    if isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
        value = node.value[int(name)]
        return int(value.start_mark.line) + 1, value
    return None


def broken_item(detection: Any) -> tuple[str, ...]:
    """The path of the first detection, or of the key inside it, that pySigma refuses when it stands alone."""
    if not isinstance(detection, Mapping):
        return ("detection",)
    for name, definition in detection.items():
        if name == "condition":
            continue
        for path, alone in _items((str(name),), definition):
            try:
                SigmaDetection.from_definition(alone, policy=PATTERNS_OF_PYTHON)
            except REFUSALS:
                return ("detection", *path)
    return ("detection",)


def _items(path: tuple[str, ...], definition: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(definition, Mapping):
        for key, value in definition.items():
            yield (*path, str(key)), {key: value}
    elif isinstance(definition, list) and any(isinstance(one, Mapping | list) for one in definition):
        for index, one in enumerate(definition):
            yield from _items((*path, str(index)), one)
    yield path, definition

"""From detections to our tree: whatever pySigma resolves, the short way gives the same, and the same is wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.exceptions import SigmaConditionError
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaRule

from correlation.errors import RuleProblem
from correlation.rules import detection as module
from correlation.rules.condition import And, Node
from correlation.rules.conversion import convert
from correlation.rules.detection import of_condition
from correlation.rules.positions import PATTERNS_OF_PYTHON, REFUSALS

VALUES = st.one_of(
    st.sampled_from(["a", "b*", "?c*d", "", "x\\*y"]), st.integers(0, 3), st.booleans(), st.none(), st.just(1.5)
)
ITEMS = st.dictionaries(
    st.sampled_from(["A", "B|contains", "C|endswith|all", "D|windash|contains", "A|cased", "|contains"]),
    st.one_of(st.sampled_from(["a", "-b*"]), st.lists(st.sampled_from(["a", "-b", "c*"]), max_size=3)), min_size=1,
    max_size=3,
)  # fmt: skip
DETECTIONS = st.dictionaries(
    st.sampled_from(["s", "s_1", "s_2", "_hidden", "other"]),
    st.one_of(ITEMS, st.lists(ITEMS, min_size=1, max_size=3), st.lists(VALUES, min_size=1, max_size=3), VALUES),
    min_size=1,
)  # fmt: skip
NAMES = st.sampled_from(["s", "s_1", "other", "absent", "1 of s_*", "all of s*", "any of them", "all of _*", "1 of z*"])
CONDITIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}"), st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} or {two[1]}"),
    ), max_leaves=5,
)  # fmt: skip
EMPTYING = """
name: emptying
transformations:
  - {type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [A, B]}]}
  - {type: field_name_mapping, mapping: {C: [c, d]}}
"""


def answer(condition: Any, way: Any) -> Node | tuple[type[Exception], str]:
    try:
        return way(condition)  # type: ignore[no-any-return]
    except (*REFUSALS, RuleProblem) as error:
        return type(error), str(error)


@given(DETECTIONS, CONDITIONS, st.booleans())
def test_both_ways_say_the_same(detections: dict[str, Any], condition: str, piped: object) -> None:
    document = {"title": "t", "logsource": {"product": "x"}, "detection": {**detections, "condition": condition}}
    try:
        rule = SigmaRule.from_dict(document, policy=PATTERNS_OF_PYTHON)
    except REFUSALS:
        return  # it never comes as far as a condition
    if piped:
        ProcessingPipeline.from_yaml(EMPTYING).apply(rule)
    (found,) = rule.detection.parsed_condition
    # The short way first: pySigma's own changes what it goes through.
    assert answer(found, of_condition) == answer(found, lambda one: convert(one.parsed))


def test_only_what_is_unusual_takes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(_: Any) -> Node:
        raise AssertionError("the long way")

    monkeypatch.setattr(module, "convert", long_way)
    detection = {"s": {"A|contains": ["a", "b"], "B": 1}, "f": [{"C": None}, {"D|re": "x.*"}]}
    for condition, usual in (("s and not 1 of f*", True), ("s and absent", False)):
        document = {"title": "t", "logsource": {"product": "x"}, "detection": {**detection, "condition": condition}}
        (found,) = SigmaRule.from_dict(document, policy=PATTERNS_OF_PYTHON).detection.parsed_condition
        if usual:
            assert isinstance(of_condition(found), And)
        else:
            with pytest.raises(SigmaConditionError, match="'absent' not defined"):
                of_condition(found)

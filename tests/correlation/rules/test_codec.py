"""A rule survives the way to JSON and back."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings

from correlation.rules.codec import decode, encode
from tests.correlation.matcher.making import make_rule
from tests.correlation.matcher.strategies import detections


@settings(max_examples=100)
@given(detections)
def test_there_and_back(detection: dict[str, object]) -> None:
    rule = replace(make_rule(detection, product="windows"), title_zh="规则")
    again = decode(orjson.loads(orjson.dumps(encode(rule))), rule.path)
    assert vars(again) == vars(rule)


def test_a_star_in_a_text_stays_a_text() -> None:
    rule = make_rule({"s": {"A": "a?\\*b"}, "condition": "s"})
    assert decode(orjson.loads(orjson.dumps(encode(rule))), rule.path).condition == rule.condition


def test_only_our_own_leaves_can_be_named() -> None:
    data = encode(make_rule({"s": {"A": 1}, "condition": "s"}))
    with pytest.raises(KeyError):
        decode({**data, "condition": ["system", "rm"]}, "x")

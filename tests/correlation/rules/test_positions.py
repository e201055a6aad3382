"""Lines of keys."""

import yaml

from correlation.rules.positions import broken_item, line_of

TEXT = """title: t
detection:
  s:
    - A: 1
    - B|contains: x
      C: y
  condition: s
"""


def test_the_deepest_key_that_exists() -> None:
    root = yaml.compose(TEXT)
    assert line_of(root, ()) == 1
    assert line_of(root, ("detection",)) == 2
    assert line_of(root, ("detection", "s", "1", "C")) == 6
    assert line_of(root, ("detection", "s", "1", "absent")) == 5
    assert line_of(root, ("level",)) == 1


def test_the_broken_key_is_found_inside_lists() -> None:
    detection = {"s": [{"A": 1}, {"B|contains": "x", "C|nonsense": "y"}], "condition": "s"}
    assert broken_item(detection) == ("detection", "s", "1", "C|nonsense")


def test_nothing_is_broken_or_nothing_is_there() -> None:
    assert broken_item({"s": {"A": 1}, "condition": "s"}) == ("detection",)
    assert broken_item(None) == ("detection",)

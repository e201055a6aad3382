"""Values as they are matched."""

from typing import Any

import numpy as np
import pytest

from correlation.matcher.values import MISSING, OBJECT, Key, flatten, key_of, keys_of, reach


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("Text", "Text"),
        (None, None),
        (True, "true"),
        (False, "false"),
        (4688, "4688"),
        (1.0, "1"),
        (1.5, "1.5"),
        (-0.0, "0"),
        (1e20, "100000000000000000000"),
        (float("inf"), "inf"),
        ([], ()),
        (["a", 1, None], ("a", "1", None)),
        ([["a"], [1.0]], ("a", "1")),
        ({}, OBJECT),
        ({"a": 1}, OBJECT),
        ([{"a": 1}, "x"], (OBJECT, "x")),
        (MISSING, MISSING),
        (np.int64(7), "7"),
        (np.float32(2), "2"),
    ],
)
def test_keys(value: Any, key: Key) -> None:
    assert key_of(value) == key
    assert list(keys_of([value])) == [key]


def test_equal_in_python_is_not_equal_here() -> None:
    assert list(keys_of([1, True, 1.0, "1"])) == ["1", "true", "1", "1"]
    assert list(keys_of(np.array([1, 2]))) == ["1", "2"]
    assert list(keys_of(np.array([True]))) == ["true"]


def test_texts_pass_as_they_are() -> None:
    column = ["a", None, "b"]
    assert keys_of(column) is column


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("b", {"c": 1, "c.d": 2}),
        ("b.c", 1),
        ("b.c.d", 2),
        ("list.x", [1, 2]),
        ("list.y", MISSING),
        ("b.c.e", MISSING),
        ("text.x", MISSING),
        ("null.x", MISSING),
    ],
)
def test_reach(path: str, found: Any) -> None:
    value = {"b": {"c": 1, "c.d": 2}, "list": [{"x": 1}, {"x": 2}, {}], "text": "t", "null": None}
    assert reach(value, path.split(".")) == found


def test_flatten() -> None:
    document = {
        "a": {"b": 1, "c": {"d": None}},
        "e.f": 2,
        "e": {"f": 3},
        "l": [{"x": 1}, {"x": [2, 3]}, 4],
        "o": {},
        "n": [],
    }
    assert flatten(document) == {"a.b": 1, "a.c.d": None, "e.f": [2, 3], "l.x": [1, [2, 3]], "l": 4, "o": {}, "n": []}


def test_flatten_is_not_recursive() -> None:
    document: dict[str, Any] = {"a": 1}
    for _ in range(5_000):
        document = {"a": document}
    assert len(flatten(document)) == 1

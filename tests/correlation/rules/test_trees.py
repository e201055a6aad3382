"""Documents of rule files as trees: read with their lines, and kept only where they come back as they were."""

from datetime import date
from typing import Any

import pytest

from correlation.errors import RuleNotYaml
from correlation.rules.trees import Tree, decode, encode, read

TEXT = """# first
title: One
date: 2024-01-02
detection: {s: {A: [1, true, null, 1.0, x]}}
---
title: Two
tags:
    - a
"""


def test_documents_know_the_lines_of_their_keys() -> None:
    one, two = (tree for tree in read(TEXT, "a.yml") if isinstance(tree, Tree))
    assert (one.line, one.line_of(("detection", "s")), two.line, two.line_of(("tags", "0"))) == (2, 4, 6, 8)


def test_where_yaml_is_lost_the_file_ends() -> None:
    one, wrong = read("title: One\n---\ntitle: [\n", "a.yml")
    assert isinstance(one, Tree)
    assert isinstance(wrong, RuleNotYaml)


def test_what_is_kept_comes_back_with_its_types_and_order() -> None:
    trees = list(read(TEXT, "a.yml"))
    data = encode(trees)
    assert data is not None
    assert b"\n" not in data
    again = decode(data)
    assert [(tree.line, tree.line_of(("tags", "0"))) for tree in again] == [(2, 2), (6, 6)]
    assert repr([tree.value for tree in again]) == repr([tree.value for tree in trees if isinstance(tree, Tree)])
    assert again[0].value["date"] == date(2024, 1, 2)


@pytest.mark.parametrize("value", [
    {"a": float("nan")}, {"a": [float("inf")]}, {"a": {"b": date(2024, 1, 2)}}, {"a": (1, 2)}, {"a": {1, 2}},
    {1: "a"}, {"a": b"x"}, {"a": 1 << 70}, ["a"], "a", None, {"a": "\ud800"},
])  # fmt: skip
def test_what_json_cannot_say_is_not_kept(value: Any) -> None:
    assert encode([Tree(value, 1)]) is None


def test_what_yaml_says_once_and_means_often_is_not_kept() -> None:
    text = "a: &a [x, x]\n" + "".join(f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip(
        "abcdefghijklmnopqrstuvwxy", "bcdefghijklmnopqrstuvwxyz", strict=True
    ))  # fmt: skip
    assert encode(read(text, "a.yml")) is None


def test_a_file_with_a_problem_is_not_kept() -> None:
    assert encode(read("title: One\n---\ntitle: [\n", "a.yml")) is None

"""All patterns of a field at once, and their cache."""

import pytest

from correlation.matcher import patterns as module
from correlation.matcher.patterns import EMPTY, FieldPatterns, longest_literal, texts_in
from correlation.matcher.values import MISSING, OBJECT
from correlation.rules.condition import (
    Cidr,
    Contains,
    EndsWith,
    Equals,
    Exists,
    Glob,
    Null,
    Present,
    Regex,
    StartsWith,
    Wild,
)

LEAVES = {
    2: Equals("A", "cmd.exe"),
    3: Contains("A", "cmd"),
    4: StartsWith("A", "c"),
    5: EndsWith("A", ".exe"),
    6: Contains("A", "CMD", cased=True),
    7: Glob("A", ("c", Wild.ONE, "d", Wild.MANY)),
    8: Regex("A", "m.\\.e"),
    9: Null("A"),
    10: Exists("A", wanted=True),
    11: Exists("A", wanted=False),
    12: Present("A"),
    13: Cidr("A", "10.0.0.0/8"),
    14: Contains("A", ""),
    15: Glob("A", (Wild.ONE, Wild.ONE)),
    16: Equals("A", "Cmd.exe", cased=True),
}


def matched(value: object) -> frozenset[int]:
    found = FieldPatterns(LEAVES)
    return found.sets[found[value]]  # type: ignore[index]


def test_one_value_and_all_its_atoms() -> None:
    assert matched("cmd.exe") == {2, 3, 4, 5, 7, 8, 10, 12, 14}
    assert matched("CMD.EXE") == {2, 3, 4, 5, 6, 7, 10, 12, 14}
    assert matched("Cmd.exe") == {2, 3, 4, 5, 7, 8, 10, 12, 14, 16}
    assert matched("10.1.1.1") == {10, 12, 13, 14}
    assert matched("xy") == {10, 12, 14, 15}
    assert matched("") == {10, 12, 14}


def test_values_that_are_no_text() -> None:
    assert matched(None) == {9, 10}
    assert matched(MISSING) == FieldPatterns(LEAVES).absent == {9, 11}
    assert matched(OBJECT) == {10, 12}
    assert matched(()) == {10}
    assert matched(("xy", None, "10.1.1.1")) == {9, 10, 12, 13, 14, 15}


def test_equal_sets_have_equal_numbers() -> None:
    found = FieldPatterns({2: Contains("A", "x")})
    assert found["1"] == found["2"] == 0
    assert found["x1"] == found["x2"] == 1
    assert found.sets == [EMPTY, frozenset({2})]


def test_the_cache_is_bounded_and_right_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VALUES", 10)
    found = FieldPatterns({2: Contains("A", "7")})
    for _ in range(2):
        assert [value for value in range(100) if found[str(value)]] == [v for v in range(100) if "7" in str(v)]
    assert len(found) <= 10


def test_long_values_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CHARACTERS", 1_600)
    found = FieldPatterns({2: Contains("A", "b")})
    assert found["a" * 200 + "b"] == 1
    assert not found
    for size in range(90):
        assert found["a" * size] == 0
    assert sum(map(len, found)) <= 1_600  # type: ignore[arg-type]


def test_words() -> None:
    assert longest_literal(Glob("A", (Wild.MANY, "ab", Wild.ONE, "CDE"))) == "cde"
    assert longest_literal(Glob("A", (Wild.ONE, Wild.ONE))) == ""
    assert list(texts_in(["a", None, ("b", MISSING, "c"), OBJECT])) == ["a", "b", "c"]

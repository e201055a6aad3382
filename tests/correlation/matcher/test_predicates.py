"""What leaves ask of texts."""

import pytest

from correlation.matcher.predicates import addresses, holds, moment_of, number_of, predicate
from correlation.matcher.values import MISSING, OBJECT, Key
from correlation.rules.condition import (
    Cidr,
    Compare,
    Contains,
    EndsWith,
    Equals,
    Exists,
    FieldRef,
    Glob,
    Leaf,
    Null,
    Present,
    Regex,
    StartsWith,
    Wild,
)


@pytest.mark.parametrize(
    ("leaf", "yes", "no"),
    [
        (Equals("A", "cmd"), ["cmd", "CMD"], ["cmd ", "cm", ""]),
        (Equals("A", "Cmd", cased=True), ["Cmd"], ["cmd"]),
        (Contains("A", "b"), ["aBc"], ["ac"]),
        (Contains("A", "B", cased=True), ["aBc"], ["abc"]),
        (StartsWith("A", "b"), ["Bc"], ["ab"]),
        (StartsWith("A", "B", cased=True), ["Bc"], ["bc"]),
        (EndsWith("A", "b"), ["aB"], ["ba"]),
        (EndsWith("A", "B", cased=True), ["aB"], ["ab"]),
        (Glob("A", ("a", Wild.MANY, "b")), ["ab", "A\nB", "a.*b"], ["abc", "cab"]),
        (Glob("A", (Wild.ONE, "+")), ["x+"], ["+", "xx"]),
        (Regex("A", "a.c"), ["xabcx"], ["ABC", "a\nc"]),
        (Regex("A", "a.c", "is"), ["A\nC"], ["ac"]),
        (Regex("A", "^b$", "m"), ["a\nb\nc"], ["abc"]),
        (
            Cidr("A", "10.0.0.0/8"),
            ["10.1.2.3", "::ffff:10.1.2.3"],
            ["11.0.0.0", "10.1.2", "10.1.2.3.4", "", "fe80::a01:203"],
        ),
        (Cidr("A", "fe80::/10"), ["FE80:0:0::1", "fe80::1%eth0"], ["fec0::1", "10.0.0.1"]),
        (Compare("A", "gte", 10), ["10", "1e1", " 10.0 ", "11"], ["9", "x", "", "0x10", "1_0", "inf", "nan"]),
        (Compare("A", "neq", 10), ["9"], ["10", "x"]),
        (
            Compare("A", "eq", 9, "hour"),
            ["2025-12-01T09:30:00Z", "2025-12-01T17:30:00+08:00", "1764581400"],
            ["9", "x", ""],
        ),
        (Compare("A", "eq", 2025, "year"), ["2025-12-01", "1764581400000"], ["2024-12-01"]),
        (Present("A"), ["", "x"], []),
    ],
)
def test_texts(leaf: Leaf, yes: list[str], no: list[str]) -> None:
    asks = predicate(leaf)
    assert [text for text in yes if not asks(text, text.lower())] == []
    assert [text for text in no if asks(text, text.lower())] == []


@pytest.mark.parametrize(
    ("leaf", "yes", "no"),
    [
        (Null("A"), [None, MISSING, ("x", None)], ["", (), OBJECT]),
        (Exists("A", wanted=True), [None, "", (), OBJECT], [MISSING]),
        (Exists("A", wanted=False), [MISSING], [None, "", ()]),
        (Present("A"), ["", ("x",), OBJECT], [None, MISSING, (), (None,)]),
        (Equals("A", "x"), ["X", ("y", "x")], [None, MISSING, OBJECT, ()]),
    ],
)
def test_whole_values(leaf: Leaf, yes: list[Key], no: list[Key]) -> None:
    assert [key for key in yes if not holds(leaf, key)] == []
    assert [key for key in no if holds(leaf, key)] == []


def test_leaves_that_do_not_look_at_texts() -> None:
    with pytest.raises(TypeError, match="FieldRef"):
        predicate(FieldRef("A", "B"))


def test_numbers_and_moments() -> None:
    assert (number_of("-1.5e3"), number_of("٣")) == (-1500.0, None)
    assert moment_of("1e300") is None
    assert [str(address) for address in addresses("::ffff:1.2.3.4")] == ["::ffff:102:304", "1.2.3.4"]

"""Wildcard patterns, taken apart and written again."""

import pytest

from correlation.query.pattern import Wild, expression, pieces, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ("abc",)),
        ("a*b?c", ("a", Wild.MANY, "b", Wild.ONE, "c")),
        ("a**", ("a", Wild.MANY)),
        ("*?*", (Wild.MANY, Wild.ONE, Wild.MANY)),
        ("\\*\\?\\\\x", ("*?\\x",)),
        ("end\\", ("end\\",)),
        ("", ()),
    ],
)
def test_pieces(text: str, expected: tuple[object, ...]) -> None:
    assert pieces(text) == expected


def test_written_for_lucene_and_for_sql() -> None:
    pattern = ("50%_\\*", Wild.MANY, "x", Wild.ONE)
    assert written(pattern) == "50%_\\\\\\**x?"
    assert pieces(written(pattern)) == pattern
    assert written(pattern, "\\%_", "%", "_") == "50\\%\\_\\\\*%x_"


def test_a_pattern_matches_as_a_whole_and_over_lines() -> None:
    assert expression(("a", Wild.MANY, "z")).fullmatch("a\n.z")
    assert not expression(("a.z",)).fullmatch("abz")
    assert expression((Wild.ONE,)).fullmatch("😀")
    assert not expression(("a",)).fullmatch("ab")

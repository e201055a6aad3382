"""How texts are cut into words."""

import re
from itertools import pairwise

import pytest

from correlation.query.words import OTHER, WORD_PATTERN, fold, other_ranges, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Login FAILED for user_1!", ["login", "failed", "for", "user_1"]),
        ("10.0.0.1:443", ["10", "0", "0", "1", "443"]),
        ("登录失败：张三", ["登", "录", "失", "败", "张", "三"]),
        ("用户alice登录", ["用", "户", "alice", "登", "录"]),
        ("a。b、c　d\u200be", ["a", "b", "c", "d", "e"]),
        ("ＡＢ１，２", ["Ａ", "Ｂ", "１", "２"]),
        ("café É", ["caf", "é", "É"]),
        ("😀x", ["😀", "x"]),
        ("\u0130\u212a", ["\u0130", "\u212a"]),  # no case but ASCII's
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_only_ascii_has_case() -> None:
    assert fold("AZaz[@ÀЖ") == "azaz[@ÀЖ"


def test_the_ranges_are_whole_and_apart() -> None:
    ranges = other_ranges()
    assert ranges[0][0] == 0xC0
    assert ranges[-1][1] == 0x10FFFF
    assert all(low <= high for low, high in ranges)
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(ranges))


def test_the_pattern_for_other_engines_says_the_same() -> None:
    ours = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", WORD_PATTERN)
    sample = "".join(chr(code) for code in range(0x20, 0x11000, 7) if not 0xD800 <= code < 0xE000)
    assert [word.lower() if word.isascii() else word for word in re.findall(ours, sample)] == words(sample)
    assert OTHER in WORD_PATTERN

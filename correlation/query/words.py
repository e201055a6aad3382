"""Words: how text fields are cut, the same way by every store.

A word is a run of ASCII letters, digits and underscores, in lower case. Every other character from U+0080 on is a word
of its own, so that a phrase finds any piece of Chinese text without a dictionary; only the spaces, punctuation and
signs listed here separate. Nothing depends on Unicode tables, which differ from engine to engine.
"""

import re

SEPARATOR_RANGES = (
    (0x80, 0xBF),      # controls and signs of Latin-1
    (0x2000, 0x206F),  # general punctuation and spaces
    (0x3000, 0x303F),  # CJK punctuation, the ideographic space
    (0xD800, 0xDFFF),  # surrogates, which valid text does not hold
    (0xFE30, 0xFE6F),  # CJK compatibility and small forms
    (0xFF00, 0xFF0F),  # full-width punctuation, up to the digits
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0xFFF0, 0xFFFF),  # specials, the replacement character
)
"""Code points beyond ASCII that separate words, both ends included."""

LONGEST_WORD = 8_000
"""A longer word is not searched: no index takes it as one term."""

_FOLD = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
FOLDING = tuple(f"{chr(code)} => {chr(low)}" for code, low in _FOLD.items())
"""The folding of case as Elasticsearch's mapping filter reads it; only ASCII has case here."""


def other_ranges() -> list[tuple[int, int]]:
    """The ranges of code points beyond ASCII that are words of their own: what the separators leave."""
    ranges, start = [], 0x80
    for low, high in SEPARATOR_RANGES:
        if start < low:
            ranges.append((start, low - 1))
        start = high + 1
    ranges.append((start, 0x10FFFF))
    return ranges


def character_class(ranges: list[tuple[int, int]]) -> str:
    r"""Ranges inside of a class of RE2 and Java, `\x{…}-\x{…}`."""
    return "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges)


OTHER = character_class(other_ranges())
WORD_PATTERN = f"[0-9A-Za-z_]+|[{OTHER}]"
"""One word, as RE2 and Java write it."""

_PYTHON_OTHER = "".join(f"{chr(low)}-{chr(high)}" for low, high in other_ranges())
_WORD = re.compile(f"[0-9A-Za-z_]+|[{_PYTHON_OTHER}]")


def fold(text: str) -> str:
    """Text with ASCII letters in lower case, and nothing else changed."""
    return text.translate(_FOLD)


def words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return _WORD.findall(fold(text))

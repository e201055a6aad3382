"""Names: which part of one somebody registered, and whether a person would choose it."""

import math
import re
from collections import Counter
from typing import Final

_SECOND_LEVEL: Final = frozenset({"com", "net", "org", "gov", "edu", "mil", "co", "ac", "or", "ne", "go"})
"""Under a country, names below these are registered: gov.cn, com.cn, ac.uk, co.jp."""
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]+")
_SWITCHES: Final = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_LONG_RUN: Final = 5
"""Neither English, pinyin nor their abbreviations write so many consonants in a row, save rarely."""
_LEAST_LENGTH: Final = 8


def registered(name: str) -> tuple[str, str]:
    """What stands before the registered part of a name, and that part: `a.b`, `wuhan.gov.cn`.

    A country's second level is told by its usual names; a list of all public suffixes would be more exact, and here an
    error joins names of one registry at most.
    """
    labels = name.lower().rstrip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    kept = 3 if deep else 2
    return ".".join(labels[:-kept]), ".".join(labels[-kept:])


def entropy(text: str) -> float:
    """Bits that each character of a text tells, by how often it is in it."""
    if not text:
        return 0.0
    return -sum(number / len(text) * math.log2(number / len(text)) for number in Counter(text).values())


def generated(label: str) -> bool:
    """Whether a label looks as if a machine had drawn its characters: long, unpronounceable or mixed with digits."""
    if len(label) < _LEAST_LENGTH or label.startswith("xn--"):
        return False
    runs = max(map(len, _CONSONANTS.findall(label)), default=0)
    vowels = sum(map(label.count, "aeiou")) / len(label)
    return runs >= _LONG_RUN or len(_SWITCHES.findall(label)) >= 3 or vowels < 0.15

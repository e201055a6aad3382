"""D1: whether both families give the same page: the same status, and contents that differ by at most a tenth."""

import re
from collections import Counter
from typing import Final

from inventory.ipv6.checks.check import cause_of, follows, nothing, of_exchange, rated, unknown
from inventory.ipv6.checks.thresholds import thresholds
from inventory.ipv6.model import Evidence, Fault, Measurement, Outcome
from inventory.probing.model import Exchange
from inventory.probing.pages import text_of

_CHANGING: Final = re.compile(
    r"""\bnonce\s{0,9}=\s{0,9}["']?[^"'<>]{0,199} | <input\b[^<>]{0,200}\btype=["']?hidden[^<>]{0,499}>""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS: Final = re.compile(r"[\w+-]+")
_IDENTIFIER: Final = 16
"""What servers make anew for each answer does not count: nonces, hidden fields, numbers, long words with digits."""


def likeness(seen: Measurement) -> Outcome:
    """D1: the home page over both families."""
    cause = cause_of(seen, page=True)
    if cause is not None:
        return follows("D1", cause)
    if seen.home4 is None or not seen.home4.last.address:
        return nothing("D1", "no-ipv4")
    one, other = seen.home6.last, seen.home4.last
    evidence = [of_exchange(one), of_exchange(other)]
    if not other.status or other.failure:
        # What IPv4 does not give cannot be compared.
        return unknown("D1", "ipv4-fails", evidence)
    host = seen.site.host
    if one.status != other.status:
        return rated("D1", 0, [Fault("status-differs", host, host, f"{one.status}, {other.status}", 1.0)], evidence)
    return _compared(seen, one, other, evidence)


def _compared(seen: Measurement, one: Exchange, other: Exchange, evidence: list[Evidence]) -> Outcome:
    """The outcome of two pages with the same status."""
    apart, most = distance(one, other), thresholds().distance
    if apart <= most:
        return rated("D1", 1, evidence=evidence)
    if seen.again4 is not None and distance(other, seen.again4) > most:
        # It differs from itself: nothing can be said of the families.
        return unknown("D1", "page-changes", evidence)
    return rated("D1", 0, [Fault("content-differs", seen.site.host, seen.site.host, f"{apart:.0%}", 1.0)], evidence)


def distance(one: Exchange, other: Exchange) -> float:
    """How much of two bodies is not in both, by the length of their words: 0 the same, 1 nothing in common.

    The order of words does not matter, so that it takes time in proportion to the bodies, whatever they hold.
    """
    left, right = _words(one), _words(other)
    sizes = [sum(len(word) * count for word, count in words.items()) for words in (left, right)]
    if not max(sizes):
        return 0.0 if one.body == other.body else 1.0
    common = sum(len(word) * min(count, right[word]) for word, count in left.items())
    return 1 - common / max(sizes)


def _words(exchange: Exchange) -> Counter[str]:
    words = Counter(_WORDS.findall(_CHANGING.sub(" ", text_of(exchange))))
    for word in [one for one in words if _changes(one)]:
        del words[word]
    return words


def _changes(word: str) -> bool:
    return word.isdigit() or (len(word) >= _IDENTIFIER and any(map(str.isdigit, word)))

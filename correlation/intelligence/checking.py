"""What the book says of one value at one moment, and why that does not count where it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import judge
from correlation.intelligence.looking import SHAPES, Lookup, Shape
from correlation.intelligence.model import Indicator
from correlation.intelligence.normalising import normalised
from correlation.settings import IntelligenceSettings

Verdict: TypeAlias = Literal["active", "early", "expired", "decayed", "allowed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An indicator of the value, or of a network or domain that it lies in: whether it counts, and how sure it is."""

    indicator: Indicator
    verdict: Verdict
    confidence: int


def check(
    book: IndicatorBook, settings: IntelligenceSettings, allowed: AllowList, text: str, at: int
) -> Iterator[Finding]:
    """Everything that is known of a value, the surest first.

    Raises:
        IndicatorUnusable: the text is no value of any kind.
    """
    kind, value = normalised(text)
    nothing_allowed, index = AllowList(built_in=()), book.index()
    everything, counting = Lookup(book, index, nothing_allowed), Lookup(book, index, allowed)
    # 32 hexadecimal digits may be an MD5 or a JA3.
    kinds = {kind, "ja3"} if kind == "hash" else {kind}
    shapes: list[Shape] = [shape for shape, those in SHAPES.items() if kinds & those]
    found = []
    for shape in shapes:
        asked = value.partition("/")[0] if kind == "network" else value
        let = not counting.find(shape, [asked])
        for indicators in everything.find(shape, [asked]).values():
            found += [_finding(one, settings, at, let=let) for one in indicators]
    yield from sorted(found, key=lambda one: (one.verdict != "active", -one.confidence, one.indicator.provider))


def _finding(indicator: Indicator, settings: IntelligenceSettings, at: int, *, let: bool) -> Finding:
    judged = judge(indicator, at, settings.lifetimes, settings.minimum_confidence)
    verdict = "allowed" if let else judged.reason or "active"
    return Finding(indicator, verdict, judged.confidence)

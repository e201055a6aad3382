"""Indicators, books and enrichers for tests."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.matching import Intelligence
from correlation.intelligence.model import Assumed, Indicator
from correlation.intelligence.normalising import normalised
from correlation.settings import IntelligenceSettings
from tests.correlation.matcher.making import NOON

ASSUMED = Assumed("synthetic", 75, NOON)
JA3 = "e7d705a3286e19ea42f587b344ee6865"
JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"
SHA256 = "ab" * 32


def make(text: str, kind: Any = None, **more: Any) -> Indicator:
    found, value = normalised(text, kind)
    return Indicator(found, value, **{"provider": "synthetic", "confidence": 80, "seen": NOON, **more})


def book_of(folder: Path, indicators: Iterable[Indicator]) -> IndicatorBook:
    book = IndicatorBook(folder / "intelligence")
    book.add(indicators)
    book.compile()
    return book


def enricher(folder: Path, *indicators: Indicator, allowed: AllowList | None = None, **settings: Any) -> Intelligence:
    book = book_of(folder, indicators)
    return Intelligence(book, IntelligenceSettings(**settings), allowed or AllowList(), lambda: NOON)

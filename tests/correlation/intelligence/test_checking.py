import ipaddress
from pathlib import Path

import pytest

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.checking import check
from correlation.intelligence.decay import DAY
from correlation.settings import IntelligenceSettings
from tests.correlation.intelligence.making import JA3, book_of, make
from tests.correlation.matcher.making import NOON


@pytest.mark.parametrize(
    ("text", "days", "verdicts"),
    [
        ("hxxp://evil[.]example/x", 0, ["active"]),
        ("www.evil.example", 0, ["active", "expired"]),
        ("www.evil.example", -2, ["early", "active"]),
        ("www.evil.example", 170, ["decayed", "expired"]),
        ("45.9.148.3", 0, ["allowed"]),
        ("46.1.1.0/24", 0, ["active"]),
        (JA3, 0, ["active"]),
        ("good.example", 0, []),
    ],
)
def test_what_is_known_and_why_it_does_not_count(tmp_path: Path, text: str, days: int, verdicts: list[str]) -> None:
    book = book_of(tmp_path, [
        make("http://evil.example/x"), make("evil.example", valid_from=NOON - DAY), make(JA3, "ja3"),
        make("www.evil.example", provider="b", confidence=50, valid_until=NOON),
        make("45.9.148.3"), make("46.1.0.0/16"),
    ])  # fmt: skip
    allowed = AllowList([ipaddress.ip_network("45.9.148.0/24")])
    found = check(book, IntelligenceSettings(), allowed, text, NOON + days * DAY)
    assert sorted(one.verdict for one in found) == sorted(verdicts)

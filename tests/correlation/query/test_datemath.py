"""Relative times in UTC."""

import pytest

from correlation.query.datemath import moment
from sensors.event.times import from_iso, iso

NOW = from_iso("2026-03-31T13:14:15.123456789Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-03-31T13:14:15.123456789Z"),
        ("now-30s", "2026-03-31T13:13:45.123456789Z"),
        ("now-15m", "2026-03-31T12:59:15.123456789Z"),
        ("now-1h", "2026-03-31T12:14:15.123456789Z"),
        ("now+2H", "2026-03-31T15:14:15.123456789Z"),
        ("now-7d", "2026-03-24T13:14:15.123456789Z"),
        ("now-1w", "2026-03-24T13:14:15.123456789Z"),
        ("now-1M", "2026-02-28T13:14:15.123456789Z"),
        ("now+11M", "2027-02-28T13:14:15.123456789Z"),
        ("now-1y", "2025-03-31T13:14:15.123456789Z"),
        ("now/m", "2026-03-31T13:14:00.000Z"),
        ("now/h", "2026-03-31T13:00:00.000Z"),
        ("now/d", "2026-03-31T00:00:00.000Z"),
        ("now/w", "2026-03-30T00:00:00.000Z"),
        ("now/M", "2026-03-01T00:00:00.000Z"),
        ("now/y", "2026-01-01T00:00:00.000Z"),
        ("now-1d/d", "2026-03-30T00:00:00.000Z"),
        ("now/d-1d+1h", "2026-03-30T01:00:00.000Z"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    found = moment(text, NOW)
    assert found is not None
    assert iso(found) == expected


@pytest.mark.parametrize(
    "text",
    ["", "now-", "now-1", "now-1x", "now1h", "now/", "now-1h ", "then", "now-999999y", "now+999999y", "now-100y"],
)
def test_what_is_no_moment(text: str) -> None:
    assert moment(text, NOW) is None

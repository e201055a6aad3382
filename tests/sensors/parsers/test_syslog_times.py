"""Times without a year or a zone: the last year that is not in the future, the zone that was said."""

from zoneinfo import ZoneInfo

import pytest

from sensors.event.times import from_iso
from sensors.parsers.syslog_times import moment_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "received", "expected"),
    [
        ("May 13 07:04:08", "2026-05-13T12:00:00Z", "2026-05-12T23:04:08Z"),
        ("May 14 07:04:08", "2026-05-13T12:00:00Z", "2026-05-13T23:04:08Z"),
        ("May 15 07:04:08", "2026-05-13T12:00:00Z", "2025-05-14T23:04:08Z"),
        ("Dec 31 23:59:59", "2026-01-01T00:00:00Z", "2025-12-31T15:59:59Z"),
        ("Jan  1 00:00:01", "2025-12-31T15:59:00Z", "2025-12-31T16:00:01Z"),
        ("Feb 29 12:00:00", "2026-05-13T12:00:00Z", "2024-02-29T04:00:00Z"),
        ("May 13 2026 07:04:08", "2030-01-01T00:00:00Z", "2026-05-12T23:04:08Z"),
        ("Nov 24 16:22:21 2016", "2030-01-01T00:00:00Z", "2016-11-24T08:22:21Z"),
        ("May 13 2026 07:04:08+00:00", "2030-01-01T00:00:00Z", "2026-05-13T07:04:08Z"),
        ("May 13 07:04:08.250", "2026-05-13T12:00:00Z", "2026-05-12T23:04:08.250Z"),
        ("2026-05-13T07:04:08.5", "2030-01-01T00:00:00Z", "2026-05-12T23:04:08.5Z"),
        ("2026-05-13T07:04:08+01:00", "2030-01-01T00:00:00Z", "2026-05-13T06:04:08Z"),
    ],
)
def test_times(text: str, received: str, expected: str) -> None:
    assert moment_of(text, from_iso(received), SHANGHAI) == from_iso(expected)


@pytest.mark.parametrize(
    "text", ["Foo 13 07:04:08", "Feb 30 07:04:08", "May 13 25:04:08", "2026-13-13T07:04:08", "x", ""]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment_of(text, from_iso("2026-05-13T12:00:00Z"), SHANGHAI) is None

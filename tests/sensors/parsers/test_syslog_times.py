"""Times without a year or a zone: the last year that is not in the future, the zone that was said."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.event.times import from_iso
from sensors.parsers.syslog_times import moment_of, moments_of

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


CLOCKS = st.builds(
    "{} {:02d}:{:02d}:{:02d}{}".format,
    st.sampled_from(
        ["May 13", "Feb 29", "Feb 30", "Dec 31", "*Jan  1", "Nov  1", "May 13 2026", "Nov  1 2026", "2026-11-01", "A 1"]
    ),
    st.integers(0, 24), st.integers(0, 60), st.integers(0, 61),
    st.sampled_from(["", "", "", ".5", "Z", "+08:00", " 2016"]),
)  # fmt: skip


@given(
    st.lists(CLOCKS | st.none() | st.text(max_size=12)),
    st.sampled_from(["2026-05-14T07:04:08Z", "2026-11-01T06:00:30Z", "2025-12-31T23:59:31.5Z", "1970-01-01T00:00:00Z"]),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Africa/Monrovia"]),
)
def test_times_together_are_what_each_of_them_is(texts: list[str | None], received: str, zone: str) -> None:
    now, place = from_iso(received), ZoneInfo(zone)
    expected = {text: None if text is None else moment_of(text, now, place) for text in texts}
    assert moments_of(texts, now, place) == expected


def test_a_minute_in_which_the_year_is_decided_is_read_second_by_second() -> None:
    received = from_iso("2026-05-13T12:00:30Z")
    found = moments_of(["May 14 20:00:30", "May 14 20:00:31"], received, SHANGHAI)
    assert list(found.values()) == [from_iso("2026-05-14T12:00:30Z"), from_iso("2025-05-14T12:00:31Z")]

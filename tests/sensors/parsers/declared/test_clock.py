"""Times of declared formats: forms, zones, and the rule for those without a year."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.times import from_iso, iso
from sensors.parsers.declared.clock import NAMED, Form, form_fault

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECEIVED = from_iso("2026-05-13T12:00:00Z")


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("iso", "2026-05-13T07:04:08.123+08:00", "2026-05-12T23:04:08.123Z"),
        ("iso", "2026-05-13 07:04:08", "2026-05-12T23:04:08.000Z"),
        ("epoch", "1778627048.5", "2026-05-12T23:04:08.500Z"),
        ("epoch-ms", "1778627048123", "2026-05-12T23:04:08.123Z"),
        ("epoch-us", "1778627048123456", "2026-05-12T23:04:08.123456Z"),
        ("epoch-ns", "1778627048123456789", "2026-05-12T23:04:08.123456789Z"),
        ("syslog", "May 13 07:04:08", "2026-05-12T23:04:08.000Z"),
        ("%d/%b/%Y:%H:%M:%S.%f", "13/May/2026:07:04:08.655", "2026-05-12T23:04:08.655Z"),
        ("%Y-%m-%d %H:%M:%S %z", "2026-05-13 07:04:08 +0000", "2026-05-13T07:04:08.000Z"),
        ("%Y-%m-%d %H:%M:%S %Z", "2026-05-13 07:04:08 UTC", "2026-05-13T07:04:08.000Z"),
        ("%Y-%m-%d %H:%M:%S %Z", "2026-05-13 07:04:08 CST", "2026-05-12T23:04:08.000Z"),
        ("%Y-%m-%d %H:%M:%S %Z", "2026-05-13 07:04:08 CEST", "2026-05-13T05:04:08.000Z"),
        ("%b %d %H:%M:%S", "May  3 07:04:08", "2026-05-02T23:04:08.000Z"),
        ("%m/%d/%Y %I:%M:%S %p", "05/13/2026 12:04:08 AM", "2026-05-12T16:04:08.000Z"),
    ],
)
def test_a_form_reads_its_times(form: str, text: str, expected: str) -> None:
    assert form_fault(form) is None
    [moment] = Form(form).moments([text], RECEIVED, SHANGHAI)
    assert moment is not None
    assert iso(moment) == expected


def test_without_a_year_it_is_the_last_that_is_at_most_a_day_after_receipt() -> None:
    form = Form("%b %d %H:%M:%S")
    moments = form.moments(["Dec 31 23:59:59", "May 14 19:00:00", "May 15 19:00:00"], RECEIVED, SHANGHAI)
    assert [moment and iso(moment)[:4] for moment in moments] == ["2025", "2026", "2025"]


def test_a_zone_has_its_own_name_for_itself_and_one_that_nobody_knows_is_no_time() -> None:
    form, text = Form("%Y-%m-%d %H:%M:%S %Z"), "2026-05-13 07:04:08 CST"
    [moment] = form.moments([text], RECEIVED, ZoneInfo("America/Chicago"))
    assert moment is not None
    assert iso(moment) == "2026-05-13T12:04:08.000Z"
    assert form.moments(["2026-05-13 07:04:08 QQT"], RECEIVED, SHANGHAI) == [None]


def test_the_same_text_in_another_zone_is_another_time() -> None:
    form = Form("%Y-%m-%d %H:%M:%S")
    text = ["2026-05-13 07:04:08"]
    assert form.moments(text, RECEIVED, SHANGHAI) != form.moments(text, RECEIVED, ZoneInfo("UTC"))


@pytest.mark.parametrize("form", ["", "%Q", "nothing", "%Y-%m-%d", "%Y %Y %d %H %M", "%d %H"])
def test_a_form_that_says_no_time_is_refused(form: str) -> None:
    assert form_fault(form)


@pytest.mark.parametrize("form", [*NAMED, "%Y-%m-%d %H:%M:%S.%f %z", "%b %d %H:%M:%S"])
@settings(max_examples=60, derandomize=True)
@given(text=st.text(max_size=40) | st.from_regex(r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2} [0-9:.]{1,14}", fullmatch=True))
def test_what_is_no_time_is_none(form: str, text: str) -> None:
    [moment] = Form(form).moments([text], RECEIVED, SHANGHAI)
    assert moment is None or isinstance(moment, int)

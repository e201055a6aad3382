import pytest

from correlation.intelligence.formats.values import confidence_of, moment_of, text_of
from sensors.event.times import from_iso
from tests.correlation.intelligence.making import ASSUMED


@pytest.mark.parametrize(
    "value", ["2026-01-02T03:04:05Z", "2026/01/02 03:04:05", "2026-01-02 03:04:05 UTC", "1767323045", 1_767_323_045]
)
def test_times_of_many_spellings(value: object) -> None:
    assert moment_of(value) == from_iso("2026-01-02T03:04:05Z")


@pytest.mark.parametrize("value", [None, "", "soon", True, 1.5, [], "9" * 40, 10**30, -(10**30), "0", "2026-13-01"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("value", "number"), [("高", 85), ("Low", 15), (0, 0), ("30 %", 75), ("30%", 30), (500, 100), (None, 75), ({}, 75)]
)
def test_confidence_of_numbers_and_words(value: object, number: int) -> None:
    assert confidence_of(value, ASSUMED) == number


def test_texts_lose_what_could_deceive() -> None:
    assert text_of("a\x1b[31m\u202eb") == "a [31m b"
    assert text_of("x" * 5_000, 10) == "x" * 10
    assert text_of(7) == ""

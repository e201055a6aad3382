import pytest

from correlation.intelligence.decay import DAY, decayed, ends, judge, word
from correlation.settings import LifetimeSettings
from tests.correlation.intelligence.making import SHA256, make
from tests.correlation.matcher.making import NOON

LIFETIMES = LifetimeSettings()


@pytest.mark.parametrize(
    ("days", "address", "file"), [(-10, 80, 80), (0, 80, 80), (45, 40, 78), (89, 1, 76), (90, 0, 76), (9_000, 0, 0)]
)
def test_confidence_decays_in_a_straight_line_by_kind(days: int, address: int, file: int) -> None:
    at = NOON + days * DAY
    assert decayed(make("45.9.148.3"), at, LIFETIMES) == address
    assert decayed(make(SHA256), at, LIFETIMES) == file


def test_validity_has_its_beginning_and_not_its_end() -> None:
    one = make("a.example", valid_from=NOON, valid_until=NOON + DAY)
    reasons = [judge(one, at, LIFETIMES, 30).reason for at in (NOON - 1, NOON, NOON + DAY - 1, NOON + DAY)]
    assert reasons == ["early", None, None, "expired"]


def test_below_the_least_confidence_nothing_counts_and_nothing_never_does() -> None:
    one = make("45.9.148.3")
    assert judge(one, NOON + 45 * DAY, LIFETIMES, 40).reason is None
    assert judge(one, NOON + 45 * DAY, LIFETIMES, 41).reason == "decayed"
    assert judge(make("45.9.148.3", confidence=0), NOON, LIFETIMES, 0).reason == "decayed"


def test_words_of_stix() -> None:
    assert [word(number) for number in (0, 1, 29, 30, 69, 70, 100)] == [
        "None", "Low", "Low", "Medium", "Medium", "High", "High",
    ]  # fmt: skip


def test_what_was_seen_at_the_end_has_decayed_to_nothing_and_a_little_later_not() -> None:
    end = ends(NOON, LIFETIMES)
    assert decayed(make("45.9.148.3", seen=end["ip"], confidence=100), NOON, LIFETIMES) == 0
    assert decayed(make("45.9.148.3", seen=end["ip"] + DAY, confidence=100), NOON, LIFETIMES) > 0
    assert end["hash"] < end["domain"] < end["ip"]

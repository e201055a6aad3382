from pathlib import Path

import pytest

from api.messages import LANGUAGES, explain
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.errors import (
    FeedFormatUnknown,
    FeedRefused,
    FeedUnforeseen,
    FeedUnreadable,
    IntelligenceProblem,
)
from correlation.intelligence.model import Imported
from correlation.intelligence.standing import CUT_OFF, Standing
from sensors.errors import Place
from tests.correlation.matcher.making import NOON

FEED = "https://a.example/"
PLACE = Place("https://a.example/feed.csv", 3)


def test_positions_of_feeds_are_kept(tmp_path: Path) -> None:
    feeds = IndicatorBook(tmp_path).feeds
    assert feeds.position(FEED) == ""
    feeds.move(FEED, "2026-01-01T00:00:00Z")
    feeds.note(FEED, Standing(begun=NOON))
    assert feeds.position(FEED) == "2026-01-01T00:00:00Z"
    feeds.move(FEED, "2026-01-02T00:00:00Z")
    assert feeds.position(FEED) == "2026-01-02T00:00:00Z"
    assert feeds.of(FEED) == Standing(begun=NOON)


def test_a_reading_that_ends_well_or_not() -> None:
    begun = Standing().beginning(NOON)
    assert begun.unfinished
    done = begun.ending(NOON + 5, Imported(1), None)
    assert (done, done.unfinished) == (Standing(NOON, NOON + 5, NOON + 5, 0, Imported(1)), False)
    problem = FeedUnreadable(place=PLACE, reason="net-timeout")
    failed = done.beginning(NOON + 9).ending(NOON + 10, Imported(), problem)
    assert failed == Standing(NOON + 9, NOON + 10, NOON + 5, 1, Imported(), problem)
    again = failed.beginning(NOON + 20).ending(NOON + 21, Imported(), problem)
    assert (again.failures, again.success) == (2, NOON + 5)
    back = again.beginning(NOON + 30).ending(NOON + 2, Imported(), None)
    assert not back.unfinished, "a clock that was set back does not make it unfinished"


def test_readings_that_are_cut_off_are_counted_until_one_ends(tmp_path: Path) -> None:
    feeds = IndicatorBook(tmp_path).feeds
    standing = Standing()
    for number in range(CUT_OFF + 1):
        standing = standing.beginning(NOON + number)
        feeds.note(FEED, standing)
        assert feeds.of(FEED) == standing == Standing(begun=NOON + number, first=NOON, cut=number)
        assert standing.failing == (number == CUT_OFF)
    ended = standing.ending(NOON + 9, Imported(), None)
    assert ended == Standing(NOON + CUT_OFF, NOON + 9, NOON + 9)
    assert not ended.failing


@pytest.mark.parametrize(
    "problem",
    [
        FeedUnreadable(place=PLACE, reason="net-timeout"),
        FeedRefused(place=Place("https://a.example/"), status=503),
        FeedUnforeseen(place=PLACE, reason="MemoryError"),
        FeedFormatUnknown(),
    ],
)
def test_what_went_wrong_is_told_later_in_both_languages(tmp_path: Path, problem: IntelligenceProblem) -> None:
    IndicatorBook(tmp_path).feeds.note(FEED, Standing(1, 2, 0, 4, Imported(1, 2, 3, 4), problem))
    kept = IndicatorBook(tmp_path).feeds.of(FEED)
    assert (kept.failures, kept.imported) == (4, Imported(1, 2, 3, 4))
    assert kept.problem is not None
    for language in LANGUAGES:
        assert explain(kept.problem, language) == explain(problem, language)


def test_a_problem_that_is_not_known_here_is_told_by_its_code(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    book.feeds.note(FEED, Standing(problem=FeedFormatUnknown()))
    book._db.execute("UPDATE feed SET outcome = replace(outcome, 'feed-format-unknown', 'feed-of-tomorrow')")
    kept = book.feeds.of(FEED).problem
    assert kept is not None
    assert "feed-of-tomorrow" in explain(kept, "en")

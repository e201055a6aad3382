"""Feeds that are read by themselves, from real servers, while a test moves the clock."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from correlation.intelligence import feeding
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY
from correlation.intelligence.errors import BookUnusable
from correlation.intelligence.feeding import TOLD, Feeder, read_source
from correlation.intelligence.model import Imported, Portion
from correlation.intelligence.pacing import MINUTE, SPREAD
from correlation.intelligence.sources import Source
from correlation.intelligence.standing import Standing
from correlation.settings import FeedSettings, IntelligenceSettings
from sensors.event.times import SECOND
from tests.correlation.clocks import Clock
from tests.correlation.intelligence.making import ASSUMED, make
from tests.correlation.intelligence.serving import Publisher, uuid
from tests.correlation.matcher.making import NOON

Start = Callable[..., Feeder]
HOUR = 60 * MINUTE
WHOLE = 1 + SPREAD


@pytest.fixture
def book(tmp_path: Path) -> IndicatorBook:
    return IndicatorBook(tmp_path / "intelligence")


@pytest.fixture
def start(book: IndicatorBook, clock: Clock) -> Start:
    """A feeder over the book, as after a start."""

    def make_one(*feeds: FeedSettings, files: tuple[Path, ...] = (), **more: Any) -> Feeder:
        return Feeder(book, IntelligenceSettings(files, feeds, **more), clock, clock.wait)

    return make_one


def values(book: IndicatorBook) -> list[str]:
    return sorted(one.value for one in book.listed())


def a_file(server: Publisher, name: str = "a", *lines: str) -> FeedSettings:
    server.publish(f"/{name}.csv", "".join(f"{line}\n" for line in lines or (f"{name}.example",)).encode())
    return FeedSettings(server.url(f"/{name}.csv"), "file")


def test_what_came_of_a_reading_is_in_the_book(book: IndicatorBook, clock: Clock, publisher: Publisher) -> None:
    feed = a_file(publisher, "a", "a.example", "b.example", "nonsense")
    source, told = Source(feed.url, feed), []
    standing = read_source(book, source, ASSUMED, clock, told.append)
    assert (standing.imported.fresh, standing.imported.unusable, len(told)) == (2, 1, 1)
    assert book.feeds.of(source.key) == standing == Standing(NOON, NOON, NOON, 0, standing.imported)
    del publisher.pages["/a.csv"]
    clock.wait(5)
    standing = read_source(book, source, ASSUMED, clock, told.append)
    assert (standing.begun, standing.success, standing.failures) == (NOON + 5 * SECOND, NOON, 1)
    assert standing.problem is not None
    assert standing.problem.parameters == {"status": 404}


def test_anew_begins_at_the_beginning(book: IndicatorBook, clock: Clock, publisher: Publisher) -> None:
    publisher.publish_misp("/m/", {uuid(1): ("1", ["a.example"])})
    feed = FeedSettings(publisher.url("/m/"), "misp")
    source = Source(feed.url, feed)
    for anew, renewed in ((False, 0), (False, 0), (True, 1)):
        assert read_source(book, source, ASSUMED, clock, lambda _: None, anew=anew).imported.renewed == renewed


def test_while_it_is_read_it_is_unfinished_and_so_it_stays_when_it_is_cut_off(
    book: IndicatorBook, clock: Clock, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = a_file(publisher)
    source = Source(feed.url, feed)

    def cut(*_: object) -> None:
        assert book.feeds.of(source.key).unfinished
        raise SystemExit(0)

    monkeypatch.setattr(feeding, "import_portions", cut)
    with pytest.raises(SystemExit):
        read_source(book, source, ASSUMED, clock, lambda _: None)
    assert book.feeds.of(source.key) == Standing(begun=NOON, first=NOON)


def test_what_came_before_it_failed_is_counted(book: IndicatorBook, clock: Clock, publisher: Publisher) -> None:
    stamp = str(NOON // SECOND)
    publisher.publish_misp("/m/", {uuid(number): (stamp, [f"c{number}.example"]) for number in range(3)})
    publisher.publish(f"/m/{uuid(2)}.json", b"", status=429)
    feed = FeedSettings(publisher.url("/m/"), "misp")
    source = Source(feed.url.rstrip("/"), feed)
    standing = read_source(book, source, ASSUMED, clock, lambda _: None)
    assert (standing.failures, standing.imported) == (1, Imported(fresh=2))
    assert book.feeds.of(source.key).imported == Imported(fresh=2)
    with capture_logs() as journal:
        Feeder(book, IntelligenceSettings((), (feed,)), clock, clock.wait).read()
    assert [line["fresh"] for line in journal if line["event"] == "a feed cannot be read"] == [0]


def test_each_is_read_by_its_own_last_success(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start
) -> None:
    one, two = a_file(publisher, "a"), a_file(publisher, "b")
    first = start(one).step()
    assert NOON + HOUR <= first <= NOON + HOUR * WHOLE
    clock.now = NOON + HOUR // 2
    publisher.paths()
    feeder = start(one, two)
    assert feeder.step() == first
    assert publisher.paths() == ["/b.csv"]
    clock.now = first
    following = feeder.step()
    assert publisher.paths() == ["/a.csv"]
    assert NOON + 3 * HOUR // 2 <= following <= NOON + 3 * HOUR // 2 + HOUR * SPREAD
    assert values(book) == ["a.example", "b.example"]


def test_what_fails_is_tried_again_by_growing_pauses_until_it_is_back(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start
) -> None:
    url = publisher.url("/m/")
    publisher.close()
    feeder = start(FeedSettings(url, "misp"))
    for number, pause in enumerate((1, 5, 15, 60, 60), 1):
        following = feeder.step()
        assert pause * MINUTE <= following - clock.now <= pause * MINUTE * WHOLE
        assert feeder.step() == following, "not before that"
        assert book.feeds.of(url.rstrip("/")).failures == number
        clock.now = following
    with Publisher(port=publisher.port) as back:
        back.publish_misp("/m/", {uuid(1): ("1", ["a.example"])})
        assert feeder.step() - clock.now >= HOUR
    assert (values(book), book.feeds.of(url.rstrip("/")).failures) == (["a.example"], 0)


def test_one_that_cannot_be_read_does_not_hold_up_the_others(
    book: IndicatorBook, publisher: Publisher, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr("correlation.intelligence.sources.read_published", broken)
    feeds = (FeedSettings("http://127.0.0.1:9/"), FeedSettings(publisher.url("/m/"), "misp"), a_file(publisher))
    with capture_logs() as journal:
        assert start(*feeds, files=(tmp_path / "none.csv",)).read() == 3
    assert values(book) == ["a.example"]
    problem = book.feeds.of(publisher.url("/m")).problem
    assert problem is not None
    assert problem.parameters["reason"] == "ZeroDivisionError"
    assert sum(line["event"] == "a feed cannot be read" for line in journal) == 3


def test_the_journal_tells_of_few_entries_and_of_no_secret(
    publisher: Publisher, start: Start, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_SECRET", "Bearer synthetic")
    feed = a_file(publisher, "a", *["nonsense"] * 20)
    with capture_logs() as journal:
        start(FeedSettings(feed.url, "file", authorization="env:FEED_SECRET")).step()
        del publisher.pages["/a.csv"]
        start(FeedSettings(feed.url, "file", authorization="env:FEED_SECRET")).read()
    assert sum(line["event"] == "an entry of a feed cannot be used" for line in journal) == TOLD
    (more,) = (line["number"] for line in journal if line["event"] == "more entries cannot be used")
    assert more == 20 - TOLD
    assert "Bearer" not in str(journal) + capsys.readouterr().out


def test_an_error_that_nobody_foresaw_is_told_with_its_place_and_without_what_variables_held(
    publisher: Publisher, start: Start, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(fetcher: object, url: str, *_: object) -> Iterator[Portion]:
        yield Portion()
        raise MemoryError(f"{fetcher} of {url}")

    monkeypatch.setattr("correlation.intelligence.sources.read_published", hungry)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    monkeypatch.setenv("FEED_SECRET", "Bearer of-the-feed")
    feed = FeedSettings(publisher.url("/m/?key=of-the-address"), "misp", authorization="env:FEED_SECRET")
    missing = FeedSettings(publisher.url("/none.json?key=of-the-address"), "file", authorization="env:FEED_SECRET")
    noise = FeedSettings(publisher.url("/noise.json?key=of-the-address"), "file", authorization="env:FEED_SECRET")
    publisher.publish("/noise.json?key=of-the-address", b'{"of-the-feed')
    assert start(feed, missing, noise).read() == 3
    said = capsys.readouterr().err
    assert "of-the-" not in said
    assert said.count("feed-unforeseen") == said.count("in hungry") == 1
    assert said.count("\nMemoryError") == 1, "at the end of the lines that lead there"
    assert said.count("File ") == said[: said.index("none.json")].count("File "), "a refusal is no error of ours"


def test_the_index_is_made_only_when_something_came(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start, tmp_path: Path
) -> None:
    stamp = NOON // SECOND
    publisher.publish_misp("/m/", {uuid(1): (str(stamp), ["a.example"])})
    (tmp_path / "list.txt").write_text("b.example\n")
    feeder = start(FeedSettings(publisher.url("/m/"), "misp"), files=(tmp_path / "list.txt",))
    feeder.step()
    assert len(book.last_index()) == 2
    made = book.index_path.stat()
    for _ in range(3):
        clock.wait(2 * 3_600)
        feeder.step()
    assert len(publisher.paths()) == 5
    assert book.index_path.stat() == made
    publisher.publish_misp("/m/", {uuid(1): (str(stamp + 1), ["c.example"])})
    clock.wait(2 * 3_600)
    feeder.step()
    assert len(book.last_index()) == 3


def test_what_came_can_be_found_before_slow_feeds_are_through(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    def slow(*arguments: Any, **more: Any) -> Any:
        lengths.append(len(book.last_index()))
        clock.wait(61)
        return read_source(*arguments, **more)

    monkeypatch.setattr(feeding, "read_source", slow)
    start(a_file(publisher, "a"), a_file(publisher, "b"), a_file(publisher, "c")).step()
    assert lengths == [0, 1, 2]


def test_once_a_day_what_is_over_is_removed(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start
) -> None:
    feeder = start(a_file(publisher))
    feeder.step()
    book.add([make("old.example", valid_until=NOON + 5), make("45.9.148.3", seen=NOON - 90 * DAY)])
    clock.now = NOON + DAY - 1
    feeder.step()
    assert len(values(book)) == 3
    clock.now = NOON + DAY
    feeder.step()
    assert values(book) == ["a.example"]
    assert len(book.last_index()) == 1
    assert book.expired == NOON + DAY


def test_what_a_wrong_clock_removed_comes_back_when_it_is_put_right(
    book: IndicatorBook, clock: Clock, publisher: Publisher, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("b.example\n")
    publisher.publish("/a.csv", b"value,last_seen\na.example,2025-11-20\n", headers={"ETag": '"1"'})
    publisher.publish_misp("/m/", {uuid(1): (str(NOON // SECOND), ["c.example"])})
    feeds = FeedSettings(publisher.url("/a.csv"), "file"), FeedSettings(publisher.url("/m/"), "misp")
    feeder = start(*feeds, files=(tmp_path / "list.txt",))
    feeder.step()
    clock.now = NOON + 9_999 * DAY
    feeder.step()
    assert "c.example" not in values(book)
    clock.now = NOON + HOUR
    feeder.step()
    assert values(book) == ["a.example", "b.example", "c.example"]
    assert max(one.seen for one in book.listed()) <= clock.now


class EndedError(Exception):
    """The test has seen enough."""


def test_it_waits_for_what_is_due_and_looks_at_the_clock_meanwhile(
    book: IndicatorBook, clock: Clock, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.wait(seconds)
        if clock.now > NOON + 3 * HOUR // 2:
            raise EndedError

    feeder = Feeder(book, IntelligenceSettings((), (a_file(publisher),)), clock, wait)
    refused = [BookUnusable(reason="locked")]
    right = book.expire

    def locked(*arguments: Any) -> int:
        if refused:
            raise refused.pop()
        return right(*arguments)

    monkeypatch.setattr(book, "expire", locked)
    with pytest.raises(EndedError):
        feeder.run()
    assert max(waits) <= feeding.LONGEST_WAIT
    assert len(publisher.paths()) == 2, "a book that is locked for a while ends nothing"

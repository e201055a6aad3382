import sqlite3
from collections.abc import Callable  # noqa: TC003 - as everywhere, for readers
from pathlib import Path

import pytest

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY
from correlation.intelligence.errors import BookUnusable
from correlation.intelligence.keys import key_of
from correlation.intelligence.standing import Standing
from tests.correlation.intelligence.making import SHA256, book_of, make
from tests.correlation.matcher.making import NOON


def test_what_a_provider_says_later_replaces_what_it_said_and_sightings_add_up(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    first = make("a.example", tags=("x",), first_seen=NOON, last_seen=NOON + DAY)
    assert book.add([first, make("a.example", provider="other")]) == (2, 0)
    later = make("a.example", confidence=20, first_seen=NOON + DAY, last_seen=NOON, name="later")
    assert book.add([later]) == (0, 1)
    _, found = book.at_key(key_of("domain", "a.example"))
    assert (found.confidence, found.name, found.tags) == (20, "later", ())
    assert (found.first_seen, found.last_seen) == (NOON, NOON + DAY)
    assert book.tally() == {("other", "domain"): 1, ("synthetic", "domain"): 1}


def test_it_is_there_when_it_is_opened_again_and_its_index_follows_every_change(tmp_path: Path) -> None:
    book_of(tmp_path, [make("45.9.0.0/16"), make("2a0b::/32"), make("45.9.148.3")]).close()
    book = IndicatorBook(tmp_path / "intelligence")
    index = book.index()
    assert len(index) == 3
    assert index.about["lengths"] == {"4": [16], "16": [32]}
    book.add([make("a.example")])
    assert len(book.index()) == 4
    book.index_path.write_bytes(b"damaged")
    assert len(book.index()) == 4


def test_only_the_provider_takes_back(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    book.add([make("a.example", id="i1"), make("b.example", id="i1"), make("a.example", id="i1", provider="other")])
    assert book.withdraw([("synthetic", "i1"), ("nobody", "i1")]) == 2
    assert list(book.tally()) == [("other", "domain")]


def test_what_is_over_is_removed(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    book.add([make("a.example", valid_until=NOON), make("45.9.148.3", seen=NOON - 90 * DAY), make(SHA256)])
    assert book.expire(NOON, {"ip": NOON - 90 * DAY, "hash": NOON - 90 * DAY}) == 2
    assert [one.kind for one in book.listed()] == ["hash"]


def test_the_index_is_made_anew_for_keys_alone(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    book.add([make("a.example"), make("b.example")])
    assert (book.compile(), book.compile()) == (True, False)
    made, content = book.index_path.stat(), book.content
    book.add([make("a.example")])
    book.feeds.move("https://feed.example/", "1")
    book.feeds.note("https://feed.example/", Standing(1, 2))
    assert book.withdraw([("nobody", "x")]) == book.expire(NOON, {}) == 0
    assert book.content == content, "what is repeated is no change"
    book.add([make("a.example", confidence=10)])
    assert book.content != content
    assert book.compile() is False
    book.index()
    assert book.index_path.stat() == made
    book.withdraw([("synthetic", make("b.example").id)])
    assert len(book.last_index()) == 2, "whoever must not wait takes what there is"
    assert book.compile()
    assert len(book.last_index()) == 1


def test_an_index_of_nothing_is_one_that_was_made(tmp_path: Path) -> None:
    book = book_of(tmp_path, [])
    made = book.index_path.stat()
    book.add([make("a.example")])
    assert len(book.last_index()) == 0
    assert book.index_path.stat() == made


def test_of_a_value_twice_in_a_portion_the_later_counts(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    twice = [make("a.example", last_seen=NOON), make("a.example", confidence=10, last_seen=NOON - DAY)]
    assert book.add(twice) == (1, 0)
    (found,) = book.listed()
    assert (found.confidence, found.last_seen) == (10, NOON)
    content = book.content
    assert book.add(twice) == (0, 1)
    assert book.content == content, "read again, it says nothing new"


def test_a_clock_that_was_wrong_lets_all_be_read_anew_once(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    for at, wanted in ((NOON, "1"), (NOON + 999 * DAY, "1"), (NOON, ""), (NOON, "1"), (NOON - DAY, "1")):
        book.feeds.move("feed", "1")
        book.expire(at, {})
        assert book.feeds.position("feed") == wanted


def test_when_it_was_expired_is_kept(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    assert book.expired == 0
    book.expire(NOON, {})
    assert IndicatorBook(tmp_path).expired == NOON


def test_a_book_that_breaks_while_it_is_open_is_told_whatever_is_asked(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)
    book._db.execute("DROP TABLE indicator")
    book._db.execute("DROP TABLE change")
    book._db.execute("DROP TABLE feed")
    asked: tuple[Callable[[], object], ...] = (
        lambda: book.expired, lambda: book.content, lambda: list(book.listed()), book.tally, book.index, book.compile,
        lambda: book.at_key(b"x"), lambda: book.at_key(b"x", [1]), lambda: book.add([make("a.example")]),
        lambda: book.feeds.of("feed"), lambda: book.feeds.position("feed"), lambda: book.feeds.move("feed", "1"),
    )  # fmt: skip
    for ask in asked:
        with pytest.raises(BookUnusable, match="no such table"):
            ask()


def test_a_reading_that_is_broken_off_may_outlive_the_book(tmp_path: Path) -> None:
    """As when the process is asked to end in the middle; nothing of it may be told on standard error."""
    book = book_of(tmp_path, [make("a.example"), make("b.example")])
    reading = book.listed()
    assert next(reading).value == "a.example"
    book.close()
    del reading  # what it then raised would fail this test, since warnings are errors


def test_a_newer_or_broken_book_is_refused(tmp_path: Path) -> None:
    IndicatorBook(tmp_path).close()
    with sqlite3.connect(tmp_path / "indicators.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(BookUnusable, match="newer"):
        IndicatorBook(tmp_path)
    (tmp_path / "indicators.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(BookUnusable):
        IndicatorBook(tmp_path)

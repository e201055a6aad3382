import sqlite3
import threading
from pathlib import Path

import pytest

from correlation.intelligence.book import BOOK, IndicatorBook
from correlation.intelligence.schema import _STEPS, VERSION, open_book
from correlation.intelligence.standing import Standing
from tests.correlation.intelligence.making import make


def _first(folder: Path) -> Path:
    """A book as version 1 left it, with an indicator, a position and an index of its own."""
    IndicatorBook(folder).close()
    (folder / BOOK).unlink()
    with sqlite3.connect(folder / BOOK) as db:
        db.executescript(_STEPS[0])
        db.execute("PRAGMA user_version = 1")
        db.execute(
            "INSERT INTO indicator VALUES (7, x'64612e6578616d706c65', 'domain', 'a.example', 'synthetic', 80, 5, "
            "NULL, NULL, NULL, NULL, '[\"x\"]', 'named', '', 'RED', 'i1')"
        )
        db.execute("INSERT INTO feed VALUES ('https://a.example/', '2026-01-01T00:00:00Z')")
        db.execute("UPDATE change SET number = 41")
    db.close()
    return folder


def test_what_version_1_wrote_is_kept(tmp_path: Path) -> None:
    book = IndicatorBook(_first(tmp_path))
    (found,) = book.listed()
    assert found == make("a.example", seen=5, tags=("x",), name="named", marking="RED", id="i1")
    assert book.feeds.position("https://a.example/") == "2026-01-01T00:00:00Z"
    assert book.feeds.of("https://a.example/") == Standing()
    assert (book.index().about["change"], book.expired, book.fresh) == (41, 0, len(list(book.listed())))
    assert book._db.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_several_that_open_an_old_book_at_once_bring_it_up_once(tmp_path: Path) -> None:
    file = _first(tmp_path) / BOOK
    failed: list[Exception] = []

    def bring_up() -> None:
        try:
            open_book(file).close()
        except sqlite3.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=bring_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert IndicatorBook(tmp_path).feeds.position("https://a.example/")


def test_a_step_that_fails_leaves_the_book_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _first(tmp_path) / BOOK
    monkeypatch.setattr("correlation.intelligence.schema._STEPS", (_STEPS[0], _STEPS[1] + "; NO SUCH STATEMENT"))
    with pytest.raises(sqlite3.Error):
        open_book(file)
    monkeypatch.undo()
    assert IndicatorBook(tmp_path).feeds.position("https://a.example/")


def test_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_book(tmp_path / BOOK).close()
    with sqlite3.connect(tmp_path / BOOK) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(sqlite3.DatabaseError, match="newer"):
        open_book(tmp_path / BOOK)

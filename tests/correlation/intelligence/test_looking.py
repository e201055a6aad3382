from pathlib import Path

import pytest

from correlation.intelligence import looking
from correlation.intelligence.allowing import AllowList
from correlation.intelligence.index import write_index
from correlation.intelligence.looking import Lookup
from tests.correlation.intelligence.making import book_of, make


def test_what_is_remembered_is_bounded_and_answers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MOST_KNOWN", 100)
    book = book_of(tmp_path, [make("evil.example")])
    lookup = Lookup(book, book.index(), AllowList())
    for start in range(0, 1_000, 50):
        shown = [f"host{start + number}.example" for number in range(50)]
        assert list(lookup.find("host", [*shown, "a.evil.example"])) == ["a.evil.example"]
        assert len(lookup._clean["host"]) <= 150


def test_a_hash_that_collides_never_alerts(tmp_path: Path) -> None:
    book = book_of(tmp_path, [make("evil.example")])
    index = book.index()
    # An index that leads from another key to the row of evil.example, as two keys of one hash would.
    write_index(book.index_path, iter([(1, b"dgood.example")]), 1, index.about)
    lookup = Lookup(book, book.index(), AllowList())
    assert book.index().rows(b"dgood.example") == [1]
    assert lookup.find("host", ["good.example"]) == {}


def test_only_kinds_that_are_in_the_book_are_looked_for(tmp_path: Path) -> None:
    book = book_of(tmp_path, [make("ab" * 32), make("45.9.0.0/16")])
    assert Lookup(book, book.index(), AllowList()).shapes == {"host", "hash"}


@pytest.mark.parametrize(
    "values",
    [
        ["a.evil.example", None, 4],
        [["x.example", "a.evil.example"], None, "y.example"],
        [["x.example", 4, None], ["a.evil.example"]],
        [["x.example"], None, [], ["a.evil.example"]],
        [[{"x.example": 1}, "a.evil.example"], {"a": 1}, [["x.example"]]],
    ],
)
def test_what_stands_in_lists_is_looked_up_and_what_is_no_text_left_out(tmp_path: Path, values: list[object]) -> None:
    book = book_of(tmp_path, [make("evil.example")])
    assert list(Lookup(book, book.index(), AllowList()).find("host", values)) == ["a.evil.example"]

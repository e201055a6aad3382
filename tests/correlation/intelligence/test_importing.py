from collections.abc import Iterator
from pathlib import Path

import pytest

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.errors import IndicatorUnusable
from correlation.intelligence.importing import FirstFew, import_portions
from correlation.intelligence.model import Imported, Portion
from sensors.errors import Problem  # noqa: TC001 - as everywhere, for readers
from tests.correlation.intelligence.making import make


def test_portions_are_entered_and_problems_told(tmp_path: Path) -> None:
    told: list[Problem] = []
    wrong = IndicatorUnusable(value="x", reason="indicator-kind-unknown")
    portions = [
        Portion((make("a.example", id="1"), make("b.example")), (wrong,)),
        Portion((), (), (("synthetic", "1"),)),
    ]
    book = IndicatorBook(tmp_path)
    done = list(import_portions(book, "feed", portions, told.append))
    assert (done, told) == ([Imported(2, 0, 0, 1), Imported(0, 0, 1, 0)], [wrong])


def test_a_position_moves_only_after_what_it_stands_for_is_in_the_book(tmp_path: Path) -> None:
    book = IndicatorBook(tmp_path)

    def portions() -> Iterator[Portion]:
        yield Portion((make("a.example"),), position="1")
        assert book.feeds.position("feed") == "1"
        yield Portion((make("b.example"),))
        assert book.feeds.position("feed") == "1"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(import_portions(book, "feed", portions(), lambda _: None))
    assert [one.value for one in book.listed()] == ["a.example", "b.example"]

    def refused(*_: object) -> None:
        raise KeyboardInterrupt

    book.add = refused  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        list(import_portions(book, "feed", [Portion((make("c.example"),), position="2")], lambda _: None))
    assert book.feeds.position("feed") == "1"


def test_of_many_problems_a_few_are_told() -> None:
    told: list[Problem] = []
    few = FirstFew(told.append, 2)
    problems = [IndicatorUnusable(value=str(number), reason="indicator-kind-unknown") for number in range(3)]
    for number, problem in enumerate(problems):
        few(problem)
        assert few.more == max(number - 1, 0)
    assert told == problems[:2]

"""Looking again: once for what is new, never for what is not, in small portions, and anew after a kill or a fault."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from correlation.alerts.model import Alert
from correlation.hunting.again import SHARE, LookingAgain, about_indicators
from correlation.hunting.service import Progress
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY
from correlation.query.model import Query
from correlation.store.errors import StoreUnavailable
from tests.correlation.intelligence.making import make
from tests.correlation.matcher.making import NOON, make_rule


@pytest.fixture
def book(tmp_path: Path) -> Iterator[IndicatorBook]:
    made = IndicatorBook(tmp_path / "intelligence")
    yield made
    made.close()


class Looks:
    """Hunts of three pages, and what was asked of them."""

    def __init__(self, book: IndicatorBook, fails: int = 0) -> None:
        self.asked: list[Query] = []
        self.pages = self.recorded = self._fails = 0
        self._fails = fails
        self.pauses: list[float] = []
        self.again = LookingAgain(book, self.hunt, self.record, 7, lambda: NOON, pause=self.pauses.append)

    def hunt(self, within: Query) -> Iterator[Progress]:
        self.asked.append(within)
        for number in range(3):
            if self._fails:
                self._fails -= 1
                raise StoreUnavailable(where="http://127.0.0.1:9", reason="made to fail")
            self.pages += 1
            yield Progress(number, 3, (), ())

    def record(self, alerts: Sequence[Alert]) -> int:
        self.recorded += 1
        return len(alerts)


def test_what_is_new_is_looked_for_once(book: IndicatorBook) -> None:
    looks = Looks(book)
    looks.again.wait(5)
    assert looks.asked == [], "there is nothing to look for"
    book.add([make("a.example")])
    looks.again.wait(5)
    assert looks.asked == [Query(start=NOON - 7 * DAY, end=NOON)]
    assert (looks.pages, looks.recorded) == (3, 3)
    book.add([make("a.example")])
    looks.again.wait(5)
    Looks(book).again.wait(5)
    assert len(looks.asked) == 1, "it was known, and is to the next process"
    book.add([make("b.example")])
    again = Looks(book)
    again.again.wait(5)
    assert len(again.asked) == 1


def test_looking_takes_its_share_of_the_time_and_no_more(book: IndicatorBook, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1_000))
    monkeypatch.setattr("correlation.hunting.again.monotonic", lambda: next(moments))
    book.add([make("a.example")])
    looks = Looks(book)
    looks.again.wait(100)
    # Each page took a second on this clock.
    assert looks.pauses[:3] == [1 / SHARE - 1] * 3
    looks = Looks(book)
    book.add([make("b.example")])
    looks.again.wait(2)
    assert looks.pages < 3
    looks.again.wait(100)
    assert (looks.pages, len(looks.asked)) == (3, 1), "it goes on where it was"


def test_a_look_that_was_cut_off_or_failed_begins_anew(book: IndicatorBook) -> None:
    book.add([make("a.example")])
    looks = Looks(book, fails=1)
    looks.again.wait(5)
    assert looks.pages == 0
    looks.again.wait(5)
    assert (looks.pages, len(looks.asked)) == (3, 2)


def test_only_rules_that_ask_for_indicators_are_asked() -> None:
    rules = [
        make_rule({"s": {name: "High"}, "condition": "s"}, name, product="hanwatch")
        for name in ("threat.indicator.confidence", "hanwatch.indicator.confidence", "user.name")
    ]
    assert about_indicators(rules) == rules[:2]

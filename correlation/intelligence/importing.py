"""From the portions of a feed into the book, what came of it, and a word on the first entries that cannot be used."""

from collections.abc import Callable, Iterable, Iterator

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.model import Imported, Portion
from sensors.errors import Problem


def import_portions(
    book: IndicatorBook, feed: str, portions: Iterable[Portion], complain: Callable[[Problem], None]
) -> Iterator[Imported]:
    """Enter each portion as it comes, tell what cannot be used, and say what came of it.

    The position of the feed moves only after what it stands for is in the book: a kill between the two lets it be read
    again, which changes nothing. The index is made anew by the caller, once.
    """
    for portion in portions:
        fresh, renewed = book.add(portion.indicators) if portion.indicators else (0, 0)
        withdrawn = book.withdraw(portion.withdrawn) if portion.withdrawn else 0
        if portion.position is not None:
            book.feeds.move(feed, portion.position)
        for problem in portion.problems:
            complain(problem)
        yield Imported(fresh, renewed, withdrawn, len(portion.problems))


class FirstFew:
    """Tells of the first problems, at most so many, and counts the others."""

    def __init__(self, tell: Callable[[Problem], None], most: int) -> None:
        self._tell = tell
        self._most = most
        self._number = 0

    def __call__(self, problem: Problem) -> None:
        """Tell or count one."""
        self._number += 1
        if self._number <= self._most:
            self._tell(problem)

    @property
    def more(self) -> int:
        """How many were not told."""
        return max(self._number - self._most, 0)

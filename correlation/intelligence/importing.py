"""From the portions of a feed into the book, and what came of it."""

from collections.abc import Callable, Iterable

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.model import Imported, Portion
from sensors.errors import Problem


def import_portions(
    book: IndicatorBook, feed: str, portions: Iterable[Portion], complain: Callable[[Problem], None]
) -> Imported:
    """Enter each portion as it comes, and tell what cannot be used; the index is made anew by the caller, once.

    The position of the feed moves only after what it stands for is in the book: a kill between the two lets it be read
    again, which changes nothing.
    """
    total = Imported()
    for portion in portions:
        fresh, renewed = book.add(portion.indicators) if portion.indicators else (0, 0)
        withdrawn = book.withdraw(portion.withdrawn) if portion.withdrawn else 0
        if portion.position is not None:
            book.feeds.move(feed, portion.position)
        total += Imported(fresh, renewed, withdrawn, len(portion.problems))
        for problem in portion.problems:
            complain(problem)
    return total

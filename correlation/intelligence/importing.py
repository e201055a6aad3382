"""From the portions of a feed into the book, and what came of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.model import Portion
from sensors.errors import Problem


@dataclass(frozen=True, slots=True)
class Imported:
    """How many values are new, were known of their provider, were taken back, and how many entries cannot be used."""

    fresh: int = 0
    renewed: int = 0
    withdrawn: int = 0
    unusable: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.fresh + other.fresh,
            self.renewed + other.renewed,
            self.withdrawn + other.withdrawn,
            self.unusable + other.unusable,
        )


def import_portions(book: IndicatorBook, portions: Iterable[Portion], complain: Callable[[Problem], None]) -> Imported:
    """Enter each portion as it comes, and tell what cannot be used; the index is made anew by the caller, once."""
    total = Imported()
    for portion in portions:
        fresh, renewed = book.add(portion.indicators) if portion.indicators else (0, 0)
        withdrawn = book.withdraw(portion.withdrawn) if portion.withdrawn else 0
        total += Imported(fresh, renewed, withdrawn, len(portion.problems))
        for problem in portion.problems:
            complain(problem)
    return total

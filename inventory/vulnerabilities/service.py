"""The city as its registers and its book of vulnerabilities say it, weighed with the tables of the product."""

from inventory.model import Moment
from inventory.ports import Known
from inventory.vulnerabilities.binding import Binding, facts, holders, software
from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.deadlines import rules
from inventory.vulnerabilities.exposure import weights
from inventory.vulnerabilities.products import products
from inventory.vulnerabilities.standing import City, Scales


def scales(now: int) -> Scales:
    """The product's own weights, deadlines and names at a moment (ns)."""
    return Scales(weights(), rules(), products(), now)


def city_of(known: Known, book: VulnerabilityBook, now: int) -> City:
    """Everything that is known at a moment (ns)."""
    held, moment = tuple(holders(known)), Moment(now)
    return City(
        Binding(held, now), facts(known, held, moment), software(known, held, moment), tuple(book.findings()),
        tuple(book.advisories()), book.owners(),
    )  # fmt: skip

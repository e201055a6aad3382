"""Operating systems that have no support any more: assets name them by a text, the register of software by product."""

import re
from collections.abc import Iterator
from typing import Final

from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule

_BETWEEN: Final = re.compile(r"[\s\-_/]+")
_OUT_OF_USE: Final = frozenset({"stock", "retired"})


def ended(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Assets whose operating system is, word for word, a product whose support has ended."""
    products = _products(land)
    table = land.table("assets")
    known: dict[str, str | None] = {}
    for row, (os, state) in enumerate(zip(table.column("os"), table.column("state"), strict=True)):
        if os is None or state in _OUT_OF_USE:
            continue
        if os not in known:
            known[os] = products.get(_plain(os))
        day = known[os]
        if day is not None and day < land.day:
            yield Hit("assets", row, "", {"os": os, "ended": day})


def _products(land: Landscape) -> dict[str, str]:
    """The end of support by vendor, name and version, and by name and version; of several the latest."""
    table = land.table("software")
    found: dict[str, str] = {}
    columns = (table.column(key) for key in ("vendor", "name", "version", "end_of_support"))
    for vendor, name, version, day in zip(*columns, strict=True):
        if day is None:
            continue
        for words in ((vendor, name, version), (name, version)):
            text = _plain(" ".join(word for word in words if word))
            found[text] = max(found.get(text, ""), day)
    return found


def _plain(text: str) -> str:
    return _BETWEEN.sub(" ", text).strip().casefold()

"""Which row of a table holds the headings, and what each of them means.

People write headings with blanks, full-width letters, stars and remarks; they put titles above them and merge groups of
columns. A heading is compared folded: by compatibility (Unicode Standard Annex 15, NFKC), in small letters, without
blanks, stars and remarks such as （必填）.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from inventory.sheets.errors import HeadingMisspelt, HeadingTwice, HeadingUnknown, SheetProblem
from inventory.sheets.merging import Merged
from inventory.sheets.model import Record
from sensors.errors import Place

ALIKE: Final = 60
"""From this likeness on (0 to 100, rapidfuzz's ratio) a heading is told as misspelt; four of six characters agree."""
_REMARK: Final = re.compile(r"\((?:必填|选填|可选|必选|必须|required|optional|\*)[^()]*\)$")
_NOTHING: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff_\-*:：]+")


def folded(heading: str) -> str:
    """A heading as it is compared."""
    text = unicodedata.normalize("NFKC", heading).casefold().strip(" *\u200b\ufeff")
    return _NOTHING.sub("", _REMARK.sub("", text))


class Vocabulary:
    """What headings mean: aliases in any language lead to keys; an alias of the empty key is known and left out."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self.keys: dict[str, str] = {}
        self.spellings: dict[str, str] = {}
        for alias, key in aliases.items():
            name = folded(alias)
            if self.keys.setdefault(name, key) != key:
                raise ValueError(f"{alias!r} means {self.keys[name]!r} and {key!r}")
            self.spellings.setdefault(name, alias)

    def key(self, heading: str) -> str | None:
        """What a heading means, empty where its column is known and left out, None where nothing is known of it."""
        return self.keys.get(folded(heading))

    def nearest(self, heading: str) -> str | None:
        """The known heading that is most like one that is unknown."""
        found = process.extractOne(folded(heading), self.spellings.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self.spellings[found[0]] if found else None


class Found(NamedTuple):
    """Where the headings stand (the last of their rows), and what they are."""

    number: int
    headings: tuple[str, ...]
    known: int


def find_headings(records: Sequence[Record], merged: Merged, vocabulary: Vocabulary) -> Found | None:
    """The first row of which two cells or more, and half of them, are known headings; else the row with the most.

    Where headings are merged over several rows, the lowest text of each column counts.
    """
    best: Found | None = None
    for index, record in enumerate(records):
        last = merged.lowest(record.number)
        block = [one for one in records[index:] if one.number <= last]
        headings = _together(block)
        filled = [text for text in headings if text]
        known = sum(vocabulary.key(text) is not None for text in filled)
        found = Found(last, headings, known)
        if known >= 2 and known * 2 >= len(filled):
            return found
        if known > (best.known if best else 0):
            best = found
    return best


def _together(block: Sequence[Record]) -> tuple[str, ...]:
    width = max(len(record.texts) for record in block)
    headings = [""] * width
    for record in block:
        for column, text in enumerate(record.texts):
            if text:
                headings[column] = " ".join(text.split())
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def meanings(
    headings: Iterable[str], vocabulary: Vocabulary, place: Place
) -> tuple[tuple[str | None, ...], tuple[SheetProblem, ...]]:
    """What each heading means, None for columns that are left out, and what is wrong with them."""
    keys: list[str | None] = []
    problems: list[SheetProblem] = []
    for column, heading in enumerate(headings):
        here = Place(place.file, place.line, column + 1, heading or None)
        key = vocabulary.key(heading) if heading else ""
        if key is None:
            nearest = vocabulary.nearest(heading)
            problems.append(
                HeadingMisspelt(place=here, heading=heading, nearest=nearest)
                if nearest
                else HeadingUnknown(place=here, heading=heading)
            )
        elif key and key in keys:
            problems.append(HeadingTwice(place=here, heading=heading))
            key = None
        keys.append(key or None)
    return tuple(keys), tuple(problems)



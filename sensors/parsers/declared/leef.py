"""IBM's Log Event Extended Format: a header between bars, then pairs between tabs or what the header says.

IBM QRadar, "Log Event Extended Format (LEEF)", versions 1.0 and 2.0: `Vendor|Product|Version|EventID|`, in 2.0 followed
by the delimiter, a character or its hexadecimal code (`x5E`, `0x5E`); without one it is the tab.
"""

import re
from collections.abc import Sequence

from sensors.parsers.declared.pairs import Dialect, Pairs, Rows

HEADER = ("version", "vendor", "product", "device_version", "code")
_HEADER = re.compile(r"([12]\.0)\|([^|]*+)\|([^|]*+)\|([^|]*+)\|([^|]*+)\|")
_DELIMITER = re.compile(r"(?:0?x([0-9A-Fa-f]{2,4})|(.)|)\|", re.DOTALL)
_TAB = "\t"
MAX_DELIMITERS = 16


class Leef:
    """Takes what follows `LEEF:` apart: the header's fields as `header.<name>`, the attributes under their own keys."""

    def __init__(self) -> None:
        self._pairs = {_TAB: _scanner(_TAB)}

    def take(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Rows], list[int]]:
        """The texts by the layout of their attributes, and those without a header."""
        heads: dict[int, tuple[str, ...]] = {}
        attributes: dict[str, tuple[list[str], list[int]]] = {}
        left: list[int] = []
        for row, text in zip(rows, texts, strict=True):
            found = _HEADER.match(text)
            if found is None:
                left.append(row)
                continue
            heads[row] = found.groups()
            delimiter, at = _TAB, found.end()
            said = _DELIMITER.match(text, at) if found[1] == "2.0" else None
            if said is not None:
                delimiter = chr(int(said[1], 16)) if said[1] else said[2] or _TAB
                at = said.end()
            some, places = attributes.setdefault(delimiter, ([], []))
            some.append(text[at:])
            places.append(row)
        groups: list[Rows] = []
        for delimiter, (some, places) in attributes.items():
            found_groups, odd = self._scanner(delimiter).take(some, places)
            groups += found_groups
            if odd:
                groups.append(Rows((), (), odd, [()] * len(odd)))
        return [_headed(group, heads) for group in groups], left

    def _scanner(self, delimiter: str) -> Pairs:
        known = self._pairs.get(delimiter)
        if known is None:
            known = _scanner(delimiter)
            if len(self._pairs) < MAX_DELIMITERS:
                self._pairs[delimiter] = known
        return known


def _scanner(delimiter: str) -> Pairs:
    return Pairs(Dialect(separator=delimiter, quotes="", escapes=False))


def _headed(group: Rows, heads: dict[int, tuple[str, ...]]) -> Rows:
    names = tuple(f"header.{name}" for name in HEADER)
    values: list[Sequence[str]] = [(*heads[row], *said) for row, said in zip(group.rows, group.values, strict=True)]
    return Rows((*names, *group.keys), group.words, group.rows, values)

r"""ArcSight's Common Event Format: seven header fields between bars, then an extension of pairs.

Micro Focus (OpenText), "ArcSight Common Event Format (CEF) Implementation Standard", versions 0 and 1: in the header
`\|` and `\\` are escaped, in the extension `\=`, `\\`, `\n` and `\r`. A value goes on until the next key.
A custom field and its label (`cs1`, `cs1Label`) stay apart: labels are what a sender likes to call things.
"""

import re
from collections.abc import Sequence

from sensors.parsers.declared.pairs import Dialect, Pairs, Rows

HEADER = ("version", "vendor", "product", "device_version", "signature", "name", "severity")
_FIELD = r"((?:[^|\\]++|\\.)*+)\|"
_HEADER = re.compile(rf"(\d{{1,3}})\|{_FIELD * 6}", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Cef:
    """Takes what follows `CEF:` apart: the header's fields as `header.<name>`, the extension's under its own keys."""

    def __init__(self) -> None:
        self._pairs = Pairs(Dialect(loose=True))

    def take(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Rows], list[int]]:
        """The texts by the layout of their extension, and those without a header."""
        heads: dict[int, tuple[str, ...]] = {}
        extensions: list[str] = []
        some: list[int] = []
        left: list[int] = []
        bare: list[int] = []
        for row, text in zip(rows, texts, strict=True):
            found = _HEADER.match(text)
            if found is None:
                left.append(row)
                continue
            heads[row] = found.groups() if "\\" not in found[0] else tuple(map(_plain, found.groups()))
            extension = text[found.end() :]
            if "=" in extension:
                some.append(row)
                # A blank before the first key, or after the last value, is no part of either.
                extensions.append(extension.strip())
            else:
                bare.append(row)
        groups, odd = self._pairs.take(extensions, some)
        bare += odd
        if bare:
            groups.append(Rows((), (), sorted(bare), [()] * len(bare)))
        return [_headed(group, heads) for group in groups], left


def _headed(group: Rows, heads: dict[int, tuple[str, ...]]) -> Rows:
    """The group with the header's fields before those of the extension."""
    names = tuple(f"header.{name}" for name in HEADER)
    values: list[Sequence[str]] = [(*heads[row], *said) for row, said in zip(group.rows, group.values, strict=True)]
    return Rows((*names, *group.keys), group.words, group.rows, values)


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: found[1], text)



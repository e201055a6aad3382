"""Values in a fixed order: CSV, tab-separated and the W3C extended log format (RFC 4180; www.w3.org/TR/WD-logfile).

A line is taken by itself, so that a quote which nobody closed ends with it.
"""

import csv
from collections.abc import Sequence

from sensors.parsers.declared.model import Columns
from sensors.parsers.declared.pairs import Rows

MAX_VALUES = 512
EXTRA = "extra"
"""The name of values beyond those that the format names, put together again."""


class Separated:
    """Takes lines of values apart."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def take(
        self, texts: Sequence[str], rows: Sequence[int], names: tuple[str, ...] | None = None
    ) -> tuple[list[Rows], list[int]]:
        """The lines by layout, and those that cannot be taken apart; `names` are those of the last header."""
        groups: dict[tuple[str, ...], Rows] = {}
        left: list[int] = []
        separator, quote = self._columns.separator, self._columns.quotes
        for row, text in zip(rows, texts, strict=True):
            values = text.split(separator) if not quote or quote not in text else self._quoted(text)
            known = names or self._names(values)
            # Where a header names the values, a line with more or fewer of them cannot be told apart.
            if len(values) < 2 or not known or (names and len(values) != len(names)):
                left.append(row)
                continue
            if len(values) > len(known):
                values[len(known) :] = [separator.join(values[len(known) :])]
                known = (*known, EXTRA)
            elif len(values) < len(known):
                known = known[: len(values)]
            group = groups.get(known)
            if group is None:
                group = groups[known] = Rows(known, ())
            group.rows.append(row)
            group.values.append(values)
        return list(groups.values()), left

    def header(self, text: str) -> tuple[str, ...] | None:
        """The names that a line gives, None where it is no header."""
        mark = self._columns.header
        if not mark or not text.startswith(mark):
            return None
        return tuple(text.removeprefix(mark).split())[:MAX_VALUES]

    def _names(self, values: Sequence[str]) -> tuple[str, ...]:
        kind = self._columns.kind
        if kind is None or len(values) <= kind:
            return self._columns.names
        return self._columns.kinds.get(values[kind], self._columns.names)

    def _quoted(self, text: str) -> list[str]:
        try:
            return next(csv.reader((text,), delimiter=self._columns.separator, quotechar=self._columns.quotes))
        except (csv.Error, StopIteration):
            return []

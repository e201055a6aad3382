"""Records of several lines: a stack trace, a statement with line breaks, a log that wraps.

A record begins at a line that says so, and goes on to the next such line. How long it may become is bounded; what goes
beyond it is a record of its own, so that a file of nothing but continuations is read all the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from sensors.parser import Lines

MOST_LINES = 1_000
"""Lines to a record."""
MOST_BYTES = 512 << 10
"""Bytes to a record; a single line may be longer."""


@dataclass(frozen=True, slots=True)
class Joining:
    """How records of several lines are known: `begins` is searched in each line, without its end."""

    begins: re.Pattern[bytes]
    most_lines: int = MOST_LINES
    most_bytes: int = MOST_BYTES


@runtime_checkable
class Joins(Protocol):
    """A line parser whose records may have several lines; they are joined by newlines before it gets them."""

    @property
    def joining(self) -> Joining | None:
        """How its records begin; None where each line is one after all."""
        ...


def beginnings(texts: Sequence[bytes], joining: Joining, *, closed: bool) -> tuple[list[int], int]:
    """Which of these lines, given without their ends, begin records.

    Returns:
        The places of records' first lines, and how many lines belong to these records: where the lines are not
        `closed`, the last record is left out if it may go on.
    """
    begins, lines, size = [], 0, 0
    search = joining.begins.search
    for place, text in enumerate(texts):
        length = len(text) + 1
        if not place or search(text) or lines >= joining.most_lines or size + length > joining.most_bytes:
            begins.append(place)
            lines = size = 0
        lines += 1
        size += length
    if begins and not closed and lines < joining.most_lines and size <= joining.most_bytes:
        return begins, begins.pop()
    return begins, len(texts)


def records(lines: Lines, begins: Sequence[int]) -> Lines:
    """Lines as the records that begin at these places, each with the number and offset of its first line."""
    ends = [*begins[1:], len(lines.texts)][: len(begins)]
    texts = [
        lines.texts[begin] if end == begin + 1 else b"\n".join(lines.texts[begin:end])
        for begin, end in zip(begins, ends, strict=True)
    ]
    numbers = [lines.number(begin) for begin in begins]
    return replace(lines, texts=texts, offsets=[lines.offsets[begin] for begin in begins], numbers=numbers)

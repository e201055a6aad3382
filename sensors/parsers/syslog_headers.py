"""The headers of a block of syslog lines as columns, whichever RFC they follow; what has none is told why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sensors.parser import Lines
from sensors.parsers.assembly import reject
from sensors.parsers.blocks import Expression
from sensors.parsers.layouts import pick
from sensors.parsers.syslog_texts import HIGHEST_PRIORITY
from sensors.reading.model import Reject


@dataclass(frozen=True, slots=True)
class Headers:
    """What an expression took from lines: `columns` are its groups for the lines at `rows`."""

    rows: Sequence[int]
    columns: Sequence[Sequence[Any]]
    rejects: Sequence[Reject]
    skipped: int


def headers_of(
    expression: Expression, lines: Lines, texts: Sequence[str], fault: str, rows: Sequence[int] | None = None
) -> Headers:
    """The headers of `lines`, whose `texts` these are, or of those of them that `rows` names.

    The expression's first group is the priority, its second the time. A line that does not match, or says neither a
    time nor a priority that exists, is rejected as `fault`, one whose priority does not exist as
    `syslog-odd-priority`, and a blank one is skipped.
    """
    rows = range(len(texts)) if rows is None else rows
    *columns, matched = expression.columns(pick(texts, rows))
    odd = {text for text in set(columns[0]) if text is not None and int(text) > HIGHEST_PRIORITY}
    if not odd and matched.count("") == len(rows):
        return Headers(rows, columns, (), 0)
    kept = []
    rejects = []
    skipped = 0
    for index, (row, fits, priority, time) in enumerate(zip(rows, matched, *columns[:2], strict=True)):
        if fits is None and not texts[row].strip():
            skipped += 1
        elif fits is None or (priority in odd and time is None):
            rejects.append(reject(lines, row, fault))
        elif priority in odd:
            rejects.append(reject(lines, row, "syslog-odd-priority", str(priority)))
        else:
            kept.append(index)
    return Headers(pick(rows, kept), [pick(column, kept) for column in columns], rejects, skipped)

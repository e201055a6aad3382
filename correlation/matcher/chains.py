r"""Regular expressions that only ask for texts one after the other, `a.*b.*c`: answered without `re`, in linear time.

Rules against obfuscation are written like this (`\+.*\+.*\+…`), and `re` tries every way to share out the gaps: a
command line that matches 14 of them keeps it busy for a millisecond.
"""

import re
from collections.abc import Callable
from re import _constants as codes  # type: ignore[attr-defined]
from typing import Final, TypeAlias

from correlation.matcher.literals import parsed

Link: TypeAlias = tuple[int, str]
"""A text, and how many characters at least lie between it and the one before, or the beginning of the line."""
_ANY_NUMBER: Final = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})


def chain(pattern: re.Pattern[str]) -> Callable[[str], bool] | None:
    """The question whether an expression is found in a text, where it is a chain of texts; else None."""
    found = None if pattern.flags & re.IGNORECASE else _links(pattern)
    if found is None:
        return None
    links, rest = found
    if pattern.flags & re.DOTALL:
        return lambda text: _holds(links, rest, text)
    return lambda text: any(_holds(links, rest, line) for line in text.split("\n"))


def _links(pattern: re.Pattern[str]) -> tuple[list[Link], int] | None:
    """The links of a chain and how many characters at least come after the last; None where it is no chain."""
    links: list[Link] = []
    gap, run = 0, ""
    for code, value in parsed(pattern):
        if code is codes.LITERAL:
            run += chr(value)
            continue
        if code not in _ANY_NUMBER or value[1] is not codes.MAXREPEAT or list(value[2]) != [(codes.ANY, None)]:
            return None
        if run:
            links.append((gap, run))
            gap, run = 0, ""
        gap += value[0]
    if run:
        links.append((gap, run))
        gap = 0
    if not links or any("\n" in text for _, text in links):
        return None
    return links, gap


def _holds(links: list[Link], rest: int, line: str) -> bool:
    # Taking each text where it stands first leaves the most room for those after it.
    at = 0
    for gap, text in links:
        start = line.find(text, at + gap)
        if start < 0:
            return False
        at = start + len(text)
    return at + rest <= len(line)

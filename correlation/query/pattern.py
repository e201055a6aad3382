"""Wildcard patterns: `*` for any characters, `?` for exactly one, a backslash before what is meant itself."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import TypeAlias


class Wild(Enum):
    """What is not literal in a pattern."""

    MANY = "*"
    ONE = "?"


Piece: TypeAlias = str | Wild
Pattern: TypeAlias = tuple[Piece, ...]


def pieces(text: str) -> Pattern:
    """A pattern taken apart: literal text (never empty, escapes undone) and wildcards (`**` counts as `*`)."""
    found: list[Piece] = []
    literal: list[str] = []
    characters = iter(text)
    for character in characters:
        if character in "*?":
            if literal:
                found.append("".join(literal))
                literal = []
            wild = Wild(character)
            if not (wild is Wild.MANY and found and found[-1] is Wild.MANY):
                found.append(wild)
        else:
            literal.append(next(characters, "\\") if character == "\\" else character)
    if literal:
        found.append("".join(literal))
    return tuple(found)


def written(pattern: Iterable[Piece], escaped: str = "\\*?", many: str = "*", one: str = "?") -> str:
    """The pattern in a notation with backslashes: Lucene's and Elasticsearch's, or SQL's with other wildcards."""
    made = []
    for piece in pattern:
        if isinstance(piece, str):
            made.append("".join(f"\\{character}" if character in escaped else character for character in piece))
        else:
            made.append(many if piece is Wild.MANY else one)
    return "".join(made)


@lru_cache(maxsize=1_024)
def expression(pattern: Pattern) -> re.Pattern[str]:
    """The pattern as a regular expression, for `fullmatch`."""
    parts = [re.escape(piece) if isinstance(piece, str) else {"*": ".*", "?": "."}[piece.value] for piece in pattern]
    return re.compile("".join(parts), re.DOTALL)

"""An expression asked of all lines of a block in one step, with its groups as columns.

A loop that asks it line by line takes as long again as the expression itself, most of it for a match and a tuple of
each line that nobody keeps. Lines hold no newline, so that they can be joined by it. Where a text does hold one (a
record of several lines) each is asked by itself; the answers are the same.
"""

import re
from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

Column: TypeAlias = Sequence[str | None]


class Expression:
    r"""An expression that a whole text must match.

    What it repeats must not reach over a newline (`[^"\n]*`, not `[^"]*`), or a line could make it search the block.
    """

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        # One more group, empty where the text matched, tells this from a text that has none of the groups.
        marked = f"(?:{pattern})()"
        whole = re.compile(marked, flags | re.DOTALL)
        self.fullmatch = whole.fullmatch
        self._width = whole.groups
        self._split = re.compile(rf"^(?:{marked}$|.*$)\n?", flags | re.MULTILINE).split

    def columns(self, texts: Sequence[str]) -> list[Column]:
        """The groups as columns, None where a text lacks them, and one more: empty where it matches, None where not."""
        block = "\n".join(texts)
        if block.count("\n") == len(texts) - 1:
            # Between two groups' worth of every line stands what is between lines: nothing.
            pieces = self._split(block)
            step = self._width + 1
            if len(pieces) == len(texts) * step + 1:
                return [pieces[at::step] for at in range(1, step)]
        nothing = (None,) * self._width
        matches = map(self.fullmatch, texts)
        found = list(chain.from_iterable(nothing if match is None else match.groups() for match in matches))
        return [found[at :: self._width] for at in range(self._width)]

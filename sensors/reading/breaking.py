"""Where the lines of a file break: at the byte 0A, or in UTF-16 at the code unit U+000A.

In UTF-16 a byte 0A is half of many a character (U+4E0A, 上, in the one order; U+0A05 in the other), so that only code
units can tell, counted from the file's beginning. What a file is in is decided where reading it begins, and kept with
the position: a file that grows would look different later. Parsers get the lines in UTF-8, and are told what they were.

The Unicode Standard, sections 3.10 (encoding forms, byte order mark) and 5.8 (newlines).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sensors.event.identity import HEAD_BYTES
from sensors.parsers.encoding import Said, Wide, wide

_KEY: Final = "utf-16"
_STATE: Final = "parser"
_UNITS: Final = {"utf-16-le": np.dtype("<u2"), "utf-16-be": np.dtype(">u2")}
_ONE_SIDED: Final = 0.9
"""Share of zero bytes that are on the same side of their code units in text; other files have them on both."""


@dataclass(frozen=True, slots=True)
class Breaks:
    """How the lines of a file are told apart: `wide` is its order where it is UTF-16, else None."""

    wide: Wide | None = None

    @property
    def width(self) -> int:
        """Bytes of a code unit, and so of a line's end."""
        return 1 if self.wide is None else 2

    def split(self, held: bytes, most: int) -> list[bytes]:
        """The lines in some bytes that begin with one, `most` at most, and behind them the rest."""
        if self.wide is None:
            return held.split(b"\n", most)
        ends = (self._breaks(held)[:most] * 2).tolist()
        begins = [0, *(end + 2 for end in ends)]
        return [held[begin:end] for begin, end in zip(begins, [*ends, len(held)], strict=True)]

    def find(self, held: bytes) -> int:
        """Where in some bytes, which begin with a code unit, the first line ends; -1 where none does."""
        if self.wide is None:
            return held.find(b"\n")
        found = self._breaks(held)
        return int(found[0]) * 2 if len(found) else -1

    def whole(self, size: int) -> int:
        """How many of `size` bytes are whole code units: half of one waits for its other half."""
        return size - size % self.width

    def narrow(self, lines: list[bytes]) -> list[bytes]:
        r"""Lines in UTF-8; what is no UTF-16 is spelled as \xNN."""
        if self.wide is None:
            return lines
        return [line.decode(self.wide, "backslashreplace").encode() for line in lines]

    def state(self, of_parser: Any) -> Any:
        """What a position keeps, so that reading goes on in the same way."""
        return of_parser if self.wide is None else {_KEY: self.wide, _STATE: of_parser}

    def _breaks(self, held: bytes) -> Any:
        assert self.wide is not None
        return np.flatnonzero(np.frombuffer(held, _UNITS[self.wide], len(held) // 2) == ord("\n"))


def breaks_of(head: bytes, said: Said | None) -> Breaks:
    """How the lines of a file break that begins with these bytes, and of whose encoding this was said."""
    marked: Wide | None = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2])  # type: ignore[assignment]
    if said in {None, "utf-16"}:
        # No more than that is kept of a stream once it was read.
        found = marked or _unmarked(head[:HEAD_BYTES])
        return Breaks(found or ("utf-16-le" if said else None))
    if said == "utf-16-le" or said == "utf-16-be":  # noqa: PLR1714 - narrows the type
        return Breaks(said)
    return Breaks()


def _unmarked(head: bytes) -> Wide | None:
    found = wide(head[: len(head) // 2 * 2])
    if found is None:
        return None
    zeros, even = head.count(0), head[::2].count(0)
    return found if max(even, zeros - even) >= _ONE_SIDED * zeros else None


def resumed(state: Any) -> tuple[Breaks, Any]:
    """What a position's state says: how lines break, and the parser's own state."""
    if isinstance(state, Mapping) and _KEY in state:
        return Breaks(state[_KEY]), state.get(_STATE)
    return Breaks(), state


def first_lines(head: bytes, said: Said | None, most: int, *, cut: bool) -> Sequence[bytes]:
    """Up to `most` lines that are not blank, in UTF-8 and without their ends.

    `cut` says that the file goes on behind these bytes: then the last line is left out unless it is alone.
    """
    texts = narrowed(head, said).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(texts) > 1 and cut:
        texts.pop()
    return [text.removesuffix(b"\r") for text in texts if text.strip()][:most]


def narrowed(head: bytes, said: Said | None) -> bytes:
    """The first bytes of a file, in UTF-8 where they are UTF-16."""
    breaks = breaks_of(head, said)
    return breaks.narrow([head[: breaks.whole(len(head))]])[0]

"""The contract of a line parser: lines in, batches and rejects out, no files and no clocks.

The implementations are in sensors/parsers, one file for each format, in the order of the registry there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sensors.event.model import Batch, Source
from sensors.parsers.encoding import Said, Wide
from sensors.reading.model import Reject


@dataclass(frozen=True, slots=True)
class Lines:
    """Complete lines of one input, without their line ends.

    `offsets[i]` is the byte offset of `texts[i]` in the input, `first` the line number of `texts[0]`, counted from 1.
    Where records may have several lines, `numbers` holds the number of each one's first line. Lines of a file in UTF-16
    (`encoding`) come in UTF-8. `place` is the name by which zone and encoding are found where it is not the source's:
    that of a device behind a listener.
    """

    source: Source
    received: int
    texts: Sequence[bytes]
    offsets: Sequence[int]
    first: int
    numbers: Sequence[int] | None = None
    encoding: Wide | None = None
    place: str = ""

    @property
    def placed(self) -> str:
        """The name by which zone and encoding are found (sensors.parsers.locality)."""
        return self.place or self.source.name

    def said(self, of_source: Said | None) -> Said | None:
        """What the texts are in, where `of_source` was said of their source."""
        return of_source if self.encoding is None else "utf-8"

    def number(self, index: int) -> int:
        """The line number of a text."""
        return self.first + index if self.numbers is None else self.numbers[index]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of the lines: `events` + `skipped` + len(rejects) is the number of lines handed in.

    Skipped lines carry no event by the format's own rules: blank lines, comments, headers.
    """

    batches: tuple[Batch, ...]
    rejects: tuple[Reject, ...]
    skipped: int
    state: Any = None
    """The session's state after these lines, as JSON, for `LineParser.parse` of the lines that follow."""


class LineParser(Protocol):
    """A format whose records are lines."""

    @property
    def name(self) -> str:
        """The format's name, as it can be said: `zeek.tsv`."""
        ...

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether the first lines of an input (up to 50, no blank ones) are of this format."""
        ...

    def parse(self, lines: Lines, state: Any) -> Parsed:
        """Parse lines; `state` is None at the start of an input, later what the last `Parsed` carried."""
        ...

"""Any line parser as a reader: complete lines by portions, with their offsets and numbers.

Lines end at a newline (sensors.reading.breaking says where that is); a carriage return before it belongs to the line's
end. The file is read window by window, and a line longer than the limit is measured and rejected without ever being
held.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BufferedReader
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.errors import Place, UnreadableInput
from sensors.event.identity import HEAD_BYTES
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND
from sensors.parser import LineParser, Lines, Parsed
from sensors.parsers.locality import locality
from sensors.reading.breaking import Breaks, breaks_of, resumed
from sensors.reading.files import check_at
from sensors.reading.joining import Joins, beginnings, records
from sensors.reading.model import MAX_REJECT_BYTES, PORTION_BYTES, PORTION_EVENTS, Portion, Position, Reject

MAX_LINE_BYTES = 1 << 20
SLICE_LINES = 2_500
"""Lines that a parser gets at once: with more, what it makes of them falls out of the cache (a quarter slower)."""
SETTLED = 5 * SECOND
"""Nanoseconds without a change after which the last record of a followed file is taken to be whole."""
TOO_LONG = "line-too-long"

_PIECE = 1 << 20
_BOM = b"\xef\xbb\xbf"


class LineReader:
    """Reads a file of lines with one parser.

    With `follow` the last line waits for its newline; without it the end of the file ends the line.
    """

    def __init__(self, parser: LineParser, *, follow: bool = False, max_line: int = MAX_LINE_BYTES) -> None:
        self._parser = parser
        self._follow = follow
        self._max_line = max_line
        self._joining = parser.joining if isinstance(parser, Joins) else None

    @property
    def format(self) -> str:
        """The parser's name."""
        return self._parser.name

    def portions(self, path: Path, source: Source, start: Position, received: int) -> Iterator[Portion]:
        """The portions from `start` to the present end of the file; none where nothing is new.

        Raises:
            UnreadableInput: the file cannot be opened or read.
        """
        try:
            with path.open("rb") as file:
                yield from self._portions(file, source, start, received)
        except OSError as error:
            raise UnreadableInput(place=Place(str(path)), reason=error.strerror or str(error)) from error

    def _portions(self, file: BufferedReader, source: Source, start: Position, received: int) -> Iterator[Portion]:
        breaks, state = resumed(start.state)
        if not start.offset:
            breaks = breaks_of(os.pread(file.fileno(), HEAD_BYTES, 0), locality(source.name).encoding)
        window = max(PORTION_BYTES, self._max_line + 1) // 2 * 2 + 2  # whole code units
        offset, ordinal = start.offset, start.ordinal
        file.seek(offset)
        held, ended = _fill(file, b"", window)
        while breaks.whole(len(held)):
            pieces, used = self._whole_lines(held, breaks, closed=ended and not self._follow)
            begins = None
            texts = breaks.narrow(pieces) if used and len(pieces[0]) <= self._max_line else pieces
            if self._joining and used and len(pieces[0]) <= self._max_line:
                # The last record of a file that is followed goes on as long as something is written to the file.
                closed = ended and (not self._follow or received - _changed(file) > SETTLED)
                begins, whole = beginnings(texts, self._joining, closed=closed)
                if not whole:
                    return
                if whole < len(texts):
                    del texts[whole:], pieces[whole:]
                    used = sum(map(len, pieces)) + whole * breaks.width
            if used:
                end, size, rest = offset + used, len(pieces[0]), held[used:]
            else:
                # A window without a line's end: the last line is still being written, or it is beyond the limit.
                pieces, rest = [held], b""
                if ended:
                    return
                stop, end = _line_end(file, offset + len(held), breaks)
                if self._follow and stop == end:
                    return
                size = stop - offset
                file.seek(end)
            count = len(pieces)
            if size > self._max_line:
                too_long = Reject(ordinal, offset, TOO_LONG, "", pieces[0][:MAX_REJECT_BYTES], size)
                parsed = Parsed((), (too_long,), 0, state)
            else:
                empty = Lines(source, received, (), (offset,), ordinal, encoding=breaks.wide)
                lines = _lines(texts, _offsets(pieces, breaks.width, offset), empty)
                parsed = self._parsed(lines if begins is None else records(lines, begins), state)
            held, ended = _fill(file, rest, window)
            offset, ordinal, state = end, ordinal + count, parsed.state
            yield Portion(
                batches=parsed.batches,
                rejects=parsed.rejects,
                counts=_counts(count if begins is None else len(begins), parsed),
                position=Position(offset, ordinal, breaks.state(state), check_at(file, offset)),
                done=ended and (not breaks.whole(len(held)) or (self._follow and breaks.find(held) < 0)),
            )

    def _parsed(self, lines: Lines, state: Any) -> Parsed:
        """What the parser makes of the lines, given to it in slices that the processor's cache can hold."""
        batches: list[Batch] = []
        rejects: list[Reject] = []
        skipped = 0
        for begin in range(0, len(lines.texts), SLICE_LINES):
            end = begin + SLICE_LINES
            part = Lines(
                lines.source, lines.received, lines.texts[begin:end], lines.offsets[begin:end], lines.number(begin),
                None if lines.numbers is None else lines.numbers[begin:end], lines.encoding,
                lines.place,
            )
            parsed = self._parser.parse(part, state)
            batches += parsed.batches
            rejects += parsed.rejects
            skipped += parsed.skipped
            state = parsed.state
        return Parsed(tuple(batches), tuple(sorted(rejects, key=attrgetter("ordinal"))), skipped, state)

    def _whole_lines(self, held: bytes, breaks: Breaks, *, closed: bool) -> tuple[list[bytes], int]:
        """The next portion's lines and how many bytes they fill; an overlong line makes a portion of its own.

        `closed` says that the end of `held` ends its last line.
        """
        texts = breaks.split(held, PORTION_EVENTS)
        last = texts.pop()
        used = len(held) - len(last)
        last = last[: breaks.whole(len(last))]
        if closed and last and breaks.find(last) < 0:
            texts.append(last)
            used += len(last)
        if texts and len(max(texts, key=len)) > self._max_line:
            first = next(index for index, text in enumerate(texts) if len(text) > self._max_line)
            texts = texts[: first or 1]
            used = min(used, sum(map(len, texts)) + len(texts) * breaks.width)
        return texts, used


def _fill(file: BufferedReader, held: bytes, window: int) -> tuple[bytes, bool]:
    """What is held with what follows it in the file, up to `window` bytes, and whether the file ends there."""
    more = file.read(window - len(held)) if len(held) < window else b""
    held += more
    return held, len(held) < window


def _line_end(file: BufferedReader, offset: int, breaks: Breaks) -> tuple[int, int]:
    """Where the line stops that no newline has ended before `offset`, and where the next begins: there, at its end."""
    file.seek(offset)
    while piece := file.read(_PIECE):
        found = breaks.find(piece)
        if found >= 0:
            return offset + found, offset + found + breaks.width
        offset += breaks.whole(len(piece))
    return offset, offset


def _changed(file: BufferedReader) -> int:
    """When a file was written to last, ns."""
    return os.fstat(file.fileno()).st_mtime_ns


def _offsets(pieces: Sequence[bytes], width: int, begin: int) -> list[int]:
    """Where these lines begin in the file, the first at `begin`, each with a line's end of that width behind it."""
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces)) + width
    offsets: list[int] = (np.cumsum(sizes) - sizes + begin).tolist()
    return offsets


def _lines(texts: list[bytes], offsets: Sequence[int], empty: Lines) -> Lines:
    """These texts as lines at those places."""
    if offsets[0] == 0 and texts[0].startswith(_BOM):
        texts[0] = texts[0][len(_BOM) :]
    if b"\r\n" in b"\n".join([*texts, b""]):
        texts = [text.removesuffix(b"\r") for text in texts]
    return replace(empty, texts=texts, offsets=offsets)


def _counts(records: int, parsed: Parsed) -> dict[tuple[str, str], int]:
    events = sum(map(len, parsed.batches))
    return {
        (RECORDS, "read"): records,
        (RECORDS, "event"): events,
        (RECORDS, "rejected"): len(parsed.rejects),
        (RECORDS, "skipped"): parsed.skipped,
        (EVENTS, "sensed"): events,
    }

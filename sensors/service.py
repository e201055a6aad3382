"""Intake: files and folders into the spool, portion by portion, going on where the last run stopped.

Only the spool's answer moves a source on. What cannot be read is reported and the rest goes on.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sensors.delivery.errors import Superseded
from sensors.delivery.spool import EmbeddedSpool
from sensors.errors import Problem, UnknownFormat
from sensors.event.model import Batch, Source
from sensors.event.times import Clock
from sensors.parser import Lines
from sensors.parsers.registry import line_parsers
from sensors.reading.detection import detect
from sensors.reading.model import Position, Reader, Reject

RECORD_FORMATS = frozenset({"windows.evtx"})
CAPTURE_FORMATS = frozenset({"pcap", "pcapng"})


@dataclass(frozen=True, slots=True)
class Step:
    """One portion that has been persisted: from which file, how much of it, and the sequence number to await."""

    path: Path
    format: str
    events: int
    rejects: int
    offset: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file met in a folder whose format nobody knows: left alone, and told."""

    path: Path


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, or not further; what was read before stays."""

    path: Path
    problem: Problem


class Intake:
    """Reads files into a spool."""

    def __init__(self, spool: EmbeddedSpool, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock

    def take(
        self, paths: Sequence[Path], reader: Reader | None = None, *, named: Collection[Path] = (), follow: bool = False
    ) -> Iterator[Step | Foreign | Failure]:
        """Read these files from where each was left to its present end.

        `reader` reads them all where the format was said. A file that is followed may still grow: its last line is
        left until it has an end. Of files not among `named`, those of no known format are only told.
        """
        for path in paths:
            try:
                yield from self._take(path, reader, follow=follow)
            except UnknownFormat as problem:
                yield Failure(path, problem) if path in named else Foreign(path)
            except Problem as problem:
                yield Failure(path, problem)

    def _take(self, path: Path, said: Reader | None, *, follow: bool) -> Iterator[Step]:
        reader = said or detect(path, follow=follow)
        source, position = self._spool.find_source(path)
        source = replace(source, kind=kind_of(reader.format))
        begun = position or Position()
        for portion in reader.portions(path, source, begun, self._clock()):
            try:
                sequence = self._spool.append(source, reader.format, portion, begun)
            except Superseded:
                # Another process reads the same file and was faster; it will finish what we began.
                return
            begun = portion.position
            yield Step(
                path=path,
                format=reader.format,
                events=sum(len(batch) for batch in portion.batches),
                rejects=len(portion.rejects),
                offset=portion.position.offset,
                sequence=sequence,
            )


    def parse_again(self, raw: bytes, source: Source, format_name: str, place: Position) -> Sequence[Batch] | Reject:
        """What a quarantined record is now, after a fix: its events, or why it still is none.

        Only lines can be parsed by themselves; a record of a binary file is refused again as it was.
        """
        parser = next((parser for parser in line_parsers() if parser.name == format_name), None)
        if parser is None:
            return Reject(place.ordinal, place.offset, "not-a-line", format_name, raw, len(raw))
        known = self._spool.position(source)
        lines = Lines(source, self._clock(), (raw,), (place.offset,), place.ordinal)
        parsed = parser.parse(lines, known.state if known else None)
        return parsed.rejects[0] if parsed.rejects else parsed.batches


def kind_of(format_name: str) -> str:
    """What a source of this format holds: "records", "capture" or "text" (see `Source.kind`)."""
    if format_name in RECORD_FORMATS:
        return "records"
    return "capture" if format_name in CAPTURE_FORMATS else "text"

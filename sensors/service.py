"""Intake: files and folders into the spool, portion by portion, going on where the last run stopped.

Only the spool's answer moves a source on. What cannot be read is reported and the rest goes on. What is compressed is
unpacked on the way; what is followed is read to its end even after it was moved away.
"""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sensors.capture.reader import STREAM_HEAD_BYTES, CaptureReader, CaptureStream, recognises
from sensors.delivery.errors import Superseded
from sensors.delivery.sources import display_name, recognise, sight, still_there
from sensors.delivery.spool import EmbeddedSpool
from sensors.errors import Place, Problem, UnknownFormat, UnreadableInput
from sensors.event.model import Batch, Source
from sensors.event.times import Clock
from sensors.parser import Lines
from sensors.parsers.registry import line_parsers
from sensors.parsers.unknown import DATASET as UNKNOWN_DATASET
from sensors.reading.breaking import resumed
from sensors.reading.detection import HEAD_BYTES, detect, reader_for, recognised
from sensors.reading.files import head
from sensors.reading.model import Portion, Position, Reader, Reject
from sensors.reading.rotation import Holding
from sensors.reading.streaming import Stream, stream
from sensors.reading.unpacking import Packing, packing, unpacked
from sensors.settings import MOST_UNPACKED

RECORD_FORMATS = frozenset({"windows.evtx"})
STREAM = Path("-")
"""What people call standard input."""
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


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing came for a while: time to match and store what did."""


@dataclass(frozen=True, slots=True)
class _Input:
    """A file to read: what people call it, where its bytes are, where the file itself is (delivery.sources).

    Of one that somebody `named` the lines are kept even where no format fits.
    """

    path: Path
    content: Path
    file: Path
    named: bool = True


class Intake:
    """Reads files into a spool.

    Args:
        spool: where what was read goes.
        clock: gives receipt times.
        scratch: a folder for what has to be unpacked.
        most_unpacked: bytes that one compressed input may hold.
    """

    def __init__(
        self, spool: EmbeddedSpool, clock: Clock, scratch: Path, *, most_unpacked: int = MOST_UNPACKED
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._scratch = scratch
        self._most = most_unpacked
        self._finished: dict[Path, tuple[int, ...]] = {}
        self._holding = Holding()
        self._stands: dict[Path, tuple[str, int]] = {}

    def close(self) -> None:
        """Let go of the files that were followed."""
        self._holding.close()

    def take(
        self, paths: Sequence[Path], reader: Reader | None = None, *, named: Collection[Path] = (), follow: bool = False
    ) -> Iterator[Step | Foreign | Failure]:
        """Read these files from where each was left to its present end.

        `reader` reads them all where the format was said. A file that is followed may still grow: its last line is
        left until it has an end. Of files not among `named`, those of no known format are only told.
        """
        for left in self._holding.left() if follow else ():
            try:
                yield from self._read(_Input(left.path, left.content, left.content), reader, follow=not left.last)
            except Problem as problem:
                yield Failure(left.path, problem)
        for path in paths:
            try:
                yield from self._take(path, reader, named=path in named, follow=follow)
            except UnknownFormat as problem:
                yield Failure(path, problem) if path in named else Foreign(path)
            except Problem as problem:
                yield Failure(path, problem)

    def take_stream(self, descriptor: int, reader: Reader | None = None) -> Iterator[Step | Failure | Idle]:
        """Read what comes from a descriptor, such as standard input, to its end.

        Lines and captures are read as they come, anything else when all of it is there. Lines of no known format are
        kept as such, until one is recognised.
        """
        known = reader.format if reader else ""
        try:
            with ExitStack() as opened:
                given = opened.enter_context(stream(descriptor, self._scratch))
                reading: _CaptureComing | None = None
                while not given.ended:
                    before = given.size
                    given.wait()
                    if given.size == before and not given.ended:
                        yield Idle()
                    elif reading or (reading := self._capture_coming(given, known, opened)):
                        yield from self._take_more(given, reading)
                    else:
                        known = yield from self._take_so_far(given, known)
        except Problem as problem:
            yield Failure(STREAM, problem)

    def _capture_coming(self, given: Stream, known: str, opened: ExitStack) -> "_CaptureComing | None":
        """What comes as a capture that is read meanwhile; None where it is none, or too little has come to tell."""
        reader = CaptureReader()
        if known not in {"", reader.format} or given.ended or given.size < STREAM_HEAD_BYTES:
            return None
        if not known and not recognises(head(given.content)):
            return None
        source, position = self._spool.find_source(STREAM, given.content, given.content)
        source, begun = replace(source, kind=kind_of(reader.format)), position or Position()
        capture = opened.enter_context(reader.stream(given.content, source, begun, self._clock()))
        return _CaptureComing(capture, source, reader.format, begun)

    def _take_more(self, given: Stream, reading: "_CaptureComing") -> Iterator[Step]:
        reading.capture.grow(given.size, ended=given.ended)
        for portion in reading.capture.portions():
            sequence = self._spool.append(reading.source, reading.format, portion, reading.position)
            reading.position = portion.position
            yield _step(STREAM, reading.format, portion, sequence)
            given.give_back(portion.position.offset)
        if reading.capture.ended and not given.ended:
            raise UnreadableInput(place=Place(str(STREAM)), reason="behind a record whose length cannot be true")

    def _take_so_far(self, given: Stream, known: str) -> Generator[Step, None, str]:
        """Read what has come; `known` is the format once it is certain, and so is what is returned."""
        follow = not given.ended
        way = packing(given.content)
        if way is not None:
            if given.ended:
                yield from self._take_packed(given.content, way, reader_for(known) if known else None, name=STREAM)
            return known
        if not given.size:
            return known
        try:
            reader = reader_for(known, follow=follow) if known else detect(
                given.content, name=str(STREAM), follow=follow, named=True
            )
        except UnknownFormat:
            if given.ended or given.size >= HEAD_BYTES:
                raise
            return known
        if reader.format != UNKNOWN_DATASET or given.size >= HEAD_BYTES:
            known = reader.format
        if given.ended or kind_of(reader.format) == "text":
            for step in self._read(_Input(STREAM, given.content, given.content), reader, follow=follow):
                yield step
                if known:
                    # Until then the beginning may still be looked at.
                    given.give_back(step.offset)
        return known

    def _adopt(self, path: Path) -> None:
        """Look for what stood here before and was moved aside or copied since: it may hold more than was read."""
        gone = [known for known in self._spool.stood_at(path) if not still_there(known)]
        for sibling in path.parent.iterdir() if gone else ():
            try:
                if sibling.name != path.name and sibling.is_file() and recognise(sight(sibling), gone):
                    self._holding.adopt(path, sibling)
            except (OSError, Problem):
                continue  # not ours to read, or gone again

    def _take(self, path: Path, said: Reader | None, *, named: bool, follow: bool) -> Iterator[Step]:
        way = packing(path)
        if way is not None:
            yield from self._take_packed(path, way, said, named=named)
            return
        yield from self._read(_Input(path, path, path, named), said, follow=follow)
        if follow:
            self._holding.hold(path)

    def _take_packed(
        self, path: Path, way: Packing, said: Reader | None, *, name: Path | None = None, named: bool = True
    ) -> Iterator[Step]:
        status = path.stat()
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if self._finished.get(path) == state:
            return
        with unpacked(path, way, self._scratch, self._most) as inside:
            # What is broken off in the middle of a line leaves the line for a whole file.
            broken_off = inside.damage is not None
            whole = yield from self._read(_Input(name or path, inside.path, path, named), said, follow=broken_off)
            if whole:
                self._finished[path] = state
            if inside.damage is not None:
                raise inside.damage

    def _read(self, given: _Input, said: Reader | None, *, follow: bool) -> Generator[Step, None, bool]:
        """Read an input from where it was left; returns whether that was to its end."""
        try:
            return (yield from self._read_on(given, said, follow=follow))
        except Problem as problem:
            if problem.place is not None and problem.place.file == str(given.content):
                problem.place = replace(problem.place, file=str(given.path))
            raise

    def _read_on(self, given: _Input, said: Reader | None, *, follow: bool) -> Generator[Step, None, bool]:
        reader = said or detect(given.content, name=display_name(given.path), follow=follow, named=given.named)
        source, position = self._spool.find_source(given.path, given.content, given.file)
        if follow and given.file == given.path and self._stands.get(given.path) != (source.id, source.variant):
            self._stands[given.path] = source.id, source.variant
            self._adopt(given.path)
        source = replace(source, kind=kind_of(reader.format))
        begun = position or Position()
        for portion in reader.portions(given.content, source, begun, self._clock()):
            try:
                sequence = self._spool.append(source, reader.format, portion, begun)
            except Superseded:
                # Another process reads the same file and was faster; it will finish what we began.
                return False
            begun = portion.position
            yield _step(given.path, reader.format, portion, sequence)
        return True

    def parse_again(
        self, raw: bytes, source: Source, format_name: str, place: Position, received: int
    ) -> Sequence[Batch] | Reject:
        """What a quarantined record is now, after a fix: its events, or why it still is none.

        Only lines can be parsed by themselves; a record of a binary file is refused again as it was. Formats and zones
        are those of the settings now, since these are what was put right; the receipt time is the one it had, ns, by
        which a time without a year finds it.
        """
        if format_name:
            parser = next((parser for parser in line_parsers() if parser.name == format_name), None)
        else:
            # What came over the network and no format recognised: there may be one now.
            parser = recognised([raw])
        if parser is None:
            return Reject(place.ordinal, place.offset, "not-a-line", format_name, raw, len(raw))
        known = self._spool.position(source) if format_name else None
        lines = Lines(source, received, (raw,), (place.offset,), place.ordinal)
        parsed = parser.parse(lines, resumed(known.state)[1] if known else None)
        return parsed.rejects[0] if parsed.rejects else parsed.batches


@dataclass(slots=True)
class _CaptureComing:
    """A capture that is read while it comes: how far it was spooled."""

    capture: CaptureStream
    source: Source
    format: str
    position: Position


def _step(path: Path, format_name: str, portion: Portion, sequence: int) -> Step:
    return Step(
        path=path,
        format=format_name,
        events=sum(len(batch) for batch in portion.batches),
        rejects=len(portion.rejects),
        offset=portion.position.offset,
        sequence=sequence,
    )


def kind_of(format_name: str) -> str:
    """What a source of this format holds: "records", "capture" or "text" (see `Source.kind`)."""
    if format_name in RECORD_FORMATS:
        return "records"
    return "capture" if format_name in CAPTURE_FORMATS else "text"

"""A declaration tried on its own samples: every line must become the events that the file says, and nothing else.

Samples go the whole way, through the parsers as they stand in the registry, so that a format which another one takes
its lines from is found out too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sensors.event.model import Source
from sensors.event.times import from_iso
from sensors.parser import LineParser, Lines
from sensors.parsers.declared.errors import SampleDiffers
from sensors.parsers.declared.model import Declaration, Sample

RECEIVED = from_iso("2026-05-13T12:00:00Z")
"""When samples are received: times without a year are read by it."""

UNSAID = frozenset(
    {
        "ecs.version", "event.id", "event.created", "event.sequence", "hanwatch.source.id", "hanwatch.source.kind",
        "log.file.path", "event.original",
    }
)  # fmt: skip
"""What no sample says: the same for all, or the line itself."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one sample: its events, or the problem with them."""

    sample: Sample
    events: tuple[Mapping[str, Any], ...]
    problems: tuple[SampleDiffers, ...]


def try_out(declaration: Declaration, parsers: Sequence[LineParser]) -> Iterator[Trial]:
    """The trial of every sample, with the parsers of all formats."""
    for sample in declaration.samples:
        events, rejects = events_of(declaration, sample, parsers)
        yield Trial(sample, tuple(events), tuple(_differences(declaration, sample, events, rejects)))


def events_of(
    declaration: Declaration, sample: Sample, parsers: Sequence[LineParser]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The events of a sample's lines without what no sample says, and why lines were rejected."""
    named = {parser.name: parser for parser in parsers}
    texts = [line.encode() for line in sample.lines]
    parser = parser_of(declaration, texts, named)
    lines = Lines(Source("00" * 16, "text", "sample"), RECEIVED, texts, list(range(len(texts))), 1)
    parsed = parser.parse(lines, None)
    rows = [row for batch in parsed.batches for row in batch.rows()]
    rows.sort(key=lambda row: int(row["event.sequence"]))
    events = [{name: value for name, value in row.items() if name not in UNSAID} for row in rows]
    return events, [reject.reason for reject in parsed.rejects]


def parser_of(declaration: Declaration, texts: Sequence[bytes], named: Mapping[str, LineParser]) -> LineParser:
    """The parser that these lines of a format are for: its own, or the syslog that they stand in."""
    own = named.get(declaration.name)
    if own is not None and (declaration.inside == "line" or own.recognises(texts)):
        return own
    newer = named["syslog.rfc5424"]
    return newer if newer.recognises(texts) else named["syslog.rfc3164"]


def _differences(
    declaration: Declaration, sample: Sample, events: Sequence[Mapping[str, Any]], rejects: Sequence[str]
) -> Iterator[SampleDiffers]:
    if rejects or len(events) != len(sample.events):
        yield SampleDiffers(
            place=sample.place,
            name=declaration.name,
            field="-",
            expected=f"{len(sample.events)} events",
            found=f"{len(events)} events" + (f", rejected: {', '.join(rejects)}" if rejects else ""),
        )
        return
    for expected, found in zip(sample.events, events, strict=True):
        for name in sorted({*expected, *found}):
            if name not in found or name not in expected or expected[name] != found[name]:
                yield SampleDiffers(
                    place=sample.place,
                    name=declaration.name,
                    field=name,
                    expected=repr(expected[name]) if name in expected else "-",
                    found=repr(found[name]) if name in found else "-",
                )

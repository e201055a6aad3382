"""What every line parser keeps: a docstring, a sample it handles, a hostile one it survives, declared fields."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensors.event.codec import decode, encode
from sensors.event.fields import fields
from sensors.event.model import Batch, Source
from sensors.event.times import from_iso
from sensors.parser import LineParser, Lines, Parsed
from sensors.parsers.declared.lines import DeclaredLines
from sensors.parsers.registry import line_parsers
from sensors.parsers.unknown import UnknownLines
from sensors.parsers.values import fits
from sensors.reading.detection import formats, recognised

DATA = Path(__file__).parents[2] / "data" / "sensors" / "parsers"
RECEIVED = from_iso("2026-05-13T12:00:00Z")
# Declared formats carry their samples in their own files: tests/sensors/parsers/test_formats.py.
PARSERS = [
    pytest.param(parser, id=parser.name)
    for parser in line_parsers()
    # What recognises nothing and rejects nothing has tests of its own: test_unknown.py.
    if not isinstance(parser, DeclaredLines | UnknownLines)
]


def lines_of(data: bytes, name: str = "input.log") -> Lines:
    texts = data.split(b"\n")
    if not texts[-1]:
        texts.pop()
    offsets = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    return Lines(Source("00" * 16, "text", name), RECEIVED, texts, offsets, 1)


def as_text(parsed: Parsed) -> str:
    """Events in the order of their lines, then rejects, then what was skipped: one JSON object a line."""
    rows = sorted((row for batch in parsed.batches for row in batch.rows()), key=lambda row: row["event.sequence"])
    entries: list[dict[str, Any]] = [dict(sorted(row.items())) for row in rows]
    entries += [
        {"rejected": reject.ordinal, "offset": reject.offset, "reason": reject.reason, "size": reject.size}
        for reject in parsed.rejects
    ]
    entries.append({"skipped": parsed.skipped})
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def check_balance(lines: Lines, parsed: Parsed) -> None:
    ordinals = [int(ordinal) for batch in parsed.batches for ordinal in batch.ordinals]
    ordinals += [reject.ordinal for reject in parsed.rejects]
    assert len(ordinals) == len(set(ordinals)), "a line became two things"
    assert len(ordinals) + parsed.skipped == len(lines.texts)
    ids = [identity for batch in parsed.batches for identity in batch.ids]
    assert len(ids) == len(set(ids))


def declared(name: str) -> str | None:
    if name in fields():
        return name
    parts = name.split(".")
    return next(
        (prefix for end in range(len(parts) - 1, 0, -1) if (prefix := ".".join(parts[:end]) + ".*") in fields()), None
    )


def check_fields(batch: Batch, *, open_names: bool) -> None:
    for name in [*batch.constants, *batch.columns]:
        found = declared(name)
        assert found is not None or open_names, f"{batch.dataset}: {name} is declared in no fields/*.yml"
        if found is None or found.endswith(".*"):
            continue
        values = batch.columns.get(name, [batch.constants.get(name)])
        kind = fields()[found].type
        for value in values:
            assert fits(value, kind), f"{batch.dataset}: {name} is no {kind}: {value!r}"


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("kind", ["sample", "hostile"])
def test_it_gives_what_the_golden_file_says(parser: LineParser, kind: str, golden: Callable[[Path, str], None]) -> None:
    lines = lines_of((DATA / parser.name / f"{kind}.log").read_bytes())
    expected = DATA / parser.name / ("expected.jsonl" if kind == "sample" else "hostile.jsonl")
    golden(expected, as_text(parser.parse(lines, None)))


@pytest.mark.parametrize("parser", PARSERS)
def test_it_has_a_docstring(parser: LineParser) -> None:
    assert inspect.getdoc(type(parser))
    assert inspect.getdoc(inspect.getmodule(type(parser)))


@pytest.mark.parametrize("parser", PARSERS)
def test_its_sample_has_no_rejects_and_is_recognised_as_its_own(parser: LineParser) -> None:
    lines = lines_of((DATA / parser.name / "sample.log").read_bytes())
    parsed = parser.parse(lines, None)
    assert parsed.batches
    assert not parsed.rejects
    found = recognised([text for text in lines.texts if text.strip()])
    assert found is not None
    assert found.name == parser.name


@pytest.mark.parametrize("parser", PARSERS)
def test_its_hostile_sample_is_rejected_in_part_and_the_rest_goes_on(parser: LineParser) -> None:
    parsed = parser.parse(lines_of((DATA / parser.name / "hostile.log").read_bytes()), None)
    assert parsed.batches
    assert parsed.rejects
    for reject in parsed.rejects:
        assert reject.reason
        assert reject.size >= len(reject.raw)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("kind", ["sample", "hostile"])
def test_every_line_is_accounted_for_and_every_field_is_declared(parser: LineParser, kind: str) -> None:
    lines = lines_of((DATA / parser.name / f"{kind}.log").read_bytes())
    parsed = parser.parse(lines, None)
    check_balance(lines, parsed)
    for batch in parsed.batches:
        check_fields(batch, open_names=parser.name == "ecs.json")
    assert [list(batch.rows()) for batch in decode(encode(parsed.batches))] == [
        list(batch.rows()) for batch in parsed.batches
    ]


@pytest.mark.parametrize("parser", PARSERS)
def test_the_split_into_portions_changes_nothing(parser: LineParser) -> None:
    whole = lines_of((DATA / parser.name / "sample.log").read_bytes())
    expected = as_text(parser.parse(whole, None)).splitlines()
    state: Any = None
    found: list[str] = []
    for index in range(len(whole.texts)):
        one = Lines(whole.source, RECEIVED, whole.texts[index : index + 1], whole.offsets[index : index + 1], index + 1)
        parsed = parser.parse(one, state)
        state = json.loads(json.dumps(parsed.state))
        found += as_text(parsed).splitlines()[:-1]
    assert found == expected[:-1]


def test_every_parser_has_a_name_that_can_be_said() -> None:
    assert {parser.name for parser in line_parsers()} <= {entry.name for entry in formats()}
    assert len({entry.name for entry in formats()}) == len(formats())

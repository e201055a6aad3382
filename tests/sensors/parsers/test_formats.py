"""Every declared format: its samples give what its file says, line by line as at once, in declared fields only."""

import json
from typing import Any

import pytest

from sensors.event.codec import decode, encode
from sensors.event.model import Source
from sensors.parser import LineParser, Lines
from sensors.parsers.declared.model import Declaration, Sample
from sensors.parsers.declared.trying import RECEIVED, UNSAID, try_out
from sensors.parsers.declared.trying import parser_of as choose
from sensors.parsers.registry import declarations, line_parsers
from sensors.reading.detection import recognised
from tests.sensors.parsers.test_registry import as_text, check_balance, check_fields

NAMED = {parser.name: parser for parser in line_parsers()}
FORMATS = [pytest.param(one, id=one.name) for one in declarations()]
SAMPLES = [
    pytest.param(one, sample, id=f"{one.name}-{number}")
    for one in declarations()
    for number, sample in enumerate(one.samples, start=1)
]


def parser_of(one: Declaration, sample: Sample) -> LineParser:
    return choose(one, [line.encode() for line in sample.lines], NAMED)


def lines_of(sample: Sample) -> Lines:
    texts = [line.encode() for line in sample.lines]
    offsets = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    return Lines(Source("00" * 16, "text", "sample"), RECEIVED, texts, offsets, 1)


@pytest.mark.parametrize("one", FORMATS)
def test_its_samples_become_the_events_that_its_file_says(one: Declaration) -> None:
    problems = [problem for trial in try_out(one, line_parsers()) for problem in trial.problems]
    assert not problems, "\n".join(map(str, problems))


@pytest.mark.parametrize("one", FORMATS)
def test_it_states_its_evidence_and_describes_itself_in_both_languages(one: Declaration) -> None:
    assert one.evidence
    assert one.en
    assert one.zh
    assert one.en != one.zh or one.en.isascii()


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_a_sample_balances_in_declared_fields_of_their_types(one: Declaration, sample: Sample) -> None:
    lines = lines_of(sample)
    parsed = parser_of(one, sample).parse(lines, None)
    check_balance(lines, parsed)
    for batch in parsed.batches:
        check_fields(batch, open_names=False)
    again = [list(batch.rows()) for batch in decode(encode(parsed.batches))]
    assert again == [list(batch.rows()) for batch in parsed.batches]


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_a_file_of_such_lines_is_recognised(one: Declaration, sample: Sample) -> None:
    found = recognised([line.encode() for line in sample.lines])
    assert found is not None
    assert found.name == parser_of(one, sample).name


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_line_by_line_is_the_same_as_at_once(one: Declaration, sample: Sample) -> None:
    parser = parser_of(one, sample)
    whole = lines_of(sample)
    expected = as_text(parser.parse(whole, None)).splitlines()[:-1]
    state: Any = None
    found: list[str] = []
    for index in range(len(whole.texts)):
        here = slice(index, index + 1)
        line = Lines(whole.source, RECEIVED, whole.texts[here], whole.offsets[here], index + 1)
        parsed = parser.parse(line, state)
        state = json.loads(json.dumps(parsed.state))
        found += as_text(parsed).splitlines()[:-1]
    assert found == expected


@pytest.mark.parametrize(("one", "sample"), SAMPLES)
def test_often_repeated_it_stays_the_same(one: Declaration, sample: Sample) -> None:
    """What a scanner has learned of a layout takes a line apart as the scanner itself does."""
    parser = parser_of(one, sample)
    texts = [line.encode() for line in sample.lines] * 8
    offsets = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    parsed = parser.parse(Lines(Source("00" * 16, "text", "sample"), RECEIVED, texts, offsets, 1), None)
    rows = [
        {name: value for name, value in row.items() if name not in UNSAID}
        for batch in parsed.batches
        for row in batch.rows()
    ]
    for event in sample.events:
        assert rows.count(dict(event)) == 8 * list(sample.events).count(event)
